"""Who does the jobs of a run: this process, or an executor that is opened when there is enough to do."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from migrator.errors import UserError

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from types import TracebackType

HERE = "processes"
"""The executor that nobody asked for: it must be worth its start."""


class Crew:
    """Workers by the name of an executor, used in a ``with``. ``jobs`` is how many work at a time."""

    def __init__(self, spec: str = HERE, jobs: int = 1) -> None:
        self.spec = spec
        self.jobs = jobs
        self._stack = ExitStack()
        self._executor: Executor | None = None

    def __enter__(self) -> Crew:
        if self.spec != HERE and not self.spec.startswith("dask://") and self.spec != "threads":
            raise UserError(f"unknown executor {self.spec!r}: use processes, threads or dask://HOST:PORT")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def workers(self, *, worth: bool) -> Executor | None:
        """The executor; ``None`` where the work is better done here, which ``worth`` decides for processes."""
        if self._executor is None:
            if self.spec == HERE and (self.jobs < 2 or not worth):
                return None
            from migrator.executor import open_executor  # noqa: PLC0415 - most runs are small

            self._executor = self._stack.enter_context(open_executor(self.spec, self.jobs, None))
        return self._executor

    @property
    def many(self) -> int:
        """Workers, as far as that is known."""
        return int(getattr(self._executor, "workers", 0) or self.jobs)


__all__ = ["Crew"]
