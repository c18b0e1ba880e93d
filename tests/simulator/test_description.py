"""Answers of the simulator against the published description of the API, whose short form lies beside this file."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import requests

from tests.simulator import description

if TYPE_CHECKING:
    from migrator.simulator import Simulator

SHORT = description.load()
REQUEST = {"model": "gpt-image-2", "prompt": "A lighthouse", "size": "1024x1024", "quality": "low"}
HEADERS = {"Authorization": "Bearer sk-test"}


def fits(answer: Any, name: str) -> None:
    """Fails, with the place, where ``answer`` is not what the description says of ``name``."""
    jsonschema.Draft202012Validator(description.json_schema(SHORT, name)).validate(answer)


def post(simulator: Simulator, path: str, **body: Any) -> requests.Response:
    return requests.post(f"{simulator.base_url}/{path}", headers=HEADERS, timeout=30, **body)


def get(simulator: Simulator, path: str) -> requests.Response:
    return requests.get(f"{simulator.base_url}/{path}", headers=HEADERS, timeout=30)


def events(answer: requests.Response) -> list[dict[str, Any]]:
    """The data of a stream of server-sent events."""
    lines = answer.text.splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: ") and line != "data: [DONE]"]


@pytest.mark.parametrize("more", [{}, {"n": 2, "output_format": "webp"}, {"background": "opaque"}])
def test_a_generation_is_what_the_description_says(today_simulator: Simulator, more: dict[str, Any]) -> None:
    answer = post(today_simulator, "images/generations", json={**REQUEST, **more}).json()
    fits(answer, "ImagesResponse")
    assert len(answer["data"]) == more.get("n", 1)


@pytest.mark.parametrize("kind", ["url", "b64_json"])
def test_a_generation_of_the_old_era_is_what_the_description_says(
    dalle_simulator: Simulator, kind: str
) -> None:
    asked = {"model": "dall-e-3", "prompt": "A lighthouse", "response_format": kind}
    answer = post(dalle_simulator, "images/generations", json=asked).json()
    fits(answer, "ImagesResponse")
    assert set(answer["data"][0]) == {kind, "revised_prompt"}


def test_an_edit_is_what_the_description_says(today_simulator: Simulator, plain_png: bytes) -> None:
    files = {"image": ("a.png", plain_png, "image/png")}
    answer = post(today_simulator, "images/edits", data=REQUEST, files=files).json()
    fits(answer, "ImagesResponse")
    assert answer["usage"]["input_tokens_details"]["image_tokens"] > 0


@pytest.mark.parametrize(
    ("endpoint", "name"), [("generations", "ImageGen"), ("edits", "ImageEdit")], ids=["generation", "edit"]
)
def test_the_events_of_a_stream_are_what_the_description_says(
    today_simulator: Simulator, plain_png: bytes, endpoint: str, name: str
) -> None:
    asked = {**REQUEST, "stream": True, "partial_images": 1}
    if endpoint == "edits":
        form = {key: str(value).lower() if value is True else value for key, value in asked.items()}
        files = {"image": ("a.png", plain_png, "image/png")}
        answer = post(today_simulator, "images/edits", data=form, files=files)
    else:
        answer = post(today_simulator, "images/generations", json=asked)
    partial, completed = events(answer)
    fits(partial, f"{name}PartialImageEvent")
    fits(completed, f"{name}CompletedEvent")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"style": "vivid"}, 400),
        ({"n": 99}, 400),
        ({"model": "dall-e-3"}, 400),
        ({"prompt": "[[sim:moderation]]"}, 400),
        ({"prompt": "[[sim:429]]"}, 429),
        ({"prompt": "[[sim:500]]"}, 500),
    ],
)
def test_a_refusal_is_what_the_description_says(
    today_simulator: Simulator, more: dict[str, Any], status: int
) -> None:
    answer = post(today_simulator, "images/generations", json={**REQUEST, **more})
    assert answer.status_code == status
    fits(answer.json(), "ErrorResponse")


def test_models_are_what_the_description_says(today_simulator: Simulator) -> None:
    listed = get(today_simulator, "models").json()
    fits(listed, "ListModelsResponse")
    fits(get(today_simulator, f"models/{listed['data'][0]['id']}").json(), "Model")
    fits(get(today_simulator, "models/dall-e-2").json(), "ErrorResponse")


def test_files_and_batches_are_what_the_description_says(
    today_simulator: Simulator, plain_png: bytes
) -> None:
    picture = post(
        today_simulator,
        "files",
        data={"purpose": "vision"},
        files={"file": ("a.png", plain_png, "image/png")},
    ).json()
    fits(without_nulls(picture), "OpenAIFile")
    bodies = [REQUEST, {**REQUEST, "style": "vivid"}]
    lines = [
        json.dumps(
            {"custom_id": str(number), "method": "POST", "url": "/v1/images/generations", "body": body}
        )
        for number, body in enumerate(bodies)
    ]
    file = post(
        today_simulator,
        "files",
        data={"purpose": "batch"},
        files={"file": ("in.jsonl", io.BytesIO("\n".join(lines).encode()))},
    ).json()
    fits(without_nulls(file), "OpenAIFile")
    asked = {
        "input_file_id": file["id"],
        "endpoint": "/v1/images/generations",
        "completion_window": "24h",
        "metadata": {"run": "1"},
    }
    batch = post(today_simulator, "batches", json=asked).json()
    fits(without_nulls(batch), "Batch")
    fits(
        {**(listed := get(today_simulator, "batches").json()), "data": [*map(without_nulls, listed["data"])]},
        "ListBatchesResponse",
    )
    end = time.monotonic() + 20
    while batch["status"] != "completed" and time.monotonic() < end:
        time.sleep(0.02)
        batch = get(today_simulator, f"batches/{batch['id']}").json()
    fits(without_nulls(batch), "Batch")
    assert batch["request_counts"] == {"total": 2, "completed": 1, "failed": 1}
    rows = []
    for key in ("output_file_id", "error_file_id"):
        fits(without_nulls(get(today_simulator, f"files/{batch[key]}").json()), "OpenAIFile")
        text = get(today_simulator, f"files/{batch[key]}/content").text
        rows += [json.loads(line) for line in text.splitlines()]
    made, refused = sorted(rows, key=lambda row: row["custom_id"])
    fits(made["response"]["body"], "ImagesResponse")
    fits(refused["response"]["body"], "ErrorResponse")
    address = f"{today_simulator.base_url}/files/{file['id']}"
    fits(requests.delete(address, headers=HEADERS, timeout=30).json(), "DeleteFileResponse")


def without_nulls(found: dict[str, Any]) -> dict[str, Any]:
    """A file or batch without what has not come to pass: the API says null there, its description nothing."""
    return {key: value for key, value in found.items() if value is not None}


VALUES: dict[str, Any] = {
    "user": "u1",
    "n": 1,
    "output_compression": 50,
    "partial_images": 0,
    "stream": False,
    "size": "1024x1024",
}


@pytest.mark.parametrize(
    "name", sorted(set(SHORT["schemas"]["CreateImageRequest"]["properties"]) - {"prompt"})
)
def test_every_described_parameter_is_taken_by_some_model(
    today_simulator: Simulator, dalle_simulator: Simulator, name: str
) -> None:
    kind = SHORT["schemas"]["CreateImageRequest"]["properties"][name]
    values = kind["one_of"] if isinstance(kind, dict) else [VALUES.get(name)]
    for value in values:
        with_it = {} if name == "model" else {name: value}
        if name == "output_compression":
            with_it["output_format"] = "jpeg"
        answers = [
            post(server, "images/generations", json={"model": model, "prompt": "A lighthouse", **with_it})
            for server, model in (
                (today_simulator, "gpt-image-1-mini"),
                (dalle_simulator, "dall-e-3"),
                (dalle_simulator, "dall-e-2"),
            )
        ]
        assert any(answer.status_code == 200 for answer in answers), [answer.text for answer in answers]


def test_an_answer_that_differs_does_not_fit() -> None:
    good = {"created": 1, "data": [{"b64_json": "aa"}], "output_format": "png"}
    fits(good, "ImagesResponse")
    for worse in (
        {**good, "created": "now"},
        {**good, "output_format": "bmp"},
        {**good, "data": [{"b64": "aa"}]},
        {"data": []},
    ):
        with pytest.raises(jsonschema.ValidationError):
            fits(worse, "ImagesResponse")


def test_the_whole_description_is_shortened_to_the_form_that_tests_read() -> None:
    public = {
        "Answer": {
            "required": ["b", "a"],
            "properties": {
                "b": {"type": "string", "nullable": True},
                "a": {"anyOf": [{"$ref": "#/components/schemas/Part"}, {"type": "null"}]},
                "c": {"anyOf": [{"type": "string"}, {"type": "string", "enum": ["x"]}]},
                "d": {"type": "array", "items": {"$ref": "#/components/schemas/Other"}},
                "e": {"type": "string", "enum": ["x", "y"]},
            },
        },
        "Part": {"properties": {}},
        "Other": {"type": "string"},
    }
    assert description.shortened(public, {"Answer": 0, "Part": 0})["Answer"] == {
        "required": ["a", "b"],
        "properties": {
            "a": "Part?",
            "b": "string?",
            "c": "string",
            "d": ["any"],
            "e": {"one_of": ["x", "y"]},
        },
    }
