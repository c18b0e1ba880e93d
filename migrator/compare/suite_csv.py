"""Suites in CSV: one prompt per row, a header with the same names as in YAML.

``tags`` and ``images`` are separated by ``;``, ``expect_text`` by ``|``; empty cells are not given.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.catalog.errors import CatalogError, did_you_mean
from migrator.catalog.reader import Table
from migrator.catalog.tree import Tree
from migrator.compare.suite import Suite
from migrator.compare.suite_yaml import Reader

if TYPE_CHECKING:
    from migrator.catalog import Catalog
    from migrator.catalog.tree import Scalar

_COLUMNS = ("id", "prompt", "tags", "samples", "expect_text", "images", "mask", "preserve")
_LISTS = {"tags": ";", "images": ";", "expect_text": "|"}
_FLAGS = {"true": True, "false": False}


def read(text: str, path: str, digest: str, catalog: Catalog) -> Suite:
    """The suite in ``text``. Raises CatalogError, with file and line, for what is not valid."""
    rows = csv.reader(io.StringIO(text), strict=True)
    reader = Reader(path, catalog)
    try:
        header = [name.strip() for name in next(rows, [])]
        _check(header, (*_COLUMNS, *sorted(reader.known)), path)
        while True:
            line = rows.line_num + 1
            row = next(rows, None)
            if row is None:
                break
            where = f"{path}:{line}"
            if len(row) > len(header):
                raise CatalogError(f"{where}: {len(row)} cells, but the header has {len(header)}")
            cells = {name: cell for name, cell in zip(header, row, strict=False) if cell.strip()}
            if cells:
                reader.add(Table(_row(cells, where), "a prompt"))
    except csv.Error as error:
        raise CatalogError(f"{path}:{rows.line_num}: not valid CSV: {error}") from None
    if not reader.prompts:
        raise CatalogError(f"{path}:1: no prompts")
    return Suite(path, digest, Path(path).stem, tuple(reader.prompts.values()))


def _check(header: list[str], allowed: tuple[str, ...], path: str) -> None:
    for name in header:
        if name not in allowed:
            hint = did_you_mean(name, allowed)
            raise CatalogError(f"{path}:1: unknown column {name!r}.{hint} Allowed: {', '.join(allowed)}")
    doubled = next((name for name in header if header.count(name) > 1), None)
    missing = next((name for name in ("id", "prompt") if name not in header), None)
    if doubled:
        raise CatalogError(f"{path}:1: the column {doubled!r} is there twice")
    if missing:
        raise CatalogError(f"{path}:1: the column {missing!r} is missing")


def _row(cells: dict[str, str], where: str) -> Tree:
    entries: dict[str, Tree] = {}
    edit: dict[str, Tree] = {}
    for name, cell in cells.items():
        value: Scalar | list[Tree]
        if name in _LISTS:
            value = [Tree(one.strip(), where) for one in cell.split(_LISTS[name]) if one.strip()]
        elif name in ("id", "prompt", "mask", "preserve"):
            value = cell
        else:
            value = _FLAGS.get(cell.strip(), int(cell) if cell.strip().isdecimal() else cell.strip())
        (edit if name in ("images", "mask") else entries)[name] = Tree(value, where)
    if edit:
        entries["edit"] = Tree(edit, where)
    return Tree(entries, where)
