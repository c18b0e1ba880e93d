"""``migrator rewrite``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrator.commands.options import run_options
from migrator.commands.output import complain, out, out_parts, same_command, style
from migrator.commands.running import run_over

if TYPE_CHECKING:
    from datetime import date

    from migrator.types import Report


@click.command()
@run_options
@click.option("--write", is_flag=True, help="Write the files. Without it this is a dry run.")
@click.option("--unsafe", is_flag=True, help="Include the rewrites that a person should review.")
@click.option("--check", is_flag=True, help="No diff: only findings, summary and exit code, for CI.")
@click.option(
    "-i", "--interactive", is_flag=True, help="Show each call site and decide by one key, then write."
)
@click.option("--mark", is_flag=True, help="Put a `# TODO(migrator)` comment above what is left for you.")
@click.option(
    "--report", type=click.Path(), metavar="DIR", help="Also write a page of it, to read and print."
)
@click.option("--patch", type=click.Path(), metavar="FILE", help="Also save the changes for `git apply`.")
@click.option(
    "--allow-dirty", is_flag=True, help="Write even where git could not bring the present file back."
)
def rewrite(
    paths: tuple[str, ...],
    output: str,
    write: bool,
    unsafe: bool,
    check: bool,
    interactive: bool,
    mark: bool,
    report: str | None,
    patch: str | None,
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
      migrator rewrite . --interactive        decide for each call site, then write
      migrator rewrite app --check            in CI: exit code 1 while something is left
      migrator rewrite . --patch move.patch   a patch for `git apply`
      migrator rewrite . --report report      a page of all of it, to read, send and print
      migrator rewrite . --since origin/main  only what changed on this branch
      migrator rewrite . --format sarif       for code scanning; github and gitlab as well
    """
    if write and check:
        raise click.UsageError("--check and --write exclude each other")
    if options["shard"] and (write or interactive):
        raise click.UsageError(
            "--shard only looks, since writing one part would change how the rest is divided: save each part with"
            " --patch FILE, then `git apply` all of them"
        )
    flags: dict[str, Any] = {
        "write": write,
        "unsafe": unsafe,
        "allow_dirty": allow_dirty,
        "docs": docs,
        "mark": mark,
    }
    if interactive:
        from migrator.commands.interactive import choose

        if check or output != "text":
            raise click.UsageError("--interactive goes with neither --check nor another --format")
        flags |= {"choose": choose, "unsafe": True, "write": True}
    found, catalog, day = run_over(paths, today, jobs, options, **flags)
    from migrator.report import counts, machine, text

    _keep_patches(found, patch)
    if report is not None:
        from migrator.report.html.rewrite import render_rewrite

        complain(f"note: the report is {render_rewrite(found, catalog, day, Path(report))}")
    made = machine.render(found, output, catalog)
    if made is not None:
        out(made)
    else:
        paint = style()
        out_parts(
            text.changes(found, paint) if check or flags["write"] else text.diffs(found, paint),
            text.findings(found, paint),
            text.summary(found, paint, unsafe=unsafe, command=same_command("rewrite")),
        )
    raise SystemExit(counts.count(found).exit_code)


def _keep_patches(report: Report, patch: str | None) -> None:
    """Saves the patch that was asked for, and the way back from what was written."""
    from migrator.report import patch as patches

    if patch is not None:
        patches.save(Path(patch), patches.forward(report))
    if report.written:
        undo = patches.keep_undo(report)
        if undo is not None:
            complain(f"note: to take this back: git apply {shlex.quote(str(undo))}")
