"""Colour, and what may not reach a terminal."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


@dataclass(frozen=True, slots=True)
class Style:
    """How text is dressed. ``terminal`` output may hold no control characters of the project's own."""

    colour: bool = False
    terminal: bool = False

    @classmethod
    def of(cls, stream: TextIO) -> Style:
        """Colour on a terminal only, never with ``NO_COLOR`` or a dumb terminal."""
        terminal = stream.isatty()
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        return cls(colour=terminal and not plain, terminal=terminal)

    def paint(self, text: str, *styles: str) -> str:
        """``text`` in the named styles, made harmless first."""
        text = self.harmless(text)
        if not self.colour or not styles or not text:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"

    def harmless(self, text: str) -> str:
        """``text`` without escape sequences, which a hostile file could use to rewrite the screen."""
        if not self.terminal or text.isprintable():
            return text
        return "".join(char if char.isprintable() or char in "\n\t" else _visible(char) for char in text)


def _visible(char: str) -> str:
    # A carriage return at the end of a line is only how the file ends its lines.
    return "" if char == "\r" else char.encode("unicode_escape").decode("ascii")
