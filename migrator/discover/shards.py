"""Divides the candidates of a large tree over several runs, by whole projects.

A call site reaches into helpers and settings of its project, so a project is never divided; projects that
import each other, and those below a folder whose own settings may be theirs, stay together. So every run sees
all that a run over everything would have seen of its call sites.
"""

from __future__ import annotations

import ast
import os
import warnings
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from migrator.types import SourceFile

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


@dataclass(frozen=True, slots=True)
class Shard:
    """Run ``number``, from 1, of ``of``."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def parse(text: str) -> Shard:
    """A shard as people write it: ``2/4``.

    Raises:
        UserError: For anything else.
    """
    number, slash, of = text.partition("/")
    if not (slash and number.isascii() and number.isdigit() and of.isascii() and of.isdigit()):
        raise UserError(f"{text!r} is no shard: write I/N, such as 2/4 for the second of four")
    shard = Shard(int(number), int(of))
    if not 1 <= shard.number <= shard.of <= 10_000:
        raise UserError(f"{text!r} is no shard: the first number goes from 1 to the second")
    return shard


def others_share(
    shard: Shard,
    code: Sequence[SourceFile],
    settings: Sequence[str],
    texts: Sequence[str],
    listed: Sequence[str],
    roots: Sequence[str],
) -> frozenset[str]:
    """Those of the candidates that belong to other shards.

    ``code`` are the Python candidates, ``settings`` the paths of configuration and ``texts`` those of all other
    files with something to migrate; ``listed`` are all Python files, ``roots`` the folders of the run. The same
    tree always gives the same division.
    """
    home = _homes(roots)
    groups = _Groups()
    for file in code:
        groups.add(home(file.path), file.path)
    for path in (*settings, *texts):
        groups.add(home(path), path)
    modules = _modules(listed)
    for file in code:
        own = home(file.path)
        for place in _imported(file, modules, own, home):
            groups.join(own, place)
    units = list(groups.paths)
    for path in settings:
        # a setting above services may be theirs: a compose file, a values file, a workflow
        above = home(path)
        for unit in units:
            if unit != above and _below(unit, above):
                groups.join(unit, above)
    loads = [0] * shard.of
    foreign: set[str] = set()
    for paths in sorted(groups.joined(), key=lambda one: (-len(one), one[0])):
        lightest = loads.index(min(loads))
        loads[lightest] += len(paths)
        if lightest != shard.number - 1:
            foreign.update(paths)
    return frozenset(foreign)


def _below(unit: str, above: str) -> bool:
    return above in {"", "."} or unit.startswith(above.rstrip("/") + "/")


def _homes(roots: Sequence[str]) -> Callable[[str], str]:
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


class _Groups:
    """Projects, their paths, and which of them stay together."""

    def __init__(self) -> None:
        self.paths: dict[str, list[str]] = defaultdict(list)
        self._parent: dict[str, str] = {}

    def add(self, unit: str, path: str) -> None:
        self.paths[unit].append(path)

    def _top(self, unit: str) -> str:
        while (above := self._parent.get(unit, unit)) != unit:
            unit = above
        return unit

    def join(self, one: str, two: str) -> None:
        first, second = sorted((self._top(one), self._top(two)))
        if first != second:
            self._parent[second] = first

    def joined(self) -> list[list[str]]:
        """The paths of each group, sorted."""
        found: dict[str, list[str]] = defaultdict(list)
        for unit, paths in self.paths.items():
            found[self._top(unit)].extend(paths)
        return [sorted(paths) for paths in found.values()]


def _modules(listed: Sequence[str]) -> dict[str, list[str]]:
    """Python files by the last word of their module's name."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in listed:
        words = path.removesuffix(".py").removesuffix("/__init__")
        found[words.rpartition("/")[2]].append(path)
    return found


def _imported(
    file: SourceFile, modules: dict[str, list[str]], own: str, home: Callable[[str], str]
) -> Iterator[str]:
    """The other projects that ``file`` imports from, as far as names tell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(file.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            folder = file.path
            for _ in range(node.level):
                folder = folder.rpartition("/")[0]
            yield home(f"{folder}/{(node.module or 'x').replace('.', '/')}/x" if folder else "x")
            continue
        else:
            continue
        for name in names:
            yield from _homes_of(name, modules, own, home)


def _homes_of(
    name: str, modules: dict[str, list[str]], own: str, home: Callable[[str], str]
) -> Iterator[str]:
    words = name.replace(".", "/")
    places = []
    for path in modules.get(name.rpartition(".")[2], ()):
        module = path.removesuffix(".py").removesuffix("/__init__")
        if module != words and not module.endswith(f"/{words}"):
            continue
        unit = home(path)
        if unit == own:
            return  # what the project has itself comes first
        at = module[: -len(words)].rstrip("/")
        # one word, such as `utils`, is importable from elsewhere only at the top of a project
        if "/" in words or at in {unit, f"{unit}/src".lstrip("/")}:
            places.append(unit)
    yield from places


__all__ = ["Shard", "others_share", "parse"]
