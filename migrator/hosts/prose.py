"""Texts for people: counted, and with ``--docs`` the exact names in inline code are moved to the target."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from migrator.hosts.settle import Change, Replacement
from migrator.hosts.words import Lines, Names
from migrator.types import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrator.hosts.base import HostContext
    from migrator.types import Fix, SourceFile

_CODE_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]+?)\1(?!`)")
_HISTORY = re.compile(
    r"deprecat|retire|remov|replac|former|previous|legacy|histor|no longer|migrat|instead|\bold\b|\bwas\b|\bwere\b|"
    r"used to|until|support|shut ?down|before|since|compar|\bvs\b|than\b",
    re.IGNORECASE,
)
_LOGS = re.compile(r"(?:^|/)(?:changelog|changes|history|news|release)[^/]*$", re.IGNORECASE)
_PYTHON = re.compile(
    r"""(\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\#[^\n]*""",
    re.DOTALL,
)


def mentions(text: str, names: Names) -> int:
    """How often a text names a retired model."""
    return sum(1 for _ in names.prose.finditer(text))


def python_mentions(text: str, names: Names) -> int:
    """The same for the comments, docstrings and sentences of Python code."""
    if not names.prose.search(text):
        return 0
    found = 0
    for match in _PYTHON.finditer(text):
        piece = match[0]
        if match[1] is None or " " in piece.strip("\"'"):
            found += mentions(piece, names)
    return found


def changes(file: SourceFile, context: HostContext, without: Sequence[tuple[int, int]] = ()) -> list[Change]:
    """What ``--docs`` does to a text, except between the offsets ``without`` (sorted), which are code blocks."""
    names = Names.of(context.catalog, context.options.today)
    living = context.catalog.shared_prefix(context.target).rstrip("-")
    lines = Lines(file.text)
    starts = [start for start, _ in without]
    found: list[Change] = []
    kept = 0
    first = 0
    done: set[int] = set()
    for start, end in _inline(file.text, names):
        if _is_within(start, starts, without):
            continue
        line_text = _line_around(file.text, start)
        others = {match.group() for match in names.inside(line_text)}
        speaks_of_now = not _HISTORY.search(line_text) and not _LOGS.search(file.path)
        if (
            len(others) == 1
            and speaks_of_now
            and not (living and living in line_text.replace(file.text[start:end], ""))
        ):
            done.add(start)
            found.append(
                _change(
                    file, lines, start, "safe",
                    f"The text names {file.text[start:end]} as the model to use.",
                    Replacement(start, end, context.target.id),
                )
            )  # fmt: skip
    for match in names.prose.finditer(file.text):
        if match.start() not in done and not _is_within(match.start(), starts, without):
            first = first or match.start() + 1
            kept += 1
    if kept:
        more = f" and {kept - 1} more place{'s' if kept > 2 else ''}" if kept > 1 else ""
        found.append(
            _change(
                file, lines, first - 1, "review",
                f"This text names a retired model here{more}; sentences are for people to rewrite.",
            )
        )  # fmt: skip
    return found


def _inline(text: str, names: Names) -> Iterator[tuple[int, int]]:
    for span in _CODE_SPAN.finditer(text):
        for match in names.inside(text, span.start(2), span.end(2)):
            yield match.span()


def _is_within(at: int, starts: Sequence[int], spans: Sequence[tuple[int, int]]) -> bool:
    number = bisect_right(starts, at) - 1
    return number >= 0 and at < spans[number][1]


def _line_around(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)]


def _change(file: SourceFile, lines: Lines, at: int, fix: Fix, message: str, *edits: Replacement) -> Change:
    line, column = lines.at(at)
    suggestion = "" if edits else "Say what is true now; what is history may stay."
    return Change(Finding("IMG046", fix, file.path, line, column, line, message, suggestion), edits)
