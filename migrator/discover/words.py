"""Which files hold which words, asked again and again over the same files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from migrator.discover.reading import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Search = Callable[[Sequence[str], tuple[bytes, ...]], list[str]]

_MEMORY = 128_000_000
"""Bytes of file contents that are kept for repeated searches."""


class Words:
    """Answers by the bytes of files, which stay in memory as far as there is room; ``limit`` bytes of one at most."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._memory: dict[str, bytes] | None = None
        self._paths: Sequence[str] = ()
        self._hits: dict[bytes, list[str]] = {}

    def among(self, paths: Sequence[str], words: tuple[bytes, ...], search: Search) -> list[str]:
        """Those of ``paths`` with one of ``words``. ``search`` looks into the files that are not in memory."""
        if self._memory is None:
            self._memory = self._read(paths)
        memory = self._memory
        found: set[str] = set()
        for word in words:  # one word at a time: most questions have one
            found.update(path for path in paths if word in memory.get(path, b""))
        found.update(search([path for path in paths if path not in memory], words))
        return [path for path in paths if path in found]

    def within(self, paths: Sequence[str], words: tuple[bytes, ...], search: Search) -> list[str]:
        """The same for the same ``paths`` each time: a word is only looked for where a part of it was found before."""
        if paths is not self._paths:
            self._paths, self._hits = paths, {}
        if len(words) != 1:
            return self.among(paths, words, search)
        word = words[0]
        if word not in self._hits:
            parts = (self._hits[part] for part in self._hits if part in word)
            self._hits[word] = self.among(min(parts, key=len, default=paths), words, search)
        return self._hits[word]

    def _read(self, paths: Sequence[str]) -> dict[str, bytes]:
        memory: dict[str, bytes] = {}
        budget = _MEMORY
        for path in paths:
            if os.path.islink(path):
                continue
            data = whole(path, min(self._limit, budget)) if budget > 0 else None
            if isinstance(data, bytes):
                memory[path] = data
                budget -= len(data)
        return memory
