"""The tour: a sample project runs on the old API, fails on today's, is rewritten, and runs again."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrator import pipeline
from migrator.catalog import load
from migrator.errors import UserError
from migrator.report import counts, text
from migrator.settings import Settings
from migrator.simulator import Simulator, SimulatorError
from migrator.write import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from migrator.catalog import Catalog
    from migrator.report.style import Style
    from migrator.simulator import Era
    from migrator.types import Report

SAMPLE = "postcards"
_PATIENCE = 120.0
"""Seconds that one run of the sample may take."""

_COMMAND = ("main.py", "a lighthouse at dawn")


@dataclass(frozen=True, slots=True)
class Ran:
    """How one run of the sample ended. ``text`` is its output, or the last line of its complaint."""

    passed: bool
    text: str


def demo(say: Callable[[str | bytes], None], today: date, style: Style) -> int:
    """Runs the whole tour, printing through ``say``. 0 when every step went as it should, else 1.

    Raises:
        UserError: When the simulator cannot run, or the installation has no sample.
    """
    catalog = load()
    # The rules are true from the day they were checked on: a clock that is behind must not spoil the tour.
    day = max(today, *(model.fact.checked for model in catalog.models.values()))

    def head(line: str) -> None:
        say("\n" + style.paint(line, "bold") + "\n")

    with tempfile.TemporaryDirectory(prefix="migrator-demo-") as folder:
        copy = Path(folder) / SAMPLE
        shutil.copytree(sample_folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
        say(f"A copy of the sample project {SAMPLE!r}, which draws a postcard and a stamp with DALL-E:\n")
        say("".join(f"  {path}\n" for path in _sources(copy)))

        head("1. It runs on the API of its time (simulated on this machine)")
        before = run_sample(copy, catalog, "dalle")
        say(_shown(before))

        head(f"2. It fails on the API of {day} (simulated as well)")
        today_before = run_sample(copy, catalog, "today", day)
        say(_shown(today_before))

        head("3. migrator rewrite . --write")
        with _inside(copy):
            report = _rewrite(day)
            say(text.diffs(report, style))
            say("\n")
            report = write(report, allow_dirty=True)
            left = text.findings(report, style)
            say(f"Left for a person:\n{left}\n" if left else "")
            say(text.summary(report, style))

        head(f"4. The rewritten program runs on the API of {day}")
        after = run_sample(copy, catalog, "today", day)
        say(_shown(after))
        with _inside(copy):
            again = counts.count(_rewrite(day)).files_changed

        faults = _faults(before, today_before, report, after, again)
        head("What happened")
        say("".join(f"  {fault}\n" for fault in faults) or _story(report))
    return 1 if faults else 0


def sample_folder() -> Path:
    """Where the sample is: inside an installed package, or in a source checkout.

    Raises:
        UserError: When it is missing.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_samples" / SAMPLE, package.parent / "fixtures" / "samples" / SAMPLE):
        if folder.is_dir():
            return folder
    raise UserError("the sample project is missing: this installation is not complete")


def run_sample(folder: Path, catalog: Catalog, era: Era, day: date | None = None) -> Ran:
    """Runs the sample in ``folder`` as a program of its own, against a simulator of its own.

    Raises:
        UserError: When the simulator cannot run.
    """
    try:
        with Simulator(catalog, era, today=day) as simulator:
            done = subprocess.run(  # noqa: S603 - our own sample
                [sys.executable, *_COMMAND],
                cwd=folder,
                env={**_environment(), **simulator.environment()},
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                check=False,
            )
    except SimulatorError as error:
        raise UserError(str(error)) from None
    except subprocess.TimeoutExpired:
        return Ran(passed=False, text=f"it did not end within {_PATIENCE:.0f} seconds")
    complaint = done.stderr.strip().splitlines()
    passed = done.returncode == 0
    return Ran(passed, done.stdout if passed else (complaint or ["no message"])[-1])


def _environment() -> dict[str, str]:
    """This environment without what would send loopback requests elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, "NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}


def _rewrite(day: date) -> Report:
    report, _ = pipeline.run(pipeline.Job(paths=(".",), settings=Settings(), today=day))
    return report


def _sources(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _shown(ran: Ran) -> str:
    lines = ran.text.rstrip().splitlines()
    return "".join(f"  {line}\n" for line in [*lines, "-> passed" if ran.passed else "-> failed"])


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Makes ``folder`` the current one for a while, so that paths read as they would at home."""
    home = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(home)


def _faults(before: Ran, today_before: Ran, report: Report, after: Ran, again: int) -> list[str]:
    """What did not go as it should, one line each."""
    checks = (
        (before.passed, "The sample did not run on the old API."),
        (not today_before.passed, "The sample should fail on today's API before the rewrite, and did not."),
        (counts.count(report).files_changed > 0, "The rewrite changed nothing."),
        (after.passed, "The rewritten sample does not run on today's API."),
        (again == 0, "A second rewrite would change files again."),
    )
    return [line for passed, line in checks if not passed]


def _story(report: Report) -> str:
    total = counts.count(report)
    return (
        f"  The program worked while DALL-E lived, and fails today. The rewrite moved {total.migrated} of\n"
        f"  its {total.sites} calls to {report.target}, with all that feeds them and reads their answers:\n"
        f"  the same program works again. Left for a person: {total.left}, with reason and suggestion.\n"
        "  A second rewrite changes nothing. Next is your own project: migrator rewrite PATH\n"
        "  (a dry run: it shows the diff and writes nothing).\n"
    )
