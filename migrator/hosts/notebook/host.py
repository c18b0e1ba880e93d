"""What a notebook holds beside its Python program: cells in other languages, other kernels, broken JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.hosts.base import HostResult
from migrator.hosts.markdown.host import MARKDOWN
from migrator.hosts.notebook.document import is_python, speaks_python, unix
from migrator.hosts.notebook.layout import BrokenError, read
from migrator.hosts.notebook.lines import cell_magic, prepare
from migrator.hosts.notebook.put import put
from migrator.hosts.notebook.written import written
from migrator.types import Finding, SourceFile

if TYPE_CHECKING:
    from migrator.hosts.base import HostContext
    from migrator.hosts.notebook.layout import Cell, Layout
    from migrator.types import SiteSummary


class NotebookHost:
    """Everything but the Python cells: those are a module of the project, which the codemod migrates.

    Markdown cells are pages like any other; modules that cells write are migrated, each for itself; cells in other
    languages are reported.
    """

    def run(self, file: SourceFile, context: HostContext) -> HostResult:
        """Whatever names a leaving model where the codemod does not look. See :class:`migrator.hosts.base.Host`."""
        try:
            layout = read(file.text)
        except BrokenError as error:
            finding = Finding(
                "IMG092", "manual", file.path, error.line, error.column, error.line,
                f"The notebook cannot be read, so it was left alone: {error}.",
                "Repair the JSON (open the notebook in Jupyter and save it), then run the tool again.",
            )  # fmt: skip
            return HostResult(findings=(finding,), status="error")
        words = tuple(needle.decode().lower() for needle in context.catalog.host_needles())
        found: list[Finding] = []
        sites: list[SiteSummary] = []
        new: dict[int, str] = {}
        mentions = 0
        for cell in layout.cells:
            module = written(file, cell, context) if cell.kind == "code" else None
            if module is not None:
                found.extend(_in_cell(one, layout, cell) for one in module.findings)
                sites.extend(_site_in_cell(one, layout, cell) for one in module.sites)
                if module.source is not None:
                    new[cell.number] = module.source
            elif cell.kind == "code":
                foreign = _foreign(file, layout, cell, words) or _in_shell(file, layout, cell, context)
                found.extend([foreign] if foreign else [])
            elif cell.kind == "markdown":
                text = MARKDOWN.run(SourceFile(file.path, cell.source), context)
                mentions += text.mentions
                found.extend(_in_cell(one, layout, cell) for one in text.findings)
                sites.extend(_site_in_cell(one, layout, cell) for one in text.sites)
                if text.after is not None:
                    new[cell.number] = text.after
        return HostResult(
            put(layout, new) if new else None, tuple(found), sites=tuple(sites), mentions=mentions
        )


def _place(layout: Layout, cell: Cell, line: int, column: int) -> tuple[int, int]:
    """Where a line and column (1-based) of a cell's source stand in the JSON."""
    before = cell.source.splitlines(keepends=True)[: line - 1]
    return layout.position(layout.offset(cell, sum(map(len, before)) + column - 1))


def _in_cell(finding: Finding, layout: Layout, cell: Cell) -> Finding:
    line, column = _place(layout, cell, finding.line, finding.column)
    end, _ = _place(layout, cell, finding.end_line, 1)
    site = finding.site
    if site:
        site = _id(finding.path, layout, cell, int(site.rpartition(":")[2]))
    message = f"[cell {cell.number}] {finding.message}"
    return replace(finding, line=line, column=column, end_line=max(line, end), message=message, site=site)


def _site_in_cell(summary: SiteSummary, layout: Layout, cell: Cell) -> SiteSummary:
    line, _ = _place(layout, cell, summary.line, 1)
    return replace(summary, site=_id(summary.path, layout, cell, summary.line), line=line)


def _id(path: str, layout: Layout, cell: Cell, line: int) -> str:
    return f"{path}:{_place(layout, cell, line, 1)[0]}"


def _foreign(file: SourceFile, layout: Layout, cell: Cell, words: tuple[str, ...]) -> Finding | None:
    source = cell.source
    lowered = source.lower()
    hits = [at for word in words if (at := lowered.find(word)) >= 0]
    if not hits:
        return None
    at = min(hits)
    magic, _, _ = cell_magic(source)
    rule = "IMG040"
    if not speaks_python(layout):
        why, what = f"holds {layout.language} code", "Change the model and the reading of the answer by hand."
    elif not is_python(cell):
        name = f"%%{magic}" if magic else cell.language
        why, what = f"holds {name} code", "Change the model and the reading of the answer by hand."
    elif prepare(unix(source), "line_") is None:
        rule, why = "IMG092", "does not parse as Python"
        what = "Repair the syntax (Python 2 code must be ported first), then run the tool again."
    else:
        return None
    line, column = layout.position(layout.offset(cell, at))
    return Finding(
        rule, "manual", file.path, line, column, line,
        f"[cell {cell.number}] This cell {why}, which was left alone; it names an image model or its API.",
        what,
    )  # fmt: skip


_SETTERS = (["%env"], ["%set_env"])
"""Magics that set what programs read from the environment."""


def _in_shell(file: SourceFile, layout: Layout, cell: Cell, context: HostContext) -> Finding | None:
    """A shell line or ``%env`` that names a leaving model; requests that it sends itself are call sites of the program."""
    names = context.catalog.leaving(context.options.today)
    start = 0
    for line in cell.source.splitlines(keepends=True):
        start += len(line)
        shell = any(part.lstrip().startswith("!") for part in (line, line.partition("=")[2]))
        if not shell and line.split(maxsplit=1)[:1] not in _SETTERS:
            continue
        at = min((found for name in names if (found := line.find(name)) >= 0), default=-1)
        if at < 0 or any(path in line for path in context.catalog.http.endpoints):
            continue
        row, column = layout.position(layout.offset(cell, start - len(line) + at))
        if shell:
            what = "hands the name of a retired model to the shell"
            now = "See what the command does with it, and change it by hand."
        else:
            what = "sets an environment variable to a retired model"
            now = f"Set it to {context.target.id}, and see who reads it."
        return Finding(
            "IMG040", "manual", file.path, row, column, row,
            f"[cell {cell.number}] This line {what}, and was left alone.",
            now,
        )  # fmt: skip
    return None


HOST = NotebookHost()
