"""Lists the files below the given paths: Python, and everything else apart. Nothing is opened here."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.discover import git
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SUFFIXES = (".py", ".pyw")

# Folders that hold copies of other people's code, or no code at all. Skipped even where they are tracked.
_NEVER = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".bzr",
        "node_modules",
        "site-packages",
        "__pycache__",
        "__pypackages__",
        ".tox",
        ".nox",
    }
    | {
        ".eggs",
        ".venv",
        ".direnv",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".pants.d",
        ".ipynb_checkpoints",
    }
)
# Folders that usually hold build products. Git knows better than the name, so this is for trees without git.
_BUILT = frozenset({"build", "dist", "_build", "buck-out"})
_VENV = "pyvenv.cfg"


@dataclass(slots=True)
class Listing:
    """Every file of the run, once each, in a stable order.

    ``files`` are the Python files: paths relative to the current folder where they are below it, which can be
    opened as they are. ``others`` are all other files; which of them matter is for the rules to say.
    ``explicit`` are those that were named on the command line. ``unreadable`` are places that could not be
    read, with the reason. ``skipped`` counts what was left out, by reason. ``by_git``: git chose some of the files,
    so that others beside them may be left out; a folder that was walked is listed whole.
    """

    files: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    explicit: set[str] = field(default_factory=set)
    roots: list[str] = field(default_factory=list)
    by_git: bool = False
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)


def shown(path: str) -> str:
    """``path`` as people see it and as it is opened: relative to the current folder where it is below it."""
    here = os.getcwd()
    full = os.path.abspath(path)
    if full == here:
        return "."
    if full.startswith(here.rstrip(os.sep) + os.sep):
        full = os.path.relpath(full, here)
    elif not os.path.isabs(path):
        full = os.path.normpath(path)
    return full.replace(os.sep, "/")


def list_files(paths: Sequence[str], excluded: Callable[[str], bool] | None = None) -> Listing:
    """The files that ``paths`` name, or that lie below them.

    A file that is named is always taken. Folders are listed by git where they are in a work tree (so ignored
    files are left out), else walked.

    Raises:
        UserError: For a path that does not exist.
    """
    listing = Listing()
    found: dict[str, None] = {}
    others: dict[str, None] = {}
    for path in paths:
        place = shown(path)
        try:
            kind = os.stat(path).st_mode
        except OSError as error:
            if isinstance(error, FileNotFoundError | NotADirectoryError):
                raise UserError(f"no such file or folder: {printable(path)}") from None
            listing.unreadable.append((place, error.strerror or "cannot be read"))
            continue
        if stat.S_ISDIR(kind):
            listing.roots.append(place)
            files, rest = _Folder(place, listing).files()
            for names, into in ((files, found), (rest, others)):
                into.update(dict.fromkeys(name for name in names if excluded is None or not excluded(name)))
        elif not stat.S_ISREG(kind):
            listing.unreadable.append((place, "is not a regular file"))
        elif _looks_python(path):
            listing.explicit.add(place)
            found[place] = None
        else:
            listing.explicit.add(place)
            others[place] = None
    listing.files = _once(found) if len(paths) > 1 else list(found)
    listing.others = _once(others) if len(paths) > 1 else list(others)
    return listing


def printable(path: str) -> str:
    """``path`` with bytes that are no text, and control characters, written as escapes."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _once(paths: Iterable[str]) -> list[str]:
    """One name per file, for arguments that overlap (``. ../here src``)."""
    seen: dict[str, str] = {}
    for path in paths:
        seen.setdefault(os.path.abspath(path), path)
    return list(seen.values())


def _looks_python(path: str) -> bool:
    if path.endswith((*SUFFIXES, ".pyi")):
        return True
    if "." in os.path.basename(path).lstrip("."):
        return False
    try:
        with open(path, "rb") as file:
            first = file.readline(200)
    except OSError:
        return True  # the reader will say why it cannot be read
    return first.startswith(b"#!") and b"python" in first


