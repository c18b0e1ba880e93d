"""Settings that hold the address of the Images API: the request is put together where no address is named."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.catalog.queries import Catalog
    from migrator.hosts.config.document import Setting
    from migrator.types import Read

UNREAD = (
    "an address of the Images API, and no call that was found reads it: what is sent there, and what is read from the "
    "answer, is not known."
)


def endpoint_of(text: str, catalog: Catalog) -> str:
    """The endpoint that a url asks OpenAI or Azure for, ``generations`` or another; "" where it is none."""
    if "://" not in text:
        return ""
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname or ""
    except ValueError:
        return ""
    if not any(host == known or host.endswith(f".{known}") for known in catalog.calls.hosts):
        return ""
    path = parts.path.rstrip("/")
    return next((end for tail, end in catalog.http.endpoints.items() if path.endswith(f"/{tail}")), "")


def is_read(one: Setting, reads: Iterable[Read]) -> bool:
    """Whether a request that was found can have its address from this setting."""
    key = _loose(one.key)
    return any(read.parameter == "url" and _loose(read.name) == key for read in reads)


def _loose(name: str) -> str:
    return name.lower().replace("-", "_")
