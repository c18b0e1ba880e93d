from __future__ import annotations

import io
import json
from datetime import date

import pytest

from migrator import catalog
from migrator.report import inventory, text
from migrator.report import json as json_format
from migrator.report.counts import count, left
from migrator.report.progress import Progress
from migrator.report.style import Style
from migrator.types import FileResult, SiteSummary
from tests.report.samples import finding, report

TERMINAL = Style(colour=True, terminal=True)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_json_has_the_documented_shape() -> None:
    data = json.loads(json_format.render(report(written=True)))
    assert list(data)[:5] == ["version", "target", "written", "files", "findings"]
    assert (data["version"], data["target"], data["written"]) == (1, "gpt-image-2", True)
    assert [file["status"] for file in data["files"]] == ["changed", "unchanged"]
    assert data["files"][0]["diff"].startswith("--- a/app/a.py\n")
    assert data["findings"][0] == {
        "rule": "IMG003",
        "fix": "safe",
        "applied": True,
        "in_diff": True,
        "path": "app/a.py",
        "line": 3,
        "column": 5,
        "end_line": 3,
        "message": "quality becomes high",
        "suggestion": "",
        "site": "app/a.py:3",
        "request": {"before": {"quality": "hd"}, "after": {"quality": "high"}},
    }
    assert data["findings"][1]["request"] is None
    assert data["summary"] == {"sites": 2, "migrated": 1, "left": 1, "files_changed": 1}


def test_json_of_a_dry_run_applies_nothing() -> None:
    data = json.loads(json_format.render(report()))
    assert not data["written"]
    assert [one["applied"] for one in data["findings"]] == [False, False]


def test_json_does_not_depend_on_the_order_of_the_report() -> None:
    one = report()
    other = report(files=one.files[::-1], findings=one.findings[::-1], sites=one.sites[::-1])
    assert json_format.render(one) == json_format.render(other)


def test_json_of_a_name_that_is_no_text_is_valid_utf_8() -> None:
    files = (FileResult("caf\udce9.py", "unchanged"),)
    rendered = json_format.render(report(files=files, findings=(finding(message="bad \udce9"),)))
    assert json.loads(rendered.encode())["files"][0]["path"] == "caf\\xe9.py"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 1),
        ({"findings": (), "sites": (), "files": ()}, 0),
        ({"findings": (), "sites": ()}, 1),
        ({"findings": (), "sites": (), "written": True}, 0),
        ({"findings": (finding("IMG012", "review"),), "sites": (), "files": ()}, 1),
        ({"findings": (finding("IMG091", "manual"),), "sites": (), "files": ()}, 1),
        ({"findings": (finding(applied=True),), "sites": (), "written": True}, 0),
        ({"findings": (), "sites": (), "files": (FileResult("a.py", "error"),)}, 1),
    ],
)
def test_the_exit_code_says_whether_something_is_left(changes: dict[str, object], code: int) -> None:
    assert count(report(**changes)).exit_code == code


def test_findings_for_a_person_are_grouped_by_file_with_their_suggestion() -> None:
    more = (finding("IMG031", "manual", "app/a.py", 7), *report().findings)
    assert text.findings(report(findings=more)) == (
        "app/a.py:7:5 IMG031 manual quality becomes high\n\n"
        "app/b.py:9:5 IMG020 manual no successor\n    Use edit:\n      edit(…)\n"
    )


def test_the_summary_of_a_dry_run_says_how_to_apply_it() -> None:
    assert text.summary(report(), command="migrator rewrite app").splitlines() == [
        "2 call sites: 1 can be migrated to gpt-image-2, 1 left for a person. 1 file would change.",
        "Nothing was written. To apply the diff: migrator rewrite app --write",
        "1 finding to treat by hand: each says what to do.",
        "Why a rule exists: migrator explain IMG020",
    ]


def test_the_summary_after_writing_says_how_to_verify() -> None:
    shown = text.summary(report(written=True))
    assert "1 migrated to gpt-image-2" in shown
    assert "To verify: read `git diff`" in shown
    assert "--write" not in shown


