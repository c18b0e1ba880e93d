"""Where the cells of a notebook and their source strings stand in the JSON text. Outputs are stepped over."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_SCALAR = re.compile(r"[^\s,\]}]+")
_STRUCTURE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]')
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]"
)
_OTHER_KERNELS = re.compile(
    r"ir$|julia|scala|java|deno|bash|xcpp|xc\b|\.net|rust|gophernotes|octave|iruby|sos$"
)
_LINE = re.compile(r"\r\n|\r|\n")


class BrokenError(Exception):
    """The text is not a notebook. ``line`` and ``column`` are 1-based."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line, self.column = line, column


@dataclass(frozen=True, slots=True)
class Literal:
    """One JSON string: its value, and the half-open range of its characters, quotes included."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; ``number`` counts all cells from 1.

    ``literals`` are the strings of its source; ``span`` is the range of the whole value: the list with its
    brackets, or the one string (``is_list`` says which).
    """

    number: int
    kind: str
    literals: tuple[Literal, ...]
    span: tuple[int, int]
    is_list: bool
    language: str = ""

    @property
    def source(self) -> str:
        """The code or text of the cell."""
        return "".join(one.value for one in self.literals)


@dataclass(frozen=True)
class Layout:
    """The cells of one notebook text. ``language`` is what its kernel speaks, lower case, "" when unsaid."""

    text: str
    cells: tuple[Cell, ...]
    language: str
    _starts: list[int] = field(default_factory=list, repr=False)

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of a character of the JSON text."""
        if not self._starts:
            self._starts.extend([0, *(match.end() for match in _LINE.finditer(self.text))])
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, cell: Cell, at: int) -> int:
        """Where character ``at`` of a cell's source stands in the JSON text."""
        for one in cell.literals:
            if at < len(one.value) or one is cell.literals[-1]:
                return one.start + 1 + inner_offset(self.text[one.start + 1 : one.end - 1], at)
            at -= len(one.value)
        return cell.span[0]


def inner_offset(raw: str, at: int) -> int:
    """Where character ``at`` of a string's value stands in its JSON spelling ``raw`` (without quotes)."""
    if "\\" not in raw:
        return min(at, len(raw))
    offset = 0
    for match in _CHARACTER.finditer(raw):
        if at <= 0:
            break
        at -= 1
        offset = match.end()
    return offset


def read(text: str) -> Layout:
    """The layout of a notebook, format 3 or later.

    Raises:
        BrokenError: For text that is not JSON, or not a notebook.
    """
    _check(text)
    top = dict(_members(text, _BLANK.match(text).end()))  # type: ignore[union-attr]
    language = _language(text, top.get("metadata"))
    cells: list[Cell] = []
    if (at := top.get("cells")) is not None and text[at[0]] == "[":
        cells.extend(_cells(text, at[0], 1))
    elif (sheets := top.get("worksheets")) is not None and text[sheets[0]] == "[":
        for start, _ in _items(text, sheets[0]):
            inner = dict(_members(text, start)) if text[start] == "{" else {}
            if (at := inner.get("cells")) is not None and text[at[0]] == "[":
                cells.extend(_cells(text, at[0], len(cells) + 1))
    else:
        raise BrokenError("it has no list of cells")
    return Layout(text, tuple(cells), language)


def _check(text: str) -> None:
    """One fast pass of the standard parser: afterwards the text is known to be JSON with an object on top."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise BrokenError(f"{error.msg} (JSON)", error.lineno, error.colno) from None
    except RecursionError:
        raise BrokenError("its JSON is nested too deep") from None
    except ValueError:
        raise BrokenError("it holds a number of thousands of digits") from None
    if not isinstance(found, dict):
        raise BrokenError("its JSON is not an object")


def _language(text: str, metadata: tuple[int, int] | None) -> str:
    if metadata is None:
        return ""
    data: Any = json.loads(text[slice(*metadata)])
    if not isinstance(data, dict):
        return ""
    for group, key in (("kernelspec", "language"), ("language_info", "name"), ("kernelspec", "name")):
        inner = data.get(group)
        if isinstance(inner, dict) and isinstance(inner.get(key), str) and inner[key]:
            name = str(inner[key]).lower()
            # a kernel can be called anything: only the names of other languages' own kernels say something
            if key == "name" and group == "kernelspec" and not _OTHER_KERNELS.match(name):
                return ""
            return name
    return ""


def _cells(text: str, at: int, number: int) -> Iterator[Cell]:
    for index, (start, _) in enumerate(_items(text, at), number):
        if text[start] != "{":
            continue
        members = dict(_members(text, start))
        kind = _value(text, members.get("cell_type"))
        place = members.get("source") or (members.get("input") if kind == "code" else None)
        if place is None:
            continue
        language = _value(text, members.get("language"))
        if text[place[0]] == '"':
            one = Literal(json.loads(text[slice(*place)]), *place)
            yield Cell(index, kind, (one,), place, False, language)
        elif text[place[0]] == "[":
            spans = list(_items(text, place[0]))
            if all(text[span[0]] == '"' for span in spans):
                literals = tuple(Literal(json.loads(text[slice(*span)]), *span) for span in spans)
                yield Cell(index, kind, literals, place, True, language)


def _value(text: str, span: tuple[int, int] | None) -> str:
    return json.loads(text[slice(*span)]) if span and text[span[0]] == '"' else ""


def _members(text: str, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """The members of the object that starts at ``at``: key, and the range of the value. The JSON is valid."""
    at = _blank(text, at + 1)
    while text[at] != "}":
        end = _string(text, at)
        key = json.loads(text[at:end])
        start = _blank(text, _blank(text, end) + 1)
        end = _skip(text, start)
        yield key, (start, end)
        at = _blank(text, end)
        at = _blank(text, at + 1) if text[at] == "," else at


def _items(text: str, at: int) -> Iterator[tuple[int, int]]:
    """The ranges of the items of the array that starts at ``at``."""
    at = _blank(text, at + 1)
    while text[at] != "]":
        end = _skip(text, at)
        yield at, end
        at = _blank(text, end)
        at = _blank(text, at + 1) if text[at] == "," else at


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _string(text: str, at: int) -> int:
    found = _STRING.match(text, at)
    assert found is not None
    return found.end()


def _skip(text: str, at: int) -> int:
    """The end of the value that starts at ``at``."""
    if text[at] == '"':
        return _string(text, at)
    if text[at] not in "[{":
        found = _SCALAR.match(text, at)
        assert found is not None
        return found.end()
    depth = 0
    for match in _STRUCTURE.finditer(text, at):
        char = text[match.start()]
        if char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
            if not depth:
                return match.end()
    raise AssertionError("the JSON was checked")
