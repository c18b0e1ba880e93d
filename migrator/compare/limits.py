"""How fast a model may be asked: slots, pictures per minute, and pauses that the service asks for."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from migrator.compare.sources.replies import span_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MINUTE = 60.0
_GROWTH = 1.5
"""By how much the assumed rate grows each time that a minute's worth was answered without a complaint."""


class Limiter:
    """Lets requests to one model of one host pass.

    ``slots`` at a time; after a 429 half of them, and one more after each round without another. ``rate`` is
    an assumed number of pictures per minute where no answer names one, ``None`` for no limit; it grows while
    nothing is refused.
    """

    def __init__(
        self, slots: int, rate: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.slots = slots
        self.window = float(slots)
        self.active = 0
        self._clock = clock
        self._rate = rate
        self._tokens = rate or 0.0
        self._filled = clock()
        self._smooth = 0
        self._until = 0.0
        self._limit: int | None = None
        self._left = 0
        self._reset = 0.0
        self._changed = asyncio.Event()

    async def enter(self) -> None:
        """Waits until one more request may leave."""
        while True:
            wait = self._wait()
            if wait == 0.0:
                self.active += 1
                self._tokens -= 1
                self._left -= 1
                return
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except asyncio.TimeoutError:
                continue

    def leave(self) -> None:
        """One request has ended."""
        self.active -= 1
        self._changed.set()

    def answered(self, headers: Mapping[str, str]) -> None:
        """Learns from an answer that brought a picture."""
        self.window = min(float(self.slots), self.window + 1.0 / max(self.window, 1.0))
        if self._limit is None and self._rate is not None:
            self._smooth += 1
            if self._smooth >= self._rate:
                self._smooth, self._rate = 0, self._rate * _GROWTH
        self._learn(headers)
        self._changed.set()

    def throttled(self, wait: float | None, headers: Mapping[str, str]) -> None:
        """Learns from a 429 that asks for ``wait`` seconds, if it says so."""
        self.window = max(1.0, self.window / 2)
        self._smooth = 0
        if self._rate is not None:
            self._rate, self._tokens = max(1.0, self._rate / 2), min(self._tokens, 0.0)
        self._until = max(self._until, self._clock() + (wait if wait is not None else 1.0))
        self._learn(headers)
        self._changed.set()

    def _learn(self, headers: Mapping[str, str]) -> None:
        try:
            limit = int(headers.get("x-ratelimit-limit-requests", ""))
            left = int(headers.get("x-ratelimit-remaining-requests", ""))
        except ValueError:
            return
        reset = span_of(headers.get("x-ratelimit-reset-requests", ""))
        if limit > 0 and left >= 0 and reset is not None:
            self._limit, self._left, self._reset = limit, left, self._clock() + reset

    def _wait(self) -> float | None:
        """0 when a request may leave; seconds to wait; ``None`` until something changes."""
        now = self._clock()
        if self.active >= max(1, int(self.window)):
            return None
        if now < self._until:
            return self._until - now
        if self._limit is not None:
            if now < self._reset:
                return 0.0 if self._left > 0 else self._reset - now
            # nothing newer is known: back to what is assumed
            self._limit = None
        if self._rate is None:
            return 0.0
        self._tokens = min(self._rate, self._tokens + (now - self._filled) * self._rate / _MINUTE)
        self._filled = now
        return 0.0 if self._tokens >= 1 else max((1 - self._tokens) * _MINUTE / self._rate, 0.001)


def backoff(attempt: int, base: float = 1.0, cap: float = 60.0) -> float:
    """Seconds before attempt number ``attempt`` + 1: up to twice as long each time, by chance."""
    longest = min(cap, base * 2.0 ** (attempt - 1))
    spread: float = random.uniform(0.5, 1.0)  # noqa: S311 - spreads requests, guards nothing
    return longest * spread
