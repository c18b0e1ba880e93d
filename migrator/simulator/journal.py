"""The log of received requests, for tests and for people. Keys and headers never enter it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """One request. ``parameters`` as sent, pictures as their size and hash; ``code`` of an error."""

    method: str
    path: str
    parameters: dict[str, Any]
    status: int
    code: str | None
    request_id: str


class Journal:
    """The last ``keep`` requests, oldest first. Safe to use from several threads."""

    def __init__(self, keep: int = 10_000) -> None:
        self._received: deque[Received] = deque(maxlen=keep)
        self._lock = threading.Lock()

    def add(self, received: Received) -> None:
        """Appends one request."""
        with self._lock:
            self._received.append(received)

    def all(self) -> list[Received]:
        """A copy of the log."""
        with self._lock:
            return list(self._received)

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._received.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """The log as JSON objects."""
        return [asdict(received) for received in self.all()]
