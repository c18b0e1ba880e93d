"""``migrator demo``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from migrator.commands.options import day_of, today_option
from migrator.commands.output import out, style

if TYPE_CHECKING:
    from datetime import date


@click.command()
@today_option
def demo(today: date | None) -> None:
    """Migrate a sample project in a temporary copy, and run it before and after. No key, no network."""
    from migrator.demo import demo as run_demo

    raise SystemExit(run_demo(out, day_of(today), style()))
