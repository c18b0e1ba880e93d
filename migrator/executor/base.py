"""What the executors have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor


class WorkerLost(Exception):  # noqa: N818 - what became of a job, told in a report
    """A job took its worker down each time it ran. The text is one line for people."""


def shares_files(executor: Executor) -> bool:
    """Whether the workers see the files of this machine; else a job must carry the bytes that it needs."""
    return bool(getattr(executor, "shares_files", True))
