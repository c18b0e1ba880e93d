"""Numbers of columns and pairs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from migrator.compare.numbers import numbers
from tests.compare.runs import check, run, task, verdicts


def _pair(data: dict[str, Any], **about: Any) -> dict[str, Any]:
    found: dict[str, Any] = numbers(data, **about)["pairs"]["new vs old"]
    return found


def test_states_costs_and_times_of_a_column_are_counted() -> None:
    data = run(
        task("a", "new", latency_s=1.0),
        task("b", "new", latency_s=3.0, cost_is="estimated"),
        task("c", "new", "blocked"),
        task("d", "new", "failed", attempts=5),
        task("e", "new", "pending", attempts=0),
        task("f", "new", "skipped_budget", attempts=0),
    )
    found = numbers(data)["columns"]["new"]
    assert found["planned"] == 6
    assert found["states"] == {
        "ok": 2, "blocked": 1, "failed": 1, "skipped_budget": 1, "unmatched": 0, "pending": 1,
    }  # fmt: skip
    assert (found["success"]["count"], found["success"]["of"], found["success"]["rate"]) == (2, 4, 0.5)
    assert (found["latency_s"]["p50"], found["latency_s"]["p90"]) == (2.0, 2.8)
    assert found["cost_usd"] == {
        "measured": 0.05, "estimated": 0.05, "total": 0.1, "unknown": 2, "per_picture": None,
    }  # fmt: skip
    assert any("2 of 6 pictures" in line and "1 blocked by moderation" in line for line in found["lines"])
    assert any("in part estimated" in line and "2 more is unknown" in line for line in found["lines"])


def test_samples_of_a_prompt_count_as_one_prompt() -> None:
    many = run(*(task("a", "new", sample=n) for n in range(50)), task("b", "new", "failed"))
    found = numbers(many)["columns"]["new"]["success"]
    assert (found["count"], found["of"], found["prompts"], found["rate"]) == (50, 51, 2, 0.5)
    assert found["high"] - found["low"] > 0.5


def test_conformance_and_text_are_shares_with_intervals() -> None:
    data = run(task("a", "new", bad=["size"]), *(task(f"p{n}", "new", cer=0.0) for n in range(29)))
    found = numbers(data)["columns"]["new"]
    assert (found["conformance"]["count"], found["conformance"]["of"]) == (29, 30)
    assert (round(found["conformance"]["low"], 2), round(found["conformance"]["high"], 2)) == (0.83, 0.99)
    assert found["text"]["exact"]["rate"] == 1.0
    assert found["checks"]["size"] == {"fail": 1, "pass": 29}


def test_nothing_known_is_null_and_never_nan() -> None:
    found = numbers(run(task("a", "old", "unmatched"), task("a", "new", "pending")))
    json.dumps(found, allow_nan=False)
    assert found["columns"]["old"]["success"]["rate"] is None
    assert found["columns"]["new"]["latency_s"]["p50"] is None


def test_a_clear_change_of_text_is_told_from_too_few_prompts() -> None:
    few = run(*(task(f"p{n}", s, cer=float(s == "new")) for n in range(4) for s in ("old", "new")))
    many = run(*(task(f"p{n}", s, cer=float(s == "old")) for n in range(8) for s in ("old", "new")))
    same = run(*(task(f"p{n}", s, cer=0.0) for n in range(8) for s in ("old", "new")))
    assert [_pair(data)["text"]["verdict"] for data in (few, many, same)] == ["too_few", "better", "same"]
    assert any("not enough prompts to tell (0 better, 4 worse)" in line for line in _pair(few)["lines"])
    assert any("new is better (p = 0.008)" in line for line in _pair(many)["lines"])


def test_pairs_with_one_picture_missing_are_not_compared() -> None:
    data = run(
        task("a", "old", cer=0.0), task("a", "new", "blocked"),
        task("b", "old", "unmatched"), task("b", "new", cer=0.0),
        task("c", "old", cer=0.0), task("c", "new", cer=1.0),
    )  # fmt: skip
    found = _pair(data)
    assert (found["pairs"], found["both"], found["text"]["prompts"]) == (3, 1, 1)
    assert found["newly_blocked"] == ["a#0"]


def test_one_archived_picture_stands_beside_every_sample() -> None:
    data = run(
        task("a", "old"),
        *(task("a", "old", "unmatched", sample=n) for n in (1, 2)),
        *(task("a", "new", sample=n) for n in range(3)),
    )  # fmt: skip
    assert _pair(data)["both"] == 3


@pytest.mark.parametrize(
    ("new", "old", "verdict", "p"),
    [(15, 5, "better", 0.041), (14, 6, "too_few", 0.115), (5, 15, "worse", 0.041)],
)
def test_preferences_are_a_sign_test_on_decided_prompts(new: int, old: int, verdict: str, p: float) -> None:
    words = ["new"] * new + ["old"] * old + ["tie"] * 3 + ["both_bad"]
    data = run(*(task(f"p{n}", s) for n in range(len(words)) for s in ("old", "new")))
    found = _pair(data, verdicts=verdicts(*((f"p{n}", word) for n, word in enumerate(words))))
    preference = found["preference"]
    assert (preference["wins"], preference["losses"], preference["ties"]) == (new, old, 4)
    assert preference["verdict"] == verdict
    assert preference["p"] == pytest.approx(p, abs=0.001)


def test_verdicts_on_other_pictures_do_not_count() -> None:
    data = run(task("a", "old"), task("a", "new"))
    signed = verdicts(("a", "new"), ("gone", "new"))
    signed["verdicts"][0]["right"] = "another"
    found = _pair(data, verdicts=signed)["preference"]
    assert (found["wins"], found["stale"]) == (0, 2)


def test_a_cast_over_the_whole_suite_is_said_and_a_single_one_is_not() -> None:
    shifted = run(
        *(task(f"p{n}", s, b=(n % 5) + 12.0 * (s == "new")) for n in range(20) for s in ("old", "new"))
    )
    found = _pair(shifted)
    assert found["colour"]["b"]["value"] == pytest.approx(12.0)
    assert any("warmer" in line and "+12.0" in line for line in found["lines"])
    even = run(
        *(
            task(f"p{n}", s, b=n % 5 + (40.0 if s == "new" and n == 3 else 0))
            for n in range(20)
            for s in ("old", "new")
        )
    )
    assert not any("warmer" in line for line in _pair(even)["lines"])


def test_two_prompts_are_not_enough_to_speak_of_a_cast() -> None:
    two = run(*(task(f"p{n}", s, b=30.0 * (s == "new")) for n in range(2) for s in ("old", "new")))
    found = _pair(two)
    assert found["colour"]["b"] == {"value": 30.0, "low": None, "high": None}
    assert not any("warmer" in line for line in found["lines"])


def test_simulated_pictures_are_never_said_to_have_cost_anything() -> None:
    lines = numbers(run(task("a", "new", simulated=True)))["columns"]["new"]["lines"]
    assert [line for line in lines if "$" in line] == [
        "Nothing was paid: the pictures are simulated. The real model costs about $0.05."
    ]


def test_size_changes_and_shared_files_are_named() -> None:
    wide = {"width": 1792, "height": 1024, "format": "png", "mode": "RGB", "bytes": 3000}
    data = run(task("a", "old"), task("a", "new", picture=wide), task("b", "old"), task("b", "new"))
    data["tasks"][3]["file"] = data["tasks"][2]["file"]
    found = _pair(data)
    assert found["size"]["pairs"] == [{"pair": "a#0", "old": "1024x1024", "new": "1792x1024"}]
    assert found["same_file"] == ["b#0"]
    assert found["bytes_ratio"] == 2.0


def test_further_columns_are_compared_with_the_old_one_too() -> None:
    data = run(*(task("a", s) for s in ("old", "new", "third")))
    found = numbers(data, verdicts(("a", "new")))["pairs"]
    assert list(found) == ["new vs old", "third vs old"]
    assert found["third vs old"]["preference"] is None


def test_text_that_was_not_read_is_said_to_be() -> None:
    data = run(task("a", "new", checks={"text": check("skipped", None, "No reader.")}))
    assert any("not read on 1 picture" in line for line in numbers(data)["columns"]["new"]["lines"])


def test_a_picture_whose_price_nobody_wrote_down_is_not_free() -> None:
    found = numbers(run(task("a", "old", attempts=0, cost_usd=None, cost_is="unknown")))["columns"]["old"]
    assert (found["cost_usd"]["total"], found["cost_usd"]["per_picture"]) == (None, None)
    assert "The cost of 1 picture is unknown." in found["lines"]
