"""One line on a terminal that says what a long run is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TextIO


class Progress:
    """A context manager; :meth:`step` replaces the line. Silent where ``stream`` is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._shown = False

    def step(self, text: str) -> None:
        """Shows ``text`` in place of the step before."""
        if self._live:
            self._stream.write(f"\r\x1b[K{text}…")
            self._stream.flush()
            self._shown = True

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
