"""Runs over simulators: what is asked, what is written down, and what a second run leaves alone."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING

import pytest

from migrator.compare import results, run
from migrator.compare.journal import Journal
from migrator.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.simulator import Simulator
    from tests.compare.conftest import Bench

SMALL = """\
version: 1
defaults: {size: 1024x1024, quality: low}
prompts:
  - {id: lighthouse, prompt: A lighthouse at dusk, tags: [scene]}
  - {id: sign, prompt: 'A shop sign that says "OPEN 24 HOURS"', samples: 2}
"""


def prompts(*texts: str, **defaults: str) -> str:
    head = json.dumps({"size": "256x256", **defaults})
    rows = "\n".join(f"  - {{id: p{n}, prompt: {json.dumps(text)}}}" for n, text in enumerate(texts))
    return f"version: 1\ndefaults: {head}\nprompts:\n{rows}\n"


def at(server: Simulator, model: str = "dall-e-2") -> str:
    return f"openai-compatible:{model}@{server.base_url}"


def images(server: Simulator) -> list[str]:
    return [one.parameters["prompt"] for one in server.requests if "/images/" in one.path]


def states(ended: run.Ended) -> dict[str, str]:
    return {f"{t['prompt_id']}.{t['sample']}.{t['source']}": t["state"] for t in ended.results["tasks"]}


def test_without_sources_the_simulator_stands_on_both_sides_and_all_is_marked(bench: Bench) -> None:
    ended = bench.run(SMALL)
    assert ended.exit_code == 0
    found = ended.results
    assert found["simulated"] is True
    assert [(one["name"], one["role"], one["model"], one["simulated"]) for one in found["sources"]] == [
        ("old", "old", "dall-e-3", True),
        ("new", "new", "gpt-image-2.6-flare", True),
    ]
    assert len(found["tasks"]) == 6
    assert all(task["state"] == "ok" and task["simulated"] for task in found["tasks"])
    for task in found["tasks"]:
        data = (bench.folder / "run" / task["file"]).read_bytes()
        assert task["file"] == f"images/{hashlib.sha256(data).hexdigest()}.png"
        assert task["picture"] == {
            "width": 1024,
            "height": 1024,
            "format": "png",
            "mode": "RGB",
            "bytes": len(data),
        }
        assert (task["attempts"], task["error"], task["reason"]) == (1, None, None)
    new = [task for task in found["tasks"] if task["source"] == "new"]
    assert all(task["cost_is"] == "measured" and task["usage"]["output_tokens"] for task in new)
    assert all(task["cost_is"] == "estimated" for task in found["tasks"] if task["source"] == "old")
    assert len({task["file"] for task in found["tasks"]}) == 6


def test_a_second_run_asks_for_nothing(bench: Bench, old_server: Simulator) -> None:
    suite = prompts("a", "b", "c")
    first = bench.run(suite, new=(at(old_server),))
    assert (first.exit_code, len(images(old_server))) == (0, 3)
    second = bench.run(suite, new=(at(old_server),))
    assert len(images(old_server)) == 3
    assert second.results == first.results


def test_a_picture_that_was_deleted_is_asked_for_again(bench: Bench, old_server: Simulator) -> None:
    first = bench.run(prompts("a", "b"), new=(at(old_server),))
    (bench.folder / "run" / first.results["tasks"][1]["file"]).unlink()
    assert bench.run(prompts("a", "b"), new=(at(old_server),)).exit_code == 0
    assert sorted(images(old_server)) == ["a", "b", "b"]


def test_a_changed_suite_asks_only_for_what_is_new(bench: Bench, old_server: Simulator) -> None:
    bench.run(prompts("a", "b"), new=(at(old_server),))
    ended = bench.run(prompts("a", "c"), new=(at(old_server),))
    assert sorted(images(old_server)) == ["a", "b", "c"]
    assert len(ended.results["tasks"]) == 2


@pytest.mark.parametrize(
    ("token", "state", "trouble", "attempts"),
    [
        ("moderation", "blocked", "moderation", 1),
        ("unverified", "failed", "unverified", 1),
        ("quota", "failed", "quota", 1),
        ("billing", "failed", "quota", 1),
        ("429", "failed", "rate_limit", 5),
        ("500", "failed", "server", 5),
        ("cut", "failed", "transport", 5),
        ("malformed", "failed", "malformed", 3),
        ("timeout", "failed", "timeout", 1),
        ("500*4", "ok", None, 5),
        ("cut*2", "ok", None, 3),
        ("429*2", "ok", None, 3),
    ],
)
def test_every_trouble_has_its_class_and_its_number_of_attempts(
    bench: Bench, old_server: Simulator, token: str, state: str, trouble: str | None, attempts: int
) -> None:
    pace = run.Pace(slots=4, retry_s=0.01, timeout_s=1.5 if token == "timeout" else 30)
    ended = bench.run(prompts("fine", f"x [[sim:{token}]]"), pace=pace, new=(at(old_server),))
    fine, other = ended.results["tasks"]
    assert fine["state"] == "ok"
    assert (other["state"], other["attempts"]) == (state, attempts)
    assert (other["error"] or {}).get("class") == trouble
    assert bool(other["reason"]) is (state != "ok")
    end = time.monotonic() + 5
    while sum("sim:" in text for text in images(old_server)) < attempts and time.monotonic() < end:
        time.sleep(0.02)  # the simulator books a request that it let hang when it notices that nobody waits
    assert sum("sim:" in text for text in images(old_server)) == attempts


def test_an_account_that_is_refused_is_not_asked_on_and_on(bench: Bench, old_server: Simulator) -> None:
    texts = [f"{n} [[sim:quota]]" for n in range(30)]
    ended = bench.run(prompts(*texts), pace=run.Pace(slots=1), new=(at(old_server),))
    assert ended.exit_code == 4
    assert len(images(old_server)) == 3
    assert results.counts(ended.results) == {"failed": 3, "pending": 27}
    assert "asked no more" in ended.results["notes"][-1]
    attempts = [task["attempts"] for task in ended.results["tasks"] if task["state"] == "pending"]
    assert attempts == [0] * 27, "what stood in line was never sent"
    # the account may be fine now: both kinds are asked again
    bench.run(prompts(*texts), pace=run.Pace(slots=1), new=(at(old_server),))
    assert len(images(old_server)) == 6


def test_failures_are_kept_until_somebody_wants_another_try(bench: Bench, old_server: Simulator) -> None:
    suite = prompts("x [[sim:malformed*3]]", "y [[sim:moderation]]")
    assert bench.run(suite, new=(at(old_server),)).exit_code == 1
    assert bench.run(suite, new=(at(old_server),)).exit_code == 1
    assert len(images(old_server)) == 4
    ended = bench.run(suite, options={"retry_failed": True}, new=(at(old_server),))
    assert states(ended) == {"p0.0.new": "ok", "p1.0.new": "blocked"}
    assert len(images(old_server)) == 5


def test_a_budget_is_never_exceeded_and_what_is_left_is_its_own_state(
    bench: Bench, old_server: Simulator
) -> None:
    suite = prompts(*[str(n) for n in range(10)])
    ended = bench.run(suite, options={"budget_usd": 0.05}, new=(at(old_server),))
    assert ended.exit_code == 4
    assert results.counts(ended.results) == {"ok": 3, "skipped_budget": 7}
    assert len(images(old_server)) == 3
    assert ended.results["budget"] == {"limit_usd": 0.05, "reserved_usd": 0.0, "spent_usd": 0.048}
    more = bench.run(suite, options={"budget_usd": 0.1}, new=(at(old_server),))
    assert results.counts(more.results) == {"ok": 6, "skipped_budget": 4}


def test_a_request_that_may_have_been_paid_counts_against_the_budget(
    bench: Bench, old_server: Simulator
) -> None:
    pace = run.Pace(slots=1, timeout_s=0.3)
    suite = prompts("a [[sim:timeout]]", "b", "c")
    ended = bench.run(suite, pace=pace, options={"budget_usd": 0.04}, new=(at(old_server),))
    assert list(states(ended).values()) == ["failed", "ok", "skipped_budget"]


def test_a_budget_without_a_known_price_is_refused(bench: Bench, old_server: Simulator) -> None:
    with pytest.raises(UserError, match="--assume-usd"):
        bench.run(prompts("a"), options={"budget_usd": 1.0}, new=(at(old_server, "flux"),))
    ended = bench.run(
        prompts("a"), options={"budget_usd": 1.0, "assume_usd": 2.0}, new=(at(old_server, "flux"),)
    )
    assert list(states(ended).values()) == ["skipped_budget"]


def test_pictures_that_come_as_urls_are_fetched(bench: Bench, old_server: Simulator) -> None:
    suite = """\
