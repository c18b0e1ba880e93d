"""``results.json``: all that a run found out, for the page, the gate and other programs."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from migrator import __version__
from migrator.compare import store
from migrator.compare.schema import check_results
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from migrator.compare.budget import Budget
    from migrator.compare.inputs import Inputs
    from migrator.compare.journal import Journal, Outcome
    from migrator.compare.plan import Plan, Task
    from migrator.compare.sources.base import Column, Source
    from migrator.compare.suite import Prompt

NAME = "results.json"
VERSION = 1
STATES = ("ok", "blocked", "failed", "skipped_budget", "unmatched", "pending")
MAX_BYTES = 2**30


def build(
    plan: Plan,
    journal: Journal,
    sources: Mapping[str, Source],
    budget: Budget,
    closed: Mapping[str, str],
    notes: list[str],
) -> dict[str, Any]:
    """The document, without checks, numbers and gate. ``closed`` says why a source was asked no more."""
    outcomes = {one.task: one for one in journal.outcomes()}
    attempts = journal.attempts()
    tasks = [
        _task(task, outcomes.get(task.id), attempts.get(task.id, 0), sources.get(task.source), closed)
        for task in plan.tasks
    ]
    drawn = {entry["source"] for entry in tasks if entry["simulated"]}
    return {
        "version": VERSION,
        "run": plan.run,
        "created": journal.about("created") or now(),
        "tool": __version__,
        "simulated": plan.simulated or bool(drawn),
        "suite": {
            "path": plan.suite.path,
            "sha256": plan.suite.sha256,
            "title": plan.suite.title,
            "gate": dict(plan.suite.gate),
            "prompts": [_prompt(prompt, plan.inputs) for prompt in plan.suite.prompts],
        },
        "sources": [_source(column, column.name in drawn) for column in plan.columns],
        "tasks": tasks,
        "numbers": {},
        "gate": None,
        "notes": notes,
        "budget": budget.as_json(),
    }


def now() -> str:
    """This moment in ISO form, UTC."""
    return datetime.now(timezone.utc).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _prompt(prompt: Prompt, inputs: Inputs) -> dict[str, Any]:
    edit = prompt.edit
    return {
        "id": prompt.id,
        "prompt": prompt.text,
        "tags": list(prompt.tags),
        "expect_text": list(prompt.expect_text),
        "expect_is": prompt.expect_is,
        "samples": prompt.samples,
        "parameters": dict(prompt.parameters),
        "edit": None
        if edit is None
        else {
            "images": [inputs.name(path) for path in edit.images],
            "mask": inputs.name(edit.mask) if edit.mask else None,
        },
        "preserve": prompt.preserve,
        "origin": {"path": prompt.origin[0], "line": prompt.origin[1]} if prompt.origin else None,
    }


def _source(column: Column, drawn: bool) -> dict[str, Any]:
    return {
        "name": column.name,
        "role": column.role,
        "spec": column.spec,
        "kind": column.kind,
        "model": column.model,
        "simulated": column.simulated or drawn,
    }


def _task(
    task: Task, outcome: Outcome | None, attempts: int, source: Source | None, closed: Mapping[str, str]
) -> dict[str, Any]:
    record = outcome.record if outcome else {}
    state = outcome.state if outcome else "pending"
    reason = record.get("reason")
    if outcome is None:
        reason = closed.get(task.source, "not asked yet: run the same command again")
    named = getattr(source, "model_of", None)
    return {
        "task": task.id,
        "prompt_id": task.prompt_id,
        "sample": task.sample,
        "source": task.source,
        "model": task.model or (named(task.prompt_id, task.sample) if named else None) or "unknown",
        "state": state,
        "file": outcome.file if outcome else None,
        "attempts": attempts,
        "latency_s": outcome.latency_s if outcome else None,
        "cost_usd": outcome.cost_usd if outcome else None,
        "cost_is": outcome.cost_is if outcome else "unknown",
        "request": dict(task.request),
        "usage": record.get("usage"),
        "request_id": record.get("request_id"),
        "reason": reason,
        "error": record.get("error"),
        "simulated": bool(record.get("simulated", False)),
        "picture": record.get("picture"),
        "checks": {},
    }


def counts(results: Mapping[str, Any]) -> Counter[str]:
    """How many tasks are in which state."""
    return Counter(task["state"] for task in results["tasks"])


def write(folder: Path, results: Mapping[str, Any]) -> None:
    """Writes the document whole, or not at all. Raises UserError."""
    lines = (line.encode("utf-8", "backslashreplace") for line in _lines(results))
    store.write_parts(folder / NAME, lines)


def _lines(results: Mapping[str, Any]) -> Iterator[str]:
    """The document as JSON with a line for every key, and one for every task: the whole would fill the memory."""
    start = "{"
    for name, value in results.items():
        yield f"{start}\n {json.dumps(name)}: "
        start = ","
        if name == "tasks" and value:
            for number, task in enumerate(value):
                yield f"{',' if number else '['}\n  {json.dumps(task, ensure_ascii=False)}"
            yield "\n ]"
        else:
            yield json.dumps(value, ensure_ascii=False)
    yield "\n}\n"


def load(folder: Path) -> dict[str, Any]:
    """The document of the run in ``folder``. Raises UserError when it is not there or not ours."""
    path = folder / NAME
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path}: larger than {MAX_BYTES:,} bytes")
        results = json.loads(path.read_bytes())
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read: {error.strerror}. Is {folder} the folder of a run?"
        ) from None
    except (ValueError, RecursionError):
        raise UserError(f"{path}: not valid JSON") from None
    problems = check_results(results) or list(_foreign(results))
    if problems:
        raise UserError(f"{path}: not the results of a run: {problems[0]}")
    found: dict[str, Any] = results
    return found


def _foreign(results: Mapping[str, Any]) -> Iterator[str]:
    """Files that a run does not make: a page must not be talked into showing others."""
    for number, task in enumerate(results["tasks"]):
        file = task["file"]
        if file is not None and not store.NAME.fullmatch(file):
            yield f"tasks[{number}]: {file!r} is no file of a run"
