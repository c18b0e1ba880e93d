"""The jobs: functions that another process can run, with arguments that can be sent to it."""

from __future__ import annotations

import pickle
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.catalog import Catalog
    from migrator.codemod import Options
    from migrator.discover.project import FileProject
    from migrator.hosts.base import HostContext
    from migrator.hosts.run import Treated
    from migrator.types import Report, SourceFile


@dataclass(frozen=True, slots=True)
class Part:
    """One project: its candidates, and the paths of all Python files that can meet them."""

    files: tuple[SourceFile, ...]
    around: frozenset[str]


@dataclass(frozen=True, slots=True)
class Projects:
    """Projects to analyse. ``tree`` is the pickled list of files, ``run`` names it, ``folder`` is where paths start."""

    run: str
    folder: str
    tree: bytes
    catalog: Catalog
    options: Options
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Analysed:
    """What became of one project. ``differs`` is a file that the worker does not see as it was sent."""

    report: Report | None = None
    outside: frozenset[str] = frozenset()
    differs: str = ""


@dataclass(frozen=True, slots=True)
class Texts:
    """Files that are not Python, with the kind of each."""

    context: HostContext
    files: tuple[tuple[str, SourceFile], ...]


_known: dict[str, FileProject] = {}
"""The list of files of the last run that this process worked for, with what was read of them."""


def analyse(job: Projects) -> tuple[Analysed, ...]:
    """Migrates each project in memory, in a process that stands in the right folder."""
    if threading.current_thread() is not threading.main_thread() or str(Path.cwd()) != job.folder:
        # the current folder and the depth of recursion belong to a whole process
        from migrator.executor.processes import run_apart  # noqa: PLC0415

        try:
            found: tuple[Analysed, ...] = run_apart(job.folder, analyse, job)
        except OSError:
            return tuple(Analysed(differs=part.files[0].path) for part in job.parts)
        return found
    if job.run not in _known:
        _known.clear()
        _known[job.run] = pickle.loads(job.tree)  # noqa: S301 - from the process that sent this function
    return tuple(_analysed(job, _known[job.run], part) for part in job.parts)


def _analysed(job: Projects, project: FileProject, part: Part) -> Analysed:
    differs = next((file.path for file in part.files if not project.holds(file)), "")
    if differs:
        return Analysed(differs=differs)
    return analysed(project, job.catalog, job.options, part)


def analysed(project: FileProject, catalog: Catalog, options: Options, part: Part) -> Analysed:
    """What became of one project."""
    from migrator.codemod import migrate  # noqa: PLC0415 - heavy

    own = project.part(part.files, part.around)
    return Analysed(migrate(own, catalog, options), own.outside)


def treat(job: Texts) -> tuple[Treated, ...]:
    """Treats each file by the host of its kind."""
    from migrator.hosts.run import treated  # noqa: PLC0415 - a job's own imports

    return tuple(treated(kind, file, job.context) for kind, file in job.files)


__all__ = ["Analysed", "Part", "Projects", "Texts", "analyse", "analysed", "treat"]