class _Folder:
    """One folder argument."""

    def __init__(self, root: str, listing: Listing) -> None:
        self.root = root
        self.listing = listing

    def files(self) -> tuple[list[str], list[str]]:
        """Python files, and all others."""
        base = "" if self.root == "." else self.root.rstrip("/") + "/"
        names = _without_copies(self._below(self.root), self.listing.skipped)
        python = sorted(base + name for name in names if name.endswith(SUFFIXES))
        return python, sorted(base + name for name in names if not name.endswith(SUFFIXES))

    def _below(self, folder: str) -> list[str]:
        """Files below ``folder``, relative to it."""
        if git.inside_repository(folder):
            try:
                listed = git.list_files(folder)
                if listed.files or listed.nested or not git.ignores(folder):
                    return self._from_git(folder, listed)
            except git.GitError as error:
                self.listing.warnings.append(
                    f"ignored files are read as well in {printable(folder)}: {printable(str(error))}"
                )
        return self._walk(folder)

    def _from_git(self, folder: str, listed: git.GitListing) -> list[str]:
        self.listing.by_git = True
        venvs = tuple(name[: -len(_VENV)] for name in listed.files if name.endswith("/" + _VENV))
        judged: dict[str, bool] = {}
        names: list[str] = []
        for name in listed.files:
            parent = name.rpartition("/")[0]
            pruned = judged.get(parent)
            if pruned is None:
                pruned = not _NEVER.isdisjoint(parent.split("/")) or (
                    name.startswith(venvs) if venvs else False
                )
                judged[parent] = pruned
            if not pruned:
                names.append(name)
            elif name.endswith(SUFFIXES):
                self.listing.skipped["installed or generated code"] += 1
        for name in listed.nested:
            inner = os.path.join(folder, name)
            # Without its own .git (a submodule not checked out) git would answer for the outer folder again.
            own = os.path.lexists(os.path.join(inner, ".git")) and not os.path.islink(inner)
            if own and _NEVER.isdisjoint(name.split("/")):
                names.extend(f"{name}/{below}" for below in self._below(inner))
        return names

    def _walk(self, top: str) -> list[str]:
        names: list[str] = []
        waiting = [(top, "")]
        while waiting:
            folder, prefix = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    rows = list(entries)
            except OSError as error:
                self.listing.unreadable.append((shown(folder), error.strerror or "cannot be read"))
                continue
            if prefix and any(row.name == _VENV for row in rows):
                self.listing.skipped["virtual environments"] += 1
                continue
            if prefix and any(row.name == ".git" for row in rows):
                names.extend(f"{prefix}{below}" for below in self._below(folder))
                continue
            for row in rows:
                try:
                    self._enter(row, prefix, names, waiting)
                except OSError as error:
                    self.listing.unreadable.append((shown(row.path), error.strerror or "cannot be read"))
        return names

    def _enter(
        self, row: os.DirEntry[str], prefix: str, names: list[str], waiting: list[tuple[str, str]]
    ) -> None:
        if row.is_dir(follow_symlinks=False):
            if row.name in _NEVER or row.name in _BUILT or row.name.endswith(".egg-info"):
                return
            waiting.append((row.path, f"{prefix}{row.name}/"))
        elif row.is_symlink() and os.path.isdir(row.path):
            self.listing.skipped["symbolic links to folders"] += 1
        elif row.is_symlink() or row.is_file(follow_symlinks=False):
            names.append(prefix + row.name)


# Files that together give away a copy of an SDK's own source: it defines the Images API, it does not call it.
_COPIES = (
    ("/resources/images.py", ("_client.py", "types/images_response.py")),
    ("/api_resources/image.py", ("openai_object.py",)),
)


def is_copy(folder: str) -> bool:
    """Whether ``folder`` is such a copy, as far as its witnesses tell."""
    return any(
        all(os.path.lexists(f"{folder}/{name}") for name in (mark[1:], *witnesses))
        for mark, witnesses in _COPIES
    )


def _without_copies(names: list[str], skipped: Counter[str]) -> list[str]:
    marks = tuple(mark for mark, _ in _COPIES)
    marked = [name for name in names if f"/{name}".endswith(marks)]
    present = frozenset(names) if marked else frozenset()
    folders = {
        name.removesuffix(mark[1:])
        for name in marked
        for mark, witnesses in _COPIES
        if f"/{name}".endswith(mark)
        and all(name.removesuffix(mark[1:]) + witness in present for witness in witnesses)
    }
    if not folders:
        return names
    prefixes = tuple(folders)
    kept = [name for name in names if not name.startswith(prefixes)]
    skipped["a copy of the SDK's own source"] += sum(
        name.endswith(SUFFIXES) for name in names if name.startswith(prefixes)
    )
    return kept
