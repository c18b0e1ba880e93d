"""Reads single files of a tree that may be hostile, and finds the folder that a path belongs to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from migrator.discover.plain import open_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

_PIECE = 1 << 20


def whole(path: str, limit: int) -> bytes | int | str:
    """The bytes of a plain file; its size when that is over ``limit``; else why it cannot be read."""
    try:
        with open_plain(path) as file:
            data = file.read(limit + 1)
            return data if len(data) <= limit else os.fstat(file.fileno()).st_size
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)


def holds(path: str, needles: Sequence[bytes]) -> bool:
    """Whether a plain file of any size holds one of ``needles``; it is read in overlapping pieces."""
    keep = max(map(len, needles)) - 1
    with open_plain(path) as file:
        tail = b""
        while piece := file.read(_PIECE):
            window = tail + piece
            if any(needle in window for needle in needles):
                return True
            tail = window[-keep:] if keep else b""
    return False


_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg")


def project_folder(folder: str) -> str:
    """The nearest folder, upwards from ``folder``, that holds a project file; else ``folder`` itself."""
    return marked_folder(folder) or folder


def marked_folder(folder: str) -> str | None:
    """The nearest folder, upwards from ``folder``, that holds a project file, if there is one."""
    here = folder
    while not any(os.path.lexists(os.path.join(here, mark)) for mark in _MARKS):
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above
    return here


__all__ = ["holds", "marked_folder", "project_folder", "whole"]