def test_evidence_is_not_left_for_a_person_but_an_unexplained_site_is() -> None:
    evidence = finding("IMG011", site="app/a.py:3")
    held = finding("IMG011", path="app/b.py", site="app/b.py:9")
    reason = finding("IMG012", "review", path="app/b.py", site="app/b.py:9")
    assert left(report(findings=(evidence,))) == []
    assert left(report(findings=(evidence, held))) == [held]
    assert left(report(findings=(evidence, held, reason))) == [reason]


def test_findings_to_review_point_to_unsafe_until_it_is_given() -> None:
    one = report(findings=(finding("IMG012", "review"),))
    assert "migrator rewrite --unsafe" in text.summary(one)
    assert "--unsafe" not in text.summary(one, unsafe=True)


def test_nothing_to_do_is_said() -> None:
    nothing = report(files=(), findings=(), sites=())
    assert text.summary(nothing) == "Nothing to migrate: no use of a retired image model was found.\n"


def test_sites_that_need_nothing_are_neither_migrated_nor_left() -> None:
    fine = SiteSummary("c.py:1", "c.py", 1, "generations", ("gpt-image-2",), "done", migrated=False)
    only = report(files=(), findings=(), sites=(fine,))
    assert (count(only).left, count(only).migrated, count(only).exit_code) == (0, 0, 0)
    assert text.summary(only) == "Nothing to migrate: 1 call site, and nothing is left to do.\n"
    assert "1 left for a person, 1 fine already." in text.summary(report(sites=(*report().sites, fine)))


def test_a_change_without_a_call_site_counts_files_only() -> None:
    assert text.summary(report(findings=(), sites=())).startswith("No call sites. 1 file would change.\n")


def test_a_run_without_a_diff_lists_the_files() -> None:
    assert text.changes(report()) == "would change app/a.py\n"
    assert text.changes(report(written=True)) == "changed app/a.py\n"


def test_colour_is_for_terminals_and_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Style.of(Terminal()) == TERMINAL
    assert Style.of(io.StringIO()) == Style()
    monkeypatch.setenv("NO_COLOR", "1")
    assert Style.of(Terminal()) == Style(colour=False, terminal=True)
    assert b"\x1b[32m+quality = 'high'\x1b[0m" in text.diffs(report(), TERMINAL)
    assert b"\x1b" not in text.diffs(report())


def test_escape_sequences_of_a_file_do_not_reach_the_terminal() -> None:
    hostile = report(findings=(finding(fix="manual", message="x\x1b]0;owned\x07"),))
    assert "\x1b]" not in text.findings(hostile, TERMINAL)
    assert "\\x1b]0;owned\\x07" in text.findings(hostile, TERMINAL)


def test_the_inventory_shows_sites_models_and_deadlines() -> None:
    shown = inventory.render(report(), catalog.load(), date(2026, 11, 22))
    assert "app/a.py:3  generations  dall-e-3  rewrite\n" in shown
    assert "app/b.py:9  variations   dall-e-2  by hand\n" in shown
    assert "dall-e-3  1      shut down on 2026-05-12\n" in shown
    assert inventory.deadline(catalog.load(), "gpt-image-1.5", date(2026, 11, 22)) == (
        "shuts down on 2026-12-01, in 9 days"
    )
    assert inventory.deadline(catalog.load(), "gpt-image-2", date(2026, 11, 22)) == "no announced end"
    assert inventory.deadline(catalog.load(), "mine", date(2026, 11, 22)) == "not a model that the rules know"


def test_progress_shows_on_a_terminal_only_and_clears_its_line() -> None:
    quiet, live = io.StringIO(), Terminal()
    for stream in (quiet, live):
        with Progress(stream) as progress:
            progress.step("searching")
    assert quiet.getvalue() == ""
    assert live.getvalue() == "\r\x1b[Ksearching…\r\x1b[K"
