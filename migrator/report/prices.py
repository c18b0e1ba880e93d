"""What a migration does to the price of pictures: each kind of request, before and after."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.catalog.likely import likely_price

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.catalog import Catalog
    from migrator.types import Report

PER = 1000
_BY_CODE = "set by the program"


@dataclass(frozen=True, slots=True)
class Price:
    """What pictures of one kind of request cost, in USD per 1,000; ``None`` where the rules do not know."""

    sites: int
    before: str
    after: str
    old_usd: float | None
    new_usd: float | None
    note: str = ""
    """Why the price after is only likely, or an empty text."""

    @property
    def change(self) -> str:
        """The difference in words."""
        if self.old_usd is None or self.new_usd is None:
            return "not known"
        if not self.old_usd:
            return "not known"
        share = self.new_usd / self.old_usd - 1
        return "the same" if abs(share) < 0.005 else f"{share:+.0%}"


def doubts(found: Iterable[Price]) -> list[str]:
    """Why prices are only likely, each reason once."""
    return sorted({part for price in found for part in price.note.split("; ") if part})


def prices(report: Report, catalog: Catalog) -> list[Price]:
    """Each kind of request with its price before and after, the most frequent first."""
    requests: dict[str, Any] = {}
    for finding in report.findings:
        if finding.request is not None and finding.site:
            requests.setdefault(finding.site, finding.request)
    kinds = Counter(
        tuple(
            tuple(_asked(side, name) for name in ("model", "quality", "size"))
            for side in (one.before, one.after)
        )
        for one in requests.values()
    )
    found = []
    for (before, after), number in kinds.most_common():
        (old, _), (new, note) = (_usd(catalog, side) for side in (before, after))
        found.append(Price(number, _words(before), _words(after), old, new, note if new is not None else ""))
    return found


def _asked(request: dict[str, Any], name: str) -> str | None:
    """A parameter's value; an empty text where the program decides, ``None`` where it is not given."""
    value = request.get(name)
    return value if value is None or isinstance(value, str) else ""


def _usd(catalog: Catalog, asked: tuple[str | None, ...]) -> tuple[float | None, str]:
    name, quality, size = asked
    model = catalog.model(name) if name else None
    if model is None or "" in (quality, size):
        return None, ""
    value, note = likely_price(catalog, model, quality, size)
    return (None if value is None else value * PER), note


def _words(asked: tuple[str | None, ...]) -> str:
    return " · ".join(part or _BY_CODE for part in asked if part is not None)
