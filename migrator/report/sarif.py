"""SARIF 2.1.0, for code scanning services and editors. The same report always gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from migrator import __version__
from migrator.discover.walk import printable
from migrator.report.counts import left

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.catalog.model import Rule
    from migrator.types import Finding, Fix, Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Mapping[Fix, str] = {"safe": "note", "review": "warning", "manual": "error"}
_ROOT = "SRCROOT"


def render(report: Report, rules: Mapping[str, Rule]) -> str:
    """The findings of ``report`` that are left, as SARIF text with a final newline.

    ``rules`` are the rules by id, as the catalog holds them; those that no finding names are left out.
    """
    findings = left(report)
    named = sorted({finding.rule for finding in findings})
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "migrator",
                "semanticVersion": __version__,
                "rules": [_rule(name, rules.get(name)) for name in named],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that the tool was started in."}}},
        "results": _results(findings, named),
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": printable(text)}} for text in report.warnings
                ],
            }
        ],
    }
    data = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(data, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() + "\n"


def _rule(name: str, rule: Rule | None) -> dict[str, Any]:
    described: dict[str, Any] = {"id": name}
    if rule is not None:
        described["shortDescription"] = {"text": rule.title}
        described["fullDescription"] = {"text": " ".join(rule.why.split())}
        described["help"] = {"text": f"{' '.join(rule.why.split())}\n\nMore: migrator explain {name}"}
        described["defaultConfiguration"] = {"level": _LEVELS[rule.fix]}
    return described


def _results(findings: list[Finding], named: list[str]) -> list[dict[str, Any]]:
    seen: dict[str, int] = {}
    results = []
    for finding in findings:
        # the line is no part of it, so that a finding is known again when code above it grows
        key = "\0".join((finding.rule, finding.path, finding.message))
        seen[key] = number = seen.get(key, -1) + 1
        digest = hashlib.sha256(f"{key}\0{number}".encode("utf-8", "surrogateescape")).hexdigest()
        text = finding.message
        if finding.suggestion:
            text += f"\n\n{finding.suggestion.strip()}"
        results.append(
            {
                "ruleId": finding.rule,
                "ruleIndex": named.index(finding.rule),
                "level": _LEVELS[finding.fix],
                "message": {"text": printable_lines(text)},
                "locations": [{"physicalLocation": _location(finding)}],
                "partialFingerprints": {"migratorFinding/v1": digest},
                "properties": {"fix": finding.fix, "site": printable(finding.site)},
            }
        )
    return results


def _location(finding: Finding) -> dict[str, Any]:
    return {
        "artifactLocation": {
            "uri": quote(finding.path.encode("utf-8", "surrogateescape")),
            **({} if finding.path.startswith("/") else {"uriBaseId": _ROOT}),
        },
        "region": {
            "startLine": finding.line,
            "startColumn": finding.column,
            "endLine": max(finding.end_line, finding.line),
        },
    }


def printable_lines(text: str) -> str:
    """``text`` with its lines kept, and nothing in it that a terminal or a log would obey."""
    return "\n".join(printable(line) for line in text.split("\n"))