version: 1
sources:
  urls: {kind: openai-compatible, model: dall-e-2, base_url: "%s", parameters: {response_format: url}}
prompts: [{id: a, prompt: A, size: 256x256}]
"""
    ended = bench.run(suite % old_server.base_url, new=("urls",))
    assert ended.exit_code == 0
    assert any(one.path.startswith("/hosted/") for one in old_server.requests)


def test_edits_send_their_pictures_and_the_inputs_are_kept(bench: Bench, server: Simulator) -> None:
    from PIL import Image

    Image.new("RGBA", (64, 64), (255, 0, 0, 128)).save(bench.folder / "in.png")
    suite = "version: 1\nprompts: [{id: a, prompt: Add a hat, quality: low, edit: {images: [in.png], mask: in.png}}]\n"
    ended = bench.run(suite, new=(at(server, "gpt-image-2"),), old=("simulator:dall-e-3",))
    old, new = ended.results["tasks"]
    assert (new["state"], old["state"], old["reason"]) == ("ok", "unmatched", "dall-e-3 makes no edits")
    sent = next(one for one in server.requests if one.path == "/v1/images/edits")
    assert sent.parameters["image"][0]["bytes"] == (bench.folder / "in.png").stat().st_size
    kept = ended.results["suite"]["prompts"][0]["edit"]
    assert (bench.folder / "run" / kept["images"][0]).read_bytes() == (bench.folder / "in.png").read_bytes()
    assert kept["mask"] == kept["images"][0]


def test_one_folder_is_for_one_run_at_a_time(bench: Bench) -> None:
    with Journal(bench.folder / "run"), pytest.raises(UserError, match="another run is working here"):
        bench.run(SMALL)


def test_a_folder_of_somebody_else_is_left_alone(bench: Bench) -> None:
    folder = bench.folder / "run"
    folder.write_text("a file")
    with pytest.raises(UserError, match="is a file"):
        bench.run(SMALL)
    folder.unlink()
    folder.mkdir()
    (folder / "index.html").write_text("my page")
    with pytest.raises(UserError, match=r"its index\.html would be replaced"):
        bench.run(SMALL)
    assert [path.name for path in folder.iterdir()] == ["index.html"]


def test_a_run_takes_over_the_pictures_of_one_that_is_like_it_and_no_other(bench: Bench) -> None:
    bench.run(SMALL)
    with pytest.raises(UserError, match="holds another run"):
        bench.run("version: 1\nprompts: [{id: other, prompt: Something else, quality: low}]\n")
    grown = SMALL + "  - {id: more, prompt: One more, size: 1024x1024, quality: low}\n"
    assert bench.run(grown).exit_code == 0
    assert "tasks count for this one as well" in bench.said.getvalue()
    (bench.folder / "run" / "verdicts.json").write_text("{}")
    with pytest.raises(UserError, match="which people signed off"):
        bench.run(SMALL)


@pytest.mark.parametrize(
    ("mode", "edge", "message"),
    [("RGBA", 32, "32x32 pixels and in.png 64x64"), ("RGB", 64, "no alpha channel")],
)
def test_a_mask_that_the_api_refuses_is_an_error_before_anything_is_sent(
    bench: Bench, mode: str, edge: int, message: str
) -> None:
    from PIL import Image

    Image.new("RGB", (64, 64)).save(bench.folder / "in.png")
    Image.new(mode, (edge, edge)).save(bench.folder / "mask.png")
    suite = "version: 1\nprompts: [{id: a, prompt: Add a hat, edit: {images: [in.png], mask: mask.png}}]\n"
    with pytest.raises(UserError, match=message):
        bench.plan(suite, new=("simulator:gpt-image-2",))
    bench.plan(suite, new=("openai-compatible:own@http://127.0.0.1:9/v1",))


def test_a_stranger_in_place_of_the_journal_is_refused(bench: Bench) -> None:
    (bench.folder / "run").mkdir()
    (bench.folder / "run" / "journal.sqlite").write_bytes(b"not a database, but long enough to be one" * 100)
    with pytest.raises(UserError, match="is no journal of a run"):
        bench.run(SMALL)


def test_results_are_read_back_and_strangers_refused(bench: Bench, tmp_path: Path) -> None:
    ended = bench.run(SMALL)
    results.write(tmp_path, ended.results)
    assert results.load(tmp_path) == ended.results
    hostile = {**ended.results, "tasks": [{**ended.results["tasks"][0], "file": "../../etc/passwd"}]}
    results.write(tmp_path, hostile)
    with pytest.raises(UserError, match="is no file of a run"):
        results.load(tmp_path)
    (tmp_path / "results.json").write_text("{")
    with pytest.raises(UserError, match="not valid JSON"):
        results.load(tmp_path)
    with pytest.raises(UserError, match=r"Is .* the folder of a run"):
        results.load(tmp_path / "nowhere")
