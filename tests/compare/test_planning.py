"""Plans: the same every time, translated for each model, priced from the rules; limits and budgets."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from click.testing import CliRunner

from migrator.catalog import load as load_rules
from migrator.cli import cli
from migrator.compare import estimate
from migrator.compare.budget import Budget
from migrator.compare.limits import Limiter, backoff
from migrator.compare.progress import Progress
from migrator.errors import UserError

if TYPE_CHECKING:
    from tests.compare.conftest import Bench

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "results.schema.json").read_text())


def one(**values: Any) -> str:
    return json.dumps({"version": 1, "prompts": [{"id": "a", "prompt": "A", **values}]})


def test_the_same_suite_is_the_same_plan_and_every_word_of_it_counts(bench: Bench) -> None:
    text = one(samples=2, quality="low")
    plans = [bench.plan(text), bench.plan(text)]
    assert plans[0].run == plans[1].run
    assert [task.id for task in plans[0].tasks] == [task.id for task in plans[1].tasks]
    assert [(task.source, task.sample) for task in plans[0].tasks] == [
        ("old", 0),
        ("old", 1),
        ("new", 0),
        ("new", 1),
    ]
    ids = {task.id for task in plans[0].tasks}
    assert len(ids) == 4
    for other in (one(quality="high"), one(prompt="B", quality="low"), one(size="1536x1024", quality="low")):
        assert not {task.id for task in bench.plan(other).tasks if task.source == "new"} & ids


@pytest.mark.parametrize(
    ("source", "asked", "sent"),
    [
        ("simulator:dall-e-3", {"quality": "high", "size": "1024x1024"}, {"quality": "hd", "size": "1024x1024"}),
        ("simulator:dall-e-3", {"quality": "medium", "size": "1536x1024"}, {"quality": "standard", "size": "1792x1024"}),
        ("simulator:dall-e-3", {"quality": "xhigh", "background": "transparent"}, {}),
        ("simulator:dall-e-3", {"quality": "hd", "style": "vivid"}, {"quality": "hd", "style": "vivid"}),
        ("openai:gpt-image-2", {"quality": "hd", "style": "vivid"}, {"quality": "high"}),
        ("openai:gpt-image-2", {"size": "512x512"}, {"size": "1024x1024"}),
        ("openai:gpt-image-2", {"quality": "medium", "size": "1792x1024"}, {"quality": "medium", "size": "1792x1024"}),
        ("openai:gpt-image-1.5", {"size": "1792x1024"}, {"size": "1536x1024"}),
        ("openai-compatible:flux@http://h/v1", {"quality": "hd", "style": "x"}, {"quality": "hd", "style": "x"}),
    ],
)  # fmt: skip
def test_a_wish_is_said_in_the_words_of_each_model(
    bench: Bench, source: str, asked: dict[str, str], sent: dict[str, str]
) -> None:
    made = bench.plan(one(**asked), new=(source,))
    request = {k: v for k, v in made.tasks[0].request.items() if k != "response_format"}
    assert request == sent
    assert bool(made.notes) is (asked != sent)


def test_what_a_live_model_refuses_is_an_error_with_its_line(bench: Bench) -> None:
    with pytest.raises(UserError, match=r"suite.yaml:1: prompt 'a' cannot go to new: Invalid"):
        bench.plan(one(background="blue"), new=("openai:gpt-image-2",))


def test_what_an_old_model_never_took_is_told_and_not_sent(bench: Bench) -> None:
    ended = bench.run(one(prompt="x" * 4001), old=("simulator:dall-e-3",))
    task = ended.results["tasks"][0]
    assert (task["state"], task["attempts"], task["error"]["class"]) == ("failed", 0, "refused")
    assert "string too long" in task["reason"]


@pytest.mark.parametrize(
    ("source", "asked", "usd", "certainty"),
    [
        ("simulator:dall-e-3", {"quality": "standard", "size": "1024x1024"}, 0.04, "known"),
        ("simulator:dall-e-2", {"size": "256x256"}, 0.016, "known"),
        ("openai:gpt-image-2", {"quality": "medium", "size": "1024x1024"}, 0.053, "known"),
        ("openai:gpt-image-2", {"size": "1024x1024"}, 0.211, "likely"),
        ("openai:gpt-image-2.6-flare", {"quality": "medium", "size": "1024x1024"}, 0.0527, "likely"),
        ("openai:gpt-image-2.6-flare", {"quality": "max", "size": "1024x1024"}, None, "unknown"),
        ("openai-compatible:flux@http://h/v1", {}, None, "unknown"),
    ],
)
def test_the_price_is_known_likely_or_unknown(
    bench: Bench, source: str, asked: dict[str, str], usd: float | None, certainty: str
) -> None:
    found = bench.plan(one(**asked), new=(source,)).tasks[0].estimate
    assert found.certainty == certainty
    assert found.usd == (pytest.approx(usd, rel=0.01) if usd is not None else None)
    assert bool(found.note) is (certainty != "known")


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        {"output_tokens": -1},
        {"output_tokens": True},
        {"output_tokens": "9"},
        {"output_tokens": 1e9},
    ],
)
def test_a_usage_that_cannot_be_is_not_believed(usage: Any) -> None:
    assert estimate.measured(load_rules().models["gpt-image-2"], usage) is None


def test_the_results_are_what_their_schema_says(bench: Bench) -> None:
    (bench.folder / "photos").mkdir()
    text = json.dumps(
        {
            "version": 1,
            "gate": {"max_failures": None},
            "prompts": [
                {"id": "a", "prompt": 'Say "A"', "size": "256x256"},
                {"id": "b", "prompt": "[[sim:moderation]]", "size": "256x256", "origin": {"path": "a.py", "line": 1}},
                {"id": "c", "prompt": "[[sim:500]]", "size": "256x256", "preserve": "loose"},
            ],
        }
    )  # fmt: skip
    ended = bench.run(
        text,
        old=(f"archive:{bench.folder / 'photos'}",),
        new=("simulator:dall-e-2",),
        options={"budget_usd": 1.0},
    )
    jsonschema.validate(ended.results, SCHEMA)
    assert {task["state"] for task in ended.results["tasks"]} == {"ok", "blocked", "failed", "unmatched"}


def test_the_whole_command_leaves_results_that_fit_the_schema(tmp_path: Path) -> None:
    suite = tmp_path / "suite.yaml"
    suite.write_text(one(size="256x256"))
    words = ["compare", str(suite), "--old", "simulator:dall-e-2", "--out", str(tmp_path / "run")]
    done = CliRunner().invoke(cli, [*words, "--executor", "threads"])
    assert (done.exit_code, "1 ok" in done.output, "SIMULATED" in done.output) == (0, True, True)
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    jsonschema.validate(results, SCHEMA)
    assert results["tasks"][0]["checks"]["decodes"]["status"] == "pass"
    assert {"results.csv", "junit.xml"} <= {path.name for path in (tmp_path / "run").iterdir()}


def test_a_plan_is_printed_and_nothing_else_happens(tmp_path: Path) -> None:
    suite = tmp_path / "suite.yaml"
    suite.write_text(one(quality="low", size="1024x1024", samples=2))
    words = ["compare", str(suite), "--new", "openai:gpt-image-2", "--plan", "--out", str(tmp_path / "run")]
    first, second = (CliRunner().invoke(cli, words) for _ in range(2))
    assert first.exit_code == 0
    assert first.output == second.output
    assert "new  openai:gpt-image-2  2 tasks, about $0.01" in first.output
    assert "a[1]  generations  $0.0060" in first.output
    assert not (tmp_path / "run").exists()


# Limits


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_429_halves_the_slots_and_success_brings_them_back() -> None:
    async def story() -> None:
        clock = Clock()
        limiter = Limiter(8, clock=clock)
        limiter.throttled(3.0, {})
        assert int(limiter.window) == 4
        assert limiter._wait() == pytest.approx(3.0)
        clock.now += 3
        assert limiter._wait() == 0.0
        for _ in range(40):
            limiter.answered({})
        assert int(limiter.window) == 8

    asyncio.run(story())


def test_the_headers_of_an_answer_are_heeded() -> None:
    async def story() -> None:
        clock = Clock()
        limiter = Limiter(50, clock=clock)
        headers = {
            "x-ratelimit-limit-requests": "5",
            "x-ratelimit-remaining-requests": "2",
            "x-ratelimit-reset-requests": "12s",
        }
        limiter.answered(headers)
        await limiter.enter()
        await limiter.enter()
        assert limiter._wait() == pytest.approx(12.0)
        clock.now += 12
        assert limiter._wait() == 0.0

    asyncio.run(story())


def test_an_assumed_rate_holds_and_grows_while_nobody_complains() -> None:
    async def story() -> None:
        clock = Clock()
        limiter = Limiter(50, 5.0, clock)
        for _ in range(5):
            await limiter.enter()
        assert limiter._wait() == pytest.approx(12.0)
        for _ in range(5):
            limiter.answered({})
        clock.now += 60
        for _ in range(7):
            await limiter.enter()
        assert limiter._wait() not in (0.0, None)

    asyncio.run(story())


def test_pauses_grow_up_to_a_minute() -> None:
    assert all(0.5 <= backoff(1) <= 1 for _ in range(50))
    assert all(30 <= backoff(20) <= 60 for _ in range(50))


def test_money_that_is_out_is_waited_for_before_a_task_is_given_up() -> None:
    async def story() -> None:
        budget = Budget(1.0)
        assert await budget.reserve(0.9)
        waiting = asyncio.create_task(budget.reserve(0.5))
        await asyncio.sleep(0)
        assert not waiting.done()
        budget.settle(0.9, 0.4)
        assert await waiting
        budget.settle(0.5, 0.5)
        assert not await budget.reserve(0.2)

    asyncio.run(story())


def test_progress_is_a_plain_line_where_there_is_no_terminal() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, 10, 2, 5.0, 0.1, clock) as progress:
        progress.started()
        clock.now += 30
        progress.finished("ok", 0.05)
        progress.ended()
    assert stream.getvalue() == "3/10 done, 1 asked, 2/min, $0.15 of $5.00, about 4 min left\n".replace(
        "4 min", "4 min"
    )
    assert "\x1b" not in stream.getvalue()
