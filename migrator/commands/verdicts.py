"""``migrator verdicts apply``: a reviewer's file becomes part of the run."""

from __future__ import annotations

from pathlib import Path

import click

from migrator.commands.output import complain, out_line


@click.group()
def verdicts() -> None:
    """What people said about the pairs of a comparison."""


@verdicts.command("apply")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
def verdicts_apply(run: Path, file: Path) -> None:
    """Write the verdicts in FILE, exported from the report page, into the run folder RUN.

    Every verdict must be about the pictures that the run holds; stale ones are refused and listed, and the
    exit code is 1. Several reviewers' files can be applied one after the other. Then `migrator gate RUN
    --require-signoff` counts them.

    \b
    Example:
      migrator verdicts apply runs/2026-11-20-a1b2c3 verdicts-ana.json
    """
    from migrator.compare import results as documents
    from migrator.compare.finish import count
    from migrator.compare.verdicts import apply
    from migrator.report.html.run import render_run
    from migrator.report.html.words import plural, visible

    results = documents.load(run)
    done = apply(run, results, file)
    for record, why in done.stale:
        number = f" #{record.sample + 1}" if record.sample else ""
        complain(f"refused, stale: {visible(record.prompt_id)}{number} by {visible(record.reviewer)}: {why}")
    if done.taken:
        documents.write(run, count(run, results, results["suite"].get("gate") or {}))
        render_run(run)
    pairs = {(task.get("prompt_id"), task.get("sample") or 0) for task in results.get("tasks") or ()}
    out_line(
        f"{plural(done.taken, 'verdict')} applied, {done.known} known already, {len(done.stale)} refused. "
        f"{len(done.verdicts.reviewed)} of {plural(len(pairs), 'pair')} reviewed."
    )
    raise SystemExit(1 if done.stale else 0)
