"""Puts the changed files on disk: checked against git first, then each replaced in one step or left alone."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.discover import git
from migrator.discover.plain import open_plain
from migrator.discover.walk import printable
from migrator.errors import UserError
from migrator.types import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from migrator.types import FileResult, Report

WRITE_FAILED = "IMG095"


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The new bytes of one file, complete on disk beside it."""

    result: FileResult
    target: str
    temporary: str


class _FailedError(Exception):
    """Why one file was left alone."""


def write(
    report: Report, *, allow_dirty: bool = False, within: Callable[[str], bool] = lambda _: True
) -> Report:
    """Writes every changed file of ``report`` and returns the report of what really happened.

    A file that changed since it was read, or that cannot be written, is left alone, together with every other
    file of the same call sites, and becomes a finding. ``within`` says whether the real place of a path is one that
    may be written: a link may have taken the place of a file, or of its folder, since it was read.

    Raises:
        UserError: When git could not bring back the present state of a file that would be written, unless
            ``allow_dirty``. Nothing is written then.
    """
    changed = [result for result in report.files if result.status == "changed"]
    if changed and not allow_dirty:
        _refuse_unsaved([result.path for result in changed])
    prepared: list[_Prepared] = []
    failed: dict[str, str] = {}
    try:
        for result in changed:
            try:
                if not within(result.path):
                    raise _FailedError("a link that leads out of the folder has taken its place")
                prepared.append(_prepare(result))
            except _FailedError as error:
                failed[result.path] = str(error)
        for path in _companions(report, failed):
            failed.setdefault(
                path, "left alone, because another file of the same call site could not be written"
            )
        with _uninterrupted():
            for one in prepared:
                if one.result.path not in failed:
                    try:
                        _commit(one)
                    except _FailedError as error:
                        failed[one.result.path] = str(error)
    finally:
        for one in prepared:
            with contextlib.suppress(OSError):
                os.unlink(one.temporary)
    return _outcome(report, failed)


def _refuse_unsaved(paths: Sequence[str]) -> None:
    places: dict[str, list[tuple[str, str]]] = {}
    for path in paths:
        real = os.path.realpath(path)
        folder = os.path.dirname(real)
        if git.inside_repository(folder):
            places.setdefault(folder, []).append((real, path))
    tops: dict[str, list[tuple[str, str]]] = {}
    unsaved: list[str] = []
    try:
        for folder, files in places.items():
            tops.setdefault(git.top(folder), []).extend(files)
        for top, files in tops.items():
            names = {
                os.path.relpath(real, os.path.realpath(top)).replace(os.sep, "/"): path
                for real, path in files
            }
            unsaved += [names[name] for name in git.unsaved(top, list(names))]
    except git.GitError as error:
        raise UserError(
            f"git cannot say whether the files are committed ({printable(str(error))}); "
            "--allow-dirty writes without asking it"
        ) from None
    if unsaved:
        listed = "".join(f"\n  {printable(path)}" for path in sorted(unsaved))
        raise UserError(
            f"{len(unsaved)} file{'s have' if len(unsaved) > 1 else ' has'} changes that git could not bring "
            f"back; commit first, or add --allow-dirty. Nothing was written.{listed}"
        )


def _prepare(result: FileResult) -> _Prepared:
    if result.before is None or result.after is None:
        raise _FailedError("there is nothing to write")
    target = os.path.realpath(result.path)
    _check_unchanged(result, target)
    if not os.access(target, os.W_OK):
        raise _FailedError("the file is read-only")
    temporary = ""
    try:
        data = result.before.encode(result.after)
        handle, temporary = tempfile.mkstemp(prefix=".migrator-", suffix=".tmp", dir=os.path.dirname(target))
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _copy_owner(target, temporary)
        shutil.copymode(target, temporary)
    except (OSError, UnicodeEncodeError) as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, UnicodeEncodeError):
            raise _FailedError(
                f"the new text does not fit the file's encoding, {result.before.encoding}"
            ) from None
        raise _FailedError(f"could not be written: {error.strerror}") from None
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return _Prepared(result, target, temporary)


def _check_unchanged(result: FileResult, target: str) -> None:
    if result.before is None:
        return
    expected = result.before.encode(result.before.text)
    try:
        with open_plain(target) as file:
            present = file.read(len(expected) + 1)
    except OSError as error:
        raise _FailedError(f"could not be read again: {error.strerror}") from None
    if present != expected:
        raise _FailedError("the file was changed by someone else since it was read; run again")


def _copy_owner(source: str, copy: str) -> None:
    """Keeps owner and group where that is allowed: root often runs tools over other people's files."""
    if not hasattr(os, "chown"):
        return
    old, new = os.stat(source), os.stat(copy)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        with contextlib.suppress(OSError):
            os.chown(copy, old.st_uid, old.st_gid)


def _commit(one: _Prepared) -> None:
    _check_unchanged(one.result, one.target)
    try:
        os.replace(one.temporary, one.target)
    except OSError as error:
        raise _FailedError(f"could not be written: {error.strerror}") from None


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Holds ^C back until the replacing, which takes milliseconds, is through."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if asked:
        raise KeyboardInterrupt


def _companions(report: Report, failed: dict[str, str]) -> set[str]:
    """Changed files that share a call site, directly or through others, with a failed one."""
    sites: dict[str, set[str]] = {}
    for finding in report.findings:
        if finding.site and finding.applied:
            sites.setdefault(finding.site, set()).add(finding.path)
    changed = {result.path for result in report.files if result.status == "changed"}
    reached, grown = set(failed), True
    while grown:
        grown = False
        for paths in sites.values():
            if not reached.isdisjoint(paths) and not paths <= reached:
                reached |= paths
                grown = True
    return (reached & changed) - set(failed)


def _outcome(report: Report, failed: dict[str, str]) -> Report:
    if not failed:
        return replace(report, written=True)
    lost = {finding.site for finding in report.findings if finding.path in failed and finding.site}
    return replace(
        report,
        written=True,
        files=tuple(
            replace(one, status="error", after=None) if one.path in failed else one for one in report.files
        ),
        findings=(
            *(
                replace(one, applied=False) if one.path in failed or one.site in lost else one
                for one in report.findings
            ),
            *(_failure(path, reason) for path, reason in sorted(failed.items())),
        ),
        sites=tuple(
            replace(one, migrated=False) if one.path in failed or one.site in lost else one
            for one in report.sites
        ),
    )


def _failure(path: str, reason: str) -> Finding:
    return Finding(
        rule=WRITE_FAILED,
        fix="manual",
        path=path,
        line=1,
        column=1,
        end_line=1,
        message=reason,
        suggestion="Nothing in this file was changed. Remove the cause, then run again.",
    )
