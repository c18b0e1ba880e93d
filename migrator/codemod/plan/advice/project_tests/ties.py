"""How the text of a file can be tied to a module of some name, read without parsing it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLANK = r"(?:[^\S\r\n]|\\\r?\n|\\\r)"
_RUN = rf"(?:[\w.,*]|{_BLANK})*"
_COMMENT = r"#[^\r\n]*"
# the first letters stand first, not the edge of a word: so the search skips all other letters quickly
_STATEMENT = re.compile(rf"(?:from|import)\b{_RUN}(?:\((?:[^)#]|{_COMMENT})*)?")


class Passages:
    """The parts of a text that can tie it to a module: its imports, and calls that replace something by its name."""

    def __init__(self, text: str, patches: Iterable[str]) -> None:
        imports = [found[0] for found in _STATEMENT.finditer(text) if not in_word(text, found.start() - 1)]
        self.imports = "\n".join(imports)
        calls = "|".join(re.escape(name) for name in patches if name in text)
        # what is replaced stands in the first arguments, before any bracket but those around a text
        heads = re.compile(rf"(?:{calls})\s*\((?=([\s(]*(?:[^()#]|{_COMMENT})*))")
        found = heads.finditer(text) if calls else ()
        self.heads = "\n".join(head[1] for head in found if not in_word(text, head.start() - 1))


class Ties:
    """Looks for imports of modules called ``stem``, and for calls that replace something by its name."""

    def __init__(self, stem: str) -> None:
        name = rf"(?<!\w){re.escape(stem)}(?!\w)"
        self._plain = re.compile(rf"\bfrom[ \t]+(\.*)((?:\w+\.)*{re.escape(stem)})[ \t]+import\b")
        # between `import` and a name stand only other names, those in brackets with comments
        self._imported = re.compile(
            rf"\b(?:from|import)\b{_RUN}{name}|\bimport{_BLANK}*\((?:[^)#]|{_COMMENT})*?{name}"
        )
        self._named = re.compile(name)

    def names(self, passages: Passages) -> list[tuple[str, int]] | None:
        """Name and level of each ``from … import`` out of such a module; ``None`` where it may be tied otherwise."""
        found: list[tuple[str, int]] = []

        def note(match: re.Match[str]) -> str:
            found.append((match[2], len(match[1])))
            return "from . import"

        rest = self._plain.sub(note, passages.imports)
        return None if self._imported.search(rest) or self._named.search(passages.heads) else found


def in_word(text: str, at: int) -> bool:
    """Whether a letter, digit or underscore stands at a place."""
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")
