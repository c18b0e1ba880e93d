"""Cells that write a module, ``%%writefile art.py``: each is a program of its own."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.hosts.notebook.lines import FILE_MAGICS, cell_magic
from migrator.hosts.one_file import OneFile

if TYPE_CHECKING:
    from migrator.hosts.base import HostContext
    from migrator.hosts.notebook.layout import Cell
    from migrator.types import Finding, SiteSummary, SourceFile


@dataclass(frozen=True, slots=True)
class Written:
    """What became of such a cell; lines are those of the cell. ``source`` is its new text, if it changed."""

    source: str | None
    findings: tuple[Finding, ...]
    sites: tuple[SiteSummary, ...]


def written(file: SourceFile, cell: Cell, context: HostContext) -> Written | None:
    """Migrate the module that a cell writes; ``None`` for other cells, parts of modules and modules without calls."""
    magic, head, body = cell_magic(cell.source)
    words = head.split()
    appends = {"-a", "--append"} & set(words)
    if magic not in FILE_MAGICS or appends or not words[-1].strip("\"'").endswith(".py") or "\r" in body:
        return None
    data = body.encode("utf-8", "surrogatepass")
    if not any(needle in data for needle in context.catalog.needles()) or not _parses(body):
        return None
    from migrator.codemod import migrate  # noqa: PLC0415 - heavy, and most notebooks hold no such cell

    report = migrate(OneFile(replace(file, text=body)), context.catalog, context.options)
    if not report.sites:
        return None
    rows = head.count("\n")
    ids = {one.site: f"{one.path}:{one.line + rows}" for one in report.sites}
    new = next((one.after for one in report.files if one.after is not None), None)
    return Written(
        None if new is None else head + new,
        tuple(
            replace(one, line=one.line + rows, end_line=one.end_line + rows, site=ids.get(one.site, one.site))
            for one in report.findings
        ),
        tuple(replace(one, line=one.line + rows, site=ids[one.site]) for one in report.sites),
    )


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
