"""The formats for machines: what code hosts and scanners read must be what they expect, whatever the texts hold."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from migrator.catalog import load
from migrator.report import annotations, sarif
from tests.report.samples import finding, report

if TYPE_CHECKING:
    from migrator.types import Finding, Report

HOSTILE = "100%\r\n::error file=x::gotcha, a:b \x1b[31m\udcff 図"


def sarif_of(made: Report) -> dict[str, object]:
    text = sarif.render(made, load().rules)
    Sarif.model_validate_json(text)
    (run,) = json.loads(text)["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_holds_what_is_left_with_its_rule_and_place() -> None:
    run = sarif_of(report())
    (result,) = run["results"]  # type: ignore[misc]
    assert result["ruleId"] == "IMG020"  # type: ignore[index]
    assert result["level"] == "error"  # type: ignore[index]
    place = result["locations"][0]["physicalLocation"]  # type: ignore[index]
    assert place["artifactLocation"] == {"uri": "app/b.py", "uriBaseId": "SRCROOT"}
    assert place["region"] == {"startLine": 9, "startColumn": 5, "endLine": 9}
    (rule,) = run["tool"]["driver"]["rules"]  # type: ignore[index]
    assert rule["id"] == "IMG020"
    assert "Variations" in rule["shortDescription"]["text"]


def test_sarif_is_valid_with_nothing_to_say_and_with_hostile_texts() -> None:
    assert sarif_of(report(findings=(), sites=()))["results"] == []
    nasty = finding("IMG999", "manual", f"a b/{HOSTILE}.py", message=HOSTILE, suggestion=HOSTILE)
    run = sarif_of(report(findings=(nasty,), warnings=(HOSTILE,)))
    (result,) = run["results"]  # type: ignore[misc]
    assert "\x1b" not in result["message"]["text"]  # type: ignore[index]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]  # type: ignore[index]
    assert re.fullmatch(r"[A-Za-z0-9/._~%-]+", uri)


def test_sarif_knows_a_finding_again_when_lines_above_it_grow() -> None:
    def prints(line: int) -> list[object]:
        twins = (
            finding("IMG020", "manual", line=line, message="m"),
            finding("IMG020", "manual", line=line + 1, message="m"),
        )
        return [one["partialFingerprints"] for one in sarif_of(report(findings=twins))["results"]]  # type: ignore[attr-defined]

    assert prints(3) == prints(30)
    assert prints(3)[0] != prints(3)[1]


def test_github_gets_one_command_per_finding_and_texts_cannot_add_another() -> None:
    nasty: tuple[Finding, ...] = (
        finding("IMG020", "manual", "a,b:c.py", 9, message=HOSTILE, suggestion="two\nlines"),
        finding("IMG012", "review", "d.py", 2),
    )
    lines = annotations.github(report(findings=nasty)).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(
        "::error file=a%2Cb%3Ac.py,line=9,endLine=9,col=5,title=IMG020 (manual)::100%25"
    )
    assert lines[0].endswith("%0Atwo%0Alines")
    assert "\x1b" not in lines[0]
    assert lines[1].startswith("::warning file=d.py,line=2,")


def test_gitlab_gets_a_list_with_a_fingerprint_of_its_own_for_each_finding() -> None:
    twins = (
        finding("IMG020", "manual", line=3, message="m"),
        finding("IMG020", "manual", line=4, message="m"),
    )
    entries = json.loads(annotations.gitlab(report(findings=twins)))
    assert [one["location"] for one in entries] == [
        {"path": "app/a.py", "lines": {"begin": 3, "end": 3}},
        {"path": "app/a.py", "lines": {"begin": 4, "end": 4}},
    ]
    assert {one["severity"] for one in entries} == {"major"}
    assert len({one["fingerprint"] for one in entries}) == 2


@pytest.mark.parametrize("render", [annotations.github, annotations.gitlab])
def test_what_is_migrated_is_no_annotation(render: object) -> None:
    done = report(findings=(finding(applied=True, site="app/a.py:3"),))
    assert json.loads(render(done) or "[]") == []  # type: ignore[operator]
