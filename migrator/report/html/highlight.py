"""Python source in classed pieces, line by line, without running or importing anything."""

from __future__ import annotations

import io
import keyword
import token
import tokenize
from itertools import pairwise

Span = tuple[int, int, str]
"""A piece of a line: first column, end column, class."""

_KINDS = {tokenize.STRING: "str", tokenize.COMMENT: "com", tokenize.NUMBER: "num"}
# f-strings are tokens of their own from Python 3.12 on
_KINDS.update(
    {
        getattr(token, name): "str"
        for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
        if hasattr(token, name)
    }
)


def spans(text: str) -> dict[int, list[Span]]:
    """The pieces that have a colour, by 1-based line. What is not Python has as many as could be read."""
    found: dict[int, list[Span]] = {}
    after_def = False
    try:
        for one in tokenize.generate_tokens(io.StringIO(text).readline):
            kind = _KINDS.get(one.type, "")
            if one.type == tokenize.NAME:
                kind = "key" if keyword.iskeyword(one.string) else "def" if after_def else ""
            if one.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
                after_def = one.string in ("def", "class")
            if kind:
                _add(found, one.start, one.end, one.string, kind)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return found
    return found


def _add(
    found: dict[int, list[Span]], start: tuple[int, int], end: tuple[int, int], text: str, kind: str
) -> None:
    """A token may go over several lines: each gets its own piece."""
    (first, column), (last, stop) = start, end
    lines = text.split("\n") if first != last else [text]
    for place, line in enumerate(range(first, last + 1)):
        begin = column if line == first else 0
        finish = stop if line == last else begin + (len(lines[place]) if place < len(lines) else 0)
        if finish > begin:
            found.setdefault(line, []).append((begin, finish, kind))


def pieces(line: str, colours: list[Span], marks: list[tuple[int, int]]) -> list[tuple[str, str]]:
    """``line`` cut at the ends of colours and of ``marks`` (what changed), as ``(classes, text)``."""
    cuts = sorted(
        {0, len(line)}
        | {min(edge, len(line)) for begin, end, _ in colours for edge in (begin, end)}
        | {min(edge, len(line)) for mark in marks for edge in mark}
    )
    found = []
    for begin, end in pairwise(cuts):
        kind = next((name for first, last, name in colours if first <= begin < last), "")
        marked = any(first <= begin < last for first, last in marks)
        found.append((" ".join(name for name in (kind, "chg" if marked else "") if name), line[begin:end]))
    return found
