"""Which reader reads which kind of file, and the proof that an edit changed nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.hosts.config import json_reader, line_readers, toml_reader, yaml_reader
from migrator.hosts.config.document import Document, ParseError, Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from migrator.hosts.settle import Replacement

READERS: Mapping[str, Callable[[str], Document]] = {
    "yaml": yaml_reader.read,
    "json": json_reader.read,
    "toml": toml_reader.read,
    "ini": line_readers.read_ini,
    "dotenv": line_readers.read_env,
    "dockerfile": line_readers.read_docker,
}
_ASSIGNMENT = re.compile(r"(?P<key>[A-Za-z_][\w.-]*)=(?P<quote>[\"']?)(?P<value>[^\"'\n]*)(?P=quote)")


def read(kind: str, text: str) -> Document:
    """The settings of ``text``.

    Raises:
        ParseError: When it is not what ``kind`` says.
    """
    document = READERS[kind](text)
    _expand(document)
    return document


def _expand(document: Document) -> None:
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


def differs_only(kind: str, old: Document, after: str, edits: Sequence[Replacement]) -> bool:
    """Whether ``after`` reads like ``old`` except for the values that ``edits`` replaced."""
    try:
        new = read(kind, after)
    except ParseError:
        return False
    if len(old.settings) != len(new.settings):
        return False
    by_place = {(edit.start, edit.end): edit.text for edit in edits}
    seen: set[tuple[int, int]] = set()
    for one, other in zip(old.settings, new.settings, strict=True):
        place = (one.start, one.end)
        wanted = by_place.get(place, one.value)
        seen.add(place)
        if other.value != wanted or other.place != one.place:
            return False
        if len(one.path) != len(other.path):
            return False
    return by_place.keys() <= seen
