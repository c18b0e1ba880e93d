"""``migrator simulate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from migrator.commands.options import catalog_of, rules_option, today_option
from migrator.commands.output import out_line
from migrator.errors import UserError

if TYPE_CHECKING:
    from datetime import date


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 is any free one."
)
@click.option(
    "--era",
    type=click.Choice(["today", "dalle"]),
    default="today",
    show_default=True,
    help="`dalle`: the old API.",
)
@click.option(
    "--latency", type=click.FloatRange(0), default=0.0, metavar="SECONDS", help="Wait before each answer."
)
@click.option(
    "--faults",
    metavar="FILE",
    type=click.Path(),
    help="A YAML file of faults with the shares of requests that they hit, latency by quality, and a seed.",
)
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Of the pictures and the faults.")
@click.option(
    "--deployment",
    "deployments",
    multiple=True,
    metavar="NAME=MODEL",
    help="An Azure deployment and the model behind it; repeatable. Model names are deployments anyway.",
)
@rules_option
@today_option
def simulate(
    port: int,
    era: Literal["today", "dalle"],
    latency: float,
    faults: str | None,
    seed: int | None,
    deployments: tuple[str, ...],
    rules: tuple[str, ...],
    today: date | None,
) -> None:
    """Serve a local Images API that answers as the real one does. Pictures are drawn here, without a key.

    \b
    Example:
      migrator simulate &
      OPENAI_BASE_URL=http://127.0.0.1:8765/v1 OPENAI_API_KEY=any python your_program.py
      migrator simulate --deployment art=MODEL &        for AZURE_OPENAI_ENDPOINT=http://127.0.0.1:8765
    """
    from pathlib import Path

    from migrator.simulator import SimulatorError, profile, serve
    from migrator.simulator.desk import Options

    asked = profile.read(Path(faults)) if faults else profile.Profile()
    behind = dict(_deployment(one) for one in deployments)
    number = seed if seed is not None else asked.seed or 0
    options = Options(latency=latency or asked.latency or 0.0, seed=number, latency_of=asked.latency_of)
    try:
        serve(
            catalog_of(rules),
            announce=out_line,
            port=port,
            era=era,
            today=today,
            seed=number,
            faults=asked.faults,
            deployments=behind,
            options=options,
        )
    except SimulatorError as error:
        raise UserError(str(error)) from None


def _deployment(text: str) -> tuple[str, str]:
    name, equals, model = text.partition("=")
    if not equals or not model or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise UserError(f"{text!r} is not --deployment NAME=MODEL")
    return name, model
