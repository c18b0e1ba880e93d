"""``migrator judge``."""

from __future__ import annotations

import sys

import click

from migrator.commands.output import out
from migrator.errors import UserError


@click.command()
@click.argument("run", metavar="RUN", type=click.Path())
@click.option("--model", required=True, metavar="MODEL", help="The vision model to ask.")
@click.option(
    "--base-url", metavar="URL", help="Any OpenAI-compatible chat endpoint; default: OPENAI_BASE_URL."
)
@click.option(
    "--key-env",
    default="OPENAI_API_KEY",
    show_default=True,
    metavar="NAME",
    help="The variable that holds the key.",
)
@click.option("--budget", type=click.FloatRange(0), metavar="USD", help="Ask no more when this is reached.")
@click.option("--price-in", type=click.FloatRange(0), metavar="USD", help="Price of a million input tokens.")
@click.option(
    "--price-out", type=click.FloatRange(0), metavar="USD", help="Price of a million output tokens."
)
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=4, show_default=True, help="Questions at a time."
)
def judge(
    run: str,
    model: str,
    base_url: str | None,
    key_env: str,
    budget: float | None,
    price_in: float | None,
    price_out: float | None,
    concurrency: int,
) -> None:
    """Ask a vision model which picture of each pair in folder RUN is better, in both orders.

    The outcome is advisory: it goes into the results and the page, never into the gate. Answers are kept in
    RUN/judge.jsonl, so the same question is not paid for twice.

    \b
    Example:
      migrator judge runs/4f2a --model MODEL --budget 2 --price-in 2.5 --price-out 10
    """
    import os
    from pathlib import Path

    from migrator.compare.exports import write_all
    from migrator.compare.judge import JudgeOptions
    from migrator.compare.judge import judge as ask
    from migrator.compare.numbers import numbers
    from migrator.compare.reading import read_results, read_verdicts, write_results
    from migrator.report.progress import Progress

    folder = Path(run)
    results = read_results(folder)
    key = os.environ.get(key_env, "").strip()
    if not key:
        raise UserError(f"the judge needs a key: set {key_env} (any word will do for the simulator)")
    options = JudgeOptions(model, base_url, key, budget, price_in, price_out, concurrency)
    with Progress(sys.stderr) as progress:
        found = ask(results, folder, options, lambda done, of: progress.step(f"judging pair {done} of {of}"))
    results["numbers"] = numbers(results, read_verdicts(folder, results))
    write_results(folder, results)
    write_all(results, folder)
    pairs = results["numbers"]["pairs"].values()
    lines = [line for pair in pairs for line in pair["lines"] if line.startswith("The judge ")]
    cost = "unknown" if found["cost_usd"] is None else f"${found['cost_usd']:.4f} ({found['cost_is']})"
    left = sum(entry["verdict"] in {"failed", "skipped_budget"} for entry in found["pairs"])
    out("".join(f"{line}\n" for line in lines))
    out(
        f"Cost of the judge: {cost}. {left} pairs were not judged.\n"
        if left
        else f"Cost of the judge: {cost}.\n"
    )
    raise SystemExit(1 if left else 0)
