"""``migrator merge``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrator.commands.options import catalog_of, executor_options, findings_format_option, rules_option
from migrator.commands.output import complain, out, out_parts, style
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command()
@click.argument("parts", nargs=-1, required=True, metavar="PART…")
@click.option(
    "--out", "folder", metavar="DIR", help="For runs of `migrator compare`: the folder of the whole run."
)
@click.option("--report", metavar="DIR", help="For campaigns: also write a page.")
@executor_options
@rules_option
@findings_format_option
def merge(
    parts: tuple[str, ...],
    folder: str | None,
    report: str | None,
    executor: str,
    jobs: int | None,
    rules: tuple[str, ...],
    output: str,
) -> None:
    """Join the parts of a divided run (--shard I/N) into one.

    PART is a JSON report of scan, rewrite or campaign, or the folder of a run of compare. Every part I/N must be there
    once, with the same target. Reports of whole runs over different projects can be joined as well.

    \b
    Examples:
      migrator merge 1.json 2.json
      migrator merge 1.json 2.json --format sarif
      migrator merge runs/1 runs/2 --out runs/whole
    """
    names = tuple(dict.fromkeys(parts))
    if any(Path(name).is_dir() for name in names):
        _runs(names, folder, executor, jobs)
        return
    if folder is not None:
        raise UserError("--out is for the folders of runs; a merged report goes to standard output")
    from migrator.report import merge as joined

    documents = {name: joined.load(name) for name in names}
    campaigns = [isinstance(one, dict) and one.get("kind") == "campaign" for one in documents.values()]
    if all(campaigns):
        _campaigns(documents, report, output)
    elif any(campaigns):
        raise UserError(f"{names[campaigns.index(True)]} is a campaign, and the others are not")
    elif report is not None:
        raise UserError("--report is for campaigns; for reports of rewrite, pass it to `migrator rewrite`")
    else:
        _reports(documents, rules, output)


def _reports(documents: Mapping[str, Any], rules: tuple[str, ...], output: str) -> None:
    from migrator.report import counts, machine, text
    from migrator.report import merge as joined

    data = joined.merge({name: joined.check(name, one) for name, one in documents.items()})
    report = joined.report_of(data)
    for warning in report.warnings:
        complain(f"warning: {warning}")
    if output == "json":
        out(joined.as_text(data))
    elif (made := machine.render(report, output, catalog_of(rules))) is not None:
        out(made)
    else:
        paint = style()
        out_parts(
            text.changes(report, paint),
            text.findings(report, paint),
            text.summary(report, paint, command="migrator rewrite PATH"),
        )
    raise SystemExit(counts.count(report).exit_code)


def _campaigns(documents: Mapping[str, Any], report: str | None, output: str) -> None:
    from migrator.campaign.join import join
    from migrator.report import campaign as shown

    if output not in {"text", "json"}:
        raise UserError(f"a campaign has no --format {output}: use text or json, or --report DIR for a page")
    whole = join(documents)
    if report is not None:
        page = shown.page(whole.rows, whole.target, whole.day, Path(report))
        complain(f"note: the report is {page}")
    if output == "json":
        out(shown.as_json(whole.rows, whole.target, whole.day))
    else:
        out(shown.as_text(whole.rows, whole.target, style()))
    raise SystemExit(1 if any(row.left for row in whole.rows) else 0)


def _runs(names: tuple[str, ...], folder: str | None, executor: str, jobs: int | None) -> None:
    from migrator.compare import finish, parts, run, shown
    from migrator.compare.suite import Suite
    from migrator.report.progress import Progress

    if folder is None:
        raise UserError("say with --out DIR where the whole run is to stand")
    strange = next((name for name in names if not Path(name).is_dir()), None)
    if strange is not None:
        raise UserError(f"{strange} is no folder of a run, and the others are")
    found = parts.merge([Path(name) for name in names], Path(folder))
    about = found["suite"]
    suite = Suite(
        about["path"], about.get("sha256", ""), about.get("title", ""), (), gate=about.get("gate") or {}
    )
    with Progress(sys.stderr) as progress:
        found = finish.finish(
            Path(folder),
            found,
            suite,
            finish.Finish(
                executor,
                jobs or os.cpu_count() or 1,
                lambda done, whole: progress.step(f"looking at pictures: {done:,} of {whole:,}"),
            ),
        )
    out(shown.end_text(found, Path(folder), style()))
    raise SystemExit(run.exit_code(found, stopped=False, quota=False))
