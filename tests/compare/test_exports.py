"""CSV and JUnit, with prompts that try to get out of them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from migrator.compare.exports import COLUMNS, to_csv, to_junit, write_all
from tests.compare.runs import run, task

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = [
    "=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "\tx", 'a "quoted" text, with commas\nand lines', "nul \0 and \x1b[31m",
    "]]></property><x>", "<script>alert(1)</script>", "\ud800 lone surrogate", "\ufffe\uffff", "\u202e backwards", "🎨 ok",
]  # fmt: skip


def _rows(data: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(data))))


def _hostile() -> dict[str, Any]:
    data = run(*(task(f"p{n}", s) for n in range(len(HOSTILE)) for s in ("old", "new")))
    for prompt, text in zip(data["suite"]["prompts"], HOSTILE, strict=True):
        prompt["prompt"] = text
        prompt["tags"] = [text]
    data["tasks"].append(
        task("p0", "new", "failed", sample=1, reason=HOSTILE[6], error={"class": HOSTILE[7], "code": None})
    )
    data["suite"]["title"] = "".join(HOSTILE)
    return data


def test_every_task_is_a_row_with_its_checks() -> None:
    rows = _rows(
        run(task("a", "old"), task("a", "new", cer=0.1, bad=["size"], b=4.0), task("b", "new", "blocked"))
    )
    assert tuple(rows[0]) == COLUMNS
    new = rows[1]
    assert (new["role"], new["check_size"], new["text_cer"], new["tone_b"], new["width"]) == (
        "new", "fail", "0.1", "4.0", "1024",
    )  # fmt: skip
    assert (rows[2]["state"], rows[2]["file"], rows[2]["check_size"]) == ("blocked", "", "")


def test_no_cell_starts_a_formula_and_no_row_is_torn() -> None:
    rows = _rows(_hostile())
    assert len(rows) == 2 * len(HOSTILE) + 1
    assert not [
        cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    ]
    assert rows[10]["prompt"] == HOSTILE[5]


def test_junit_has_a_case_for_every_pair_and_counts_them() -> None:
    data = run(
        task("a", "old"), task("a", "new"), task("b", "old"), task("b", "new", bad=["size"]), task("c", "new", "blocked"),
        task("d", "new", "failed"), task("e", "new", "pending"), task("f", "old"), task("f", "new", cer=0.9),
    )  # fmt: skip
    [suite] = ElementTree.fromstring(to_junit(data))
    assert [case.get("name") for case in suite] == ["a#0", "b#0", "c#0", "d#0", "e#0", "f#0"]
    assert [[child.tag for child in case if child.tag != "properties"] for case in suite] == [
        [], ["failure"], ["failure"], ["error"], ["skipped"], ["failure"],
    ]  # fmt: skip
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6", "failures": "3", "errors": "1", "skipped": "1",
    }  # fmt: skip
    properties = {item.get("name"): item.get("value") for item in suite[1].iter("property")}
    assert properties["new.size"] == "1024x1024"
    assert properties["old.model"] == "old-model"
    assert properties["check.size"] == "fail: The size is wrong."


def test_the_gate_is_a_case_of_its_own() -> None:
    data = run(
        task("a", "new"), gate={"verdict": "fail", "reasons": [{"check": "x", "message": "Too dear."}]}
    )
    [suite] = ElementTree.fromstring(to_junit(data))
    assert [case.get("name") for case in suite] == ["a#0", "gate"]
    failure = suite[1].find("failure")
    assert failure is not None
    assert failure.get("message") == "Too dear."


def test_junit_is_well_formed_whatever_the_prompts_hold() -> None:
    data = to_junit(_hostile())
    [suite] = ElementTree.fromstring(data)
    texts = [item.get("value") for item in suite.iter("property") if item.get("name") == "prompt"]
    assert len(texts) == len(HOSTILE) + 1
    assert "<script>" in str(texts)
    assert b"<script>" not in data


@pytest.mark.parametrize("data", [run(), run(task("a", "old"))])
def test_runs_without_a_new_picture_are_exported_too(data: dict[str, Any]) -> None:
    assert to_csv(data).startswith("task,")
    ElementTree.fromstring(to_junit(data))


def test_the_files_are_written_whole(tmp_path: Path) -> None:
    write_all(_hostile(), tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["junit.xml", "results.csv"]
    assert (tmp_path / "results.csv").read_bytes().startswith(b"\xef\xbb\xbftask,")
    ElementTree.fromstring((tmp_path / "junit.xml").read_bytes())
