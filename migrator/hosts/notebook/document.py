"""A notebook as one module of the project: the program of its Python cells, and the way back into the JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from migrator.hosts.composition import Composition, MisfitError, Piece
from migrator.hosts.notebook.layout import BrokenError, Cell, Layout, read
from migrator.hosts.notebook.lines import (
    PYTHON_MAGICS,
    Prepared,
    assigned_names,
    cell_magic,
    defined_functions,
    prepare,
    unread,
)
from migrator.hosts.notebook.put import put

if TYPE_CHECKING:
    from migrator.types import SourceFile


@dataclass(frozen=True)
class Notebook:
    """``file`` is the JSON as it was read. ``prepared`` are the Python cells, in order, with their cells."""

    file: SourceFile
    layout: Layout
    prepared: tuple[tuple[Cell, Prepared], ...]

    @cached_property
    def composition(self) -> Composition:
        """The cells as pieces of one text."""
        pieces = []
        for cell, one in self.prepared:
            line, _ = self.layout.position(self.layout.offset(cell, len(_raw(cell, one.head))))
            pieces.append(Piece(one.text, line, f"cell {cell.number}"))
        return Composition(tuple(pieces))

    @cached_property
    def program(self) -> SourceFile:
        """What the codemod reads in place of the JSON."""
        return replace(self.file, text=self.composition.text)

    def restored(self, text: str) -> str:
        """The JSON of the notebook after its program became ``text``.

        Raises:
            MisfitError: When a change reached into something that is not Python.
        """
        new: dict[int, str] = {}
        pieces = self.composition.split(text)
        for (cell, one), piece, old in zip(self.prepared, pieces, self.composition.pieces, strict=True):
            if piece != old.text:
                source = one.restored(piece)
                new[cell.number] = source.replace("\n", "\r\n") if "\r\n" in cell.source else source
        return put(self.layout, new)

    def misfit(self, text: str) -> str:
        """Why ``text`` cannot be put back; "" when it can."""
        try:
            self.restored(text)
        except MisfitError as error:
            return str(error)
        return ""

    def place(self, line: int, column: int) -> tuple[int, int, str]:
        """Line and column in the JSON, both 1-based, and the name of the cell, for a place in the program."""
        index, row = self.composition.find(line)
        cell, one = self.prepared[index]
        lines = one.text.split("\n")
        inside = min(max(column - 1 - one.shift.get(row, 0), 0), len(lines[row]))
        # lines are counted in the source itself: placeholders differ from what they stand for
        source_lines = cell.source.split("\n")
        row += one.head.count("\n")
        at = sum(len(text) + 1 for text in source_lines[:row]) + min(inside, len(source_lines[row]))
        json_line, json_column = self.layout.position(self.layout.offset(cell, at))
        return json_line, json_column, f"cell {cell.number}"


def open_notebook(file: SourceFile) -> Notebook | None:
    """The notebook in ``file``; ``None`` when it is broken or holds no Python: its host says so."""
    try:
        layout = read(file.text)
    except BrokenError:
        return None
    if not speaks_python(layout):
        return None
    key = _key(file.text)
    code = [cell for cell in layout.cells if is_python(cell)]
    defined = {name for cell in code for name in defined_functions(cell.source)}
    read_cells = [(cell, prepare(unix(cell.source), key, defined)) for cell in code]
    known = {name for _, one in read_cells if one for name in assigned_names(one.text)}
    prepared = tuple(
        (cell, ready)
        for cell, one in read_cells
        if (ready := one or unread(unix(cell.source), key, known)) is not None
    )
    return Notebook(file, layout, prepared) if prepared else None


def speaks_python(layout: Layout) -> bool:
    """Whether the kernel of a notebook runs Python; one that does not say is taken for it."""
    return not layout.language or "python" in layout.language or layout.language == "sage"


def is_python(cell: Cell) -> bool:
    """Whether a cell holds Python of the notebook's own program."""
    if cell.kind != "code" or cell.language.lower() not in {"", "python"}:
        return False
    magic, _, _ = cell_magic(cell.source)
    return not magic or magic in PYTHON_MAGICS


def unix(source: str) -> str:
    r"""The source with ``\n`` as line end."""
    return source.replace("\r\n", "\n")


def _raw(cell: Cell, head: str) -> str:
    return head.replace("\n", "\r\n") if "\r\n" in cell.source else head


def _key(text: str) -> str:
    number = 0
    while f"line_{number}_" in text:
        number += 1
    return f"line_{number}_"
