"""YAML with the actions of Helm or Go templates in it: read as if they were words, and never edited there."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.hosts.config.document import swap

if TYPE_CHECKING:
    from migrator.hosts.config.document import Document, Setting

_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_VALUE = re.compile(r"^[ \t]*(?:-[ \t]+)*(?:[\w.\"'-]+:[ \t]+)?\{\{", re.MULTILINE)


def makes_values(text: str) -> bool:
    """Whether a value without quotes begins with an action: for YAML that is a mapping inside of a mapping."""
    return "{{" in text and _VALUE.search(text) is not None


def neutral(text: str) -> str:
    """``text`` of the same length without actions: spaces for what has lines of its own, letters for the rest."""

    def change(match: re.Match[str]) -> str:
        before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        after = text[match.end() :].split("\n", 1)[0]
        alone = not before.strip() and not _ACTION.sub("", after).strip()
        letter = " " if alone or "\n" in match[0] else "x"
        return re.sub(r"[^\r\n]", letter, match[0])

    # a second action on a line whose first is blank is looked at with the rest of the line
    return _ACTION.sub(change, text)


def restore(text: str, document: Document) -> None:
    """Gives settings whose value is made by an action the text that stands there; such a value is not edited."""
    spans = [match.span() for match in _ACTION.finditer(text)]
    ends = [end for _, end in spans]
    made: dict[int, Setting] = {}
    for one in document.settings:
        at = bisect_right(ends, one.start)
        if at < len(spans) and spans[at][0] < one.end:
            made[id(one)] = replace(one, value=text[one.start : one.end], editable=False)
    swap(document, made)
