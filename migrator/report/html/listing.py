"""The change of one file as rows: numbered lines of both sides, findings beside the lines that they speak of."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from migrator.report.html.highlight import pieces, spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.report.html.highlight import Span
    from migrator.types import FileResult, Finding

CONTEXT = 3
SHORT = 4
MOST_ROWS = 3000
_LONGEST = 2000
_ALIKE = 0.4
_WORD = re.compile(r"[\w.-]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``old`` and ``new`` are 1-based line numbers, 0 where the side has no such line.

    ``findings`` stand below the row; ``anchor`` is true for a line that findings speak of.
    """

    kind: Literal["same", "del", "add", "gap"]
    old: int
    new: int
    pieces: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    anchor: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of one file. ``cut`` are rows left out of a very long one; ``loose`` findings have no line."""

    rows: tuple[Row, ...]
    added: int
    removed: int
    cut: int
    loose: tuple[Finding, ...]


def listing(result: FileResult, findings: Iterable[Finding]) -> Listing:
    """What there is to see of ``result``: its changes, and the lines that findings speak of."""
    by_line: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_line[finding.line].append(finding)
    if result.before is None:
        return Listing((), 0, 0, 0, tuple(one for found in by_line.values() for one in found))
    before = _lines(result.before.text)
    after = before if result.after is None else _lines(result.after)
    loose = [one for line, found in by_line.items() if not 1 <= line <= len(before) for one in found]
    python = result.path.endswith((".py", ".pyi"))
    colours = [spans("\n".join(side)) if python else {} for side in (before, after)]
    rows = list(_rows(before, after, colours, by_line))
    cut = max(0, len(rows) - MOST_ROWS)
    return Listing(
        tuple(rows[:MOST_ROWS]),
        sum(row.kind == "add" for row in rows),
        sum(row.kind == "del" for row in rows),
        cut,
        tuple(loose),
    )


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _rows(
    before: Sequence[str],
    after: Sequence[str],
    colours: Sequence[dict[int, list[Span]]],
    by_line: dict[int, list[Finding]],
) -> Iterable[Row]:
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if before != after else [
        ("equal", 0, len(before), 0, len(after))
    ]  # fmt: skip
    changed = [line for tag, i1, i2, *_ in codes if tag != "equal" for line in (i1, max(i1, i2 - 1))]
    wanted = {
        line + step
        for line in [*changed, *(number - 1 for number in by_line)]
        for step in range(-CONTEXT, CONTEXT + 1)
    }

    def row(
        kind: Literal["same", "del", "add"],
        old: int,
        new: int,
        marks: list[tuple[int, int]],
        quiet: bool = False,
    ) -> Row:
        side, number = (1, new) if kind == "add" else (0, old)
        line = (after if kind == "add" else before)[number - 1].rstrip("\r")
        shown = pieces(line[:_LONGEST], colours[side].get(number, []), marks)
        if len(line) > _LONGEST:
            shown.append(("com", f" … {len(line) - _LONGEST:,} characters more"))
        said = () if kind == "add" or quiet else tuple(by_line.get(old, ()))
        return Row(kind, old, new, tuple(shown), said, anchor=kind != "add" and old in by_line)

    gap = False
    for tag, i1, i2, j1, j2 in codes:
        if tag == "equal":
            for place in range(i1, i2):
                if place not in wanted:
                    gap = True
                    continue
                if gap:
                    yield Row("gap", 0, 0)
                    gap = False
                yield row("same", place + 1, j1 + place - i1 + 1, [])
            continue
        if gap:
            yield Row("gap", 0, 0)
            gap = False
        marks = {
            place: _marks(before[i1 + place], after[j1 + place]) for place in range(min(i2 - i1, j2 - j1))
        }
        # a few lines and their replacement stay together, with what is said of them below
        together = j2 > j1 and i2 - i1 <= SHORT
        for place in range(i2 - i1):
            yield row("del", i1 + place + 1, 0, marks[place][0] if place in marks else [], quiet=together)
        rows = [
            row("add", 0, j1 + place + 1, marks[place][1] if place in marks else [])
            for place in range(j2 - j1)
        ]
        if together:
            said = [one for line in range(i1 + 1, i2 + 1) for one in by_line.get(line, ())]
            rows[-1] = replace(rows[-1], findings=tuple(said))
        yield from rows


def _marks(old: str, new: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """What differs within two lines that stand for each other; nothing where they have little in common."""
    if max(len(old), len(new)) > _LONGEST:
        return [], []
    words = [_WORD.findall(line) for line in (old, new)]
    matcher = SequenceMatcher(None, words[0], words[1], autojunk=False)
    if matcher.ratio() < _ALIKE:
        return [], []
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    starts = [[0, *accumulate(len(word) for word in line)] for line in words]
    return (
        [(starts[0][i1], starts[0][i2]) for _, i1, i2, *_ in codes if i2 > i1],
        [(starts[1][j1], starts[1][j2]) for *_, j1, j2 in codes if j2 > j1],
    )
