"""The choices of one run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.types import Sdk, UrlAs


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked for. ``select`` and ``ignore`` hold rule ids or their beginnings.

    ``url_chosen``: a person has said what a url becomes for unknown callers, so it need not be asked again.
    """

    target: str
    url_as: UrlAs = "data-uri"
    url_chosen: bool = False
    url_folder: str | None = None
    unsafe: bool = False
    sdk: Sdk = "keep"
    """What becomes of calls of openai<1: they stay on it, or move to the current package."""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    today: date = field(default_factory=date.today)
    jobs: int = 1
    docs: bool = False
    """Also rewrite texts for people: prose, and code in Markdown."""
