"""Turns what was said about the programs of notebooks into what is true of the notebook files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.hosts.notebook.lines import SHELL, SHOWN, UNREAD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.hosts.notebook.document import Notebook
    from migrator.types import FileResult, Finding, Report, SiteSummary

_WORDS = ((f"{SHELL}()", "This line"), (f"{SHOWN}()", "The output of the cell"), (f"{UNREAD}()", "This cell"))
"""How a placeholder is called in a sentence."""


def restored(report: Report, notebooks: Mapping[str, Notebook]) -> Report:
    """``report`` with files, findings and call sites of notebooks in terms of their JSON."""
    if not notebooks:
        return report
    ids = {
        site.site: f"{site.path}:{_line(notebooks[site.path], site.line)}"
        for site in report.sites
        if site.path in notebooks
    }
    return replace(
        report,
        files=tuple(_file(one, notebooks.get(one.path)) for one in report.files),
        findings=tuple(_finding(one, notebooks.get(one.path), ids) for one in report.findings),
        sites=tuple(_site(one, notebooks.get(one.path), ids) for one in report.sites),
        reads=tuple(replace(one, site=ids.get(one.site, one.site)) for one in report.reads),
    )


def _line(notebook: Notebook, line: int) -> int:
    return notebook.place(line, 1)[0]


def _file(result: FileResult, notebook: Notebook | None) -> FileResult:
    if notebook is None:
        return result
    after = None if result.after is None else notebook.restored(result.after)
    return replace(result, before=notebook.file, after=after)


def _finding(finding: Finding, notebook: Notebook | None, ids: Mapping[str, str]) -> Finding:
    site = ids.get(finding.site, finding.site)
    if notebook is None:
        return replace(finding, site=site)
    line, column, label = notebook.place(finding.line, finding.column)
    end, _, _ = notebook.place(finding.end_line, 1)
    message = finding.message
    for placeholder, words in _WORDS:
        message = message.replace(placeholder, words)
    return replace(
        finding, line=line, column=column, end_line=max(line, end), message=f"[{label}] {message}", site=site
    )


def _site(summary: SiteSummary, notebook: Notebook | None, ids: Mapping[str, str]) -> SiteSummary:
    if notebook is None:
        return summary
    return replace(summary, site=ids[summary.site], line=_line(notebook, summary.line))
