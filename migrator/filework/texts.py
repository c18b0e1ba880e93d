"""Files that are not Python: each is a matter of its own, so they are handed out by the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.filework.jobs import Texts, treat
from migrator.hosts.run import Treated, treated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.filework.crew import Crew
    from migrator.hosts.base import HostContext
    from migrator.types import SourceFile

    Files = Sequence[tuple[str, SourceFile]]

_WORTH = 3_000_000
"""Characters from which on it pays to start processes."""
_BATCH = 50


def treating(crew: Crew) -> Callable[[Files, HostContext], Sequence[Treated]]:
    """A function that treats files with the help of ``crew``, in their order."""

    def run(files: Files, context: HostContext) -> Sequence[Treated]:
        worth = sum(len(file.text) for _, file in files) >= _WORTH
        worker = crew.workers(worth=worth) if files else None
        if worker is None:
            return [treated(kind, file, context) for kind, file in files]
        from migrator.executor import WorkerLost, results_of  # noqa: PLC0415 - most runs are small

        batches = [
            (at, Texts(context, tuple(files[at : at + _BATCH]))) for at in range(0, len(files), _BATCH)
        ]
        found: dict[int, tuple[Treated, ...]] = {}
        for (at, job), result in results_of(worker, _numbered, batches):
            if isinstance(result, WorkerLost):
                found[at] = treat(job)
            elif isinstance(result, Exception):
                raise result
            else:
                found[at] = result
        return [one for at, _ in batches for one in found[at]]

    return run


def _numbered(job: tuple[int, Texts]) -> tuple[Treated, ...]:
    return treat(job[1])


__all__ = ["treating"]
