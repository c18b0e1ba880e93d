"""What ``scan`` prints: the call sites, their models and deadlines, and what would become of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from migrator.discover.walk import printable
from migrator.report.prices import doubts, prices
from migrator.report.style import Style
from migrator.report.tables import columns
from migrator.report.text import findings, summary

if TYPE_CHECKING:
    from datetime import date

    from migrator.catalog import Catalog
    from migrator.types import Report

_PLAIN = Style()
_OUTCOME = {
    "safe": "rewrite",
    "review": "rewrite, to be reviewed",
    "manual": "by hand",
    "done": "nothing to do",
}


def render(
    report: Report, catalog: Catalog, today: date, style: Style = _PLAIN, command: str = "migrator rewrite"
) -> str:
    """The inventory: sites, a count per model, what needs a person. ``command`` is the one that rewrites."""
    sites = sorted(report.sites, key=lambda one: (one.path, one.line, one.site))
    text = ""
    if sites:
        rows = [
            (printable(one.site), one.endpoint, ", ".join(one.models) or "not known", _OUTCOME[one.outcome])
            for one in sites
        ]
        text += columns(rows, ("site", "endpoint", "models", "outcome"), style) + "\n"
        names = Counter(name for one in sites for name in one.models)
        rows_by_model = [
            (name, str(number), deadline(catalog, name, today)) for name, number in sorted(names.items())
        ]
        if rows_by_model:
            text += columns(rows_by_model, ("model", "sites", "life"), style) + "\n"
        priced = [price for price in prices(report, catalog) if price.new_usd is not None]
        if priced:
            rows_of_prices = [
                (one.before, one.after, _money(one.old_usd), _money(one.new_usd), one.change)
                for one in priced
            ]
            header = ("1,000 pictures of", "become", "before", "after", "change")
            text += columns(rows_of_prices, header, style)
            text += "".join(f"likely, for {why}\n" for why in doubts(priced))
            text += "\n"
    waiting = findings(report, style)
    return text + (f"{waiting}\n" if waiting else "") + summary(report, style, command=command)


def _money(value: float | None) -> str:
    return "not known" if value is None else f"${value:,.2f}"


def deadline(catalog: Catalog, name: str, today: date) -> str:
    """How long calls to ``name`` still work, in words."""
    model = catalog.model(name)
    if model is None:
        return "not a model that the rules know"
    life, left = model.life(), model.days_left(today)
    if life is None or life.shutdown is None or left is None:
        return "no announced end"
    if left <= 0:
        return f"shut down on {life.shutdown}"
    return f"shuts down on {life.shutdown}, in {left} day{'' if left == 1 else 's'}"
