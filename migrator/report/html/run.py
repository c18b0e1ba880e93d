"""The comparison's page, from a run folder: ``index.html``, or one file with everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.compare import results as documents
from migrator.compare import verdicts
from migrator.errors import UserError
from migrator.report.html import pages
from migrator.report.html.data import failed_checks, page_data
from migrator.report.html.gallery import Gallery
from migrator.report.html.model import STATES
from migrator.report.html.pairs import chosen, files_of, pairs_of, sources_of
from migrator.report.html.summary import found_of, gate_of, lines_of, tiles_of
from migrator.report.html.words import plural, shortened, visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.compare.verdicts import Verdicts
    from migrator.report.html.model import Pair

Json = dict[str, Any]
SINGLE_FILE = "report.html"
MOST_IN_TABLE = 300
"""Pairs of which there is a table for browsers without JavaScript; all others have to read past it."""
MOST_ALONE = 200
LARGEST_ALONE = 150 * 2**20


def render_run(run_dir: Path, single_file: bool = False, results: Json | None = None) -> Path:
    """Writes the report of the run in ``run_dir`` and returns the page's path.

    ``results`` are those of the run where they are at hand; a large document is not read a second time then.

    Raises:
        UserError: For a folder without results that can be read, and for a single file that would be too big.
    """
    results = documents.load(run_dir) if results is None else results
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
    failed = sorted({check.name for pair in pairs for check in failed_checks(pair.new)})
    return {
        "title": shortened((suite or {}).get("title") or "Comparison", 160),
        "run_id": visible(results.get("run", "")),
        "created": shortened(str(results.get("created", "")).replace("T", " ").replace("Z", " UTC"), 40),
        "tool": shortened(results.get("tool", ""), 20),
        "folder": shortened(run_dir.name, 80),
        "simulated": bool(results.get("simulated")) or bool(drawn),
        "all_simulated": bool(results.get("simulated")) or len(drawn) == len(sources),
        "sources": sources,
        "gate": gate_of(results, pairs, failed),
        "found": found_of(pairs),
        "tiles": tiles_of(results, pairs, old, new),
        "notes": [str(note) for note in results.get("notes") or ()],
        "lines": lines_of(results, old, new),
        "tags": sorted({visible(tag) for pair in pairs for tag in pair.tags}),
        "states": [
            (state, STATES[state]) for state in sorted({pair.new.state for pair in pairs if pair.new})
        ],
        "failed": failed,
        "pairs": worst_first,
        "applied_sentence": _applied(applied, len(pairs)),
        "verdicts_of": lambda pair: ", ".join(by_pair.get((pair.prompt_id, pair.sample), ())),
        "embed": embed,
        "table_up_to": MOST_IN_TABLE,
        "data": page_data(results, pairs, sources, applied),
    }


def _applied(applied: Verdicts | None, pairs: int) -> str:
    if applied is None or not applied.records:
        return "Nothing signed off yet"
    names = sorted({record.reviewer for record in applied.records})
    who = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return shortened(f"{len(applied.reviewed)} of {pairs} signed off by {who}", 160)
