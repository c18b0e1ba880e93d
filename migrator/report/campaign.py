"""The table of a campaign, as text, as JSON and as a page."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from migrator import __version__
from migrator.discover.walk import printable
from migrator.errors import UserError
from migrator.report.style import Style
from migrator.report.tables import columns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from migrator.campaign.scan import Model, Row

VERSION = 1
_PLAIN = Style()
NOBODY = "nobody known"


def totals(rows: Sequence[Row]) -> dict[str, int]:
    """What all repositories add up to."""
    return {
        "repositories": len(rows),
        "with_work": sum(row.left and not row.error for row in rows),
        "failed": sum(bool(row.error) for row in rows),
        "sites": sum(len(row.sites) for row in rows),
        "broken": sum(row.broken for row in rows),
        **{
            name: sum(row.outcomes.get(name, 0) for row in rows)
            for name in ("safe", "review", "manual", "done")
        },
        "files_changed": sum(row.files_changed for row in rows),
    }


def as_json(rows: Sequence[Row], target: str, today: date, shard: str = "") -> str:
    """The versioned document, with a final newline."""
    data = {
        "version": VERSION,
        "kind": "campaign",
        "target": target,
        "day": today.isoformat(),
        **({"shard": shard} if shard else {}),
        "repositories": [_entry(row) for row in rows],
        "totals": totals(rows),
    }
    text = json.dumps(data, indent=2, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _entry(row: Row) -> dict[str, Any]:
    entry: dict[str, Any] = {"repository": printable(row.name), "status": "failed" if row.error else "ok"}
    if row.error:
        return entry | {"error": printable(row.error)}
    return entry | {
        "commit": row.commit,
        "sites": [
            {
                "path": site.path,
                "line": site.line,
                "endpoint": site.endpoint,
                "models": list(site.models),
                "outcome": site.outcome,
                "owners": list(site.owners),
            }
            for site in row.sites
        ],
        "models": [
            {"model": one.model, "sites": one.sites, "shutdown": one.shutdown, "days_left": one.days_left}
            for one in row.models
        ],
        "broken": row.broken,
        "outcomes": row.outcomes,
        "files_changed": row.files_changed,
        "findings": {"review": row.review, "manual": row.manual, "unread": row.unread},
        "usd_per_1000": {
            "before": row.cost.before_usd,
            "after": row.cost.after_usd,
            "sites": row.cost.sites,
            "doubts": list(row.cost.doubts),
        }
        if row.cost
        else None,
        "owners": [{"owner": name or None, "sites": number} for name, number in row.owners],
        "warnings": list(row.warnings),
    }


def as_text(rows: Sequence[Row], target: str, style: Style = _PLAIN) -> str:
    """The table for people, and one line that adds it up."""
    header = ("repository", "sites", "models", "deadline", "outcome", "USD per 1,000", "owners")
    cells = [
        (
            printable(row.name),
            "" if row.error else str(len(row.sites)),
            models(row),
            life(row.next_end),
            f"failed: {printable(row.error)}" if row.error else outcome(row),
            cost(row),
            owners(row),
        )
        for row in rows
    ]
    number = totals(rows)
    sites, repositories = number["sites"], len(rows)
    line = f"{sites:,} call site{'' if sites == 1 else 's'} in {repositories:,} "
    line += "repository" if repositories == 1 else "repositories"
    if number["broken"]:
        line += f", {number['broken']:,} of them on models that are shut down"
    line += f": {number['safe']:,} move to {target} by themselves, {number['review']:,} need a review,"
    line += f" {number['manual']:,} a person."
    if number["failed"]:
        line += f" {number['failed']:,} could not be scanned."
    return f"{columns(cells, header, style)}\n{style.paint(line, 'bold')}\n"


def models(row: Row) -> str:
    """The models with the most call sites, at most three."""
    names = [printable(one.model) for one in sorted(row.models, key=lambda one: (-one.sites, one.model))]
    return ", ".join(name if len(name) <= 40 else f"{name[:39]}…" for name in names[:3]) + _more(len(names))


def _more(number: int) -> str:
    return f" and {number - 3} more" if number > 3 else ""


def life(model: Model | None) -> str:
    """The nearest end in words."""
    if model is None or model.days_left is None:
        return ""
    if model.days_left <= 0:
        return f"shut down {model.shutdown}"
    return f"{model.shutdown}, {model.days_left} day{'' if model.days_left == 1 else 's'}"


def outcome(row: Row) -> str:
    """What is to be done, the hardest first."""
    words = {"manual": "by hand", "review": "to review", "safe": "automatic", "done": "fine"}
    parts = [f"{row.outcomes[name]} {word}" for name, word in words.items() if row.outcomes.get(name)]
    elsewhere = row.manual + row.review
    if not row.sites and elsewhere:
        parts.append(f"{elsewhere} finding{'' if elsewhere == 1 else 's'}, no Python call")
    if row.unread:
        parts.append(f"{row.unread} file{'' if row.unread == 1 else 's'} unread")
    return ", ".join(parts) or ("settings only" if row.files_changed else "nothing to do")


def cost(row: Row) -> str:
    """Before and after."""
    if row.cost is None:
        return ""
    likely = " (likely)" if row.cost.doubts else ""
    return f"{row.cost.before_usd:,.2f} → {row.cost.after_usd:,.2f}{likely}"


def owners(row: Row) -> str:
    """Those with the most call sites, at most three."""
    names = [f"{name or NOBODY} ({number})" for name, number in row.owners]
    return ", ".join(names[:3]) + _more(len(names))


def page(rows: Sequence[Row], target: str, today: date, folder: Path) -> Path:
    """Writes the page into ``folder``, and returns its path.

    Raises:
        UserError: For a folder that cannot be written, or whose ``index.html`` is somebody else's.
    """
    from migrator.report.html import pages  # noqa: PLC0415 - a page is seldom asked for

    to = folder / "index.html"
    number = totals(rows)
    try:
        if to.exists() and pages.GENERATOR not in to.read_bytes()[:4000].decode("utf-8", "replace"):
            raise UserError(f"{to} is there already and is no report: choose another folder for --report")
        folder.mkdir(parents=True, exist_ok=True)
        return pages.render(
            "campaign.html",
            {
                "rows": rows,
                "target": target,
                "today": today.isoformat(),
                "tool": __version__,
                "totals": number,
                "outcomes": [
                    ("safe", "move by themselves", number["safe"]),
                    ("review", "need a review", number["review"]),
                    ("manual", "need a person", number["manual"]),
                    ("done", "need nothing", number["done"]),
                ],
                "people": Counter(
                    {
                        name or NOBODY: sum(dict(row.owners).get(name, 0) for row in rows)
                        for name in sorted({name for row in rows for name, _ in row.owners})
                    }
                ).most_common(20),
                "doubts": sorted({text for row in rows if row.cost for text in row.cost.doubts}),
                "life": life,
                "outcome": outcome,
                "owners": owners,
                "printable": printable,
            },
            to,
            styles=("base.css", "rewrite.css", "campaign.css"),
            scripts={"script": pages.asset("js/rewrite.js")},
            alone=False,
        )
    except OSError as error:
        raise UserError(f"the report cannot be written to {folder}: {error.strerror}") from None


__all__ = ["as_json", "as_text", "page", "totals"]
