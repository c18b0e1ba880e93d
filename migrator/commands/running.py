"""One run over a project, for the commands that make one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from migrator.commands.options import day_of
from migrator.commands.output import complain

if TYPE_CHECKING:
    from datetime import date

    from migrator.catalog import Catalog
    from migrator.types import Report


def run_over(
    paths: tuple[str, ...], today: date | None, jobs: int | None, options: dict[str, Any], **flags: Any
) -> tuple[Report, Catalog, date]:
    """The report over ``paths``, with the facts and the day it was made with. Says warnings and notes."""
    from migrator import collecting, pipeline
    from migrator.report.progress import Progress

    collecting.seldom_from_now_on()
    day = day_of(today)
    since, staged = options.pop("since"), options.pop("staged")
    part, executor = options.pop("shard"), options.pop("executor")
    if since is not None and staged:
        raise click.UsageError("--since and --staged exclude each other")
    shard = None
    if part is not None:
        from migrator.discover import shards

        shard = shards.parse(part)
    job = pipeline.Job(
        paths=paths,
        since=since,
        staged=staged,
        shard=shard,
        settings=pipeline.settings_for(paths, **options),
        today=day,
        jobs=jobs or os.cpu_count() or 1,
        executor=executor,
        **flags,
    )
    with Progress(sys.stderr) as progress:
        report, catalog = pipeline.run(job, progress.step)
    for warning in report.warnings:
        complain(f"warning: {warning}")
    for reason, number in sorted(report.notes.items()):
        complain(f"note: {number:,} left out: {reason}")
    if shard is not None:
        complain(
            f"note: this is part {shard}, {len(report.sites):,} call sites; `migrator merge` joins the parts"
        )
    return report, catalog, day
