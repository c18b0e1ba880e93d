"""Batches: sent whole, found again, mixed results sorted out, half the price."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from migrator.catalog import load as load_rules
from migrator.compare import batch as batches
from migrator.compare import batch_files, results, run
from migrator.compare import plan as plans
from migrator.compare.journal import Journal
from migrator.errors import UserError
from migrator.simulator import Simulator

if TYPE_CHECKING:
    from tests.compare.conftest import Bench


def suite(*texts: str, **extra: Any) -> str:
    rows = [{"id": f"p{n}", "prompt": text, **extra} for n, text in enumerate(texts)]
    return json.dumps({"version": 1, "defaults": {"size": "1024x1024", "quality": "low"}, "prompts": rows})


def go(bench: Bench, text: str, server: Simulator, model: str = "gpt-image-2", **options: Any) -> run.Ended:
    return bench.run(
        text,
        options={"poll_s": 0.05, **options},
        batch=True,
        new=(f"openai-compatible:{model}@{server.base_url}",),
    )


def sent(server: Simulator) -> list[str]:
    return [one.parameters["prompt"] for one in server.requests if one.method == "BATCH"]


def submitted(server: Simulator) -> int:
    return sum(one.path == "/v1/batches" and one.method == "POST" for one in server.requests)


def test_a_batch_makes_every_picture_at_half_the_price(bench: Bench, server: Simulator) -> None:
    text = suite("a", "b", "c", samples=2)
    ended = go(bench, text, server)
    assert ended.exit_code == 0
    assert (sorted(sent(server)), submitted(server)) == (["a", "a", "b", "b", "c", "c"], 1)
    whole = bench.plan(text, new=(f"openai-compatible:gpt-image-2@{server.base_url}",))
    tasks = ended.results["tasks"]
    assert [task["task"] for task in tasks] == [task.id for task in whole.tasks]
    for task in tasks:
        assert (task["state"], task["attempts"], task["cost_is"]) == ("ok", 1, "measured")
        assert (bench.folder / "run" / task["file"]).is_file()
    rates = load_rules().models["gpt-image-2"].price
    assert rates is not None
    usage = tasks[0]["usage"]
    full = usage["output_tokens"] * rates.per_million["image_out"] + rates.per_million["text_in"]
    assert tasks[0]["cost_usd"] == pytest.approx(full / 2 / 1e6, abs=1e-6)
    assert len({task["file"] for task in tasks}) == 6


def test_a_second_run_sends_no_batch(bench: Bench, server: Simulator) -> None:
    first = go(bench, suite("a", "b"), server)
    assert go(bench, suite("a", "b"), server).results == first.results
    assert submitted(server) == 1


def test_mixed_results_are_sorted_out(bench: Bench, server: Simulator) -> None:
    text = suite("fine", "x [[sim:moderation]]", "y [[sim:500*1]]", "z [[sim:500]]", "q [[sim:unverified]]")
    ended = go(bench, text, server)
    states = [(task["state"], (task["error"] or {}).get("class")) for task in ended.results["tasks"]]
    assert states == [
        ("ok", None),
        ("blocked", "moderation"),
        ("ok", None),
        ("failed", "server"),
        ("failed", "unverified"),
    ]
    assert sent(server).count("fine") == 1
    assert sent(server).count("x [[sim:moderation]]") == 1
    assert submitted(server) == 3


def test_what_a_batch_did_not_get_to_goes_into_the_next(bench: Bench, server: Simulator) -> None:
    ended = go(bench, suite("a", "late [[sim:expired*1]]"), server)
    assert ended.exit_code == 0
    assert (sent(server), submitted(server)) == (["a", "late [[sim:expired*1]]"], 2)
    assert ended.results["tasks"][1]["state"] == "ok"


def test_edits_travel_inside_the_batch(bench: Bench, server: Simulator) -> None:
    from PIL import Image

    Image.new("RGBA", (64, 64), (0, 255, 0, 0)).save(bench.folder / "in.png")
    text = suite("Add a hat", edit={"images": ["in.png"], "mask": "in.png"})
    assert go(bench, text, server).exit_code == 0
    request = next(one for one in server.requests if one.method == "BATCH")
    size = (bench.folder / "in.png").stat().st_size
    assert (request.path, request.parameters["image"][0]["bytes"]) == ("/v1/images/edits", size)
    assert request.parameters["mask"][0]["bytes"] == size


def test_shards_are_cut_by_number(bench: Bench, server: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_files, "SHARD_TASKS", 3)
    assert go(bench, suite(*"abcdefgh"), server).exit_code == 0
    assert (sorted(sent(server)), submitted(server)) == (list("abcdefgh"), 3)


class LostError(Exception):
    """Ends a run in the middle of a step, as a kill would."""


@pytest.mark.parametrize("step", ["create", "retrieve", "content"])
def test_a_run_that_ends_in_the_middle_finds_its_batch_again(
    bench: Bench, server: Simulator, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from openai.resources import batches as api
    from openai.resources import files

    holder: Any = files.AsyncFiles if step == "content" else api.AsyncBatches
    original = getattr(holder, step)

    async def broken(self: Any, *words: Any, **named: Any) -> Any:
        await original(self, *words, **named)
        raise LostError

    with monkeypatch.context() as patch:
        patch.setattr(holder, step, broken)
        with pytest.raises(LostError):
            go(bench, suite("a", "b"), server)
    assert submitted(server) == 1
    ended = go(bench, suite("a", "b"), server)
    assert ended.exit_code == 0
    assert (sorted(sent(server)), submitted(server)) == (["a", "b"], 1)
    with Journal(bench.folder / "run") as journal:
        assert journal.spent() == pytest.approx(sum(task["cost_usd"] for task in ended.results["tasks"]))


def test_a_batch_that_is_gone_is_sent_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from openai.resources import batches as api

    async def never(self: Any, *_words: Any, **_named: Any) -> Any:
        raise LostError

    with Simulator(load_rules(), seed=1) as first, monkeypatch.context() as patch:
        patch.setattr(api.AsyncBatches, "retrieve", never)
        with pytest.raises(LostError):
            go(bench, suite("a"), first)
        port = first._socket.getsockname()[1]  # type: ignore[union-attr]
    with Simulator(load_rules(), seed=2, port=port) as second:
        assert go(bench, suite("a"), second).exit_code == 0
        assert sent(second) == ["a"]


def test_an_interrupted_run_leaves_its_batch_and_comes_back_for_it(bench: Bench) -> None:
    with Simulator(load_rules(), latency=1.0) as server:
        original = batches.Batcher.run

        async def stopped(self: batches.Batcher, *words: Any) -> None:
            def interrupt() -> None:
                self.runner.stop()
                self.stop()

            asyncio.get_running_loop().call_later(0.7, interrupt)
            await original(self, *words)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batches.Batcher, "run", stopped)
            ended = go(bench, suite("a", "b"), server)
        assert ended.exit_code == 130
        assert results.counts(ended.results) == {"pending": 2}
        assert go(bench, suite("a", "b"), server).exit_code == 0
        assert (sorted(sent(server)), submitted(server)) == (["a", "b"], 1)


def test_a_budget_holds_in_batches_as_well(bench: Bench, server: Simulator) -> None:
    ended = go(bench, suite(*"abcdef"), server, "gpt-image-2", budget_usd=0.01)
    counts = results.counts(ended.results)
    assert counts["skipped_budget"] == 6 - counts["ok"]
    assert 0 < counts["ok"] < 6
    assert ended.results["budget"]["spent_usd"] <= 0.01


def test_a_source_without_batches_is_refused_in_planning(bench: Bench) -> None:
    plan = bench.plan(suite("a"), new=("azure:x=gpt-image-2",))
    with pytest.raises(UserError, match="--batch cannot be used with azure:x=gpt-image-2"):
        plans.make(plan.suite, list(plan.columns), load_rules(), batch=True)


def test_an_archive_beside_a_batch_is_read_as_ever(bench: Bench, server: Simulator) -> None:
    (bench.folder / "photos").mkdir()
    made = go(bench, suite("a"), server)
    first = bench.folder / "run" / made.results["tasks"][0]["file"]
    (bench.folder / "photos" / "p0.png").write_bytes(first.read_bytes())
    ended = bench.run(
        suite("a"),
        options={"poll_s": 0.05},
        batch=True,
        old=(f"archive:{bench.folder / 'photos'}",),
        new=(f"openai-compatible:gpt-image-2@{server.base_url}",),
    )
    assert [task["state"] for task in ended.results["tasks"]] == ["ok", "ok"]
