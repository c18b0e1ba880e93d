"""What happens to a run when its pictures are there: checks, numbers, exports, the page.

Each step takes the results and returns them, changed or not. A step only reads pictures and writes files of
the run; it asks nobody for anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.compare import results as documents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from migrator.compare.suite import Suite

    Step = Callable[[Path, dict[str, Any], Suite, "Finish"], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Finish:
    """How to finish. ``say`` gets lines for people; ``executor`` and ``jobs`` say where checks run."""

    say: Callable[[str], None]
    executor: str = "processes"
    jobs: int = 1


STEPS: tuple[Step, ...] = ()
"""In order: checks, numbers, gate, exports, page."""


def finish(folder: Path, results: dict[str, Any], suite: Suite, options: Finish) -> dict[str, Any]:
    """Runs every step and writes the results after each, so that one that breaks loses nothing."""
    documents.write(folder, results)
    for step in STEPS:
        results = step(folder, results, suite, options)
        documents.write(folder, results)
    return results
