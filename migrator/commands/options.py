"""Options that several commands share, and what they are turned into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from migrator.catalog import Catalog


def _as_day(_context: click.Context, _option: click.Parameter, value: str | None) -> date | None:
    from datetime import date

    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2026-11-22") from None


def _as_rules(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Rule ids, or the beginnings of some: repeated, separated by commas, or both."""
    return tuple(name for value in values for part in value.split(",") if (name := part.strip()))


today_option = click.option("--today", callback=_as_day, hidden=True, help="Pretend that it is this day.")
rules_option = click.option(
    "--rules", type=click.Path(), multiple=True, metavar="FILE", help="Rules to lay over the packaged ones."
)
format_option = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)


findings_format_option = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "sarif", "github", "gitlab"]),
    default="text",
    show_default=True,
    help="Output format: sarif for code scanning, github and gitlab for their annotations.",
)


def executor_options(command: Callable[..., None]) -> Callable[..., None]:
    """Where jobs run, and how many of them at a time."""
    where = click.option(
        "--executor",
        default="processes",
        show_default=True,
        metavar="WHERE",
        help="Where jobs run: processes, threads, or dask://HOST:PORT.",
    )
    many = click.option(
        "--jobs", type=click.IntRange(1), metavar="N", help="Jobs at a time; default: one per core."
    )
    return where(many(command))


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """What ``rewrite`` and ``scan`` share."""
    for decorate in reversed(
        (
            click.argument("paths", nargs=-1, required=True, metavar="PATH…"),
            click.option("--target", metavar="MODEL", help="Model to move to; `migrator models` lists them."),
            click.option(
                "--url-as",
                type=click.Choice(["data-uri", "file", "review"]),
                help="What a picture's url becomes where it leaves a function: a data: URI (default), "
                "the path of a saved file, or nothing: it is left for review.",
            ),
            click.option("--url-folder", metavar="FOLDER", help="Where `--url-as file` saves pictures."),
            click.option(
                "--sdk",
                type=click.Choice(["keep", "latest"]),
                help="Calls of openai<1 stay on that package (default), or move to the current one.",
            ),
            click.option(
                "--select",
                multiple=True,
                callback=_as_rules,
                metavar="ID,…",
                help="Only these rules; IMG03 means IMG030 to IMG039.",
            ),
            click.option(
                "--ignore", multiple=True, callback=_as_rules, metavar="ID,…", help="Not these rules."
            ),
            rules_option,
            findings_format_option,
            click.option(
                "--docs",
                is_flag=True,
                help="Also rewrite texts for people: prose, and code in Markdown. Otherwise they are counted.",
            ),
            executor_options,
            click.option(
                "--since",
                metavar="REV",
                help="Only files that changed since a revision of git, such as origin/main.",
            ),
            click.option("--staged", is_flag=True, help="Only files that are staged for a commit."),
            click.option(
                "--shard",
                metavar="I/N",
                help="Only part I of N, by whole projects; `migrator merge` joins the JSON reports.",
            ),
            today_option,
        )
    ):
        command = decorate(command)
    return command


def catalog_of(rules: tuple[str, ...]) -> Catalog:
    """The facts: the packaged rules, those of ``[tool.migrator]`` and ``rules`` laid over them."""
    from migrator import pipeline

    return pipeline.catalog_for(pipeline.settings_for((".",), rules=rules))


def day_of(today: date | None) -> date:
    """The day of the run."""
    from datetime import date

    return today or date.today()
