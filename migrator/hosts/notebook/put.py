"""Writes new code into a cell's JSON: only the strings of changed lines are spelled anew."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from migrator.hosts.notebook.layout import inner_offset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.hosts.notebook.layout import Cell, Layout

_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_ESCAPED = re.compile(r"\\u(?!00[01])[0-9a-fA-F]{4}")


@dataclass(frozen=True, slots=True)
class _Change:
    """Characters ``start`` to ``end`` of the old source become ``text``; all at line boundaries."""

    start: int
    end: int
    text: str


def put(layout: Layout, new: dict[int, str]) -> str:
    """The notebook text in which the cell with each number has a new source."""
    ascii_only = _prefers_ascii(layout.text)
    parts: list[str] = []
    at = 0
    for cell in layout.cells:
        if cell.number in new and new[cell.number] != cell.source:
            parts += (layout.text[at : cell.span[0]], _cell(layout.text, cell, new[cell.number], ascii_only))
            at = cell.span[1]
    return "".join((*parts, layout.text[at:]))


def _prefers_ascii(text: str) -> bool:
    return text.isascii() and _ESCAPED.search(text) is not None


def _changes(old: str, new: str) -> list[_Change]:
    before, after = _LINES.findall(old), _LINES.findall(new)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [
        _Change(starts[i1], starts[i2], "".join(after[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def _cell(text: str, cell: Cell, new: str, ascii_only: bool) -> str:
    changes = _changes(cell.source, new)
    if not cell.is_list:
        return _in_string(text[slice(*cell.span)], changes, ascii_only)
    return _in_list(text, cell, changes, ascii_only)


def _in_string(raw: str, changes: Sequence[_Change], ascii_only: bool) -> str:
    body = raw[1:-1]
    parts: list[str] = []
    at = 0
    for change in changes:
        start = inner_offset(body, change.start)
        parts += (body[at:start], json.dumps(change.text, ensure_ascii=ascii_only)[1:-1])
        at = inner_offset(body, change.end)
    return f'"{"".join((*parts, body[at:]))}"'


def _in_list(text: str, cell: Cell, changes: Sequence[_Change], ascii_only: bool) -> str:
    literals = cell.literals
    spelled = {one.value: text[one.start : one.end] for one in literals}

    def spell(line: str) -> str:
        if spelled.get(line):
            return spelled[line]
        bare = line.removesuffix("\n")
        if bare != line and spelled.get(bare):
            return spelled[bare][:-1] + '\\n"'
        longer = spelled.get(f"{line}\n", "")
        if longer.endswith('\\n"'):
            return longer[:-3] + '"'
        return json.dumps(line, ensure_ascii=ascii_only)

    items: list[str | int] = list(range(len(literals)))
    starts = [0]
    for one in literals:
        starts.append(starts[-1] + len(one.value))
    # from the end, so that positions stay true; two changes inside one string are made in its value
    values = {index: one.value for index, one in enumerate(literals)}
    for change in reversed(changes):
        first = next((i for i in range(len(literals)) if starts[i + 1] > change.start), len(literals))
        if change.start == change.end and first < len(literals) and starts[first] == change.start:
            last = first
        else:
            last = (
                next((i for i in range(len(literals)) if starts[i + 1] >= change.end), len(literals) - 1) + 1
            )
            last = max(first, last)
        covered = "".join(values[i] for i in range(first, last))
        base = starts[first]
        value = covered[: change.start - base] + change.text + covered[change.end - base :]
        if last > first and (change.start != base or change.end != starts[last]):
            # strings that hold several lines: what was made becomes the value of the first of them
            values[first] = value
            for index in range(first + 1, last):
                values[index] = ""
            continue
        at = items.index(first) if first < len(literals) else len(items)
        items[at : at + last - first] = _LINES.findall(value)
    separator, opening, closing = _spacing(text, cell)
    written: list[tuple[str, int | None]] = []
    for item in items:
        if isinstance(item, str):
            written.append((spell(item), None))
        elif values[item] == literals[item].value:
            written.append((text[literals[item].start : literals[item].end], item))
        else:
            written += [(spell(line), None) for line in _LINES.findall(values[item])]
    if not written:
        return "[]"
    parts = [opening, written[0][0]]
    for (_, above), (raw, below) in pairwise(written):
        between = separator
        if above is not None and below == above + 1:
            between = text[literals[above].end : literals[below].start]
        parts += (between, raw)
    return "".join((*parts, closing))


def _spacing(text: str, cell: Cell) -> tuple[str, str, str]:
    """What stands between two strings of the list, before the first (with the bracket) and behind the last."""
    literals = cell.literals
    if not literals:
        return ", ", "[", "]"
    opening = text[cell.span[0] : literals[0].start]
    closing = text[literals[-1].end : cell.span[1]]
    if len(literals) > 1:
        return text[literals[0].end : literals[1].start], opening, closing
    return ("," + opening[1:]) if len(opening) > 1 else ", ", opening, closing
