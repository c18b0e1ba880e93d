"""Python: one job per project, whoever does it, and one report of all."""

from __future__ import annotations

import pickle
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator import collecting
from migrator.discover.projects import projects
from migrator.filework.jobs import Analysed, Part, Projects, analyse, analysed
from migrator.filework.join import clashes, joined
from migrator.types import FileResult, Finding, Report, place, unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    from migrator.catalog import Catalog
    from migrator.codemod import Options
    from migrator.discover.project import FileProject
    from migrator.filework.crew import Crew
    from migrator.types import Choose

_WORTH = 24
"""Candidates outside of the largest project from which on it pays to start processes."""
_SHARES = 6
"""Jobs per worker, so that a large project at the end does not keep the others waiting."""


def run(
    project: FileProject, catalog: Catalog, options: Options, crew: Crew, choose: Choose | None = None
) -> Report:
    """The codemod's report over all candidates of ``project``.

    Every project in the tree is analysed on its own, also where nobody helps: so the report is the same, byte for
    byte, whoever works and however many. ``choose`` is a person, who is asked about all of it at once.
    """
    parts = _parts(project) if choose is None else []
    if len(parts) < 2:
        from migrator.codemod import migrate  # noqa: PLC0415 - as everywhere: heavy

        return migrate(project, catalog, options, choose)
    sizes = [len(part.files) for part in parts]
    worth = sum(sizes) - max(sizes) >= _WORTH
    worker = crew.workers(worth=worth)
    done: dict[int, Analysed] = {}
    if worker is not None:
        done = dict(_sent(parts, project, catalog, options, worker, crew.many))
    differ = [one.differs for one in done.values() if one.differs]
    for number, part in enumerate(parts):
        if number not in done or done[number].differs:
            done[number] = analysed(project, catalog, options, part)
            collecting.collect()
    report = _whole([done[number] for number in range(len(parts))], parts, project, catalog, options)
    if differ:
        text = (
            f"the workers at {crew.spec} do not see {sorted(differ)[0]} as it is here, so this was done here"
        )
        text = f"{text}: share the folder with them, under the same path"
        report = replace(report, warnings=(*report.warnings, text))
    return report


def _parts(project: FileProject) -> list[Part]:
    files = {file.path: file for file in project.candidates()}
    found = projects(tuple(files), project.code, project.roots)
    return [Part(tuple(files[path] for path in paths), around or frozenset()) for paths, around in found]


def _sent(
    parts: Sequence[Part],
    project: FileProject,
    catalog: Catalog,
    options: Options,
    worker: Executor,
    many: int,
) -> Iterator[tuple[int, Analysed]]:
    """What the workers made of the parts, by their positions. A part that takes its worker down is given up."""
    from migrator.executor import WorkerLost, results_of  # noqa: PLC0415 - most runs are small

    empty = Projects(uuid.uuid4().hex, str(Path.cwd()), pickle.dumps(project), catalog, options, ())

    def jobs(groups: Sequence[list[int]]) -> Iterator[tuple[list[int], Projects]]:
        for group in groups:
            yield group, replace(empty, parts=tuple(parts[number] for number in group))

    todo = _shares(parts, many * _SHARES)
    while todo:
        again: list[list[int]] = []
        for (numbers, _), result in results_of(worker, _numbered, jobs(todo)):
            if not isinstance(result, Exception):
                yield from zip(numbers, result, strict=True)
            elif not isinstance(result, WorkerLost):
                raise result
            elif len(numbers) > 1:
                again += [[number] for number in numbers]
            else:
                yield numbers[0], Analysed(_lost(parts[numbers[0]], options, str(result)))
        todo = again


def _numbered(job: tuple[list[int], Projects]) -> tuple[Analysed, ...]:
    return analyse(job[1])


def _shares(parts: Sequence[Part], many: int) -> list[list[int]]:
    """Positions in groups of about the same number of files, the largest first."""
    size = max(1, sum(len(part.files) for part in parts) // max(1, many))
    order = sorted(range(len(parts)), key=lambda number: -len(parts[number].files))
    groups: list[list[int]] = []
    left = 0
    for number in order:
        if left <= 0:
            groups.append([])
            left = size
        groups[-1].append(number)
        left -= len(parts[number].files)
    return groups


def _lost(part: Part, options: Options, why: str) -> Report:
    """A project whose analysis ends the process that makes it: each of its files is a finding."""
    findings = [
        Finding(
            "IMG093", "manual", file.path, 1, 1, 1,
            f"This file could not be analysed with its project ({why}), so it was left alone.",
            "Migrate it by hand, and report what the project looks like.",
        )
        for file in part.files
    ]  # fmt: skip
    files = tuple(FileResult(file.path, "error", file) for file in part.files)
    return Report(options.target, files, tuple(findings), ())


def _whole(
    done: list[Analysed], parts: list[Part], project: FileProject, catalog: Catalog, options: Options
) -> Report:
    """The parts as one report; those that change the same file differently are analysed together."""
    for one in done:
        assert one.report is not None
        project.take_from(one.outside, (file.path for file in one.report.files))
    reports = [one.report for one in done if one.report is not None]
    while both := clashes(reports):
        together = _together([parts[number] for number in sorted(both)])
        found = analysed(project, catalog, options, together)
        assert found.report is not None
        project.take_from(found.outside, (file.path for file in found.report.files))
        kept = [number for number in range(len(parts)) if number not in both]
        parts = [*(parts[number] for number in kept), together]
        reports = [*(reports[number] for number in kept), found.report]
    report = joined(reports)
    return _with_problems(report, project)


def _together(parts: Sequence[Part]) -> Part:
    files = sorted((file for part in parts for file in part.files), key=lambda one: one.path)
    return Part(tuple(files), frozenset().union(*(part.around for part in parts)))


def _with_problems(report: Report, project: FileProject) -> Report:
    """``report`` with the files that could not be read, whoever was to work on them."""
    known = {file.path for file in report.files}
    files = [*report.files, *(one for one in unread(project.problems) if one.path not in known)]
    said = {place(one) for one in report.findings}
    findings = [*report.findings, *(one for one in project.problems if place(one) not in said)]
    return replace(
        report,
        files=tuple(sorted(files, key=lambda one: one.path)),
        findings=tuple(sorted(findings, key=place)),
    )


__all__ = ["run"]
