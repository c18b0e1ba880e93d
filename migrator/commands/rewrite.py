"""``migrator rewrite``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from migrator.commands.options import run_options
from migrator.commands.output import out, out_parts, same_command, style
from migrator.commands.running import run_over

if TYPE_CHECKING:
    from datetime import date


@click.command()
@run_options
@click.option("--write", is_flag=True, help="Write the files. Without it this is a dry run.")
@click.option("--unsafe", is_flag=True, help="Include the rewrites that a person should review.")
@click.option("--check", is_flag=True, help="No diff: only findings, summary and exit code, for CI.")
@click.option(
    "--allow-dirty", is_flag=True, help="Write even where git could not bring the present file back."
)
def rewrite(
    paths: tuple[str, ...],
    output: str,
    write: bool,
    unsafe: bool,
    check: bool,
    allow_dirty: bool,
    today: date | None,
    jobs: int | None,
    docs: bool,
    **options: Any,
) -> None:
    """Rewrite the Python files of PATH…: a dry run that prints the diff and what is left for a person.

    \b
    Examples:
      migrator rewrite .                      show what would change
      migrator rewrite . --write              apply what is proved safe
      migrator rewrite . --write --unsafe     apply what needs your review as well
      migrator rewrite app --check            in CI: exit code 1 while something is left
      migrator rewrite . > move.patch         a patch for `git apply`
    """
    if write and check:
        raise click.UsageError("--check and --write exclude each other")
    report, *_ = run_over(
        paths, today, jobs, options, write=write, unsafe=unsafe, allow_dirty=allow_dirty, docs=docs
    )
    from migrator.report import counts, json, text

    if output == "json":
        out(json.render(report))
    else:
        paint = style()
        out_parts(
            text.changes(report, paint) if check or write else text.diffs(report, paint),
            text.findings(report, paint),
            text.summary(report, paint, unsafe=unsafe, command=same_command("rewrite")),
        )
    raise SystemExit(counts.count(report).exit_code)
