"""The command line: which commands there are, and how all of them end.

Nothing but click is imported here. A command is named with its module and its short help, and its module is
imported when the command is asked for, so that ``--help`` stays fast however much the commands need.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import click

from migrator import __version__
from migrator.commands.output import complain
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class Entry(NamedTuple):
    """A command: ``module:attribute`` below ``migrator.commands``, and its line in the list."""

    place: str
    short_help: str


COMMANDS: Mapping[str, Entry] = {
    "scan": Entry("scan:scan", "List call sites with models, deadlines, outcomes."),
    "rewrite": Entry("rewrite:rewrite", "Rewrite Python files; a dry run unless --write is given."),
    "campaign": Entry("campaign:campaign", "Scan many repositories into one table, worst first."),
    "completion": Entry("completion:completion", "Print the completion script for your shell."),
    "demo": Entry("demo:demo", "Show all of it on a sample project."),
    "compare": Entry("compare:compare", "Put two models side by side over a suite of prompts."),
    "merge": Entry("merge:merge", "Join the JSON reports of a divided run."),
    "models": Entry("facts:models", "Show the image models and their last days."),
    "rules": Entry("facts:rules", "List the rules, or check them."),
    "explain": Entry("facts:explain", "Say what a rule does and why."),
    "harvest": Entry("harvest:harvest", "Write a prompt suite from the prompts in code."),
    "suite": Entry("suite:suite", "Check prompt suites."),
    "judge": Entry("judge:judge", "Ask a vision model about a comparison; advisory."),
    "gate": Entry("gate:gate", "Say whether a comparison passes, for CI."),
    "report": Entry("report:report", "Write the page on which a comparison is signed off."),
    "verdicts": Entry("verdicts:verdicts", "Bring reviewers' verdicts into a run."),
    "simulate": Entry("simulate:simulate", "Serve a local Images API for tests."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name, and imports one when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command ``cmd_name``, imported now."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.place.partition(":")
        found = getattr(importlib.import_module(f"migrator.commands.{module}"), attribute)
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the words ask for; a name that is nearly right gets a hint."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            ctx.fail(f"No such command {name!r}.{f' Did you mean {near[0]!r}?' if near else ''}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list from the table above, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].short_help) for name in self.list_commands(ctx)])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `migrator demo`, then `migrator rewrite PROJECT`: it shows a diff and writes nothing.",
)
@click.version_option(__version__, prog_name="migrator")
def cli() -> None:
    """Takes a Python project off OpenAI's retired DALL-E models and onto GPT Image.

    Exit codes: 0 nothing is left to do; 1 something is left (edits not yet written, findings for a person,
    unreadable files); 2 usage, configuration or environment.
    """


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
        complain(f"{message}{'' if message.endswith(('.', '?')) else '.'}{hint}")
        return EXIT_USAGE
    except (click.exceptions.Abort, KeyboardInterrupt):
        complain("interrupted; every file is whole")
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
            complain(str(error))
            return EXIT_USAGE
        if os.environ.get("MIGRATOR_DEBUG") == "1":
            raise
        complain(
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
