"""The commands. No logic: words of the command line in, text and an exit code out.

Only click is imported here; everything heavier is imported inside the command that needs it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from migrator import __version__
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from migrator.catalog import Catalog
    from migrator.report.style import Style
    from migrator.types import Report

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def _as_day(_context: click.Context, _option: click.Parameter, value: str | None) -> date | None:
    from datetime import date

    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2026-11-22") from None


def _as_rules(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Rule ids, or the beginnings of some: repeated, separated by commas, or both."""
    return tuple(name for value in values for part in value.split(",") if (name := part.strip()))


_today_option = click.option("--today", callback=_as_day, hidden=True, help="Pretend that it is this day.")
_rules_option = click.option(
    "--rules", type=click.Path(), multiple=True, metavar="FILE", help="Rules to lay over the packaged ones."
)
_format_option = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)


def _run_options(command: Callable[..., None]) -> Callable[..., None]:
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
                "--select",
                multiple=True,
                callback=_as_rules,
                metavar="ID,…",
                help="Only these rules; IMG03 means IMG030 to IMG039.",
            ),
            click.option(
                "--ignore", multiple=True, callback=_as_rules, metavar="ID,…", help="Not these rules."
            ),
            _rules_option,
            _format_option,
            click.option(
                "--jobs", type=click.IntRange(1), metavar="N", help="Processes; default: one per core."
            ),
            _today_option,
        )
    ):
        command = decorate(command)
    return command


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `migrator demo`, then `migrator rewrite PROJECT`: it shows a diff and writes nothing.",
)
@click.version_option(__version__, prog_name="migrator")
def cli() -> None:
    """Takes a Python project off OpenAI's retired DALL-E models and onto GPT Image.

    Exit codes: 0 nothing is left to do; 1 something is left (edits not yet written, findings for a person,
    unreadable files); 2 usage, configuration or environment.
    """


@cli.command(short_help="Rewrite Python files; a dry run unless --write is given.")
@_run_options
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
    report, *_ = _run(paths, today, jobs, options, write=write, unsafe=unsafe, allow_dirty=allow_dirty)
    from migrator.report import counts, json, text

    if output == "json":
        _out(json.render(report))
    else:
        style = _style()
        _out_parts(
            text.changes(report, style) if check or write else text.diffs(report, style),
            text.findings(report, style),
            text.summary(report, style, unsafe=unsafe, command=_same_command("rewrite")),
        )
    raise SystemExit(counts.count(report).exit_code)


@cli.command(short_help="List call sites with models, deadlines, outcomes.")
@_run_options
def scan(paths: tuple[str, ...], output: str, today: date | None, jobs: int | None, **options: Any) -> None:
    """List the call sites in PATH… with their models, deadlines and what a rewrite would do. Writes nothing.

    \b
    Examples:
      migrator scan .
      migrator scan src --format json
    """
    report, catalog, day = _run(paths, today, jobs, options)
    from migrator.report import counts, inventory, json

    _out(
        json.render(report)
        if output == "json"
        else inventory.render(report, catalog, day, _style(), _same_command("rewrite"))
    )
    raise SystemExit(counts.count(report).exit_code)


@cli.command(short_help="Show the image models and their last days.")
@_rules_option
@_format_option
@_today_option
def models(rules: tuple[str, ...], output: str, today: date | None) -> None:
    """Show the image models: status, shutdown date, days left, replacement."""
    from migrator.catalog.tables import lifecycle_table, lifecycle_text

    rows = lifecycle_table(_catalog(rules), _day(today))
    _table(rows, lifecycle_text(rows), output)


@cli.group(short_help="List the rules, or check them.")
def rules() -> None:
    """Show the rules, or check them against the installed openai package."""


@rules.command("list")
@_rules_option
@_format_option
def rules_list(rules: tuple[str, ...], output: str) -> None:
    """List every rule with its id, operation and title."""
    from migrator.catalog.tables import rules_table, rules_text

    rows = rules_table(_catalog(rules))
    _table(rows, rules_text(rows), output)


@rules.command("check")
@_rules_option
def rules_check(rules: tuple[str, ...]) -> None:
    """Compare the rules with the types of the installed openai package. Exit code 1 when they drifted."""
    from migrator.catalog.drift import drift

    found = drift(_catalog(rules))
    _out("".join(f"{line}\n" for line in found) or "The rules agree with the installed openai package.\n")
    raise SystemExit(1 if found else 0)


@cli.command(short_help="Say what a rule does and why.")
@click.argument("rule", metavar="ID")
@_rules_option
def explain(rule: str, rules: tuple[str, ...]) -> None:
    """Print what rule ID does, why, where its facts come from, and an example: `migrator explain IMG003`."""
    from migrator.catalog.tables import explain as explained

    _out_line(explained(_catalog(rules), rule).rstrip("\n"))


