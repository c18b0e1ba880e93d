"""Which reader reads which kind of file, and the proof that an edit changed nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.hosts.config import docker_reader, json_reader, line_readers, toml_reader, yaml_reader
from migrator.hosts.config.document import Document, ParseError
from migrator.hosts.config.expand import expand
from migrator.hosts.config.templates import makes_values, neutral, restore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from migrator.hosts.settle import Replacement

READERS: Mapping[str, Callable[[str], Document]] = {
    "yaml": yaml_reader.read,
    "json": json_reader.read,
    "toml": toml_reader.read,
    "ini": line_readers.read_ini,
    "dotenv": line_readers.read_env,
    "dockerfile": docker_reader.read,
}


def read(kind: str, text: str, kind_of: Callable[[str], str | None] = lambda _: None) -> Document:
    """The settings of ``text``. ``kind_of`` tells the kind of a file by its name, for files inside of files.

    Raises:
        ParseError: When it is not what ``kind`` says.
    """
    document = _plain(kind, text)
    expand(kind, text, document, _plain, lambda name: kind if (kind := kind_of(name)) in READERS else None)
    return document


def _plain(kind: str, text: str) -> Document:
    if kind == "yaml" and makes_values(text):
        try:
            return _templated(text)
        except ParseError:
            pass
    try:
        return READERS[kind](text)
    except ParseError:
        if kind != "yaml" or "{{" not in text:
            raise
        return _templated(text)


def _templated(text: str) -> Document:
    document = yaml_reader.read(neutral(text))
    restore(text, document)
    return document


def differs_only(
    kind: str,
    old: Document,
    after: str,
    edits: Sequence[Replacement],
    kind_of: Callable[[str], str | None] = lambda _: None,
) -> bool:
    """Whether ``after`` reads like ``old`` except for the values that ``edits`` replaced."""
    try:
        new = read(kind, after, kind_of)
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
