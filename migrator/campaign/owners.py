"""Whose a line is: by CODEOWNERS, else by who wrote it."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from migrator.discover import git
from migrator.discover.globs import matcher

if TYPE_CHECKING:
    from collections.abc import Callable

_PLACES = (".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
_LIMIT = 3_000_000


class Owners:
    """Answers for one repository; ``folder`` is what is looked at, at its top or below."""

    def __init__(self, folder: str) -> None:
        self._rules: list[tuple[Callable[[str], bool], tuple[str, ...]]] = []
        try:
            self._top = git.top(folder)
            self._history = not git.is_shallow(folder)
        except git.GitError:
            self._top, self._history = folder, False
        for name in _PLACES:
            path = os.path.join(self._top, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    self._rules = parse(file.read(_LIMIT).decode("utf-8", "replace"))
                break

    def of(self, path: str, first: int, last: int) -> tuple[str, ...]:
        """The owners of lines ``first`` to ``last`` of ``path``; empty where nothing tells."""
        inside = os.path.relpath(path, self._top).replace(os.sep, "/")
        for matches, owners in reversed(self._rules):
            if matches(inside):
                return owners
        if not self._history or inside.startswith("../"):
            return ()
        try:
            authors = git.authors(self._top, inside, first, last)
        except git.GitError:
            return ()
        return tuple(name for name, _ in Counter(authors).most_common(1))


def parse(text: str) -> list[tuple[Callable[[str], bool], tuple[str, ...]]]:
    """The rules of a CODEOWNERS file; the last one that matches holds. GitLab's sections have owners of their own."""
    rules: list[tuple[Callable[[str], bool], tuple[str, ...]]] = []
    usual: tuple[str, ...] = ()
    for line in text.splitlines():
        words = line.split(" #")[0].replace("\\ ", "\0").split()
        if not words or words[0].startswith("#"):
            continue
        if line.lstrip("^").startswith("["):
            section, _, rest = line.partition("]")
            usual = tuple(word for word in rest.split() if _is_owner(word))
            if section:
                continue
        pattern = words[0].replace("\0", " ")
        owners = tuple(word for word in words[1:] if _is_owner(word)) or usual
        if not pattern.startswith("!"):
            rules.append((_matcher(pattern), owners))
    return rules


def _matcher(pattern: str) -> Callable[[str], bool]:
    if pattern.endswith("/*"):
        # here a final star means the files of that folder alone
        inside = matcher([pattern])
        depth = pattern.strip("/").count("/")
        return lambda path: path.count("/") == depth and inside(path)
    return matcher([pattern])


def _is_owner(word: str) -> bool:
    return "@" in word and word.isprintable()


__all__ = ["Owners", "parse"]
