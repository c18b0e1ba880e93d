"""``migrator compare``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrator.commands.options import catalog_of, day_of, rules_option, today_option
from migrator.commands.output import complain, out, style
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from migrator.catalog import Catalog
    from migrator.compare.judge.asked import Asked
    from migrator.report.progress import Progress


@click.command()
@click.argument("suite", metavar="SUITE")
@click.option("--old", multiple=True, metavar="SOURCE", help="Where the pictures of today come from.")
@click.option("--new", multiple=True, metavar="SOURCE", help="Where those to compare come from; repeatable.")
@click.option(
    "--source", "others", multiple=True, metavar="NAME=SOURCE", help="A further column; repeatable."
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="NAME:HEADER=VARIABLE",
    help="A header for a source, its value from the environment.",
)
@click.option(
    "--key-file", "key_files", multiple=True, metavar="[NAME=]FILE", help="A file with the key of a source."
)
@click.option("--out", "folder", metavar="DIR", help="The folder of the run; default: runs/<run id>.")
@click.option(
    "--plan", "--dry-run", "only_plan", is_flag=True, help="Print the plan and its cost; ask nobody."
)
@click.option("--batch", is_flag=True, help="Use the Batch API: half the price, an answer within a day.")
@click.option(
    "--poll", type=click.FloatRange(0.1), metavar="SECONDS", help="How often to look after a batch."
)
@click.option("--budget", type=click.FloatRange(0), metavar="USD", help="Never spend more than this.")
@click.option(
    "--assume-usd",
    type=click.FloatRange(0),
    metavar="USD",
    help="What one picture costs where no price is published.",
)
@click.option(
    "--concurrency", type=click.IntRange(1, 1000), metavar="N", help="Requests at a time per model."
)
@click.option("--rate", type=click.FloatRange(0.1), metavar="N", help="Pictures per minute and model.")
@click.option(
    "--timeout", type=click.FloatRange(0.1), metavar="SECONDS", help="How long one picture may take."
)
@click.option("--retry-failed", is_flag=True, help="Ask again for what failed in an earlier run.")
@click.option("--retry-blocked", is_flag=True, help="Ask again for what the safety system refused.")
@click.option(
    "--latency", type=click.FloatRange(0), default=0.0, metavar="SECONDS", help="Of simulated answers."
)
@click.option("--seed", type=int, default=0, metavar="N", help="Of simulated pictures.")
@click.option(
    "--executor",
    default="processes",
    show_default=True,
    metavar="WHERE",
    help="Where pictures are checked: processes, threads, or dask://HOST:PORT.",
)
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Checks at a time; default: one per core.")
@click.option(
    "--judge",
    metavar="MODEL[@URL]",
    help="Let a vision model say which picture of each pair is better; `simulator` tries it. Advisory.",
)
@click.option(
    "--shard", metavar="I/N", help="Only part I of N of the tasks; `migrator merge` joins the folders."
)
@click.option("--judge-price", metavar="IN:OUT", help="What the judge costs, USD per million tokens.")
@click.option(
    "--judge-key-env", default="OPENAI_API_KEY", metavar="NAME", help="The variable with the judge's key."
)
@rules_option
@today_option
def compare(
    suite: str,
    old: tuple[str, ...],
    new: tuple[str, ...],
    others: tuple[str, ...],
    headers: tuple[str, ...],
    key_files: tuple[str, ...],
    folder: str | None,
    only_plan: bool,
    rules: tuple[str, ...],
    today: date | None,
    **options: Any,
) -> None:
    """Make the pictures of the prompts in SUITE with an old and a new model, side by side.

    A SOURCE is openai:MODEL, azure:DEPLOYMENT[=MODEL], openai-compatible:MODEL@URL, archive:DIR (pictures
    that you have), simulator:MODEL, or the name of a source of the suite. Without any, the simulator stands
    on both sides. Keys come from the environment or from --key-file.

    The same command again goes on where the last one stopped.

    \b
    Examples:
      migrator compare suite.yaml                       see how it works, without a key
      migrator compare suite.yaml --plan --old archive:photos --new openai:MODEL
      migrator compare suite.yaml --old archive:photos --new openai:MODEL --budget 5

    Exit codes: 0 every picture is there; 1 some were refused, failed or are not in the archive; 2 usage;
    3 not everything was asked; 4 budget or quota; 130 interrupted.
    """
    from migrator.compare import finish, plan, run, shown
    from migrator.compare import results as documents
    from migrator.compare import suite as suites
    from migrator.compare.judge import asked as asked_judge
    from migrator.compare.secrets import Secrets
    from migrator.compare.sources import opening, spec
    from migrator.compare.thresholds import thresholds_from
    from migrator.report.progress import Progress

    catalog, day = catalog_of(rules), day_of(today)
    asked = suites.load(suite, catalog)
    columns = spec.columns(
        catalog,
        day,
        asked,
        old=old,
        new=new,
        others=[_pair(one, "--source NAME=SOURCE") for one in others],
        headers=[_header(one) for one in headers],
        key_files=dict(_key_files(key_files)),
    )
    made = plan.make(asked, columns, catalog, batch=options["batch"])
    place = Path(folder) if folder else Path("runs") / made.run
    if options["shard"]:
        from migrator.compare import parts
        from migrator.discover import shards

        shard = shards.parse(options["shard"])
        made = parts.share(made, shard)
        place = Path(folder) if folder else Path("runs") / f"{made.run}-{shard.number}-of-{shard.of}"
    chosen = _options(run, place, options)
    made = run.priced(made, chosen)
    judge = _judge(options)
    told = shown.plan_text(made, place, style()) + (asked_judge.estimate_text(made, judge) if judge else "")
    thresholds_from(asked.gate, where=f"{asked.path}: gate")
    if only_plan:
        out(told)
        out(shown.task_lines(made))
        return
    archives = opening.archives(columns, asked)
    complain(told.rstrip("\n"))
    ended = run.execute(made, catalog, Secrets(), archives, chosen, sys.stderr)
    if options["shard"]:
        documents.write(place, ended.results)
        out(shown.part_text(ended.results, place, style()))
        raise SystemExit(ended.exit_code)
    with Progress(sys.stderr) as progress:
        results = finish.finish(
            place,
            ended.results,
            asked,
            finish.Finish(
                options["executor"],
                options["jobs"] or os.cpu_count() or 1,
                lambda done, whole: progress.step(f"looking at pictures: {done:,} of {whole:,}"),
                _judging(judge, place, catalog, options["budget"], progress)
                if judge and ended.exit_code != run.EXIT_INTERRUPTED
                else None,
            ),
        )
    out(shown.end_text(results, place, style()))
    raise SystemExit(ended.exit_code)


def _options(run: Any, place: Path, given: dict[str, Any]) -> Any:
    return run.Options(
        folder=place,
        pace=run.Pace(given["concurrency"], given["rate"], given["timeout"]),
        budget_usd=given["budget"],
        assume_usd=given["assume_usd"],
        retry_failed=given["retry_failed"],
        retry_blocked=given["retry_blocked"],
        latency_s=given["latency"],
        seed=given["seed"],
        poll_s=given["poll"],
    )


def _judge(given: dict[str, Any]) -> Asked | None:
    from migrator.compare.judge.asked import parse

    spec = given["judge"]
    if spec is None:
        if given["judge_price"]:
            raise UserError("--judge-price needs --judge MODEL")
        return None
    return parse(spec, given["judge_price"], given["judge_key_env"], given["budget"])


def _judging(
    judge: Asked, place: Path, catalog: Catalog, budget: float | None, progress: Progress
) -> Callable[[dict[str, Any]], str | None]:
    from migrator.compare.judge.asked import ask

    return lambda results: ask(
        judge,
        results,
        place,
        catalog,
        budget,
        lambda done, whole: progress.step(f"judging pairs: {done:,} of {whole:,}"),
    )


def _pair(text: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.replace("_", "").replace("-", "").isalnum() or not value:
        raise UserError(f"{text!r} is not {form}")
    return name, value


def _header(text: str) -> tuple[str, str, str]:
    form = "--header NAME:HEADER=VARIABLE"
    left, _, variable = text.partition("=")
    name, colon, header = left.partition(":")
    if not colon or not name or not header or not variable.replace("_", "").isalnum():
        raise UserError(f"{left!r} is not {form}")
    return name, header, variable


def _key_files(values: Iterable[str]) -> Iterable[tuple[str, Path]]:
    for value in values:
        name, equals, path = value.partition("=")
        yield (name, Path(path)) if equals else ("", Path(value))
