"""Many jobs through an executor without holding all of them at once."""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

J = TypeVar("J")
R = TypeVar("R")


def results_of(
    executor: Executor, work: Callable[[J], R], jobs: Iterable[J], window: int | None = None
) -> Iterator[tuple[J, R | Exception]]:
    """``work(job)`` for every job, in the order in which they finish; an exception is a result too.

    At most ``window`` jobs are under way, so ``jobs`` may make large values as they are asked for.
    """
    size = window or 4 * max(2, getattr(executor, "workers", 0) or os.cpu_count() or 1)
    waiting: dict[Future[R], J] = {}
    todo = iter(jobs)
    more = True
    try:
        while more or waiting:
            while more and len(waiting) < size:
                try:
                    job = next(todo)
                except StopIteration:
                    more = False
                    break
                waiting[executor.submit(work, job)] = job
            if not waiting:
                return
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                job = waiting.pop(future)
                error = future.exception()
                if error is None:
                    yield job, future.result()
                elif isinstance(error, Exception):
                    yield job, error
                else:
                    raise error
    finally:
        for future in waiting:
            future.cancel()
