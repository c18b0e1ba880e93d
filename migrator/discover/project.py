"""The project as the codemod sees it: candidate files, their relatives, and single files on demand."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from migrator.discover.decode import UndecodableError, decode, decode_text
from migrator.discover.globs import matcher
from migrator.discover.prefilter import HIT, LOOK, search
from migrator.discover.reading import holds, marked_folder, project_folder, whole
from migrator.discover.walk import SUFFIXES, is_copy, list_files, printable, shown
from migrator.discover.words import Words
from migrator.types import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from migrator.discover.walk import Listing
    from migrator.hosts.notebook.document import Notebook
    from migrator.types import SourceFile

SIZE_LIMIT = 5_000_000
"""Bytes above which a file is not read whole: such files are generated, and too much for a parser."""

NOTEBOOK_LIMIT = 100_000_000
"""The same for notebooks, most of which is pictures in their outputs, and no code."""

_MANY = 100
"""Related files above which a second word must occur too."""
_TEXT_LIMIT = 1_000_000


def discover(
    paths: Sequence[str],
    needles: Iterable[bytes],
    *,
    exclude: Sequence[str] = (),
    exclude_base: str = ".",
    jobs: int = 1,
    size_limit: int = SIZE_LIMIT,
) -> FileProject:
    """Lists the files of ``paths`` (nothing is searched or read before it is asked for).

    ``exclude`` are patterns as in ``.gitignore``, relative to ``exclude_base``.

    Raises:
        UserError: For a path that does not exist.
    """
    return FileProject(
        list_project(paths, exclude, exclude_base), tuple(needles), jobs=jobs, size_limit=size_limit
    )


def list_project(paths: Sequence[str], exclude: Sequence[str] = (), exclude_base: str = ".") -> Listing:
    """The first half of :func:`discover`: needs no needles, and can run while they are being loaded."""
    return list_files(paths, _excluded(exclude, exclude_base))


def _excluded(patterns: Sequence[str], base: str) -> Callable[[str], bool] | None:
    if not patterns:
        return None
    match = matcher(patterns)
    start = os.path.abspath(base)
    return lambda path: match(os.path.relpath(path, start).replace(os.sep, "/"))


class FileProject:
    """Files on disk. Each is read at most once; only plain files are opened; roots are not left."""

    def __init__(
        self,
        listing: Listing,
        needles: Sequence[bytes],
        *,
        jobs: int = 1,
        size_limit: int = SIZE_LIMIT,
        is_notebook: Callable[[str], bool] = lambda _: False,
        only: Callable[[str], bool] | None = None,
    ) -> None:
        """``only`` narrows the candidates; other files of the listing are still read and changed with them."""
        self._listing = listing
        self._only = only
        self._left: frozenset[str] = frozenset()
        self._outside: set[str] = set()
        self._notebook_paths = tuple(path for path in listing.others if is_notebook(path))
        self._notebook_set = frozenset(self._notebook_paths)
        self._notebooks: dict[str, Notebook | None] = {}
        self._around: frozenset[str] | None = None
        self._needles = tuple(needles)
        self._jobs = jobs
        self._limit = size_limit
        self._read: dict[str, SourceFile | None] = {}
        self._problems: dict[str, Finding] = {}
        self._candidates: tuple[SourceFile, ...] | None = None
        self._words = Words(size_limit)
        self._searched: tuple[int, list[str]] | None = None
        self._listed = frozenset((*listing.files, *listing.others))
        self._roots = tuple(dict.fromkeys(os.path.realpath(root) for root in listing.roots))
        self._homes: dict[str, str] = {}
        self._tops: dict[str, str | None] = {}
        self._copies: dict[str, bool] = {}
        self._folders: dict[str, tuple[str, frozenset[str] | None]] = {}
        self._insides: dict[str, str | None] = {}
        for path, reason in listing.unreadable:
            self._report("IMG090", path, f"could not be read: {reason}")

    @property
    def paths(self) -> Sequence[str]:
        """Every Python file of the run, whether it holds a needle or not."""
        return self._listing.files

    @property
    def code(self) -> Sequence[str]:
        """Every file with Python in it, notebooks too."""
        return (*self._listing.files, *self._notebook_paths)

    @property
    def roots(self) -> Sequence[str]:
        """The folders that were named on the command line."""
        return self._listing.roots

    @property
    def warnings(self) -> Sequence[str]:
        """One line each about arguments that were passed over and about git."""
        return self._listing.warnings

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many files or folders were left out, by reason."""
        return dict(sorted(self._listing.skipped.items()))

    @property
    def problems(self) -> Sequence[Finding]:
        """What could not be read so far, by path: IMG090 unreadable, IMG091 undecodable, IMG094 too large."""
        return [self._problems[path] for path in sorted(self._problems)]

    def in_scope(self, path: str) -> bool:
        """Whether ``path`` is one of the files that the person named, or below a folder that they named."""
        return path in self._listed

    def candidates(self) -> Sequence[SourceFile]:
        """The Python files in which a needle occurs, decoded, by path."""
        if self._candidates is None:
            hits = self._search(self._wanted(self._listing.files), self._needles, serious=True)
            files = [file for path in hits if (file := self._source(path, serious=True))]
            hits = self._search(self._wanted(self._notebook_paths), self._needles, serious=True)
            files += [book.program for path in hits if (book := self._notebook(path, serious=True))]
            self._candidates = tuple(files)
        return self._candidates

    def leave(self, paths: frozenset[str]) -> None:
        """From now on ``paths`` are no candidates, nor among :meth:`others`: another run treats them."""
        self._left = paths
        self._candidates = tuple(file for file in self.candidates() if file.path not in paths)
        self._searched = None

    def part(self, files: Sequence[SourceFile], around: frozenset[str]) -> FileProject:
        """This project with ``files`` as its only candidates, and of the others only those ``around`` them.

        What the part counts and complains about stays with it: see :meth:`take_from`.
        """
        own = object.__new__(FileProject)
        own.__dict__.update(self.__dict__)
        own._candidates = tuple(files)
        own._problems = dict(self._problems)
        own._outside = set()
        own._words = Words(self._limit)
        own._searched = None
        own._around = around
        own._listing = replace(self._listing, skipped=Counter(), warnings=[])
        return own

    @property
    def outside(self) -> frozenset[str]:
        """Links with something to migrate that lead out of the folders of the run."""
        return frozenset(self._outside)

    def take_from(self, outside: Iterable[str], changed: Iterable[str]) -> None:
        """What a part found: links that lead ``outside``, and the files that it ``changed`` or spoke of."""
        for path in sorted(outside):
            self._leads_outside(path)
        for path in changed:
            if path in self._notebook_set:
                self._notebook(path, serious=False)

    def holds(self, file: SourceFile) -> bool:
        """Whether ``file`` stands on this machine's disk just as it was read elsewhere."""
        return self._code(file.path) == file

    def __getstate__(self) -> dict[str, Any]:
        """For another process: what is on the list, and nothing of what was read."""
        unread: dict[str, Any] = {
            "_read": {},
            "_words": Words(self._limit),
            "_searched": None,
            "_insides": {},
            "_notebooks": {},
            "_candidates": None,
            "_only": None,
        }
        return self.__dict__ | unread

    def _leads_outside(self, path: str) -> None:
        if path not in self._outside:
            self._outside.add(path)
            self._listing.skipped["links that lead out of the folder"] += 1

    def _wanted(self, paths: Sequence[str]) -> Sequence[str]:
        return paths if self._only is None else tuple(filter(self._only, paths))

    def others(
        self, kind_of: Callable[[str], str | None], needles: Sequence[bytes]
    ) -> Sequence[tuple[str, SourceFile]]:
        """Files that are not Python, of a kind that ``kind_of`` names, in which a needle occurs, by path.

        ``kind_of`` is asked about the path below the folder that was named. What was itself named and has no
        kind is said in the warnings.
        """
        kinds = {path: kind for path in self._listing.others if (kind := kind_of(self._below(path)))}
        for path in sorted(self._listing.explicit.intersection(self._listing.others) - kinds.keys()):
            self._listing.warnings.append(f"{printable(path)} is not of a kind that is searched: skipped")
        found = []
        wanted = tuple(path for path in self._wanted(tuple(kinds)) if path not in self._left)
        for path in self._search(wanted, needles, serious=True):
            file = self._source(path, serious=True, reader=decode_text)
            if file is not None:
                found.append((kinds[path], file))
        return found

    def _below(self, path: str) -> str:
        """``path`` relative to the folder that was named; only the name of a file that was named itself."""
        if path in self._listing.explicit:
            return path.rpartition("/")[2]
        starts = (root.rstrip("/") + "/" for root in self._listing.roots if root != ".")
        return path[max((len(start) for start in starts if path.startswith(start)), default=0) :]

    def related(self, words: Sequence[bytes], narrow: Sequence[bytes] = ()) -> Sequence[SourceFile]:
        """Further Python files in which any of ``words`` occurs; candidates are not repeated.

        Where that is more than a hundred files, only those in which one of ``narrow`` occurs too.
        """
        if not words:
            return ()
        hits = self._words.within(self._others(), tuple(words), self._silent)
        if narrow and len(hits) > _MANY:
            hits = self._words.among(hits, tuple(narrow), self._silent)
        return tuple(file for path in hits if (file := self._code(path)))

    def _others(self) -> list[str]:
        """The paths of all files with Python in them that are no candidates and can be read."""
        if self._searched is None or self._searched[0] != len(self._problems):
            known = {file.path for file in self.candidates()}
            around, problems = self._around, self._problems
            self._searched = (
                len(self._problems),
                [
                    path
                    for path in self.code
                    if path not in known and path not in problems and (around is None or path in around)
                ],
            )
        return self._searched[1]

    def _code(self, path: str) -> SourceFile | None:
        """The Python of a file: its text, or the program of a notebook."""
        if path in self._notebook_set:
            book = self._notebook(path, serious=False)
            return book.program if book else None
        return self._source(path, serious=False)

    @property
    def notebooks(self) -> Mapping[str, Notebook]:
        """The notebooks that were opened so far, by path: the program of each is one module."""
        return {path: book for path, book in self._notebooks.items() if book is not None}

    def misfit(self, path: str, text: str) -> str:
        """Why ``text`` cannot become the new Python of a file; "" when it can."""
        book = self._notebooks.get(path)
        return book.misfit(text) if book else ""

    def _notebook(self, path: str, *, serious: bool) -> Notebook | None:
        if path not in self._notebooks:
            from migrator.hosts.notebook.document import open_notebook  # noqa: PLC0415 - few projects have any

            file = self._source(path, serious=serious, reader=decode_text)
            self._notebooks[path] = open_notebook(file) if file else None
        return self._notebooks[path]

    def _silent(self, paths: Sequence[str], words: tuple[bytes, ...]) -> list[str]:
        return self._search(paths, words, serious=False)

    def open(self, path: str) -> SourceFile | None:
        """One further Python file of the same project; ``None`` when absent, outside of it or unreadable."""
        place = self._inside(path)
        return self._source(place, serious=False) if place and place.endswith((*SUFFIXES, ".pyi")) else None

    def exists(self, path: str) -> bool:
        """Whether ``path`` is a file or a folder of the project."""
        return self._inside(path) is not None

    def text(self, path: str) -> str | None:
        """A small UTF-8 text file of the project, such as ``pyproject.toml``; ``None`` when there is none."""
        place = self._inside(path)
        data = whole(place, _TEXT_LIMIT) if place else None
        if not isinstance(data, bytes):
            return None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None

    def other_paths(self) -> tuple[str, ...]:
        """The paths of the files of the run that are not Python."""
        return tuple(self._listing.others)

    def ignored_settings(
        self, is_settings: Callable[[str], bool], needles: Sequence[bytes]
    ) -> Sequence[SourceFile]:
        """Settings beside the files of the run which git ignores; nothing when only a part is looked at."""
        listing = self._listing
        if self._only is not None or self._left or not (listing.by_git or listing.explicit):
            return ()
        from migrator.discover.ignored import ignored_settings  # noqa: PLC0415 - light, and needed once

        return ignored_settings(listing.roots, (*listing.files, *listing.others), is_settings, needles)

    def _search(self, paths: Sequence[str], needles: Sequence[bytes], *, serious: bool) -> list[str]:
        hits: list[str] = []
        for position, code in search(paths, needles, self._jobs):
            path = paths[position]
            if code == HIT or (code == LOOK and self._second_look(path, needles)):
                if os.path.islink(path) or self.within(path):
                    hits.append(path)
                else:
                    self._leads_outside(path)
            elif code not in {HIT, LOOK} and serious:
                self._unreadable(path, code)
        return hits

    def _unreadable(self, path: str, code: int) -> None:
        # A tracked file that was deleted is no problem; one that was named on the command line is there.
        if os.path.lexists(path):
            self._report("IMG090", path, f"could not be read: {os.strerror(code)}")

    def _second_look(self, path: str, needles: Sequence[bytes]) -> bool:
        """Searches a large file in pieces, and the target of a symbolic link that stays inside."""
        if os.path.islink(path) and path not in self._listing.explicit:
            target = shown(os.path.realpath(path))
            if target in self._listed or not os.path.exists(path):
                return False  # the file itself is on the list, or nothing is there
            if not self.within(path):
                self._leads_outside(path)
                return False
        if not os.path.isfile(path):
            return False
        try:
            return holds(path, needles)
        except OSError as error:
            self._report("IMG090", path, f"could not be read: {error.strerror}")
            return False

    def within(self, path: str) -> bool:
        """Whether the real place of ``path`` is below a named folder; a file that was named always is."""
        if path in self._listing.explicit:
            return True
        real = os.path.realpath(path)
        return any(real.startswith(root.rstrip(os.sep) + os.sep) for root in self._roots)

    def _inside(self, path: str) -> str | None:
        """``path`` as shown, when it exists inside the project that a named path belongs to."""
        if path not in self._insides:
            self._insides[path] = self._find_inside(path)
        return self._insides[path]

    def _find_inside(self, path: str) -> str | None:
        try:
            real = self._real(path)
        except (OSError, ValueError):
            return None
        if real is None or self._in_copy(os.path.dirname(real)):
            return None
        for named in (*self._listing.roots, *sorted(self._listing.explicit)):
            home = self._home(named)
            if real == home or real.startswith(home.rstrip(os.sep) + os.sep):
                return shown(path)
        return None

    def _in_copy(self, folder: str) -> bool:
        """Whether a folder is in a copy of an SDK's own source: what is imported from there is that SDK."""
        if folder not in self._copies:
            above = os.path.dirname(folder)
            self._copies[folder] = is_copy(folder) or (above != folder and self._in_copy(above))
        return self._copies[folder]

    def _real(self, path: str) -> str | None:
        """The real place of a path, ``None`` if nothing is there. Folders are listed once: most questions are in vain."""
        folder, _, name = path.rpartition("/")
        if not name or name in {".", ".."}:
            real = os.path.realpath(path)
            return real if os.path.exists(real) else None
        folder = folder or ("/" if path.startswith("/") else ".")
        if folder not in self._folders:
            try:
                listed = frozenset(os.listdir(folder))
                self._folders[folder] = os.path.realpath(folder), listed
            except (FileNotFoundError, NotADirectoryError):
                self._folders[folder] = folder, frozenset()
            except OSError:  # a folder may be entered and yet not be listed
                self._folders[folder] = os.path.realpath(folder), None
        real, names = self._folders[folder]
        if names is not None and name not in names:
            return None
        place = os.path.join(real, name)
        if names is None or os.path.islink(place):
            place = os.path.realpath(place)
            return place if os.path.exists(place) else None
        return place

    def _home(self, named: str) -> str:
        """The top of the project that holds ``named``: the nearest folder with a project file."""
        folder = os.path.realpath(named if os.path.isdir(named) else os.path.dirname(named) or ".")
        if folder not in self._homes:
            self._homes[folder] = project_folder(folder)
        return self._homes[folder]

    def _source(
        self, path: str, *, serious: bool, reader: Callable[[str, bytes], SourceFile] = decode
    ) -> SourceFile | None:
        if path not in self._read:
            self._read[path] = self._load(path, serious=serious, reader=reader)
        return self._read[path]

    def _load(
        self, path: str, *, serious: bool, reader: Callable[[str, bytes], SourceFile]
    ) -> SourceFile | None:
        limit = NOTEBOOK_LIMIT if path in self._notebook_set else self._limit
        data = whole(path, limit)
        if isinstance(data, bytes):
            try:
                file = reader(path, data)
                return replace(file, inner=self._inner(path)) if "/tests/" in f"/{path}" else file
            except UndecodableError as error:
                if serious:
                    self._report("IMG091", path, str(error), error.line, error.column)
                return None
        if serious:
            self._report("IMG094" if isinstance(data, int) else "IMG090", path, self._why(data, limit))
        return None

    def _inner(self, path: str) -> str:
        """``path`` below the top of its project, else below what was named; asked of files in folders of tests."""
        folder = os.path.realpath(os.path.dirname(path) or ".")
        if folder not in self._tops:
            self._tops[folder] = marked_folder(folder)
        top = self._tops[folder]
        if top is None:
            return self._below(path)
        return os.path.relpath(os.path.join(folder, os.path.basename(path)), top).replace(os.sep, "/")

    def _why(self, data: int | str, limit: int) -> str:
        if isinstance(data, str):
            return f"could not be read: {data}"
        return f"has {data:,} bytes, more than the {limit:,} that are read; it names something to migrate"

    def _report(self, rule: str, path: str, message: str, line: int = 1, column: int = 1) -> None:
        self._problems[path] = Finding(
            rule=rule,
            fix="manual",
            path=path,
            line=line,
            column=column,
            end_line=line,
            message=message,
            suggestion=_SUGGESTIONS[rule],
        )


_SUGGESTIONS = {
    "IMG090": "Make it readable, or leave it out with `exclude`, then run again.",
    "IMG091": "Repair the encoding, or migrate this file by hand.",
    "IMG094": "Migrate this file by hand, or leave it out with `exclude`.",
}


__all__ = ["SIZE_LIMIT", "FileProject", "discover"]
