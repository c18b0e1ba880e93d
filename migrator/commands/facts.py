"""``migrator models``, ``migrator rules`` and ``migrator explain``: what the rules say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from migrator.commands.options import catalog_of, day_of, format_option, rules_option, today_option
from migrator.commands.output import out, out_line, out_table

if TYPE_CHECKING:
    from datetime import date


@click.command()
@rules_option
@format_option
@today_option
def models(rules: tuple[str, ...], output: str, today: date | None) -> None:
    """Show the image models: status, shutdown date, days left, replacement."""
    from migrator.catalog.tables import lifecycle_table, lifecycle_text

    rows = lifecycle_table(catalog_of(rules), day_of(today))
    out_table(rows, lifecycle_text(rows), output)


@click.group()
def rules() -> None:
    """Show the rules, or check them against the installed openai package."""


@rules.command("list")
@rules_option
@format_option
def rules_list(rules: tuple[str, ...], output: str) -> None:
    """List every rule with its id, operation and title."""
    from migrator.catalog.tables import rules_table, rules_text

    rows = rules_table(catalog_of(rules))
    out_table(rows, rules_text(rows), output)


@rules.command("check")
@rules_option
def rules_check(rules: tuple[str, ...]) -> None:
    """Compare the rules with the types of the installed openai package. Exit code 1 when they drifted."""
    from migrator.catalog.drift import drift

    found = drift(catalog_of(rules))
    out("".join(f"{line}\n" for line in found) or "The rules agree with the installed openai package.\n")
    raise SystemExit(1 if found else 0)


@click.command()
@click.argument("rule", metavar="ID")
@rules_option
def explain(rule: str, rules: tuple[str, ...]) -> None:
    """Print what rule ID does, why, where its facts come from, and an example: `migrator explain IMG003`."""
    from migrator.catalog.tables import explain as explained

    out_line(explained(catalog_of(rules), rule).rstrip("\n"))
