"""The Python interface: what the commands do, for programs. Everything here is stable; modules below are not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from migrator import pipeline
from migrator.errors import UserError
from migrator.report import json as _json
from migrator.report.diff import diff
from migrator.types import FileResult, Finding, Report, Request, SiteSummary, SourceFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from migrator.types import Sdk, UrlAs

__all__ = [
    "FileResult",
    "Finding",
    "Report",
    "Request",
    "SiteSummary",
    "SourceFile",
    "UserError",
    "as_json",
    "diff",
    "rewrite",
]


def rewrite(
    paths: Sequence[str | PathLike[str]],
    *,
    target: str | None = None,
    url_as: UrlAs | None = None,
    url_folder: str | None = None,
    sdk: Sdk | None = None,
    unsafe: bool = False,
    write: bool = False,
    allow_dirty: bool = False,
    docs: bool = False,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    jobs: int = 1,
    today: date | None = None,
) -> Report:
    """Migrates the projects in ``paths``; without ``write`` nothing is changed and the report says what would be.

    Options mean what they mean for ``migrator rewrite``; those not given come from ``[tool.migrator]``.

    Raises:
        UserError: For a missing path, an option or rule that does not exist, unsaved files before writing.
        migrator.catalog.CatalogError: For a target that is unknown or shut down, and for rules that are not valid.
    """
    names = tuple(str(path) for path in paths)
    settings = pipeline.settings_for(
        names,
        target=target,
        url_as=url_as,
        url_folder=url_folder,
        sdk=sdk,
        select=tuple(select),
        ignore=tuple(ignore),
    )
    job = pipeline.Job(
        paths=names,
        settings=settings,
        today=today or date.today(),
        write=write,
        unsafe=unsafe,
        allow_dirty=allow_dirty,
        docs=docs,
        jobs=jobs,
    )
    report, _ = pipeline.run(job)
    return report


def as_json(report: Report) -> str:
    """``report`` as the versioned JSON of ``migrator rewrite --format json``."""
    return _json.render(report)
