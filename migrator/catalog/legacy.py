"""Facts about openai<1: how its calls reach the Images API, and what the current SDK has in their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.catalog.build import ENDPOINTS, FrozenDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.catalog.model import EndpointName, Fact
    from migrator.catalog.reader import Table


@dataclass(frozen=True, slots=True)
class LegacyAzure:
    """How code on openai<1 reached Azure, and what the current SDK calls the same things."""

    types: Mapping[str, str]
    """Values of ``api_type`` that mean Azure: what a client's constructor calls the key that goes with them."""
    settings: Mapping[str, str]
    """What has to be known of the resource; assignments, keywords and constructors call it so now."""
    clients: Mapping[str, str]
    """``sync`` and ``async`` to the client class of today."""
    deployment: tuple[str, ...]
    """Keywords that named a deployment."""
    first_version: str
    """The first version of Azure's API that serves GPT Image; versions start with their day."""
    fact: Fact


@dataclass(frozen=True, slots=True)
class LegacyCalls:
    """How code on openai<1 reaches the API, and what the current SDK has in its place (empty: nothing)."""

    modules: tuple[str, ...]
    """Qualified names of the package; their ``attribute`` is the class with the image methods."""
    attribute: str
    classes: tuple[str, ...]
    """Further qualified names of that class."""
    methods: Mapping[str, EndpointName]
    successors: Mapping[str, str]
    asynchronous: tuple[str, ...]
    positions: Mapping[str, tuple[str, ...]]
    """Endpoint to the names of its positional parameters."""
    options: Mapping[str, str]
    """Keywords that never reach the API: how a client's constructor calls them."""
    stray: Mapping[str, str]
    """Keywords that the image methods hand to the API although it knows none of them: how the SDK calls them now."""
    settings: Mapping[str, str]
    type_variable: str
    """The environment variable from which the package takes its ``api_type``."""
    type_files: tuple[str, ...]
    """Files beside the code that may set it."""
    resources: tuple[str, ...]
    """What else the package had that is gone."""
    errors: Mapping[str, str]
    error_attributes: tuple[str, ...]
    clients: Mapping[str, str]
    """``sync`` and ``async`` to the client class of today."""
    modern: tuple[str, ...]
    """Names of the package that prove a newer SDK."""
    first_modern: str
    """The first version without any of this."""
    first: str
    """The first version that has image calls."""
    azure: LegacyAzure
    fact: Fact


def build(root: Table) -> LegacyCalls:
    """How code on openai<1 reaches the API."""
    table = root.table("legacy").close(
        "asynchronous",
        "attribute",
        "azure",
        "type_files",
        "type_variable",
        "checked",
        "classes",
        "clients",
        "error_attributes",
        "errors",
        "first_modern",
        "first",
        "methods",
        "modern",
        "modules",
        "options",
        "positions",
        "resources",
        "settings",
        "source",
        "stray",
        "successors",
    )
    methods, positions = table.table("methods"), table.table("positions").close(*ENDPOINTS)
    clients = table.table("clients").close("sync", "async")
    found = LegacyCalls(
        modules=table.texts("modules"),
        attribute=table.text("attribute"),
        classes=table.texts("classes"),
        methods=FrozenDict({name: methods.choice(name, ENDPOINTS) for name in methods.entries}),
        successors=FrozenDict(table.pairs("successors")),
        asynchronous=table.texts("asynchronous"),
        positions=FrozenDict({name: positions.texts(name) for name in positions.entries}),
        options=FrozenDict(_successors(table.table("options"))),
        stray=FrozenDict(_successors(table.table("stray"))),
        settings=FrozenDict(_successors(table.table("settings"))),
        azure=_azure(table.table("azure")),
        type_variable=table.text("type_variable"),
        type_files=table.texts("type_files"),
        resources=table.texts("resources"),
        errors=FrozenDict(table.pairs("errors")),
        error_attributes=table.texts("error_attributes"),
        clients=FrozenDict({name: clients.text(name) for name in ("sync", "async")}),
        modern=table.texts("modern"),
        first_modern=table.text("first_modern"),
        first=table.text("first"),
        fact=table.fact(),
    )
    if set(found.methods) != set(found.successors):
        raise table.fail("successors", "successors must name the same methods as methods")
    return found


def _successors(table: Table) -> dict[str, str]:
    """Old names to new ones; null for what has no successor becomes an empty text."""
    return {name: table.optional(name) or "" for name in table.entries}


def _azure(table: Table) -> LegacyAzure:
    table.close("types", "settings", "clients", "deployment", "first_version", "source", "checked")
    clients = table.table("clients").close("sync", "async")
    return LegacyAzure(
        types=FrozenDict(table.pairs("types")),
        settings=FrozenDict(table.pairs("settings")),
        clients=FrozenDict({name: clients.text(name) for name in ("sync", "async")}),
        deployment=table.texts("deployment"),
        first_version=table.text("first_version"),
        fact=table.fact(),
    )
