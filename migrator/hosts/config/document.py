"""What every format is read into: settings with the place of their value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = str | int
Place = Literal["value", "item", "key", "stray"]


@dataclass(eq=False, slots=True)
class Setting:
    """One text in a configuration file.

    ``path`` are the keys that lead to it, positions in lists as numbers. ``text[start:end]`` is the value
    without quotes, so that it alone can be replaced; ``editable`` is false where it is written otherwise than
    it reads (escapes, folded lines). ``place`` says whether it is the value of a key, an item of a list, itself a
    key, or a line that is no setting. ``shared`` says whether an anchor uses the value, or a mapping that holds
    it, at other places too. ``remark`` is what stands behind the value on its line, where some programs take that
    for a comment and others for a part of the value.
    """

    path: tuple[Key, ...]
    value: str
    start: int
    end: int
    editable: bool = True
    place: Place = "value"
    shared: Literal["", "value", "mapping"] = ""
    remark: str = ""

    @property
    def key(self) -> str:
        """The last key that leads here."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")


@dataclass(slots=True)
class Document:
    """All texts of one file. ``groups`` are settings that stand side by side; one may be in several.

    ``shape`` is everything that the file says, in order: an edit may change it at one place only.
    """

    settings: list[Setting] = field(default_factory=list)
    groups: list[list[Setting]] = field(default_factory=list)
    shape: list[object] = field(default_factory=list)


MAX_DEPTH = 200
"""Levels of nesting above which no person wrote the file."""


class ParseError(Exception):
    """The file cannot be read as what it is. ``at`` is the offset of the character that is in the way."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def variable_name(named: Mapping[str, Setting], path: tuple[Key, ...]) -> Setting | None:
    """The entry that names an environment variable: ``name``, and in lists that say what they are, ``key``."""
    if "name" in named:
        return named["name"]
    above = next((part.lower() for part in reversed(path) if isinstance(part, str)), "")
    return named.get("key") if "env" in above or "variable" in above else None


def swap(document: Document, new: Mapping[int, Setting]) -> None:
    """Puts other settings in the place of some, by their identity."""
    if new:
        document.settings = [new.get(id(one), one) for one in document.settings]
        document.groups = [[new.get(id(one), one) for one in group] for group in document.groups]


def core(text: str, start: int, end: int, value: str) -> tuple[int, int] | None:
    """Where ``value`` is written between ``start`` and ``end``; ``None`` when it is not there exactly once."""
    inner = value.strip()
    at = text.find(inner, start, end)
    if not inner or at < 0 or text.find(inner, at + 1, end) >= 0:
        return None
    return at, at + len(inner)
