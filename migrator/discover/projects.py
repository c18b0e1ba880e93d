"""Which projects a tree consists of, and which of them can meet: those that import each other, however indirectly.

Code of projects that never meet cannot call each other, so each can be analysed on its own with the same outcome.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from migrator.discover.reading import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MARKS = (
    ".git",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "Pipfile",
    "package.json",
    "go.mod",
)
"""What makes a folder a project of its own."""

_LIMIT = 5_000_000
"""Bytes above which a file is generated, and its imports are not looked for."""
_WORD = re.compile(rb"import[ \t(\\]+([^\n]*)")
_FROM = re.compile(rb"from[ \t]+(\.*)[ \t]*([\w.]*)[ \t]*$")
_ENDING = re.compile(r"(?:/__init__)?\.pyi?w?$")


def projects(
    code: Sequence[str], listed: Sequence[str], roots: Sequence[str]
) -> list[tuple[tuple[str, ...], frozenset[str] | None]]:
    """The paths of ``code`` by project, those that can meet together, each with all files of ``listed`` around it.

    ``None`` instead of those files stands for everything: there is only one project.
    """
    home = homes(roots)
    if len({home(path) for path in code}) < 2:
        return [(tuple(code), None)]
    groups = Groups()
    for path in listed:
        groups.add(home(path), path)
    join_by_imports(groups, listed, home)
    wanted: dict[str, list[str]] = defaultdict(list)
    for path in code:
        wanted[groups.top(home(path))].append(path)
    if len(wanted) < 2:
        return [(tuple(code), None)]
    around: dict[str, list[str]] = defaultdict(list)
    for unit, paths in groups.paths.items():
        around[groups.top(unit)].extend(paths)
    return [(tuple(sorted(paths)), frozenset(around[top])) for top, paths in sorted(wanted.items())]


def homes(roots: Sequence[str]) -> Callable[[str], str]:
    """The nearest project folder of a path, at most a folder of ``roots``."""
    known: dict[str, str] = {}
    tops = {root.rstrip("/") if root != "." else "" for root in roots}

    def home(path: str) -> str:
        folder = path.rpartition("/")[0]
        if folder not in known:
            marked = any(os.path.lexists(f"{folder or '.'}/{mark}") for mark in MARKS)
            known[folder] = folder if marked or folder in tops or not folder else home(folder)
        return known[folder]

    return home


class Groups:
    """Projects, their paths, and which of them stay together."""

    def __init__(self) -> None:
        self.paths: dict[str, list[str]] = defaultdict(list)
        self._parent: dict[str, str] = {}

    def add(self, unit: str, path: str) -> None:
        """Counts ``path`` as one of ``unit``."""
        self.paths[unit].append(path)

    def top(self, unit: str) -> str:
        """The name of the group that ``unit`` is in."""
        while (above := self._parent.get(unit, unit)) != unit:
            unit = above
        return unit

    def join(self, one: str, two: str) -> None:
        """Puts two projects, and all that are with them, together."""
        first, second = sorted((self.top(one), self.top(two)))
        if first != second:
            self._parent[second] = first

    def joined(self) -> list[list[str]]:
        """The paths of each group, sorted."""
        found: dict[str, list[str]] = defaultdict(list)
        for unit, paths in self.paths.items():
            found[self.top(unit)].extend(paths)
        return [sorted(paths) for paths in found.values()]


def join_by_imports(groups: Groups, listed: Sequence[str], home: Callable[[str], str]) -> None:
    """Joins the projects of which a Python file of one imports a module of the other, as far as names tell."""
    modules = _Modules(listed, home)
    for path in listed:
        data = whole(path, _LIMIT)
        if not isinstance(data, bytes):
            continue
        own = home(path)
        for name in set(_imports(data, path)):
            for place in modules.homes_of(name, own):
                groups.join(own, place)


def _imports(data: bytes, path: str) -> Iterator[str]:
    """The dotted names that a file imports; one that starts with "/" is the path of a module without its ending."""
    for match in _WORD.finditer(data):
        start = data.rfind(b"\n", 0, match.start()) + 1
        # also after `;` and `:`, and inside of the strings of a notebook
        head = re.split(rb"[;:]", data[start : match.start()])[-1].strip(b' \t"')
        if not head:
            yield from _names(match[1])
            continue
        found = _FROM.match(head)
        if found is None:
            continue
        dots, base = len(found[1]), found[2].decode("ascii", "replace")
        rest = match[1]
        if b"(" in data[match.start() : match.start() + len(b"import (")]:
            rest = data[match.start(1) : data.find(b")", match.start(1)) % (len(data) + 1)]
        if dots:
            folder = path
            for _ in range(dots):
                folder = folder.rpartition("/")[0]
            yield "/".join((f"/{folder}", *filter(None, base.split("."))))
        else:
            yield base
            yield from (f"{base}.{name}" for name in _names(rest))


def _names(text: bytes) -> Iterator[str]:
    for part in text.split(b"#")[0].replace(b"\n", b",").split(b",") if text else ():
        name = part.strip(b' \t()"\\').split(b" ")[0].split(b";")[0]
        if name and name.replace(b".", b"").replace(b"_", b"").isalnum():
            yield name.decode("ascii", "replace")


class _Modules:
    """The modules of a tree by name, and the projects that they belong to."""

    def __init__(self, listed: Iterable[str], home: Callable[[str], str]) -> None:
        self._home = home
        self._by_word: dict[str, list[str]] = defaultdict(list)
        for path in listed:
            words = _ENDING.sub("", path)
            self._by_word[words.rpartition("/")[2]].append(words)
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def homes_of(self, name: str, own: str) -> tuple[str, ...]:
        """The projects that ``name`` can come from when a file of ``own`` imports it; none when it has it itself."""
        key = (own, name)
        if key not in self._known:
            self._known[key] = tuple(dict.fromkeys(self._found(name, own)))
        return self._known[key]

    def _found(self, name: str, own: str) -> list[str]:
        if name.startswith("/"):
            return [self._home(f"{name[1:].lstrip('/')}/x")]
        words = name.replace(".", "/")
        places = []
        for module in self._by_word.get(name.rpartition(".")[2], ()):
            if module != words and not module.endswith(f"/{words}"):
                continue
            unit = self._home(f"{module}/x")
            if unit == own:
                return []  # what the project has itself comes first
            at = module[: -len(words)].rstrip("/")
            # one word, such as `utils`, is importable from elsewhere only at the top of a project
            if "/" in words or at in {unit, f"{unit}/src".lstrip("/")}:
                places.append(unit)
        return places


__all__ = ["MARKS", "Groups", "homes", "join_by_imports", "projects"]
