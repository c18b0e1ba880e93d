"""How programs fetch what a url names, and what they ask of the answer, as the rules say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrator.catalog.model import Fact
    from migrator.catalog.reader import Table


@dataclass(frozen=True)
class Downloads:
    """Names of functions, attributes and methods; patterns are those of file names."""

    helpers: Mapping[str, tuple[str, ...]]
    """Forms of a call that can be taught, with the patterns of the names that are called so."""
    method_first: tuple[str, ...]
    body: tuple[str, ...]
    body_calls: tuple[str, ...]
    streams: tuple[str, ...]
    """Libraries whose ``body`` is a stream that is read."""
    pieces: tuple[str, ...]
    file: tuple[str, ...]
    file_settings: tuple[str, ...]
    good: tuple[str, ...]
    status: tuple[str, ...]
    raises: tuple[str, ...]
    reads_data_uris: tuple[str, ...]
    status_of_data_uri: tuple[str, ...]
    fetching: tuple[str, ...]
    running: tuple[str, ...]
    capturing: tuple[str, ...]
    fact: Fact

    def form(self, names: Iterable[str]) -> str:
        """The form of a callable that downloads, by the dotted names that it goes by; ``other`` for none of them."""
        for name in names:
            for form, patterns in self.helpers.items():
                if any(fnmatchcase(name, pattern) for pattern in patterns):
                    return form
        return "other"

    def hides_status(self, names: Iterable[str]) -> bool:
        """Whether a callable of these names reads ``data:`` URIs, and its answer then has no status."""
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.reads_data_uris)

    def streams_body(self, names: Iterable[str]) -> bool:
        """Whether the answer of a callable of these names holds a stream, not the bytes."""
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.streams)

    def fetches(self, source: str) -> bool:
        """Whether a module names a library that fetches links."""
        return self._words[0].search(source) is not None

    def takes_output(self, source: str) -> bool:
        """Whether a module runs programs and takes what they print."""
        _, runs, takes = self._words
        return runs.search(source) is not None and takes.search(source) is not None

    @cached_property
    def _words(self) -> tuple[re.Pattern[str], ...]:
        groups = (self.fetching, self.running, self.capturing)
        return tuple(re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b") for words in groups)


_LISTS = (
    "method_first", "body", "body_calls", "streams", "pieces", "file", "file_settings", "good", "status", "raises",
    "reads_data_uris", "status_of_data_uri", "fetching", "running", "capturing",
)  # fmt: skip


def build(root: Table) -> Downloads:
    """The section ``downloads``. Raises CatalogError for anything that is not as described."""
    table = root.table("downloads").close("helpers", "source", "checked", *_LISTS)
    helpers = table.table("helpers")
    return Downloads(
        helpers={form: helpers.texts(form) for form in helpers.entries},
        fact=table.fact(),
        **{name: table.texts(name) for name in _LISTS},
    )
