"""How the text of a file can be tied to a module of some name, read without parsing it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Ties:
    """Looks for imports of modules called ``stem``, and for calls of ``patches`` that replace something by its name."""

    def __init__(self, stem: str, patches: Iterable[str]) -> None:
        name = rf"(?<!\w){re.escape(stem)}(?!\w)"
        blank = r"(?:[^\S\r\n]|\\\r?\n|\\\r)"
        calls = "|".join(map(re.escape, patches))
        self._plain = re.compile(rf"\bfrom[ \t]+(\.*)((?:\w+\.)*{re.escape(stem)})[ \t]+import\b")
        # between `import` and a name stand only other names, those in brackets with comments
        self._imported = re.compile(
            rf"\b(?:from|import)\b(?:[\w.,*]|{blank})*{name}|\bimport{blank}*\((?:[^)#]|#[^\r\n]*)*?{name}"
        )
        # what is replaced stands in the first arguments, before any bracket but those around a text
        self._replaced = re.compile(rf"\b(?:{calls})\s*\([\s(]*(?:[^()#]|#[^\r\n]*)*?{name}")

    def names(self, text: str) -> list[tuple[str, int]] | None:
        """Name and level of each ``from … import`` out of such a module; ``None`` where it may be tied otherwise."""
        found: list[tuple[str, int]] = []

        def note(match: re.Match[str]) -> str:
            found.append((match[2], len(match[1])))
            return "from . import"

        rest = self._plain.sub(note, text)
        return None if self._imported.search(rest) or self._replaced.search(text) else found
