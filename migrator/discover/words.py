"""Which files hold which words, asked again and again over the same files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from migrator.discover.reading import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Search = Callable[[Sequence[str], tuple[bytes, ...]], list[str]]

_MEMORY = 256_000_000
"""Bytes that are kept of files for repeated searches."""
_OFTEN = 30
"""Times that all files are looked through before each is reduced to its words, which costs about as much."""
_IN_WORDS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_" + bytes(range(128, 256))
_APART = bytes(byte if byte in _IN_WORDS else 32 for byte in range(256))
"""Bytes that are no part of a word become blanks; those above ASCII are parts of letters."""


class Words:
    """Answers by the bytes of files, which stay in memory as far as there is room; ``limit`` bytes of one at most.

    After many questions only the different words of a file are kept: a fifth of its bytes, and as exact for what
    is itself a word or part of one. For anything else, such as ``a.b``, the files with its words are read again.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._memory: dict[str, bytes] | None = None
        self._reduced = False
        self._passed = 0
        self._paths: Sequence[str] = ()
        self._hits: dict[bytes, list[str]] = {}

    def among(self, paths: Sequence[str], words: tuple[bytes, ...], search: Search) -> list[str]:
        """Those of ``paths`` with one of ``words``. ``search`` looks into the files that are not in memory."""
        if self._memory is None:
            self._memory = dict(self._read(paths, _MEMORY, whole))
        self._passed += len(paths) * len(words)
        if not self._reduced and self._passed > _OFTEN * len(self._memory):
            self._reduce(paths)
        memory = self._memory
        found: set[str] = set()
        unsure = [path for path in paths if path not in memory]
        for word in words:  # one word at a time: most questions have one
            parts = word.translate(_APART).split() if self._reduced else [word]
            holding: Sequence[str] = paths
            for part in parts:
                holding = [path for path in holding if part in memory.get(path, b"")]
            if parts == [word]:
                found.update(holding)
            else:
                unsure.extend(path for path in holding if path in memory)
        found.update(search(sorted(set(unsure)), words))
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

    def _reduce(self, paths: Sequence[str]) -> None:
        """Keep the words alone, and those of further files where there is room now."""
        self._reduced = True
        memory = self._memory = {path: _words(data) for path, data in (self._memory or {}).items()}
        room = _MEMORY - sum(map(len, memory.values()))

        def reduced(path: str, limit: int) -> bytes | None:
            data = whole(path, limit)
            return _words(data) if isinstance(data, bytes) else None

        memory.update(self._read([path for path in paths if path not in memory], room, reduced))

    def _read(
        self, paths: Sequence[str], budget: int, reading: Callable[[str, int], object]
    ) -> Iterator[tuple[str, bytes]]:
        for path in paths:
            if budget <= 0:
                return
            if os.path.islink(path):
                continue
            data = reading(path, min(self._limit, budget))
            if isinstance(data, bytes):
                yield path, data
                budget -= len(data)


def _words(data: bytes) -> bytes:
    """The different words of a text, one per line."""
    return b"\n".join(set(data.translate(_APART).split()))
