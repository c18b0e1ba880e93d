"""What a long run says while it goes on: one live line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

_LIVE_S = 0.2
_PLAIN_S = 15.0


class Progress:
    """Counts what happens and says it on ``stream``. Use as a context manager."""

    def __init__(
        self,
        stream: TextIO,
        total: int,
        done: int = 0,
        limit: float | None = None,
        spent: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._clock = clock
        self.total = total
        self.states: Counter[str] = Counter()
        self._before = done
        self._flying = 0
        self._spent = spent
        self._limit = limit
        self._start = clock()
        self._said = self._start
        self._shown = False

    def started(self) -> None:
        """A request left."""
        self._flying += 1
        self._say()

    def ended(self) -> None:
        """A request came back."""
        self._flying -= 1

    def finished(self, state: str, spent: float) -> None:
        """A task has its outcome."""
        self.states[state] += 1
        self._spent += spent
        self._say()

    def line(self) -> str:
        """How things stand."""
        made = sum(self.states.values())
        done = self._before + made
        parts = [f"{done:,}/{self.total:,} done"]
        parts += [f"{self.states[state]:,} {_NAMES[state]}" for state in _NAMES if self.states[state]]
        if self._flying:
            parts.append(f"{self._flying} asked")
        elapsed = self._clock() - self._start
        rate = made / elapsed if elapsed > 0 else 0.0
        if made and elapsed > 1:
            parts.append(f"{rate * 60:.0f}/min")
        cap = f" of ${self._limit:.2f}" if self._limit is not None else ""
        parts.append(f"${self._spent:.2f}{cap}")
        if rate and done < self.total and elapsed > 1:
            parts.append(f"about {_span((self.total - done) / rate)} left")
        return ", ".join(parts)

    def say(self, text: str) -> None:
        """Says something else, above the live line."""
        self._clear()
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def _say(self) -> None:
        now = self._clock()
        if now - self._said < (_LIVE_S if self._live else _PLAIN_S):
            return
        self._said = now
        if self._live:
            self._stream.write(f"\r\x1b[K{self.line()}")
            self._shown = True
        else:
            self._stream.write(f"{self.line()}\n")
        self._stream.flush()

    def _clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._shown = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_ended: object) -> None:
        self._clear()
        self._stream.flush()


_NAMES = {
    "blocked": "blocked",
    "failed": "failed",
    "skipped_budget": "over budget",
    "unmatched": "unmatched",
}


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
