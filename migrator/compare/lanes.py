"""The queue of one column: what is ready, what waits for its next attempt, and when there is nothing left."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.compare.limits import Limiter
    from migrator.compare.plan import Task
    from migrator.compare.sources.base import Source, Trouble


@dataclass(slots=True)
class Job:
    """A task on its way. ``troubles`` counts what went wrong so far."""

    task: Task
    troubles: Counter[Trouble] = field(default_factory=Counter)


class Lane:
    """Jobs for one source. ``closed`` says why no more of them are sent, ``trouble`` the class of that error."""

    def __init__(self, source: Source, tasks: Iterable[Task], limiter: Limiter) -> None:
        self.source = source
        self.limiter = limiter
        self.closed: str | None = None
        self.trouble: Trouble | None = None
        self.strikes = 0
        self._ready = deque(Job(task) for task in tasks)
        self._later: list[tuple[float, int, Job]] = []
        self._active = 0
        self._count = 0
        self._changed = asyncio.Event()

    async def next(self) -> Job | None:
        """The next job, waited for; ``None`` when there is none left. Every job must be given :meth:`done`."""
        while self.closed is None:
            now = time.monotonic()
            while self._later and self._later[0][0] <= now:
                self._ready.append(heapq.heappop(self._later)[2])
            if self._ready:
                self._active += 1
                return self._ready.popleft()
            if not self._active and not self._later:
                break
            self._changed.clear()
            wait = self._later[0][0] - now if self._later else None
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except asyncio.TimeoutError:
                continue
        self._changed.set()
        return None

    def again(self, job: Job, delay: float) -> None:
        """Puts a job back for another attempt in ``delay`` seconds."""
        self._count += 1
        heapq.heappush(self._later, (time.monotonic() + delay, self._count, job))

    def done(self) -> None:
        """One job was dealt with, or was put back."""
        self._active -= 1
        self._changed.set()

    def close(self, reason: str, trouble: Trouble | None = None) -> None:
        """Sends no more; what is left stays pending."""
        self.closed, self.trouble = reason, trouble
        self._changed.set()
