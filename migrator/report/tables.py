"""Rows of named cells, for ``models`` and ``rules list``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from migrator.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PLAIN = Style()


def as_text(rows: Sequence[Mapping[str, str]], style: Style = _PLAIN) -> str:
    """Aligned columns, headed by the keys of the first row."""
    if not rows:
        return ""
    header = tuple(rows[0])
    return columns([[row[key] for key in header] for row in rows], header, style)


def as_json(rows: Sequence[Mapping[str, str]]) -> str:
    """The rows as a JSON list of objects."""
    return json.dumps([dict(row) for row in rows], indent=2, ensure_ascii=False) + "\n"


def columns(rows: Sequence[Sequence[str]], header: Sequence[str], style: Style = _PLAIN) -> str:
    """Columns as wide as their widest cell, header first."""
    widths = [max(len(row[at]) for row in (header, *rows)) for at in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *rows)
    ]
    return "".join(f"{line}\n" for line in (style.paint(lines[0], "bold"), *map(style.harmless, lines[1:])))
