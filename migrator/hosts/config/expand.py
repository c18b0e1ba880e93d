"""Settings inside of a value: `NAME=value` in a list, the default of `${NAME:-value}`, a file in a block of text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.hosts.config.document import ParseError, Setting, swap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.hosts.config.document import Document

    Reader = Callable[[str, str], Document]
    """Reads a kind of text."""

_ASSIGNMENT = re.compile(r"(?P<key>[A-Za-z_][\w.-]*)=(?P<quote>[\"']?)(?P<value>[^\"'\n]*)(?P=quote)")
_WORDS = re.compile(
    r"[\s,]*(?:(?P<outer>[\"'])(?P<k1>[A-Za-z_]\w*)=(?P<v1>[^\"'\n]*)(?P=outer)"
    r"|(?P<k2>[A-Za-z_]\w*)=(?P<inner>[\"']?)(?P<v2>[^\"'\s,]*)(?P=inner))(?=[\s,]|$)"
)
_DEFAULT = re.compile(
    r"\$\{[A-Za-z_]\w*:?[-=](?P<shell>[^${}]*)\}"
    r"|\$\{[a-z]+:[\w.-]+,\s*(?P<quote>[\"']?)(?P<plugin>[^\"'${}]*)(?P=quote)\}"
    r"|\$\{\{[^{}|]*\|\|\s*'(?P<workflow>[^'{}]*)'\s*\}\}"
)
"""`${NAME:-value}` of shells and compose, `${env:NAME, 'value'}` of Serverless, `${{ vars.NAME || 'value' }}`."""
_SERVICES = frozenset({"environment"})
"""Keys of systemd units and of supervisord whose value is a row of assignments."""


def expand(
    kind: str, text: str, document: Document, reader: Reader, kind_of: Callable[[str], str | None]
) -> None:
    """Puts the settings inside of values in the place of these values."""
    if kind == "yaml":
        _blocks(text, document, reader, kind_of)
    if kind == "ini":
        _services(document)
    _assignments(document)
    swap(
        document,
        {
            id(one): _default(one)
            for one in document.settings
            if one.place == "value" and one.editable and "${" in one.value
        },
    )


def _default(one: Setting) -> Setting:
    found = _DEFAULT.fullmatch(one.value)
    if found is None:
        return one
    name = found.lastgroup if found.lastgroup != "quote" else "plugin"
    value = found[name or "shell"]
    start = one.start + found.start(name or "shell")
    return replace(one, value=value, start=start, end=start + len(value))


def _assignments(document: Document) -> None:
    """``- IMAGE_MODEL=some-model`` in a list stands for a setting of that name."""
    replaced: dict[int, Setting] = {}
    lists: dict[tuple[object, ...], list[Setting]] = {}
    for one in document.settings:
        if one.place == "item" and one.editable and "=" in one.value:
            found = _ASSIGNMENT.fullmatch(one.value)
            if found:
                start = one.start + found.start("value")
                value = found["value"]
                path = (*one.path[:-1], found["key"])
                known = Setting(path, value, start, start + len(value), True, "value", one.shared)
                replaced[id(one)] = known
                lists.setdefault(path[:-1], []).append(known)
    if replaced:
        document.settings = [replaced.get(id(one), one) for one in document.settings]
        document.groups = [[one for one in group if id(one) not in replaced] for group in document.groups]
        document.groups.extend(lists.values())


def _services(document: Document) -> None:
    """``Environment=A=b "C=d"`` of systemd, ``environment=A="b",C="d"`` of supervisord."""
    sections: dict[tuple[object, ...], list[Setting]] = {}
    gone: set[int] = set()
    for number in range(len(document.settings) - 1, -1, -1):
        one = document.settings[number]
        if one.key.lower() not in _SERVICES or one.place != "value" or not one.editable or "\n" in one.value:
            continue
        # an INI reader takes quotes off that surround the whole value
        found = _words(one.value)
        if not found:
            continue
        known = [
            Setting((*one.path[:-1], key), value, one.start + at, one.start + at + len(value))
            for key, value, at in found
        ]
        document.settings[number : number + 1] = known
        gone.add(id(one))
        sections.setdefault(one.path[:-1], []).extend(known)
    _without(document, gone)
    document.groups.extend(sections.values())


def _words(text: str) -> list[tuple[str, str, int]]:
    """Name, value and place of the value of each assignment; nothing when there is something else."""
    found: list[tuple[str, str, int]] = []
    at = 0
    while at < len(text.rstrip()):
        match = _WORDS.match(text, at)
        if match is None:
            return []
        number = "1" if match["k1"] else "2"
        found.append((match[f"k{number}"], match[f"v{number}"], match.start(f"v{number}")))
        at = match.end()
    return found


def _blocks(text: str, document: Document, reader: Reader, kind_of: Callable[[str], str | None]) -> None:
    """``app.env: |`` of a ConfigMap holds a file: its settings stand for the text."""
    gone: set[int] = set()
    groups: list[list[Setting]] = []
    for number in range(len(document.settings) - 1, -1, -1):
        one = document.settings[number]
        if one.place != "value" or "." not in one.key:
            continue
        kind = kind_of(one.key)
        if kind is None:
            continue
        whole = one.editable and "\n" not in one.value
        inner, places = (one.value, [(0, one.start)]) if whole else _literal(text, one)
        try:
            nested = reader(kind, inner)
        except (ParseError, KeyError):
            continue
        moved = {id(other): _moved(other, one, places) for other in nested.settings}
        document.settings[number : number + 1] = list(moved.values())
        gone.add(id(one))
        groups.extend([moved[id(other)] for other in group if id(other) in moved] for group in nested.groups)
    _without(document, gone)
    document.groups.extend(groups)


def _without(document: Document, gone: set[int]) -> None:
    """Takes settings out of all groups, by their identity."""
    if gone:
        document.groups = [[one for one in group if id(one) not in gone] for group in document.groups]


def _literal(text: str, one: Setting) -> tuple[str, Sequence[tuple[int, int]]]:
    """The text of a block, and where each of its lines begins, inside of it and in the file; no places unless sure."""
    raw = text[one.start : one.end]
    if not raw.startswith("|"):
        return one.value, ()
    head, _, body = raw.partition("\n")
    lines = body.split("\n")
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    inner = "\n".join(line[indent:] for line in lines)
    if inner.strip() != one.value.strip() or any(mark.isdigit() for mark in head):
        return one.value, ()
    places: list[tuple[int, int]] = []
    inside, outside = 0, one.start + len(head) + 1
    for line in lines:
        places.append((inside, outside + min(indent, len(line))))
        inside += len(line[indent:]) + 1
        outside += len(line) + 1
    return inner, places


def _moved(one: Setting, outer: Setting, places: Sequence[tuple[int, int]]) -> Setting:
    """A setting of a block as one of the file."""
    path = (*outer.path, *one.path)
    for inside, outside in reversed(places):
        if inside <= one.start:
            start = outside + one.start - inside
            plain = one.editable and "\n" not in one.value
            return Setting(
                path, one.value, start, start + one.end - one.start, plain, one.place, outer.shared
            )
    return Setting(path, one.value, outer.start, outer.end, False, one.place, outer.shared)
