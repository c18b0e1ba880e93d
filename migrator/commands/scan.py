"""``migrator scan``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from migrator.commands.options import run_options
from migrator.commands.output import out, same_command, style
from migrator.commands.running import run_over

if TYPE_CHECKING:
    from datetime import date


@click.command()
@run_options
def scan(
    paths: tuple[str, ...], output: str, today: date | None, jobs: int | None, docs: bool, **options: Any
) -> None:
    """List the call sites in PATH… with their models, deadlines and what a rewrite would do. Writes nothing.

    \b
    Examples:
      migrator scan .
      migrator scan src --format json
    """
    report, catalog, day = run_over(paths, today, jobs, options, docs=docs)
    from migrator.report import counts, inventory, machine

    made = machine.render(report, output, catalog)
    out(inventory.render(report, catalog, day, style(), same_command("rewrite")) if made is None else made)
    raise SystemExit(counts.count(report).exit_code)
