"""What git knows about a folder. It is asked read-only, and runs nothing that the repository configures."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# A repository under migration may carry its own .git/config: these are the settings that would run programs.
_HARMLESS = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "--no-optional-locks")
# Set by git when it runs a hook; they would point our question at another place.
_INHERITED = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")

_REPOSITORY = b"160000"


class GitError(Exception):
    """Git is missing or refused; the text is one line."""


@dataclass(frozen=True, slots=True)
class GitListing:
    """Names relative to the folder asked about, with ``/``. ``nested`` are repositories inside it."""

    files: tuple[str, ...]
    nested: tuple[str, ...]


def command(folder: str, arguments: Sequence[str]) -> list[str]:
    """The words that start git in ``folder``."""
    return ["git", "-C", folder, *_HARMLESS, *arguments]


def environment() -> dict[str, str]:
    """The variables that git may see."""
    return {key: value for key, value in os.environ.items() if key not in _INHERITED} | {"LC_ALL": "C"}


def _start(folder: str, *arguments: str, index: str | None = None) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - a fixed command, no shell
            command(folder, arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment() | ({"GIT_INDEX_FILE": index} if index else {}),
        )
    except OSError as error:
        raise GitError("git is not installed") from error


def _finish(process: subprocess.Popen[bytes]) -> bytes:
    out, err = process.communicate()
    if process.returncode != 0:
        lines = err.decode("utf-8", "replace").strip().splitlines()
        raise GitError(lines[0] if lines else f"git ended with code {process.returncode}")
    return out


def _ask(folder: str, *arguments: str, index: str | None = None) -> bytes:
    return _finish(_start(folder, *arguments, index=index))


def _index_of_commit(folder: str) -> str | None:
    """The index that a running hook is told of, where it belongs to the repository of ``folder``.

    ``git commit -a`` and ``git commit FILE`` prepare another index than the usual one.
    """
    named = os.environ.get("GIT_INDEX_FILE")
    if not named:
        return None
    private = os.path.realpath(os.fsdecode(_ask(folder, "rev-parse", "--absolute-git-dir").rstrip(b"\n")))
    index = os.path.realpath(named)
    return index if os.path.dirname(index) == private and os.path.isfile(index) else None


def inside_repository(folder: str) -> bool:
    """Whether a ``.git`` stands in ``folder`` or above it. Git itself is not asked."""
    here = os.path.realpath(folder)
    while True:
        if os.path.lexists(os.path.join(here, ".git")):
            return True
        above = os.path.dirname(here)
        if above == here:
            return False
        here = above


def top(folder: str) -> str:
    """The top folder of the work tree that holds ``folder``.

    Raises:
        GitError: When there is none, or git is missing.
    """
    return os.fsdecode(_ask(folder, "rev-parse", "--show-toplevel").rstrip(b"\n"))


def ignores(folder: str) -> bool:
    """Whether ``folder`` itself is ignored by its repository."""
    try:
        _ask(folder, "check-ignore", "-q", ".")
    except GitError:
        return False
    return True


def ignores_file(path: str) -> bool:
    """Whether the file at ``path`` is ignored by the repository that it lies in."""
    folder, name = os.path.split(path)
    try:
        _ask(folder or ".", "check-ignore", "-q", "--", name)
    except GitError:
        return False
    return True


def list_files(folder: str) -> GitListing:
    """Tracked files, and untracked ones that are not ignored.

    Raises:
        GitError: When ``folder`` is in no work tree, or git is missing or refuses (another owner).
    """
    tracked = _start(folder, "ls-files", "-z", "--stage")
    untracked = _start(folder, "ls-files", "-z", "--others", "--exclude-standard")
    files: dict[bytes, None] = {}
    nested: list[bytes] = []
    rows, others = _finish_both(tracked, untracked)
    for row in rows.split(b"\0"):
        mode, _, name = row.partition(b"\t")
        if mode.startswith(_REPOSITORY):
            nested.append(name)
        elif name:
            files[name] = None
    for name in others.split(b"\0"):
        if name.endswith(b"/"):
            nested.append(name[:-1])
        elif name:
            files[name] = None
    return GitListing(tuple(map(os.fsdecode, files)), tuple(map(os.fsdecode, dict.fromkeys(nested))))


def _finish_both(one: subprocess.Popen[bytes], two: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    try:
        first = _finish(one)
    except GitError:
        two.communicate()
        raise
    return first, _finish(two)


def changed(folder: str, revision: str | None) -> list[str]:
    """Real paths of what differs from ``revision`` (untracked files too), or of what is staged for ``None``.

    Raises:
        GitError: When ``folder`` is in no work tree, the revision does not exist, or git is missing.
    """
    home = os.path.realpath(top(folder))
    options = (
        "diff",
        "--name-only",
        "-z",
        "--no-renames",
        "--no-ext-diff",
        "--ignore-submodules",
        "--diff-filter=d",
    )
    if revision is None:
        rows = _ask(home, *options, "--cached", "--", index=_index_of_commit(home))
    else:
        try:
            name = _ask(home, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").strip()
        except GitError:
            raise GitError(f"there is no revision {revision!r}{_why_not(home)}") from None
        rows = _ask(home, *options, os.fsdecode(name), "--")
        rows += _ask(home, "ls-files", "-z", "--others", "--exclude-standard")
    return [os.path.join(home, os.fsdecode(row)) for row in rows.split(b"\0") if row]


def _why_not(home: str) -> str:
    """The usual reasons for which a revision is not there, and what to do."""
    if is_shallow(home):
        return (
            ": this clone lacks the history; get it with `git fetch --unshallow` (on GitHub: fetch-depth: 0)"
        )
    try:
        head(home)
    except GitError:
        return ": nothing is committed yet; leave --since out, or use --staged"
    return ""


def is_shallow(folder: str) -> bool:
    """Whether history ends early, so that nobody can say who wrote a line.

    Raises:
        GitError: When ``folder`` is in no work tree, or git is missing.
    """
    return _ask(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"


def head(folder: str) -> str:
    """The commit that is checked out.

    Raises:
        GitError: When there is none, or git is missing.
    """
    return (
        _ask(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode("ascii", "replace").strip()
    )


def authors(top: str, name: str, first: int, last: int) -> list[str]:
    """Who wrote lines ``first`` to ``last`` of a file in the last commit: ``Name <mail>``, once per line.

    Raises:
        GitError: When the file has no such lines there, or git is missing.
    """
    rows = _ask(
        top,
        "-c",
        "blame.ignoreRevsFile=",
        "--literal-pathspecs",
        "blame",
        "--line-porcelain",
        "--no-textconv",  # a repository may name programs for that
        f"-L{first},{last}",
        "HEAD",
        "--",
        name,
    )
    names = [row[7:] for row in rows.split(b"\n") if row.startswith(b"author ")]
    mails = [row[12:] for row in rows.split(b"\n") if row.startswith(b"author-mail ")]
    pairs = zip(names, mails, strict=True)
    return [f"{one.decode('utf-8', 'replace')} {two.decode('utf-8', 'replace')}" for one, two in pairs]


def private_folder(folder: str) -> str:
    """A folder for this tool inside git's own, which no commit ever holds.

    Raises:
        GitError: When ``folder`` is in no work tree, or git is missing.
    """
    place = os.fsdecode(_ask(folder, "rev-parse", "--git-path", "migrator").rstrip(b"\n"))
    return os.path.join(folder, place)


def unsaved(folder: str, names: Sequence[str]) -> list[str]:
    """Those of ``names`` (relative to the top ``folder``) whose present bytes git could not bring back.

    That is: changed since the last commit, staged only, not tracked, or ignored.

    Raises:
        GitError: When git is missing or refuses.
    """
    found: list[str] = []
    for start in range(0, len(names), 200):
        rows = _ask(
            folder,
            "--literal-pathspecs",
            "status",
            "--porcelain=v1",
            "--no-renames",
            "-z",
            "--untracked-files=all",
            "--ignored=matching",
            "--ignore-submodules=all",
            "--",
            *names[start : start + 200],
        )
        listed = {os.fsdecode(row[3:]) for row in rows.split(b"\0") if row}
        folders = tuple(name for name in listed if name.endswith("/"))
        for name in names[start : start + 200]:
            if name in listed or (folders and name.startswith(folders)):
                found.append(name)
    return found
