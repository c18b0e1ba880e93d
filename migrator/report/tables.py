"""Rows of cells: aligned for people, or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from migrator.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAIN = Style()


def as_json(rows: Sequence[Any]) -> str:
    """Dataclass ``rows`` as a JSON list of objects; dates are written as ``2026-11-22``."""
    return json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False, default=str)


def columns(rows: Sequence[Sequence[str]], header: Sequence[str], style: Style = _PLAIN) -> str:
    """Columns as wide as their widest cell, header first."""
    widths = [max(len(row[at]) for row in (header, *rows)) for at in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *rows)
    ]
    return "".join(f"{line}\n" for line in (style.paint(lines[0], "bold"), *map(style.harmless, lines[1:])))
