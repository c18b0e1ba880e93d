"""The gate, by its exit codes and reasons."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from migrator.cli import cli
from migrator.compare.gate import judge_run
from migrator.compare.thresholds import Thresholds, thresholds_from
from migrator.errors import UserError
from tests.compare.runs import check, run, task, verdicts

if TYPE_CHECKING:
    from pathlib import Path


def judged(
    data: dict[str, Any], signed: dict[str, Any] | None = None, **limits: Any
) -> tuple[int, list[str]]:
    found = judge_run(data, thresholds_from(limits), signed)
    return found.exit_code, [reason.check for reason in found.reasons]


def good(*extra: dict[str, Any], **about: Any) -> dict[str, Any]:
    return run(task("a", "old"), task("a", "new"), task("b", "old"), task("b", "new"), *extra, **about)


def test_a_run_without_trouble_passes() -> None:
    assert judged(good()) == (0, [])


@pytest.mark.parametrize("name", ["decodes", "size", "format", "alpha", "blank", "duplicate"])
def test_a_picture_that_is_not_as_asked_fails(name: str) -> None:
    data = good(task("c", "old"), task("c", "new", bad=[name]))
    assert judged(data) == (1, [name])
    assert judged(data, max_failures=1) == (0, [])
    assert judged(data, max_failures=None) == (0, [])


def test_faults_of_the_old_side_do_not_count() -> None:
    assert judged(good(task("c", "old", bad=["size"]), task("c", "new"))) == (0, [])


def test_a_picture_that_could_not_be_made_or_found_fails() -> None:
    assert judged(good(task("c", "new", "failed", reason="The server broke."))) == (1, ["failed"])
    assert judged(good(task("c", "new", "unmatched"))) == (1, ["failed"])


def test_a_picture_that_nobody_looked_at_fails() -> None:
    assert judged(good(task("c", "old"), {**task("c", "new"), "checks": {}})) == (1, ["unchecked"])


def test_a_refusal_counts_when_the_old_side_drew_it_and_nobody_accepted() -> None:
    data = good(task("c", "old"), task("c", "new", "blocked"))
    assert judged(data) == (1, ["blocked"])
    assert judged(data, max_newly_blocked=1) == (0, [])
    accepted = verdicts(("c", "accept"))
    accepted["verdicts"][0]["right"] = None
    assert judged(data, accepted) == (0, [])
    assert judged(good(task("c", "old", "blocked"), task("c", "new", "blocked"))) == (0, [])


def test_text_that_the_suite_names_must_be_there_unless_a_person_says_so() -> None:
    data = good(task("c", "old", cer=0.4), task("c", "new", cer=0.4))
    assert judged(data) == (1, ["text"])
    assert judged(data, verdicts(("c", "accept"))) == (0, [])
    assert judged(data, max_text_cer=0.5) == (0, [])
    guess = good(task("c", "old"), task("c", "new", checks={"text": check("warn", {
        "exact": False, "cer": 0.9, "worst_cer": 0.9, "expect_is": "quoted"})}))  # fmt: skip
    assert judged(guess) == (0, [])


def test_text_that_got_significantly_worse_fails_and_a_little_worse_does_not() -> None:
    def suite(number: int) -> dict[str, Any]:
        return run(
            *(task(f"p{n}", s, cer=0.1 if s == "new" else 0.0) for n in range(number) for s in ("old", "new"))
        )

    assert judged(suite(4)) == (0, [])  # p = .0625
    assert judged(suite(5)) == (1, ["text_worse"])  # p = .031
    assert judged(suite(5), text_alpha=None) == (0, [])


def test_a_strict_edit_must_stay_as_it_was_outside_its_mask() -> None:
    def suite(changed: float, preserve: str) -> dict[str, Any]:
        value = {"changed": changed, "masked": True}
        return good(
            task("c", "old"),
            task("c", "new", checks={"locality": check("info", value)}),
            preserve={"c": preserve},
        )

    assert judged(suite(0.5, "strict")) == (1, ["locality"])
    assert judged(suite(0.5, "loose")) == (0, [])
    assert judged(suite(0.01, "strict")) == (0, [])
    assert judged(suite(0.5, "strict"), max_outside_mask=0.6) == (0, [])


def test_costs_and_times_are_held_to_their_limits() -> None:
    assert judged(good(), max_cost_usd=0.09) == (1, ["cost"])
    assert judged(good(), max_cost_usd=0.11) == (0, [])
    assert judged(good(), max_cost_per_picture=0.04) == (1, ["cost"])
    assert judged(good(), max_latency_p90_s=1.0) == (1, ["latency"])
    assert judged(good(), max_latency_p90_s=2.0) == (0, [])


def test_a_limit_on_latency_is_not_met_by_answers_without_a_time() -> None:
    timeless = run(task("a", "old"), task("a", "new", latency_s=None))
    assert judged(timeless) == (0, [])
    assert judged(timeless, max_latency_p90_s=9.0) == (1, ["latency"])


def test_a_strict_edit_that_nobody_could_measure_is_named() -> None:
    skipped = {"locality": check("skipped", None, "The mask has no transparent part.")}
    data = good(task("c", "old"), task("c", "new", checks=skipped), preserve={"c": "strict"})
    assert any("`preserve: strict` was not judged for c#0" in note for note in judge_run(data).notes)


def test_an_unknown_cost_does_not_slip_under_a_limit() -> None:
    data = good(task("c", "old"), task("c", "new", cost_usd=None, cost_is="unknown"))
    assert judged(data) == (0, [])
    assert judged(data, max_cost_usd=10) == (1, ["cost"])


def test_a_rejection_fails_and_sign_off_can_be_required() -> None:
    assert judged(good(), verdicts(("a", "reject"))) == (1, ["verdicts"])
    assert judged(good(), verdicts(("a", "new")), require_signoff=True) == (1, ["signoff"])
    assert judged(good(), verdicts(("a", "new"), ("b", "old")), require_signoff=True) == (0, [])
    assert judged(good(), None, require_signoff=True) == (1, ["signoff"])


def test_a_later_verdict_of_the_same_reviewer_replaces_the_earlier() -> None:
    assert judged(good(), verdicts(("a", "reject"), ("a", "accept"))) == (0, [])
    assert judged(good(), verdicts(("a", "accept"), ("a", "reject"))) == (1, ["verdicts"])


def test_verdicts_on_pictures_that_changed_are_no_sign_off() -> None:
    signed = verdicts(("a", "new"), ("b", "new"))
    signed["verdicts"][0]["right"] = "other"
    found = judge_run(good(), Thresholds(require_signoff=True), signed)
    assert (found.exit_code, found.reasons[0].pairs) == (1, ("a#0",))


def test_what_is_still_to_do_is_incomplete_and_want_of_money_is_its_own_code() -> None:
    assert judged(good(task("c", "new", "pending"))) == (3, ["incomplete"])
    assert judged(good(task("c", "old", "pending"), task("c", "new"))) == (3, ["incomplete"])
    assert judged(good(task("c", "new", "skipped_budget"))) == (4, ["budget"])
    assert judged(good(task("c", "old", "skipped_budget"), task("c", "new"))) == (4, ["budget"])
    assert judged(good(task("c", "new", "failed", error={"class": "quota"}))) == (4, ["budget"])


def test_a_failure_that_no_resuming_mends_comes_first() -> None:
    assert judged(good(task("c", "new", "pending"), task("d", "new", bad=["size"]))) == (1, ["size"])


def test_an_empty_run_does_not_pass() -> None:
    assert judged(run(task("a", "old"))) == (1, ["run"])
    assert judged(run(task("a", "old", "blocked"), task("a", "new", "blocked"))) == (1, ["run"])


def test_simulated_pictures_and_missing_old_ones_are_noted() -> None:
    notes = judge_run(good(task("c", "old", "unmatched"), task("c", "new"), simulated=True)).notes
    assert any("simulated" in note for note in notes)
    assert any("1 picture has no old one" in note for note in notes)


def test_text_that_nobody_read_is_noted() -> None:
    text = {"exact": True, "cer": 0.0, "worst_cer": 0.0, "expect_is": "given", "not_judged": ["?"]}
    for one in (check("skipped", None, "No reader."), check("warn", text, "Not all of it.")):
        found = judge_run(good(task("c", "old"), task("c", "new", checks={"text": one})))
        assert found.exit_code == 0
        assert any("judged on 1 pictures" in note and one["message"] in note for note in found.notes)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"max_failure": 1}, "Did you mean 'max_failures'"),
        ({"max_failures": -1}, "number from 0 up"),
        ({"max_failures": 0.5}, "whole number"),
        ({"max_text_cer": True}, "number from 0 up"),
        ({"max_text_cer": float("nan")}, "number from 0 up"),
        ({"require_signoff": "yes"}, "true or false"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        thresholds_from(values)


def _invoke(folder: Path, data: Any, *words: str, signed: Any = None) -> Any:
    (folder / "results.json").write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    if signed is not None:
        (folder / "verdicts.json").write_text(json.dumps(signed), "utf-8")
    return CliRunner().invoke(cli, ["gate", str(folder), *words])


def test_the_command_prints_reasons_in_words_and_ends_with_the_code(tmp_path: Path) -> None:
    data = good(task("c", "new", bad=["size"]))
    found = _invoke(tmp_path, data)
    assert found.exit_code == 1
    assert found.output.startswith(
        "FAIL\n  size: 1 picture of the new column is not as asked. c#0: The size is wrong."
    )
    assert _invoke(tmp_path, data, "--max-failures", "1").output.startswith("PASS")
    assert _invoke(tmp_path, data, "--max-failures", "none").exit_code == 0
    assert _invoke(tmp_path, good(task("c", "new", "pending"))).exit_code == 3


def test_the_command_reads_the_suites_limits_and_options_win(tmp_path: Path) -> None:
    data = good()
    data["suite"]["gate"] = {"max_cost_usd": 0.01}
    assert _invoke(tmp_path, data).exit_code == 1
    assert _invoke(tmp_path, data, "--max-cost-usd", "1").exit_code == 0


def test_the_command_reads_the_sign_off_beside_the_run(tmp_path: Path) -> None:
    assert _invoke(tmp_path, good(), "--require-signoff").exit_code == 1
    signed = verdicts(("a", "new"), ("b", "tie"))
    assert _invoke(tmp_path, good(), "--require-signoff", signed=signed).exit_code == 0


def test_the_command_answers_in_json(tmp_path: Path) -> None:
    found = json.loads(_invoke(tmp_path, good(task("c", "new", bad=["size"])), "--format", "json").output)
    assert (found["version"], found["verdict"], found["exit_code"]) == (1, "fail", 1)
    assert found["reasons"][0]["pairs"] == ["c#0"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("{", "not valid JSON"),
        ("[]", "not an object"),
        ('{"version": 2}', "version is 2"),
        (
            json.dumps({"version": 1, "sources": [], "tasks": [{}], "suite": {"prompts": []}}),
            "tasks\\[0\\] lacks",
        ),
        (json.dumps(good(task("a", "new"))), "two tasks have the same"),
        (json.dumps(good(task("c", "new", "done"))), "unknown state 'done'"),
        (
            json.dumps(good(task("c", "new", file="../x"))).replace('"c", "prompt"', '"q", "prompt"'),
            "unknown prompt 'c'",
        ),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_a_file_that_is_no_run_is_a_usage_error(tmp_path: Path, data: str, words: str) -> None:
    found = _invoke(tmp_path, data)
    with pytest.raises(UserError, match=words):
        raise found.exception


def test_a_sign_off_of_another_run_is_refused(tmp_path: Path) -> None:
    found = _invoke(tmp_path, good(), signed={"version": 1, "run": "other", "verdicts": []})
    assert "another run" in str(found.exception)
