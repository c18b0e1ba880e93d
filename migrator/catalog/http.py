"""The facts about HTTP clients: which functions send a request, and where they take its url and body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from migrator.catalog.model import EndpointName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.catalog.model import Fact
    from migrator.catalog.reader import Table

ENDPOINTS: tuple[EndpointName, ...] = get_args(EndpointName)
Answer = Literal["call", "sent", "fetched"]
Places = tuple["int | str", ...]
"""Positions and keyword names of one argument."""


@dataclass(frozen=True, slots=True)
class Post:
    """A function that sends a request, by its qualified names, and where it takes what.

    ``json``: a mapping; ``text``: its text or bytes; ``data``: a text or the fields of a form; ``files``: the parts
    of a form. ``answer``: the ``call`` itself, a ``sent`` request object that something else sends, or one that is
    ``fetched`` from the connection.
    """

    calls: tuple[str, ...]
    url: Places
    method: Places = ()
    json: Places = ()
    text: Places = ()
    data: Places = ()
    files: Places = ()
    answer: Answer = "call"


@dataclass(frozen=True, slots=True)
class HttpCalls:
    """How code reaches the API without the SDK."""

    endpoints: Mapping[str, EndpointName]
    """The end of a url's path to the endpoint."""
    azure_path: str
    settings: tuple[str, ...]
    """Names of settings that hold OpenAI's address."""
    local: tuple[str, ...]
    """Hosts that are never OpenAI."""
    bases: Mapping[str, Places]
    """Constructors of clients to the argument that is put in front of every url."""
    joins: tuple[str, ...]
    dumps: tuple[str, ...]
    forms: Mapping[str, str]
    """Classes of form bodies to the argument that holds the fields."""
    form_builders: Mapping[str, str]
    """Classes of form bodies to the method that adds a field: name first, value second."""
    commands: tuple[str, ...]
    unread: tuple[str, ...]
    """Functions that get the url of a request whose body or answer is not followed."""
    methods: tuple[str, ...]
    """Method names that count where the client's class is not known."""
    posts: tuple[Post, ...]
    senders: tuple[str, ...]
    preparers: tuple[str, ...]
    fetchers: tuple[str, ...]
    telling_fields: tuple[str, ...]
    """Fields that a body has which is for pictures, wherever it is sent; one of them holds a telling value."""
    telling_values: tuple[str, ...]
    needles: tuple[str, ...]
    openings: tuple[str, ...]
    """How a path is written whose end comes from elsewhere."""
    opening: str
    opening_near: tuple[str, ...]
    """Words of a file in which ``opening`` may be part of such a path."""
    opening_needs: tuple[str, ...]
    """Words of which one stands in a project that asks the service, besides its settings, hosts and models."""
    fact: Fact


def build(root: Table) -> HttpCalls:
    """The section ``http``. Raises CatalogError for anything that is not as described."""
    table = root.table("http").close(
        "azure_path", "bases", "checked", "commands", "dumps", "endpoints", "fetchers", "form_builders", "forms",
        "joins", "local", "methods", "needles", "opening", "opening_near", "opening_needs", "openings", "posts",
        "preparers", "senders", "settings", "source", "telling_fields", "telling_values", "unread",
    )  # fmt: skip
    endpoints, bases = table.table("endpoints"), table.table("bases")
    return HttpCalls(
        endpoints={path: endpoints.choice(path, ENDPOINTS) for path in endpoints.entries},
        azure_path=table.text("azure_path"),
        settings=table.texts("settings"),
        local=table.texts("local"),
        bases={name: _places(bases, name) for name in bases.entries},
        joins=table.texts("joins"),
        dumps=table.texts("dumps"),
        forms=table.pairs("forms"),
        form_builders=table.pairs("form_builders"),
        commands=table.texts("commands"),
        unread=table.texts("unread"),
        methods=table.texts("methods"),
        posts=tuple(_post(one) for one in table.table("posts").tables().values()),
        senders=table.texts("senders"),
        telling_fields=table.texts("telling_fields"),
        telling_values=table.texts("telling_values"),
        preparers=table.texts("preparers"),
        fetchers=table.texts("fetchers"),
        needles=table.texts("needles"),
        openings=table.texts("openings"),
        opening=table.text("opening"),
        opening_near=table.texts("opening_near"),
        opening_needs=table.texts("opening_needs"),
        fact=table.fact(),
    )


def _post(table: Table) -> Post:
    table.close("answer", "calls", "data", "files", "json", "method", "text", "url")
    post = Post(
        calls=table.texts("calls"),
        url=_places(table, "url"),
        method=_places(table, "method"),
        json=_places(table, "json"),
        text=_places(table, "text"),
        data=_places(table, "data"),
        files=_places(table, "files"),
        answer=table.choice("answer", ("call", "sent", "fetched"), "call"),
    )
    if not post.calls or not post.url:
        raise table.fail("calls", "needs calls and the place of the url")
    return post


def _places(table: Table, key: str) -> Places:
    found: list[int | str] = []
    for item in table.items(key):
        if isinstance(item.value, bool) or not isinstance(item.value, int | str):
            raise item.fail(f"{table.what}: {key} must hold positions (0, 1, ...) and keyword names")
        found.append(item.value)
    return tuple(found)
