"""Patterns as in ``.gitignore``, for the ``exclude`` option."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """A function that says whether a path (relative to where the patterns stand, with ``/``) is excluded.

    As in ``.gitignore``: a pattern without an inner ``/`` matches at any depth, ``**`` crosses folders, a
    final ``/`` means folders only, what is below a matched folder is matched, ``!`` takes a pattern back.
    """
    rules = [
        (not line.startswith("!"), _compile(line.removeprefix("!"))) for line in patterns if line.strip()
    ]

    def excluded(path: str) -> bool:
        answer = False
        for wanted, pattern in rules:
            if answer != wanted and pattern.match(path):
                answer = wanted
        return answer

    return excluded


def _compile(line: str) -> re.Pattern[str]:
    line = line.strip()
    folder_only = line.endswith("/")
    body = line.strip("/")
    anchored = line.startswith("/") or "/" in body
    parts = [_part(part) for part in body.split("/")]
    text = "/".join(parts).replace("\0/", "(?:.*/)?").replace("/\0", "/.*").replace("\0", ".*")
    return re.compile(f"{'' if anchored else '(?:.*/)?'}{text}{'/' if folder_only else '(?:/|$)'}", re.DOTALL)


def _part(part: str) -> str:
    """One name between slashes as a regular expression; NUL stands for ``**``."""
    if part == "**":
        return "\0"
    text, at = "", 0
    while at < len(part):
        char = part[at]
        close = part.find("]", at + 2) if char == "[" else -1
        if char == "*":
            text += "[^/]*"
        elif char == "?":
            text += "[^/]"
        elif close > 0:
            inner = part[at + 1 : close]
            negated = inner[0] in "!^"
            inner = inner.lstrip("!^") if negated else inner
            text += "[" + ("^" if negated else "") + inner.replace("\\", "\\\\").replace("[", "\\[") + "]"
            at = close
        else:
            text += re.escape(char)
        at += 1
    return text
