"""Settings that git ignores: a `.env` beside the code is on no list of files, and still decides what runs."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from migrator.discover import git
from migrator.discover.decode import UndecodableError, decode_text
from migrator.discover.plain import open_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.types import SourceFile

_FOLDERS = 2_000
"""Folders after which no further ones are looked into."""
_LIMIT = 100_000
"""Bytes of a file of settings that somebody wrote by hand."""


def ignored_settings(
    roots: Sequence[str], listed: Sequence[str], is_settings: Callable[[str], bool], needles: Sequence[bytes]
) -> list[SourceFile]:
    """The files in folders of the listing that are settings by their name, hold a needle and that git ignores."""
    names: dict[str, set[str]] = {root.rstrip("/") or "/": set() for root in roots}
    for path in listed:
        folder, slash, name = path.rpartition("/")
        folder = folder or slash or "."
        if folder in names:
            names[folder].add(name)
        else:
            names[folder] = {name}
    found: list[str] = []
    for folder in list(names)[:_FOLDERS]:
        try:  # names alone first: of nearly all folders git leaves out nothing that is a setting
            new = [name for name in set(os.listdir(folder)) - names[folder] if is_settings(name)]
        except OSError:
            continue
        start = "" if folder == "." else f"{folder.rstrip('/')}/"
        found.extend(start + name for name in new if _is_file(start + name))
    return [
        file
        for path in sorted(found)
        if git.ignores_file(path) and (file := _read(path, needles)) is not None
    ]


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def _read(path: str, needles: Sequence[bytes]) -> SourceFile | None:
    try:
        with open_plain(path) as file:
            data = file.read(_LIMIT + 1)
        return (
            decode_text(path, data) if len(data) <= _LIMIT and any(one in data for one in needles) else None
        )
    except (OSError, ValueError, UndecodableError):
        return None
