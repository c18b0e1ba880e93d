"""The comparison's page, from a run folder: ``index.html``, or one file with everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.compare import results as documents
from migrator.compare import verdicts
from migrator.errors import UserError
from migrator.report.html import pages
from migrator.report.html.gallery import Gallery
from migrator.report.html.model import STATES
from migrator.report.html.pairs import chosen, files_of, pairs_of, sources_of
from migrator.report.html.summary import gate_of, lines_of, tiles_of
from migrator.report.html.words import plural, seconds, shortened, usd, visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.compare.verdicts import Verdicts
    from migrator.report.html.model import Pair, Side, Source

Json = dict[str, Any]
SINGLE_FILE = "report.html"
MOST_ALONE = 200
LARGEST_ALONE = 150 * 2**20


def render_run(run_dir: Path, single_file: bool = False) -> Path:
    """Writes the report of the run in ``run_dir`` and returns the page's path.

    Raises:
        UserError: For a folder without results that can be read, and for a single file that would be too big.
    """
    results = documents.load(run_dir)
    gallery = Gallery.of(run_dir, files_of(results), embed=single_file)
    pairs = pairs_of(results, gallery, run_dir)
    if single_file and len(pairs) > MOST_ALONE:
        raise UserError(
            f"{plural(len(pairs), 'pair')} are too many for a single file (the limit is {MOST_ALONE}): "
            f"leave --single-file out and share the folder {run_dir}"
        )
    applied = verdicts.load(run_dir)
    page = run_dir / (SINGLE_FILE if single_file else "index.html")
    pages.render(
        "run.html",
        _context(results, pairs, applied, run_dir, embed=single_file),
        page,
        styles=("base.css", "run.css", "viewer.css"),
        scripts={"early": pages.asset("js/early.js"), "script": pages.program()},
        alone=single_file,
    )
    if single_file and (size := page.stat().st_size) > LARGEST_ALONE:
        page.unlink()
        raise UserError(
            f"a single file would have {size / 2**20:,.0f} MB (the limit is {LARGEST_ALONE / 2**20:.0f}): "
            f"leave --single-file out and share the folder {run_dir}"
        )
    return page


def _context(
    results: Json, pairs: Sequence[Pair], applied: Verdicts | None, run_dir: Path, *, embed: bool
) -> Json:
    sources = sources_of(results)
    old, new = chosen(sources, "old"), chosen(sources, "new")
    worst_first = sorted(pairs, key=lambda pair: pair.badness)
    suite = results.get("suite") if isinstance(results.get("suite"), dict) else {}
    drawn = [one for one in sources if one.simulated]
    by_pair: dict[tuple[str, int], list[str]] = {}
    for record in applied.records if applied else ():
        words = f"{record.reviewer}: {record.verdict.replace('_', ' ')}" + (
            f" ({record.note})" if record.note else ""
        )
        by_pair.setdefault((record.prompt_id, record.sample), []).append(words)
    return {
        "title": shortened((suite or {}).get("title") or "Comparison", 160),
        "run_id": visible(results.get("run", "")),
        "created": shortened(str(results.get("created", "")).replace("T", " ").replace("Z", " UTC"), 40),
        "tool": shortened(results.get("tool", ""), 20),
        "folder": shortened(run_dir.name, 80),
        "simulated": bool(results.get("simulated")) or bool(drawn),
        "all_simulated": bool(results.get("simulated")) or len(drawn) == len(sources),
        "sources": sources,
        "gate": gate_of(results),
        "tiles": tiles_of(results, pairs, old, new),
        "notes": [str(note) for note in results.get("notes") or ()],
        "lines": lines_of(results, old, new),
        "tags": sorted({visible(tag) for pair in pairs for tag in pair.tags}),
        "states": [
            (state, STATES[state]) for state in sorted({pair.new.state for pair in pairs if pair.new})
        ],
        "failed": sorted({check.name for pair in pairs for check in _failed(pair.new)}),
        "pairs": worst_first,
        "applied_sentence": _applied(applied, len(pairs)),
        "verdicts_of": lambda pair: ", ".join(by_pair.get((pair.prompt_id, pair.sample), ())),
        "embed": embed,
        "data": _data(results, pairs, sources, applied),
    }


def _applied(applied: Verdicts | None, pairs: int) -> str:
    if applied is None or not applied.records:
        return "Nothing signed off yet"
    names = sorted({record.reviewer for record in applied.records})
    who = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return shortened(f"{len(applied.reviewed)} of {pairs} signed off by {who}", 160)


def _data(results: Json, pairs: Sequence[Pair], sources: Sequence[Source], applied: Verdicts | None) -> Any:
    """What the script needs, as JSON that cannot end its element."""
    from jinja2.utils import htmlsafe_json_dumps  # noqa: PLC0415

    old, new = chosen(sources, "old"), chosen(sources, "new")
    ranks = {pair.number: rank for rank, pair in enumerate(sorted(pairs, key=lambda pair: pair.badness))}
    return htmlsafe_json_dumps(
        {
            "run": str(results.get("run", "")),
            "old": sources.index(old) if old else None,
            "new": sources.index(new) if new else None,
            "sources": [{"role": one.role, "label": _label(one)} for one in sources],
            "states": STATES,
            "applied": [record.as_json() for record in applied.records] if applied else [],
            "pairs": [_pair(pair, ranks[pair.number]) for pair in pairs],
        },
        separators=(",", ":"),
    )


def _label(source: Source) -> str:
    return visible(source.name)[:40] if source.role == "other" else source.role.capitalize()


def _pair(pair: Pair, rank: int) -> Json:
    edit = pair.edit
    return {
        "n": pair.number,
        "id": pair.prompt_id,
        "name": shortened(pair.prompt_id, 120),
        "s": pair.sample,
        "rank": rank,
        "tags": [visible(tag) for tag in pair.tags],
        "flags": pair.flags,
        "state": pair.new.state if pair.new else "absent",
        "failed": [check.name for check in _failed(pair.new)],
        "old_failed": [check.name for check in _failed(pair.old)],
        "left": pair.old.sha if pair.old else None,
        "right": pair.new.sha if pair.new else None,
        "both": bool(pair.old and pair.new and pair.old.has_picture and pair.new.has_picture),
        "latency": pair.new.latency if pair.new else None,
        "cost": pair.new.cost if pair.new else None,
        "sides": [_side(side, place) for place, side in enumerate(pair.sides)],
        "changes": [[one.name, one.old, one.new, one.kind] for one in pair.changes],
        "edit": {"input": edit.input, "mask": edit.mask, "heat": edit.heat, "sentence": edit.sentence}
        if edit
        else None,
        "origin": pair.origin,
    }


def _side(side: Side, place: int) -> Json:
    shown = side.look
    told = ("fail", "warn", "info", "skipped")
    return {
        "source": place,
        "state": side.state,
        "reason": side.reason,
        "error": side.error,
        "whole": side.whole,
        "w": shown.width if shown else 0,
        "h": shown.height if shown else 0,
        "alpha": bool(shown and shown.alpha),
        "facts": side.facts,
        "time": seconds(side.latency) if side.latency is not None else "",
        "price": f"{usd(side.cost)} {side.cost_is}" if side.cost is not None else "",
        "tries": side.attempts,
        "rid": shortened(side.request_id, 120),
        "c2pa": next((check.message for check in side.checks if check.name == "c2pa"), ""),
        "usage": [[shortened(name, 60), shortened(value, 80)] for name, value in sorted(side.usage.items())],
        "checks": [[one.name, one.status, one.message] for one in side.checks if one.status in told],
        "passed": [one.name for one in side.checks if one.status == "pass"],
    }


def _failed(side: Side | None) -> list[Any]:
    return [check for check in side.checks if check.status == "fail"] if side else []
