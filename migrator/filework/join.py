"""The reports over single projects as one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.types import FileResult, Report, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.types import Finding, SiteSummary

_WORST = ("changed", "error", "unchanged")


def clashes(reports: Sequence[Report]) -> set[int]:
    """The positions of reports that change the same file, and not in the same way."""
    changed: dict[str, dict[int, str]] = {}
    for number, report in enumerate(reports):
        for file in report.files:
            if file.after is not None:
                changed.setdefault(file.path, {})[number] = file.after
    return {number for found in changed.values() if len(set(found.values())) > 1 for number in found}


def joined(reports: Sequence[Report]) -> Report:
    """One report of ``reports``, of which no two clash: everything once, in the order of a single run."""
    files: dict[str, FileResult] = {}
    for report in reports:
        for file in report.files:
            known = files.setdefault(file.path, file)
            if _WORST.index(file.status) < _WORST.index(known.status):
                files[file.path] = file
    return replace(
        reports[0],
        files=tuple(files[path] for path in sorted(files)),
        findings=_findings(reports),
        sites=_sites(reports),
        warnings=tuple(dict.fromkeys(text for report in reports for text in report.warnings)),
        reads=tuple(dict.fromkeys(read for report in reports for read in report.reads)),
        compared=frozenset().union(*(report.compared for report in reports)),
    )


def _findings(reports: Iterable[Report]) -> tuple[Finding, ...]:
    """Equal findings of different reports once; those that one report repeats are meant."""
    found: dict[tuple[int, str], Finding] = {}
    for report in reports:
        seen: dict[str, int] = {}
        for finding in report.findings:
            text = repr(finding)
            seen[text] = number = seen.get(text, -1) + 1
            found.setdefault((number, text), finding)
    return tuple(sorted(found.values(), key=place))


def _sites(reports: Iterable[Report]) -> tuple[SiteSummary, ...]:
    found: dict[SiteSummary, None] = {}
    for report in reports:
        found.update(dict.fromkeys(report.sites))
    return tuple(sorted(found, key=lambda site: (site.path, site.line)))


__all__ = ["clashes", "joined"]
