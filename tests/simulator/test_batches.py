"""Files, batches, profiles and marks of the simulator, seen through the SDK."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING, Any

import openai
import pytest

from migrator.catalog import CatalogError
from migrator.catalog import load as load_rules
from migrator.simulator import Simulator, profile
from migrator.simulator.desk import Options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def client() -> Iterator[openai.OpenAI]:
    with Simulator(load_rules()) as server:
        one = openai.OpenAI(api_key="k", base_url=server.base_url, max_retries=0)
        yield one
        one.close()
        assert server.failures == []


def line(name: str, prompt: str = "a", **other: Any) -> str:
    body = {"model": "gpt-image-2", "prompt": prompt, "size": "1024x1024", "quality": "low"}
    return json.dumps(
        {"custom_id": name, "method": "POST", "url": "/v1/images/generations", "body": body, **other}
    )


def run(client: openai.OpenAI, *lines: str) -> Any:
    file = client.files.create(file=("in.jsonl", io.BytesIO("\n".join(lines).encode())), purpose="batch")
    assert (file.purpose, file.model_extra) == ("batch", {})
    batch = client.batches.create(
        input_file_id=file.id,
        endpoint="/v1/images/generations",
        completion_window="24h",
        metadata={"shard": "x"},
    )
    assert (batch.status in ("validating", "in_progress"), batch.model_extra) == (True, {})
    end = time.monotonic() + 20
    while batch.status not in ("completed", "failed", "expired", "cancelled") and time.monotonic() < end:
        time.sleep(0.02)
        batch = client.batches.retrieve(batch.id)
    assert client.batches.list().data[0].id == batch.id
    return batch


def rows(client: openai.OpenAI, file: str | None) -> dict[str, Any]:
    if file is None:
        return {}
    return {row["custom_id"]: row for row in map(json.loads, client.files.content(file).text.splitlines())}


def test_a_batch_answers_every_line_as_the_api_would(client: openai.OpenAI) -> None:
    batch = run(client, line("a"), line("b", "[[sim:moderation]]"), line("c", "[[sim:expired]]"))
    assert (batch.status, batch.metadata) == ("expired", {"shard": "x"})
    counts = batch.request_counts
    assert (counts.total, counts.completed, counts.failed) == (3, 1, 1)
    made, failed = rows(client, batch.output_file_id), rows(client, batch.error_file_id)
    answer = openai.types.ImagesResponse.model_validate(made["a"]["response"]["body"])
    assert (answer.model_extra, bool(answer.data and answer.data[0].b64_json)) == ({}, True)
    assert failed["b"]["response"]["status_code"] == 400
    assert failed["b"]["response"]["body"]["error"]["code"] == "moderation_blocked"
    assert (failed["c"]["response"], failed["c"]["error"]["code"]) == (None, "batch_expired")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("{", "invalid_json_line"),
        (line("", "x"), "missing_required_parameter"),
        (line("a"), "duplicate_custom_id"),
        (line("b", method="GET"), "invalid_method"),
        (line("b", url="/v1/images/edits"), "mismatched_endpoint"),
        (line("b", body={"model": "gpt-image-1.5"}), "mismatched_model"),
    ],
)
def test_a_file_that_is_wrong_fails_the_batch_with_its_line(
    client: openai.OpenAI, bad: str, code: str
) -> None:
    batch = run(client, line("a"), bad)
    assert batch.status == "failed"
    assert [(one.code, one.line) for one in batch.errors.data] == [(code, 2)]


def test_a_batch_can_be_cancelled_and_files_deleted() -> None:
    with Simulator(load_rules(), latency=5.0) as server:
        client = openai.OpenAI(api_key="k", base_url=server.base_url, max_retries=0)
        file = client.files.create(file=("in.jsonl", line("a").encode()), purpose="batch")
        batch = client.batches.create(
            input_file_id=file.id, endpoint="/v1/images/generations", completion_window="24h"
        )
        while client.batches.retrieve(batch.id).status == "validating":
            time.sleep(0.01)
        assert client.batches.cancel(batch.id).status == "cancelling"
        while client.batches.retrieve(batch.id).status != "cancelled":
            time.sleep(0.01)
        assert client.files.delete(file.id).deleted
        with pytest.raises(openai.NotFoundError):
            client.files.retrieve(file.id)
        with pytest.raises(openai.NotFoundError):
            client.batches.retrieve("batch_none")
        client.close()


def test_every_answer_says_that_it_is_simulated_and_a_key_sets_requests_apart(client: openai.OpenAI) -> None:
    def ask(key: str) -> Any:
        return client.images.with_raw_response.generate(
            model="gpt-image-2", prompt="a", quality="low", extra_headers={"Idempotency-Key": key}
        )

    first, again, other = ask("1"), ask("1"), ask("2")
    assert first.headers["x-simulated"] == "1"
    assert first.parse().data == again.parse().data
    assert first.parse().data != other.parse().data


def test_latency_can_depend_on_the_quality() -> None:
    options = Options(latency_of={"high": 0.4})
    with Simulator(load_rules(), options=options) as server:
        client = openai.OpenAI(api_key="k", base_url=server.base_url, max_retries=0)
        client.images.generate(model="gpt-image-2", prompt="warm", quality="low")
        started = time.monotonic()
        client.images.generate(model="gpt-image-2", prompt="warm", quality="high")
        assert time.monotonic() - started >= 0.4
        client.close()


def test_a_profile_is_read_and_what_is_wrong_in_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("faults: {'429': 0.1, cut: 0.2}\nlatency: {low: 0.1, high: 2}\nseed: 7\n")
    found = profile.read(path)
    assert (dict(found.faults), found.seed) == ({"429": 0.1, "cut": 0.2}, 7)
    assert (found.latency, dict(found.latency_of)) == (None, {"low": 0.1, "high": 2})
    for text, message in [
        ("faults: {'430': 0.1}\n", ":1: a fault profile, faults: unknown key '430'"),
        ("faults: {cut: 0.6, '500': 0.6}\n", "sum to more than 1"),
        ("fault: {}\n", "unknown key 'fault'"),
        ("seed: x\n", "seed must be a number"),
    ]:
        path.write_text(text)
        with pytest.raises(CatalogError) as told:
            profile.read(path)
        assert message in str(told.value)
