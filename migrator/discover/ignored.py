"""Settings that git ignores: a `.env` beside the code is on no list of files, and still decides what runs."""

from __future__ import annotations

import os
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
    known = frozenset(listed)
    folders = dict.fromkeys((*roots, *(os.path.dirname(path) or "." for path in listed)))
    found: list[str] = []
    for folder in list(folders)[:_FOLDERS]:
        start = "" if folder == "." else f"{folder.rstrip('/')}/"
        try:
            with os.scandir(folder) as entries:
                new = [one for one in entries if start + one.name not in known and is_settings(one.name)]
                found.extend(start + one.name for one in new if one.is_file(follow_symlinks=False))
        except OSError:
            continue
    return [
        file
        for path in sorted(found)
        if git.ignores_file(path) and (file := _read(path, needles)) is not None
    ]


def _read(path: str, needles: Sequence[bytes]) -> SourceFile | None:
    try:
        with open_plain(path) as file:
            data = file.read(_LIMIT + 1)
        return (
            decode_text(path, data) if len(data) <= _LIMIT and any(one in data for one in needles) else None
        )
    except (OSError, ValueError, UndecodableError):
        return None
