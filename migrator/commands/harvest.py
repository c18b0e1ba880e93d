"""``migrator harvest``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from migrator.commands.options import day_of, rules_option, today_option
from migrator.commands.output import complain, out
from migrator.errors import UserError

if TYPE_CHECKING:
    from datetime import date

    from migrator.compare.harvest import Harvest


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "-o", "--out", "target_file", metavar="FILE", help="Write the suite here instead of printing it."
)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option(
    "--target", metavar="MODEL", help="Model whose parameters the suite uses; `migrator models` lists them."
)
@rules_option
@today_option
def harvest(
    paths: tuple[str, ...],
    target_file: str | None,
    force: bool,
    target: str | None,
    rules: tuple[str, ...],
    today: date | None,
) -> None:
    """Write a prompt suite from the prompts in the code of PATH….

    Texts and f-strings become prompts, with gaps such as {{subject}} for what varies; each knows its file, its line
    and the parameters of its call. The code is read, never run.

    \b
    Examples:
      migrator harvest src > suite.yaml
      migrator harvest . -o suite.yaml
    Exit code 1: no prompt was found.
    """
    from pathlib import Path

    from migrator import pipeline
    from migrator.compare.harvest import suite_text
    from migrator.report.progress import Progress

    if target_file is not None and Path(target_file).exists() and not force:
        raise UserError(f"{target_file} is there already; --force replaces it")
    settings = pipeline.settings_for(paths, rules=rules, target=target)
    with Progress(sys.stderr) as progress:
        found = pipeline.prompts(
            pipeline.Job(paths, settings, day_of(today), jobs=os.cpu_count() or 1), progress.step
        )
    _say(found)
    if not found.found:
        raise SystemExit(1)
    text = suite_text(_placed(found, paths))
    if target_file is None:
        out(text)
        return
    try:
        Path(target_file).write_text(text, "utf-8")
    except (OSError, ValueError) as error:
        raise UserError(f"{target_file}: {getattr(error, 'strerror', None) or 'cannot be written'}") from None


def _placed(found: Harvest, paths: tuple[str, ...]) -> Harvest:
    """The harvest with places as the suite says them: below here or below PATH, never from the root of a disk."""
    from dataclasses import replace
    from pathlib import Path

    bases = [Path.cwd(), *(Path(path) if Path(path).is_dir() else Path(path).parent for path in paths)]

    def place(path: str) -> str:
        if not Path(path).is_absolute():
            return path
        base = next((base for base in bases if Path(path).is_relative_to(base)), None)
        return Path(path).relative_to(base).as_posix() if base else Path(path).name

    return replace(found, found=[replace(one, path=place(one.path)) for one in found.found])


def _say(found: Harvest) -> None:
    for left in found.left:
        complain(f"{left.path}:{left.line}: {left.reason}")
    edits = sum(one.endpoint == "edits" for one in found.found)
    repeated = f", {found.repeated} repeated" if found.repeated else ""
    with_edits = f" ({edits} of them edits, as comments)" if edits else ""
    many = len(found.found)
    sites = f"{found.sites} call site{'' if found.sites == 1 else 's'}"
    complain(f"{many} prompt{'' if many == 1 else 's'}{with_edits} from {sites}{repeated}")