@cli.command(short_help="Serve a local Images API for tests.")
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
@_rules_option
@_today_option
def simulate(
    port: int, era: Literal["today", "dalle"], latency: float, rules: tuple[str, ...], today: date | None
) -> None:
    """Serve a local Images API that answers as the real one does. Pictures are drawn here, without a key.

    \b
    Example:
      migrator simulate &
      OPENAI_BASE_URL=http://127.0.0.1:8765/v1 OPENAI_API_KEY=any python your_program.py
    """
    from migrator.simulator import SimulatorError, serve

    try:
        serve(_catalog(rules), announce=_out_line, port=port, era=era, today=today, latency=latency)
    except SimulatorError as error:
        raise UserError(str(error)) from None


@cli.command(short_help="Show all of it on a sample project.")
@_today_option
def demo(today: date | None) -> None:
    """Migrate a sample project in a temporary copy, and run it before and after. No key, no network."""
    from migrator.demo import demo as run_demo

    raise SystemExit(run_demo(_out, _day(today), _style()))


def _run(
    paths: tuple[str, ...], today: date | None, jobs: int | None, options: dict[str, Any], **flags: bool
) -> tuple[Report, Catalog, date]:
    from migrator import pipeline
    from migrator.report.progress import Progress

    day = _day(today)
    job = pipeline.Job(
        paths=paths,
        settings=pipeline.settings_for(paths, **options),
        today=day,
        jobs=jobs or os.cpu_count() or 1,
        **flags,
    )
    with Progress(sys.stderr) as progress:
        report, catalog = pipeline.run(job, progress.step)
    for warning in report.warnings:
        _complain(f"warning: {warning}")
    for reason, number in sorted(report.notes.items()):
        _complain(f"note: {number:,} left out: {reason}")
    return report, catalog, day


def _catalog(rules: tuple[str, ...]) -> Catalog:
    from migrator import pipeline

    return pipeline.catalog_for(pipeline.settings_for((".",), rules=rules))


def _day(today: date | None) -> date:
    from datetime import date

    return today or date.today()


def _table(rows: Sequence[Any], shown: str, output: str) -> None:
    """Prints dataclass rows, as text that is ready or as a JSON list of objects."""
    from migrator.report.tables import as_json

    _out_line(as_json(rows) if output == "json" else shown)


def _style() -> Style:
    from migrator.report.style import Style

    return Style.of(sys.stdout)


def _same_command(name: str) -> str:
    """The present command line as ``migrator NAME``, for "the same again with ``--write``"."""
    import shlex

    from migrator.discover.walk import printable

    words = (word for word in sys.argv[2:] if word != "--check")
    return " ".join(["migrator", name, *(shlex.quote(printable(word)) for word in words)])


def _out_parts(*parts: str | bytes) -> None:
    """Prints the parts that hold something, with an empty line between them."""
    for number, part in enumerate(part for part in parts if part):
        _out("\n" if number else "")
        _out(part)


def _out(text: str | bytes) -> None:
    """Prints a result. Bytes are a patch, which must arrive as it is."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
    sys.stdout.flush()
    stream = getattr(sys.stdout, "buffer", None)
    try:
        if stream is None:
            sys.stdout.write(data.decode("utf-8", "replace"))
        else:
            stream.write(data)
            stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(f"the output could not be written: {error.strerror}") from None


def _out_line(text: str) -> None:
    _out(f"{text}\n")


def _complain(text: str) -> None:
    from migrator.report.style import Style

    sys.stderr.write(f"migrator: {Style.of(sys.stderr).harmless(text)}\n")


def main() -> NoReturn:
    """The command ``migrator``. Ends in an exit code and at most one line of complaint, never a traceback."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - lives on
    try:
        code = _guarded()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone (`| head`); Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    sys.exit(code)


def _guarded() -> int:
    try:
        cli.main(prog_name="migrator", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return EXIT_USAGE
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" Try `{context.command_path} --help`." if context else ""
        message = error.format_message()
        _complain(f"{message}{'' if message.endswith(('.', '?')) else '.'}{hint}")
        return EXIT_USAGE
    except (click.exceptions.Abort, KeyboardInterrupt):
        _complain("interrupted; every file is whole")
        return EXIT_INTERRUPTED
    except click.exceptions.Exit as done:
        return done.exit_code
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else EXIT_USAGE
    except BrokenPipeError:
        raise
    except BaseException as error:
        from migrator.catalog.errors import CatalogError

        if isinstance(error, UserError | CatalogError):
            _complain(str(error))
            return EXIT_USAGE
        if os.environ.get("MIGRATOR_DEBUG") == "1":
            raise
        _complain(
            f"internal error in {_place(error)}: {type(error).__name__}: please report it"
            " (MIGRATOR_DEBUG=1 shows the whole of it)"
        )
        return EXIT_USAGE
    return 0


def _place(error: BaseException) -> str:
    """The module and line of our own code in which ``error`` came up."""
    place, trace = "migrator", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.startswith("migrator") and not trace.tb_frame.f_code.co_filename.startswith("<"):
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
