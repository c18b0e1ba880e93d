"""All repositories of a list, wherever the jobs run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.campaign.scan import Row, scan
from migrator.executor import open_executor, results_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from migrator.campaign.scan import Task


def run(
    tasks: Sequence[Task],
    executor: str,
    jobs: int | None,
    step: Callable[[str], None] = lambda _: None,
) -> list[Row]:
    """One row per task, the worst first. The order and the rows do not depend on where the jobs ran.

    Raises:
        UserError: For an executor that does not exist or answer.
    """
    rows: dict[int, Row] = {}
    step(f"scanning {len(tasks):,} repositories")
    with open_executor(executor, jobs) as pool:
        for (number, task), result in results_of(pool, _numbered, list(enumerate(tasks))):
            lost = isinstance(result, Exception)
            rows[number] = Row(task.place.name, _why(result)) if isinstance(result, Exception) else result
            failed = " failed" if lost or rows[number].error else ""
            step(f"{len(rows):,} of {len(tasks):,} repositories: {task.place.name}{failed}")
    return worst_first([rows[number] for number in sorted(rows)])


def worst_first(rows: Iterable[Row]) -> list[Row]:
    """``rows`` in the order in which they are shown."""
    return sorted(rows, key=lambda row: (_severity(row), row.name))


def _numbered(job: tuple[int, Task]) -> Row:
    return scan(job[1])


def _why(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return f"the scan was lost: {text}"


def _severity(row: Row) -> tuple[int, ...]:
    """Broken calls first, then what needs most work; what could not be scanned; what is clean."""
    group = 1 if row.error else 0 if row.left else 2
    end = row.next_end
    days = end.days_left if end is not None and end.days_left is not None else 10**6
    manual, review = (row.outcomes.get(name, 0) for name in ("manual", "review"))
    return (group, -row.broken, -manual, -review, -row.manual, -row.review, days, -len(row.sites))


__all__ = ["run", "worst_first"]
