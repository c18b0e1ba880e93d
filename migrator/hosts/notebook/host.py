"""What a notebook holds beside its Python program: cells in other languages, other kernels, broken JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.hosts.base import HostResult
from migrator.hosts.notebook.document import is_python, speaks_python, unix
from migrator.hosts.notebook.layout import BrokenError, read
from migrator.hosts.notebook.lines import cell_magic, prepare
from migrator.types import Finding

if TYPE_CHECKING:
    from migrator.hosts.base import HostContext
    from migrator.hosts.notebook.layout import Cell, Layout
    from migrator.types import SourceFile


class NotebookHost:
    """Findings only: the Python cells are a module of the project, which the codemod migrates."""

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
        code = (cell for cell in layout.cells if cell.kind == "code")
        return HostResult(
            findings=tuple(one for cell in code if (one := _foreign(file, layout, cell, words)))
        )


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


HOST = NotebookHost()
