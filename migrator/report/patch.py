"""Patches for ``git apply``: what a run changes, and the way back."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.discover import git
from migrator.errors import UserError
from migrator.report.diff import diff_bytes

if TYPE_CHECKING:
    from migrator.types import FileResult, Report

FALLBACK = ".migrator"
"""Where undo patches go when there is no repository, in the current folder."""


def forward(report: Report) -> bytes:
    """The changes of ``report`` as one patch, in the files' own encodings."""
    return b"".join(diff_bytes(file) for file in _changed(report))


def backward(report: Report) -> bytes:
    """The patch that takes the changes of ``report`` back."""
    return b"".join(diff_bytes(_reversed(file)) for file in _changed(report))


def save(path: Path, data: bytes) -> None:
    """Writes a patch in one step.

    Raises:
        UserError: When it cannot be written.
    """
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=".migrator-", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise UserError(f"the patch {path} could not be written: {error.strerror}") from None


def keep_undo(report: Report, now: datetime | None = None) -> Path | None:
    """Keeps :func:`backward` where no commit will hold it; its path, or ``None`` when nothing was written.

    That is inside git's own folder, or ``.migrator`` in the current one where there is no repository.

    Raises:
        UserError: When it cannot be written.
    """
    data = backward(report)
    if not data:
        return None
    try:
        folder = Path(os.path.relpath(git.private_folder(".")))
    except (git.GitError, ValueError):
        folder = Path(FALLBACK)
    stamp = (now or datetime.now(timezone.utc)).strftime("%Y%m%d-%H%M%S")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"no undo patch: {folder} could not be made: {error.strerror}") from None
    path, number = folder / f"undo-{stamp}.patch", 1
    while path.exists():
        number += 1
        path = folder / f"undo-{stamp}-{number}.patch"
    save(path, data)
    return path


def _changed(report: Report) -> list[FileResult]:
    changed = (file for file in report.files if file.status == "changed")
    return sorted(changed, key=lambda file: file.path)


def _reversed(file: FileResult) -> FileResult:
    if file.before is None or file.after is None:
        return file
    return replace(file, before=replace(file.before, text=file.after), after=file.before.text)
