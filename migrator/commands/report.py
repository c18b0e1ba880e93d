"""``migrator report``: the page of a run."""

from __future__ import annotations

from pathlib import Path

import click

from migrator.commands.output import out_line


@click.command()
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--single-file", is_flag=True, help="One file with everything in it, for up to 200 pairs.")
def report(run: Path, single_file: bool) -> None:
    """Write the report page of the run folder RUN, and print where it is. Open it with a double click.

    \b
    Examples:
      migrator report runs/2026-11-20-a1b2c3
      migrator report runs/2026-11-20-a1b2c3 --single-file
    """
    from migrator.report.html.run import render_run

    out_line(str(render_run(run, single_file)))
