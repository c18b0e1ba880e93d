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
    """Answers for one repository; ``folder`` is what is looked at, at its top or below.

    ``deepen`` fetches the history of a clone that has none, when it is needed. ``why`` says why nobody could be asked.
    """

    def __init__(self, folder: str, deepen: Callable[[], None] | None = None) -> None:
        self.why = ""
        self._deepen = deepen
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

    def of(self, path: str, first: int, last: int, *, ask: bool = True) -> tuple[str, ...]:
        """The owners of lines ``first`` to ``last`` of ``path``; empty where nothing tells.

        ``ask`` is whether that is worth fetching a history.
        """
        inside = os.path.relpath(path, self._top).replace(os.sep, "/")
        for matches, owners in reversed(self._rules):
            if matches(inside):
                return owners
        if inside.startswith("../") or not (self._history or (ask and self._has_history())):
            return ()
        try:
            authors = git.authors(self._top, inside, first, last)
        except git.GitError:
            return ()
        return tuple(name for name, _ in Counter(authors).most_common(1))

    def _has_history(self) -> bool:
        if not self._history and self._deepen is not None:
            try:
                self._deepen()
                self._history = not git.is_shallow(self._top)
            except git.GitError as error:
                self.why = f"nobody is named: the history could not be fetched ({error})"
            self._deepen = None
        elif not self._history and not self.why:
            self.why = "nobody is named: CODEOWNERS does not tell, and there is no history"
        return self._history


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
