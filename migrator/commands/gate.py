"""``migrator gate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from migrator.commands.options import format_option
from migrator.commands.output import out, out_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.compare.gate import Gate


def _limit(_context: click.Context, option: click.Parameter, value: str | None) -> float | str | None:
    """A number, or ``none`` for no limit; nothing when the option was not given."""
    if value is None or value.lower() == "none":
        return value
    try:
        number = float(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is neither a number nor `none`", param=option) from None
    return int(number) if number.is_integer() else number


def _option(name: str, text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(f"--{name}", callback=_limit, metavar="N", help=text)


@click.command()
@click.argument("run", metavar="RUN", type=click.Path())
@_option("max-failures", "Pictures of the new side that may be missing or not as asked [default: 0].")
@_option("max-newly-blocked", "Prompts that only the new side may refuse [default: 0].")
@_option("max-text-cer", "Wrong letters per letter in text that the suite names [default: 0.25].")
@_option("text-alpha", "How sure `text got worse` must be [default: 0.05].")
@_option("max-outside-mask", "Share of a strict edit's kept part that may change [default: 0.02].")
@_option("max-cost-usd", "Dollars that the new side may cost as a whole.")
@_option("max-cost-per-picture", "Dollars that a usable picture may cost.")
@_option("max-latency-p90-s", "Seconds that nine of ten answers must keep.")
@click.option("--require-signoff", is_flag=True, default=None, help="Every pair needs a verdict of a person.")
@format_option
def gate(run: str, output: str, require_signoff: bool | None, **limits: Any) -> None:
    """Say whether the run in folder RUN passes, with the reasons.

    Limits come from the suite's `gate:` and from options, which win; `none` lifts a limit. Verdicts of people are
    read from RUN/verdicts.json.

    Exit codes: 0 pass; 1 the gate failed; 2 usage or configuration; 3 incomplete, run `migrator compare` again;
    4 budget or quota.

    \b
    Examples:
      migrator gate runs/4f2a
      migrator gate runs/4f2a --require-signoff --max-cost-per-picture 0.10
    """
    from pathlib import Path

    from migrator.compare.gate import judge_run
    from migrator.compare.reading import read_results, read_verdicts
    from migrator.compare.thresholds import thresholds_from

    folder = Path(run)
    results = read_results(folder)
    thresholds = thresholds_from(results["suite"].get("gate") or {}, where="gate of the suite")
    given = {name: value for name, value in limits.items() if value is not None}
    if require_signoff:
        given["require_signoff"] = True
    thresholds = thresholds_from(given, thresholds, where="options")
    found = judge_run(results, thresholds, read_verdicts(folder, results))
    if output == "json":
        import json

        out_line(json.dumps({"version": 1, "run": results.get("run"), **found.as_dict()}, indent=2))
    else:
        out(_text(found))
    raise SystemExit(found.exit_code)


_HEADS = {
    "pass": "PASS: nothing stands in the way.",
    "fail": "FAIL",
    "incomplete": "INCOMPLETE",
    "budget": "STOPPED by budget or quota",
}


def _text(found: Gate) -> str:
    from migrator.commands.output import style

    look = style()
    lines = [_HEADS[found.verdict]]
    lines.extend(f"  {reason.check}: {look.harmless(reason.message)}" for reason in found.reasons)
    lines.extend(f"note: {look.harmless(note)}" for note in found.notes)
    return "\n".join(lines) + "\n"
