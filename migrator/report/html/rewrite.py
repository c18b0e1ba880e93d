"""The page of ``migrator rewrite --report``: what would change, what it costs, what is left for a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator import __version__
from migrator.discover.walk import printable
from migrator.errors import UserError
from migrator.report.counts import count, left
from migrator.report.html import pages
from migrator.report.html.listing import listing
from migrator.report.html.words import NOTHING, plain, usd
from migrator.report.inventory import deadline
from migrator.report.prices import doubts, prices
from migrator.types import place

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from migrator.catalog import Catalog
    from migrator.report.html.listing import Listing
    from migrator.types import Finding, Report


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file on the page."""

    number: int
    path: str
    status: str
    listing: Listing


def render_rewrite(report: Report, catalog: Catalog, today: date, folder: Path) -> Path:
    """Writes the page into ``folder``, which is made if need be; returns the page's path.

    Raises:
        UserError: For a folder that cannot be written, or whose ``index.html`` is somebody else's.
    """
    page = folder / "index.html"
    try:
        if page.exists() and pages.GENERATOR not in page.read_bytes()[:4000].decode("utf-8", "replace"):
            raise UserError(f"{page} is there already and is no report: choose another folder for --report")
        folder.mkdir(parents=True, exist_ok=True)
        return pages.render(
            "rewrite.html",
            _context(report, catalog, today),
            page,
            styles=("base.css", "rewrite.css"),
            scripts={"script": pages.asset("js/rewrite.js")},
            alone=False,
        )
    except OSError as error:
        raise UserError(f"the report cannot be written to {folder}: {error.strerror}") from None


def _context(report: Report, catalog: Catalog, today: date) -> dict[str, Any]:
    counts = count(report)
    waiting = list({(one.rule, *place(one)): one for one in left(report)}.values())
    parts = _files(report)
    anchors = {part.path: f"file-{part.number}" for part in parts}
    names = Counter(name for site in report.sites for name in site.models)
    outcomes = Counter(_outcome(site.migrated, site.outcome) for site in report.sites)
    return {
        "target": report.target,
        "written": report.written,
        "today": today.isoformat(),
        "tool": __version__,
        "counts": counts,
        "outcomes": [
            (name, title, outcomes[name])
            for name, title in (
                ("safe", "migrated" if report.written else "migrate by themselves"),
                ("review", "need a review"),
                ("manual", "need a person"),
                ("done", "need nothing"),
            )
        ],
        "models": [(name, number, deadline(catalog, name, today)) for name, number in sorted(names.items())],
        "prices": (priced := prices(report, catalog)),
        "likely": doubts(priced),
        "unpriced": any(None in (price.old_usd, price.new_usd) for price in priced),
        "waiting": [(finding, anchors.get(printable(finding.path), "")) for finding in waiting],
        "sites": sorted(report.sites, key=lambda one: (one.path, one.line, one.site)),
        "files": parts,
        "warnings": [
            *report.warnings,
            *(f"{number:,} left out: {why}" for why, number in sorted(report.notes.items())),
        ],
        "printable": printable,
        "money": lambda value: NOTHING if value is None else usd(value),
        "request_of": _request,
    }


def _outcome(migrated: bool, outcome: str) -> str:
    return "safe" if migrated else outcome if outcome != "safe" else "manual"


def _request(finding: Finding) -> list[tuple[str, str, str]]:
    """The parameters that a finding's site sends otherwise than before."""
    if finding.request is None:
        return []
    before, after = finding.request.before, finding.request.after
    return [
        (
            name,
            _value(before[name]) if name in before else NOTHING,
            _value(after[name]) if name in after else "removed",
        )
        for name in dict.fromkeys([*before, *after])
        if before.get(name, before) != after.get(name, before)
    ]


def _value(value: Any) -> str:
    return plain(value["code"]) if isinstance(value, dict) and set(value) == {"code"} else plain(value)


def _files(report: Report) -> list[FilePart]:
    """The files that change, cannot be treated, or have something said of them; those that change first."""
    by_path: dict[str, list[Finding]] = {}
    for finding in sorted(report.findings, key=place):
        by_path.setdefault(finding.path, []).append(finding)
    order = {"changed": 0, "error": 1, "unchanged": 2}
    shown = [one for one in report.files if one.status != "unchanged" or one.path in by_path]
    shown.sort(key=lambda one: (order[one.status], one.path))
    return [
        FilePart(number, printable(one.path), one.status, listing(one, by_path.get(one.path, ())))
        for number, one in enumerate(shown, 1)
    ]
