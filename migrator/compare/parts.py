"""A run in parts: each asks for its own tasks, and the folders of all parts become the folder of one run."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from migrator.compare import journal as journals
from migrator.compare import results as documents
from migrator.compare import store
from migrator.compare.journal import Journal
from migrator.compare.place import check_free
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from migrator.compare.journal import Outcome
    from migrator.compare.plan import Plan
    from migrator.discover.shards import Shard

_INPUT = re.compile(r"inputs/[0-9a-f]{64}\.[a-z]{3,4}")
_SAME = ("version", "run", "simulated")
_KEPT = ("ok", "blocked", "failed", "skipped_budget", "unmatched", "pending")
"""States of a task, the one that is worth most first."""


def share(plan: Plan, shard: Shard) -> Plan:
    """The tasks of ``plan`` that ``shard`` asks for: every so many-th of them, ordered by their ids."""
    ids = sorted(task.id for task in plan.tasks)
    own = set(ids[shard.number - 1 :: shard.of])
    notes = (*plan.notes, f"part {shard}: {len(own):,} of {len(ids):,} tasks")
    return replace(plan, tasks=tuple(task for task in plan.tasks if task.id in own), notes=notes)


def merge(folders: Sequence[Path], to: Path) -> dict[str, Any]:
    """Puts the parts of a run together in ``to``: journals, pictures, and the results, which are returned.

    Nothing is asked. The command that made the parts, without ``--shard`` and with ``--out``, goes on there.

    Raises:
        UserError: For folders of different runs, a picture that is not what its name says, a missing part, and a
            folder ``to`` that is somebody else's.
    """
    parts = {folder: _part(folder) for folder in folders}
    if to in parts or (to / journals.NAME).exists():
        raise UserError(f"{to} is the folder of a run already: choose another --out for the whole")
    check_free(to)
    found = _document(parts)
    for folder, part in parts.items():
        names = [task["file"] for task in part["tasks"] if task["file"]]
        for name in (*names, *_inputs(part)):
            if not store.whole(folder, name):
                raise UserError(
                    f"{folder / name} is missing, or not what its name says: this part is damaged"
                )
            if not (to / name).exists():
                store.write(to / name, (folder / name).read_bytes())
    _join_journals(list(parts), found, to)
    documents.write(to, found)
    return found


def _part(folder: Path) -> dict[str, Any]:
    if not (folder / journals.NAME).is_file():
        raise UserError(f"{folder} has no {journals.NAME}: a part is the whole folder that a run wrote")
    return documents.load(folder)


def _document(parts: Mapping[Path, dict[str, Any]]) -> dict[str, Any]:
    (first_folder, first), *rest = parts.items()
    for folder, one in rest:
        differ = [key for key in _SAME if one.get(key) != first.get(key)]
        if differ or [source["name"] for source in one["sources"]] != [s["name"] for s in first["sources"]]:
            raise UserError(
                f"{folder} and {first_folder} are parts of different runs ({one.get('run')}, {first.get('run')}):"
                " suite, sources and options must be the same"
            )
    tasks: dict[str, dict[str, Any]] = {}
    twice = 0
    for one in parts.values():
        for task in one["tasks"]:
            known = tasks.setdefault(task["task"], task)
            if known is not task:
                twice += known["state"] == task["state"] == "ok"
                if _KEPT.index(task["state"]) < _KEPT.index(known["state"]):
                    tasks[task["task"]] = task
    order = {source["name"]: number for number, source in enumerate(first["sources"])}
    prompts = {prompt["id"]: number for number, prompt in enumerate(first["suite"]["prompts"])}
    found = sorted(tasks.values(), key=lambda t: (prompts[t["prompt_id"]], order[t["source"]], t["sample"]))
    wanted = len(order) * sum(int(prompt.get("samples", 1)) for prompt in first["suite"]["prompts"])
    if len(found) != wanted:
        raise UserError(
            f"{len(found):,} of the run's {wanted:,} tasks are in these folders: name the folders of all parts"
        )
    notes = dict.fromkeys(note for one in parts.values() for note in one["notes"])
    kept = [note for note in notes if not re.match(r"part \d+/\d+: ", note)]
    if twice:
        kept.append(
            f"{twice:,} pictures were asked for in more than one part; the first is kept, all are paid for"
        )
    return first | {
        "created": min(str(one["created"]) for one in parts.values()),
        "tasks": [task | {"checks": {}} for task in found],
        "numbers": {},
        "gate": None,
        "notes": kept,
        "budget": _budget([one["budget"] for one in parts.values()]),
    }


def _budget(budgets: Sequence[Mapping[str, float] | None]) -> dict[str, float] | None:
    known = [one for one in budgets if one]
    keys = ("limit_usd", "reserved_usd", "spent_usd")
    return {key: round(sum(one[key] for one in known), 6) for key in keys} if known else None


def _inputs(part: Mapping[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for prompt in part["suite"]["prompts"]:
        edit = prompt.get("edit") or {}
        for name in (*(edit.get("images") or ()), edit.get("mask")):
            if isinstance(name, str) and _INPUT.fullmatch(name):
                found[name] = None
    return list(found)


def _join_journals(folders: Sequence[Path], found: Mapping[str, Any], to: Path) -> None:
    states = {task["task"]: (task["state"], task["file"]) for task in found["tasks"]}
    with Journal(to) as whole:
        whole.note("run", str(found["run"]))
        whole.note("created", str(found["created"]))
        settled: dict[str, Outcome] = {}
        for folder in folders:
            with Journal(folder) as part:
                for outcome in part.outcomes():
                    if states.get(outcome.task) == (outcome.state, outcome.file):
                        settled.setdefault(outcome.task, outcome)
                for batch in part.shards():
                    whole.keep_shard(batch)
                with part.step() as rows, whole.step() as db:
                    db.executemany(
                        "insert into attempts (task, started, ended, reserved, trouble, message, request_id, batch)"
                        " values (?, ?, ?, ?, ?, ?, ?, ?)",
                        rows.execute(
                            "select task, started, ended, reserved, trouble, message, request_id, batch"
                            " from attempts order by number"
                        ).fetchall(),
                    )
        whole.settle_many(list(settled.values()))


__all__ = ["merge", "share"]
