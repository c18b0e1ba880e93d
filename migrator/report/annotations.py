"""Findings as the annotations of code hosts: workflow commands of GitHub, the code quality report of GitLab."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from migrator.discover.walk import printable
from migrator.report.counts import left

if TYPE_CHECKING:
    from migrator.types import Finding, Report

_GITHUB = {"safe": "notice", "review": "warning", "manual": "error"}
_GITLAB = {"safe": "info", "review": "minor", "manual": "major"}


def github(report: Report) -> str:
    """One workflow command per finding that is left, which GitHub shows beside the line."""
    return "".join(f"{_command(finding)}\n" for finding in left(report))


def _command(finding: Finding) -> str:
    places = {
        "file": printable(finding.path),
        "line": str(finding.line),
        "endLine": str(max(finding.end_line, finding.line)),
        "col": str(finding.column),
        "title": f"{finding.rule} ({finding.fix})",
    }
    properties = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in places.items())
    text = finding.message + (f"\n{finding.suggestion.strip()}" if finding.suggestion else "")
    return f"::{_GITHUB[finding.fix]} {properties}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    """``text`` with what would end a workflow command, or begin another one, written as ``%XX``."""
    return "".join(
        f"%{ord(char):02X}" if char in "%\r\n" or char in more else printable(char) for char in text
    )


def gitlab(report: Report) -> str:
    """A code quality report: a JSON list with one entry per finding that is left."""
    seen: dict[str, int] = {}
    entries = []
    for finding in left(report):
        key = "\0".join((finding.rule, finding.path, finding.message))
        seen[key] = number = seen.get(key, -1) + 1
        entries.append(
            {
                "description": printable(finding.message),
                "check_name": finding.rule,
                "fingerprint": hashlib.sha256(
                    f"{key}\0{number}".encode("utf-8", "surrogateescape")
                ).hexdigest(),
                "severity": _GITLAB[finding.fix],
                "location": {
                    "path": printable(finding.path),
                    "lines": {"begin": finding.line, "end": max(finding.end_line, finding.line)},
                },
            }
        )
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"
