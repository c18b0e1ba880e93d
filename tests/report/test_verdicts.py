"""Verdicts: checked against the pictures, merged, and what they do to gate and page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from migrator import cli
from migrator.compare import verdicts
from migrator.compare.gate import judge_run
from migrator.compare.reading import read_verdicts
from migrator.errors import UserError
from tests.report import synthetic

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    folder = synthetic.bulk_run(tmp_path / "run", 5, edge=48)
    return folder, json.loads((folder / "results.json").read_text("utf-8"))


def _file(folder: Path, data: dict[str, Any], name: str = "given.json") -> Path:
    path = folder.parent / name
    path.write_text(json.dumps(data), "utf-8")
    return path


def _names(found: tuple[verdicts.Record, ...]) -> list[tuple[str, str, str]]:
    return [(one.reviewer, one.prompt_id, one.verdict) for one in found]


def test_fresh_verdicts_become_the_sign_off(run: tuple[Path, dict[str, Any]]) -> None:
    folder, results = run
    given = synthetic.verdicts_for(results, [("prompt-0001", "accept"), ("prompt-0001", "new")])
    done = verdicts.apply(folder, results, _file(folder, given))
    assert (done.taken, done.known, done.stale) == (2, 0, ())
    kept = verdicts.load(folder)
    assert kept is not None
    assert _names(kept.records) == [("ana", "prompt-0001", "accept"), ("ana", "prompt-0001", "new")]
    assert kept.applied[0]["records"] == 2
    assert verdicts.apply(folder, results, _file(folder, given)).known == 2


def test_a_verdict_about_a_replaced_picture_is_refused(run: tuple[Path, dict[str, Any]]) -> None:
    folder, results = run
    given = synthetic.verdicts_for(results, [("prompt-0001", "accept"), ("prompt-0002", "accept")])
    given["verdicts"][0]["right"] = "0" * 64
    done = verdicts.apply(folder, results, _file(folder, given))
    assert [(record.prompt_id, why) for record, why in done.stale] == [
        ("prompt-0001", "the new picture is another one now")
    ]
    assert done.taken == 1


def test_a_verdict_about_a_file_that_was_tampered_with_is_refused(run: tuple[Path, dict[str, Any]]) -> None:
    folder, results = run
    given = synthetic.verdicts_for(results, [("prompt-0001", "accept")])
    picture = folder / next(t["file"] for t in results["tasks"] if t["prompt_id"] == "prompt-0001")
    picture.write_bytes(picture.read_bytes() + b"x")
    done = verdicts.apply(folder, results, _file(folder, given))
    assert done.stale[0][1] == "the old picture's file was changed or is missing"
    assert verdicts.load(folder) is None


def test_the_newest_verdict_of_each_reviewer_counts(run: tuple[Path, dict[str, Any]]) -> None:
    folder, results = run
    for reviewer, verdict, at in (
        ("ana", "reject", "2026-11-20T10:00:00Z"),
        ("ana", "accept", "2026-11-20T11:00:00+02:00"),  # an hour earlier than it looks
        ("ben", "accept", "2026-11-20T10:00:00Z"),
    ):
        given = synthetic.verdicts_for(results, [("prompt-0001", verdict)], reviewer)
        given["verdicts"][0]["at"] = at
        verdicts.apply(folder, results, _file(folder, given))
    kept = verdicts.load(folder)
    assert kept is not None
    assert _names(kept.records) == [("ana", "prompt-0001", "reject"), ("ben", "prompt-0001", "accept")]


def test_an_archived_picture_stands_beside_every_sample(tmp_path: Path) -> None:
    made = synthetic.Run(tmp_path / "run")
    made.prompt("fox", "a fox", samples=2)
    made.task("fox", synthetic.OLD, synthetic.encode(synthetic.scene(1, (32, 32))))
    for sample in (0, 1):
        picture = synthetic.encode(synthetic.scene(2 + sample, (32, 32)))
        made.task("fox", synthetic.NEW, picture, sample=sample)
    folder = made.save()
    old, _, second = (task["file"].split("/")[1].split(".")[0] for task in made.data["tasks"])
    given = synthetic.verdicts_for(made.data, [("fox", "accept")])
    given["verdicts"][0] |= {"sample": 1, "left": old, "right": second}
    assert verdicts.apply(folder, made.data, _file(folder, given)).taken == 1


@pytest.mark.parametrize("against", ["reject", "needs_work"])
def test_a_preference_given_later_takes_no_decision_back(
    against: str, run: tuple[Path, dict[str, Any]]
) -> None:
    folder, results = run
    given = synthetic.verdicts_for(results, [("prompt-0001", against), ("prompt-0001", "new")])
    given["verdicts"][1]["at"] = "2026-11-21T10:00:00Z"
    verdicts.apply(folder, results, _file(folder, given))
    gate = judge_run(results, verdicts=read_verdicts(folder, results))
    assert ("verdicts", ("prompt-0001#0",)) in [(reason.check, reason.pairs) for reason in gate.reasons]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"run": "another"}, "is about run 'another'"),
        ({"version": 2}, "not a verdicts file of version 1"),
        ({"verdicts": [{"prompt_id": "x"}]}, "verdict 1 is not one"),
        ({"verdicts": "accept all"}, "not a verdicts file"),
    ],
)
def test_a_file_that_is_no_sign_off_of_this_run_is_refused_whole(
    change: dict[str, Any], complaint: str, run: tuple[Path, dict[str, Any]]
) -> None:
    folder, results = run
    given = synthetic.verdicts_for(results, [("prompt-0001", "accept")]) | change
    with pytest.raises(UserError, match=complaint):
        verdicts.apply(folder, results, _file(folder, given))
    assert verdicts.load(folder) is None


def test_the_commands_apply_list_what_is_stale_and_feed_gate_and_page(
    run: tuple[Path, dict[str, Any]],
) -> None:
    folder, results = run
    picks = [(f"prompt-{index:04d}", "accept" if index % 2 else "new") for index in range(5)]
    given = synthetic.verdicts_for(results, picks)
    given["verdicts"].append(
        {**given["verdicts"][0], "left": "1" * 64, "at": "2026-11-22T10:00:00Z", "verdict": "old"}
    )
    path = _file(folder, given)
    shell = CliRunner()
    shown = shell.invoke(cli.cli, ["report", str(folder)])
    assert (shown.exit_code, shown.output) == (0, f"{folder / 'index.html'}\n")
    before = shell.invoke(cli.cli, ["gate", str(folder), "--require-signoff", "--max-failures", "none"])
    done = shell.invoke(cli.cli, ["verdicts", "apply", str(folder), str(path)])
    assert done.exit_code == 1
    assert "refused, stale: prompt-0000 by ana: the old picture is another one now" in done.stderr
    assert "5 verdicts applied, 0 known already, 1 refused. 5 of 5 pairs reviewed." in done.stdout
    assert "5 of 5 signed off by ana" in (folder / "index.html").read_text("utf-8")
    after = shell.invoke(cli.cli, ["gate", str(folder), "--require-signoff", "--max-failures", "none"])
    assert "signoff" in before.output
    assert "signoff" not in after.output
    kept = json.loads((folder / "results.json").read_text("utf-8"))
    assert kept["numbers"]["pairs"][f"{synthetic.NEW} vs {synthetic.OLD}"]["preference"]["wins"] > 0


def test_a_file_outside_the_run_is_refused_before_a_page_is_made(run: tuple[Path, dict[str, Any]]) -> None:
    folder, results = run
    results["tasks"][0]["file"] = "images/../../secret.png"
    (folder / "results.json").write_text(json.dumps(results), "utf-8")
    done = CliRunner().invoke(cli.cli, ["report", str(folder)])
    assert isinstance(done.exception, UserError)
    assert not (folder / "index.html").exists()
