"""The formats for machines, by the name that ``--format`` gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.catalog import Catalog
    from migrator.types import Report


def render(report: Report, output: str, catalog: Catalog) -> str | None:
    """``report`` in the format ``output``; ``None`` for ``text``, which each command lays out itself."""
    if output == "json":
        from migrator.report import json  # noqa: PLC0415 - one of them is needed per run

        return json.render(report)
    if output == "sarif":
        from migrator.report import sarif  # noqa: PLC0415

        return sarif.render(report, catalog.rules)
    if output in {"github", "gitlab"}:
        from migrator.report import annotations  # noqa: PLC0415

        return annotations.github(report) if output == "github" else annotations.gitlab(report)
    return None
