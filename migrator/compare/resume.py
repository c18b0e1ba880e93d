"""What is left of a plan: everything without an outcome, and the outcomes that are worth another try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.compare.journal import Outcome
from migrator.compare.runner import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from migrator.compare.journal import Journal
    from migrator.compare.plan import Plan, Task
    from migrator.compare.sources.base import Source


def left(
    plan: Plan, journal: Journal, folder: Path, *, retry_failed: bool = False, retry_blocked: bool = False
) -> list[Task]:
    """The tasks that are to be dealt with, in the order of the plan.

    What failed because of the account, what was over budget and what was not in an archive is always tried
    again; other failures and refused prompts when asked for.
    """
    todo, stale = [], []
    known = journal.states()
    for task in plan.tasks:
        found = known.get(task.id)
        if found is None:
            todo.append(task)
            continue
        state, file, trouble = found
        again = (
            state in ("skipped_budget", "unmatched")
            or (state == "ok" and not (file and (folder / file).is_file()))
            or (state == "failed" and (retry_failed or trouble in ACCOUNT))
            or (state == "blocked" and retry_blocked)
        )
        if again:
            stale.append(task.id)
            todo.append(task)
    journal.forget(stale)
    return todo


def settle_known(plan: Plan, todo: list[Task], sources: Mapping[str, Source], journal: Journal) -> list[Task]:
    """Writes the outcomes that need no asking: not in the archive, or never taken by the model. The rest."""
    prompts = {prompt.id: prompt for prompt in plan.suite.prompts}
    rest, outcomes = [], []
    for task in todo:
        source = sources.get(task.source)
        missing = source.missing(prompts[task.prompt_id], task.sample) if source else None
        reason = missing or task.refused
        if reason is None:
            rest.append(task)
            continue
        record: dict[str, object] = {"reason": reason}
        state: str = "unmatched"
        if task.refused and task.endpoint in _offered(plan, task):
            state = "failed"
            record["error"] = {"class": "refused", "code": None, "message": f"not sent: {reason}"}
        outcomes.append(Outcome(task.id, "failed" if state == "failed" else "unmatched", record=record))
    journal.settle_many(outcomes)
    return rest


def _offered(plan: Plan, task: Task) -> tuple[str, ...]:
    column = next(one for one in plan.columns if one.name == task.source)
    return tuple(column.facts.endpoints) if column.facts else ()
