"""Turns ``rules/hosts.yaml`` into typed objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.catalog.build import FrozenDict
from migrator.catalog.model import HostFacts, HostKind, KeyWords, LanguageFacts

if TYPE_CHECKING:
    from migrator.catalog.reader import Table


def hosts(root: Table) -> HostFacts:
    """Which files beside Python are searched, and by which words."""
    table = root.table("hosts").close(
        "checked",
        "kinds",
        "languages",
        "marketing",
        "needles",
        "picture_hosts",
        "private",
        "records",
        "settings",
        "skip",
        "source",
    )
    skip = table.table("skip").close("folders", "names", "suffixes")
    kinds = []
    for name, entry in table.table("kinds").tables().items():
        entry.close("names", "prefixes", "suffixes")
        kinds.append(
            HostKind(name, _lower(entry, "names"), _lower(entry, "prefixes"), _lower(entry, "suffixes"))
        )
    return HostFacts(
        kinds=tuple(kinds),
        skip_names=frozenset(_lower(skip, "names")),
        skip_suffixes=_lower(skip, "suffixes"),
        skip_folders=frozenset(_lower(skip, "folders")),
        needles=table.texts("needles"),
        private=frozenset(_lower(table, "private")),
        records=frozenset(_lower(table, "records")),
        words=_words(table.table("settings")),
        picture_hosts=_lower(table, "picture_hosts"),
        marketing=table.texts("marketing"),
        languages=FrozenDict(
            {name: _language(entry) for name, entry in table.table("languages").tables().items()}
        ),
        fact=table.fact(),
    )


def _language(table: Table) -> LanguageFacts:
    table.close("calls", "example", "title", "url")
    return LanguageFacts(
        table.text("title"), _lower(table, "calls"), table.text("example"), table.text("url")
    )


def _words(table: Table) -> KeyWords:
    table.close(
        "commands", "images", "labels", "many", "marks", "models", "options", "parameters", "past", "registries",
        "route_names", "routes", "sides", "tails",
    )  # fmt: skip
    return KeyWords(
        models=frozenset(_lower(table, "models")),
        tails=frozenset(_lower(table, "tails")),
        images=frozenset(_lower(table, "images")),
        parameters=FrozenDict(table.pairs("parameters")),
        labels=frozenset(_lower(table, "labels")),
        registries=frozenset(_lower(table, "registries")),
        commands=frozenset(_lower(table, "commands")),
        routes=frozenset(_lower(table, "routes")),
        route_names=frozenset(_lower(table, "route_names")),
        options=frozenset(_lower(table, "options")),
        many=FrozenDict(table.pairs("many")),
        sides=_lower(table, "sides"),
        past=frozenset(_lower(table, "past")),
        marks=frozenset(_lower(table, "marks")),
    )


def _lower(table: Table, key: str) -> tuple[str, ...]:
    values = table.texts(key)
    for item, value in zip(table.items(key), values, strict=True):
        if value != value.lower():
            raise item.fail(f"{table.what}: {key} are compared in lower case, so write {value.lower()!r}")
    return values
