"""``migrator campaign``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrator.commands.options import day_of, executor_options, format_option, rules_option, today_option
from migrator.commands.output import complain, out, style

if TYPE_CHECKING:
    from datetime import date


@click.command()
@click.argument("list_", metavar="LIST", type=click.Path())
@click.option("--target", metavar="MODEL", help="Model to move to; `migrator models` lists them.")
@click.option("--report", type=click.Path(), metavar="DIR", help="Also write a page of it.")
@click.option("--cache", type=click.Path(), metavar="DIR", help="Keep clones here for the next time.")
@click.option("--shard", metavar="I/N", help="Only part I of N of the list; `migrator merge` joins the JSON.")
@click.option(
    "--no-history", is_flag=True, help="Do not fetch the history of an address to name who wrote a line."
)
@executor_options
@rules_option
@format_option
@today_option
def campaign(
    list_: str,
    target: str | None,
    report: str | None,
    cache: str | None,
    shard: str | None,
    no_history: bool,
    executor: str,
    jobs: int | None,
    rules: tuple[str, ...],
    output: str,
    today: date | None,
) -> None:
    """Scan all repositories in the file LIST, and write one table of them, worst first.

    LIST holds one folder or git address (https, ssh, file) per line, with # comments; - reads it from standard
    input. An address is cloned, and nothing in it is run; its history is fetched only where CODEOWNERS does not
    name the owner of a call site. A repository that cannot be scanned
    costs one row.

    \b
    Examples:
      migrator campaign repositories.txt
      migrator campaign repositories.txt --report campaign --format json
      migrator campaign repositories.txt --executor dask://HOST:PORT
    """
    from migrator import pipeline
    from migrator.campaign import places
    from migrator.campaign.run import run
    from migrator.campaign.scan import Task
    from migrator.discover import shards
    from migrator.report import campaign as shown
    from migrator.report.progress import Progress
    from migrator.settings import Settings

    day = day_of(today)
    listed = places.read(list_)
    part = shards.parse(shard) if shard else None
    if part is not None:
        listed = listed[part.number - 1 :: part.of]
    own = tuple(str(Path(rule).absolute()) for rule in rules)
    catalog = pipeline.catalog_for(Settings(rules=own))
    model, warning = catalog.target(target or catalog.default_target, day)
    if warning:
        complain(f"warning: {warning}")
    options: dict[str, Any] = {"target": model.id if target else None, "rules": own}
    kept = str(Path(cache).absolute()) if cache else ""
    with Progress(sys.stderr) as progress:
        rows = run(
            [Task(place, options, day, kept, not no_history) for place in listed],
            executor,
            jobs,
            progress.step,
        )
    if report is not None:
        complain(f"note: the report is {shown.page(rows, model.id, day, Path(report))}")
    if output == "json":
        out(shown.as_json(rows, model.id, day, str(part or "")))
    else:
        out(shown.as_text(rows, model.id, style()))
    raise SystemExit(1 if any(row.left for row in rows) else 0)
