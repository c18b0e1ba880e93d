"""The versioned JSON of ``rewrite`` and ``scan``. The same report always gives the same bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from migrator.discover.walk import printable
from migrator.report.counts import count
from migrator.report.diff import diff

if TYPE_CHECKING:
    from migrator.types import FileResult, Finding, Report, SiteSummary

VERSION = 1


def render(report: Report) -> str:
    """``report`` as JSON text with a final newline."""
    data: dict[str, Any] = {
        "version": VERSION,
        "target": report.target,
        "written": report.written,
        **({"shard": report.shard} if report.shard else {}),
        "files": [_file(result) for result in sorted(report.files, key=lambda one: one.path)],
        "findings": [_finding(finding, written=report.written) for finding in in_order(report.findings)],
        "sites": [
            _site(site) for site in sorted(report.sites, key=lambda one: (one.path, one.line, one.site))
        ],
        "summary": summary(report),
        "prose": {"files": report.prose.files, "mentions": report.prose.mentions},
        "warnings": [printable(warning) for warning in report.warnings],
        "skipped": dict(sorted(report.notes.items())),
    }
    return as_text(data)


def summary(report: Report) -> dict[str, int]:
    """What ``report`` adds up to."""
    counts = count(report)
    return {
        "sites": counts.sites,
        "migrated": counts.migrated,
        "left": counts.left,
        "files_changed": counts.files_changed,
    }


def as_text(data: dict[str, Any]) -> str:
    """The document as JSON text with a final newline."""
    text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def in_order(findings: tuple[Finding, ...]) -> list[Finding]:
    """By place in the project, then by rule."""
    return sorted(findings, key=lambda one: (one.path, one.line, one.column, one.rule, one.message))


def _file(result: FileResult) -> dict[str, Any]:
    return {"path": printable(result.path), "status": result.status, "diff": diff(result)}


def _finding(finding: Finding, *, written: bool) -> dict[str, Any]:
    request = finding.request
    return {
        "rule": finding.rule,
        "fix": finding.fix,
        "applied": finding.applied and written,
        "in_diff": finding.applied,
        "path": printable(finding.path),
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "message": finding.message,
        "suggestion": finding.suggestion,
        "site": printable(finding.site),
        "request": {"before": request.before, "after": request.after} if request else None,
    }


def _site(site: SiteSummary) -> dict[str, Any]:
    return {
        "site": printable(site.site),
        "path": printable(site.path),
        "line": site.line,
        "endpoint": site.endpoint,
        "models": list(site.models),
        "outcome": site.outcome,
        "migrated": site.migrated,
    }
