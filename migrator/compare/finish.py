"""What happens to a run when its pictures are there: checks, numbers, exports, the page.

Each step takes the results and returns them, changed or not. A step only reads pictures and writes files of
the run; nobody is asked for anything, except the judge of somebody who wanted one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.compare import results as documents

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from migrator.compare.suite import Suite

    Step = Callable[[Path, dict[str, Any], Suite, "Finish"], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Finish:
    """How to finish. ``executor`` and ``jobs`` say where checks run, ``step`` is told how many are done."""

    executor: str = "processes"
    jobs: int = 1
    step: Callable[[int, int], None] = lambda _done, _all: None
    judge: Callable[[dict[str, Any]], str | None] | None = None
    """Judges the pairs of the results, in place; says why not when it did not."""


def _checks(folder: Path, results: dict[str, Any], _suite: Suite, options: Finish) -> dict[str, Any]:
    """Looks at every picture."""
    from migrator.compare.checks import check_run  # noqa: PLC0415 - each step loads what it needs
    from migrator.executor import open_executor  # noqa: PLC0415

    if any(task["file"] for task in results["tasks"]):
        with open_executor(options.executor, options.jobs) as executor:
            check_run(results, folder, executor, step=options.step)
    return results


def _judge(_folder: Path, results: dict[str, Any], _suite: Suite, options: Finish) -> dict[str, Any]:
    """Asks the judge that the run was started with."""
    why = options.judge(results) if options.judge else None
    if why:
        results["notes"] = [*results["notes"], why]
    return results


def _numbers(folder: Path, results: dict[str, Any], suite: Suite, _options: Finish) -> dict[str, Any]:
    """Counts, and judges by the thresholds of the suite."""
    return count(folder, results, suite.gate, where=f"{suite.path}: gate")


def count(
    folder: Path, results: dict[str, Any], gate: Mapping[str, Any], where: str = "gate of the suite"
) -> dict[str, Any]:
    """Numbers and gate anew, with the sign-off that the run holds; also after verdicts were applied."""
    from migrator.compare.gate import judge_run  # noqa: PLC0415
    from migrator.compare.numbers import numbers  # noqa: PLC0415
    from migrator.compare.reading import read_verdicts  # noqa: PLC0415
    from migrator.compare.thresholds import thresholds_from  # noqa: PLC0415

    verdicts = read_verdicts(folder, results)
    results["numbers"] = numbers(results, verdicts)
    results["gate"] = judge_run(results, thresholds_from(gate, where=where), verdicts).as_dict()
    return results


def _exports(folder: Path, results: dict[str, Any], _suite: Suite, _options: Finish) -> dict[str, Any]:
    """Writes the forms for other programs."""
    from migrator.compare.exports import write_all  # noqa: PLC0415

    write_all(results, folder)
    return results


def _page(folder: Path, results: dict[str, Any], _suite: Suite, _options: Finish) -> dict[str, Any]:
    """Writes the page on which people decide."""
    from migrator.report.html.run import render_run  # noqa: PLC0415

    render_run(folder, results=results)
    return results


STEPS: tuple[Step, ...] = (_checks, _judge, _numbers, _exports, _page)
"""In order: checks, the judge where one was asked for, numbers and gate, exports, page."""


def finish(folder: Path, results: dict[str, Any], suite: Suite, options: Finish) -> dict[str, Any]:
    """Runs every step and writes the results after each, so that one that breaks loses nothing."""
    documents.write(folder, results)
    for step in STEPS:
        results = step(folder, results, suite, options)
        documents.write(folder, results)
    return results
