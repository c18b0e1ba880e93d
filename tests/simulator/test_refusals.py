"""Error bodies as they were recorded from the real API; the sources are listed in the rules."""

from __future__ import annotations

import http.client
import json
from datetime import date
from urllib.parse import urlsplit

import openai
import pytest

from migrator.catalog import load
from migrator.simulator import FAULTS, Simulator

INVALID = "invalid_request_error"
USER = "image_generation_user_error"


def body_of(client: openai.OpenAI, **request: object) -> tuple[int, dict]:
    """Status and ``error`` object for a request that must fail, sent as it is."""
    with pytest.raises(openai.APIStatusError) as caught:
        client.post("/images/generations", cast_to=object, body={"prompt": "a fox", **request})
    return caught.value.status_code, caught.value.body


RECORDED = [
    ({"model": "dall-e-3"}, INVALID, None, "invalid_value", "The model 'dall-e-3' does not exist."),
    ({"model": "gpt-image-1"}, INVALID, None, "invalid_value", "The model 'gpt-image-1' does not exist."),
    ({"model": "no-such-model"}, INVALID, None, "invalid_value", "The model 'no-such-model' does not exist."),
    ({}, INVALID, None, "invalid_value", "The model 'dall-e-2' does not exist."),
    ({"model": None}, INVALID, None, "invalid_value", "The model 'dall-e-2' does not exist."),
    (
        {"model": "dall-e-3", "response_format": "url", "size": "1792x1024"},
        INVALID, "response_format", "unknown_parameter", "Unknown parameter: 'response_format'.",
    ),
    (
        {"model": "gpt-image-2", "style": "vivid"},
        INVALID, "style", "unknown_parameter", "Unknown parameter: 'style'.",
    ),
    (
        {"model": "gpt-image-2", "response_format": None},
        INVALID, "response_format", "unknown_parameter", "Unknown parameter: 'response_format'.",
    ),
    (
        {"model": "no-such-model", "style": "vivid"},
        INVALID, "style", "unknown_parameter", "Unknown parameter: 'style'.",
    ),
    (
        {"model": "gpt-image-2", "quality": "standard"},
        INVALID, "quality", "invalid_value",
        "Invalid value: 'standard'. Supported values are: 'low', 'medium', 'high', and 'auto'.",
    ),
    (
        {"model": "gpt-image-2", "size": "1792x936"},
        USER, "size", "invalid_value",
        "Invalid size '1792x936'. Width and height must both be divisible by 16.",
    ),
    (
        {"model": "gpt-image-2", "size": "bogus"},
        USER, "size", "invalid_value",
        "Invalid size 'bogus'. Expected WIDTHxHEIGHT, for example '1824x1024'.",
    ),
]  # fmt: skip


@pytest.mark.parametrize("recorded", RECORDED, ids=str)
def test_todays_api_refuses_in_its_recorded_words(today, recorded):
    request_, kind, param, code, message = recorded
    assert body_of(today, **request_) == (
        400,
        {"message": message, "type": kind, "param": param, "code": code},
    )


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"n": 0}, "integer_below_min_value"),
        ({"n": 11}, "integer_above_max_value"),
        ({"prompt": ""}, "empty_string"),
        ({"prompt": "x" * 32001}, "string_above_max_length"),
        ({"output_compression": 50}, "invalid_png_output_compression"),
        ({"size": "512x512"}, "invalid_value"),
        ({"partial_images": 2}, "invalid_value"),
        ({"n": "two"}, "invalid_type"),
        ({"model": 7}, "invalid_type"),
    ],
)
def test_todays_api_refuses_with_the_recorded_code(today, request_, code):
    status, error = body_of(today, **{"model": "gpt-image-2", **request_})
    assert (status, error["code"]) == (400, code)


def test_one_error_is_reported_at_a_time_and_unknown_names_come_first(today):
    wrong = {
        "model": "gpt-image-2",
        "quality": "hd",
        "size": "512x512",
        "n": 99,
        "style": "vivid",
        "prompt": "",
    }
    codes = []
    for name in ("style", "prompt", "n", "quality", "size"):
        error = body_of(today, **wrong)[1]
        codes.append(error["param"])
        wrong[name] = {"prompt": "a fox", "n": 1, "quality": "high"}.get(name)
        if name == "style":
            del wrong[name]
    assert codes[:3] == ["style", "prompt", "n"]
    assert set(codes[3:]) == {"quality", "size"}


def test_the_old_models_refuse_other_sizes(dalle):
    status, error = body_of(dalle, model="dall-e-3", size="512x512")
    assert (status, error["code"]) == (400, "invalid_size")


def test_the_old_models_refuse_new_parameters(dalle):
    assert body_of(dalle, model="dall-e-3", background="transparent")[0] == 400
    assert body_of(dalle, model="dall-e-3", n=2)[0] == 400


def test_a_model_that_is_not_out_yet_does_not_exist(dalle):
    assert (
        body_of(dalle, model="gpt-image-2.6-flare")[1]["message"]
        == "The model 'gpt-image-2.6-flare' does not exist."
    )


@pytest.mark.parametrize(("day", "lives"), [(date(2026, 11, 30), True), (date(2026, 12, 1), False)])
def test_gpt_image_1_5_ends_on_its_shutdown_date(day, lives):
    with (
        Simulator(load(), today=day) as simulator,
        openai.OpenAI(base_url=simulator.base_url, api_key="k", max_retries=0) as client,
    ):
        assert ("gpt-image-1.5" in [model.id for model in client.models.list()]) is lives
        if lives:
            assert client.images.generate(model="gpt-image-1.5", prompt="a fox").data
        else:
            assert (
                body_of(client, model="gpt-image-1.5")[1]["message"]
                == "The model 'gpt-image-1.5' does not exist."
            )


def test_models_tell_their_shutdown_date(today):
    model = today.models.retrieve("gpt-image-1.5")
    assert (model.shutdown_date, model.model_extra) == ("2026-12-01", {})
    assert today.models.retrieve("gpt-image-2").shutdown_date is None


def test_a_retired_model_is_not_found(today):
    with pytest.raises(openai.NotFoundError) as caught:
        today.models.retrieve("dall-e-3")
    assert caught.value.code == "model_not_found"


def test_an_unsafe_prompt_is_refused_in_the_words_of_today(today):
    status, error = body_of(today, model="gpt-image-2", prompt="a [[sim:moderation]] fox")
    assert (status, error["type"], error["code"]) == (400, USER, "moderation_blocked")
    assert error["moderation_details"]["moderation_stage"] == "input"


def test_an_unsafe_prompt_is_refused_in_the_words_of_dalle(dalle):
    status, error = body_of(dalle, model="dall-e-3", prompt="a [[sim:moderation]] fox")
    assert (status, error["code"]) == (400, "content_policy_violation")


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("429", openai.RateLimitError, "rate_limit_exceeded"),
        ("input-images", openai.RateLimitError, "rate_limit_exceeded"),
        ("quota", openai.RateLimitError, "insufficient_quota"),
        ("billing", openai.BadRequestError, "billing_hard_limit_reached"),
        ("unverified", openai.PermissionDeniedError, None),
        ("500", openai.InternalServerError, None),
        ("503", openai.InternalServerError, None),
        ("no-such-fault", openai.BadRequestError, "sim_unknown"),
    ],
)
def test_a_token_in_the_prompt_brings_a_fault(today, fault, error, code):
    with pytest.raises(error) as caught:
        today.images.generate(model="gpt-image-2", prompt=f"a fox [[sim:{fault}]]")
    assert caught.value.code == code
    assert caught.value.request_id.startswith("req_")


def test_a_counted_fault_ends_and_the_sdk_gets_through(today, today_simulator):
    patient = today.with_options(max_retries=2)
    raw = patient.images.with_raw_response.generate(model="gpt-image-2", prompt="a hare [[sim:429*2]]")
    assert raw.retries_taken == 2
    statuses = [
        r.status for r in today_simulator.requests if r.parameters.get("prompt") == "a hare [[sim:429*2]]"
    ]
    assert statuses == [429, 429, 200]


def test_a_body_that_breaks_off_is_a_connection_error(today):
    with pytest.raises(openai.APIConnectionError):
        today.images.generate(model="gpt-image-2", prompt="a fox [[sim:cut]]")


def test_a_malformed_body_does_not_parse(today):
    with pytest.raises(json.JSONDecodeError):
        today.images.generate(model="gpt-image-2", prompt="a fox [[sim:malformed]]")


def test_a_request_that_hangs_times_out(today):
    with pytest.raises(openai.APITimeoutError):
        today.images.generate(model="gpt-image-2", prompt="a fox [[sim:timeout]]", timeout=0.3)


def test_shares_of_faults_strike_at_the_same_requests_in_every_run():
    def run():
        with (
            Simulator(load(), faults={"500": 0.5}, seed=3) as simulator,
            openai.OpenAI(base_url=simulator.base_url, api_key="k", max_retries=0) as client,
        ):
            for _ in range(8):
                try:
                    client.images.generate(model="gpt-image-2", prompt="a fox", size="1024x1024")
                except openai.InternalServerError:
                    continue
            return [request.status for request in simulator.requests]

    first = run()
    assert set(first) == {200, 500}
    assert run() == first


def test_every_fault_has_a_name_that_a_prompt_can_carry():
    assert all(name == name.lower() and " " not in name for name in FAULTS)


def raw(
    simulator: Simulator, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, dict]:
    """One request without the SDK. Header names come with underscores."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(simulator.root_url).port, timeout=10)
    try:
        sent = {"authorization": "Bearer k", "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {name: value for name, value in sent.items() if value})
        response = connection.getresponse()
        assert response.headers["x-request-id"].startswith("req_")
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/v1/images/generations", "/v1/images/edits", "/v1/images/variations"])
def test_a_request_without_a_key_is_refused(today_simulator, path):
    status, body = raw(today_simulator, "POST", path, b"{}", authorization="")
    assert (status, body["error"]["code"]) == (401, "invalid_api_key")


def test_a_key_that_says_it_is_invalid_is_refused(today_simulator):
    with (
        openai.OpenAI(base_url=today_simulator.base_url, api_key="sk-invalid", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        client.models.list()
    assert caught.value.code == "invalid_api_key"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"prompt": "\\ud800"}', b'{"n": NaN}']
)
def test_a_body_that_is_no_json_object_is_refused(today_simulator, body):
    status, answer = raw(today_simulator, "POST", "/v1/images/generations", body)
    assert status == 400
    assert "could not parse the JSON body" in answer["error"]["message"]


def test_a_broken_form_is_refused(today_simulator):
    kind = "multipart/form-data"
    assert raw(today_simulator, "POST", "/v1/images/edits", b"x", content_type=kind)[0] == 400
    kind = "multipart/form-data; boundary=q"
    assert raw(today_simulator, "POST", "/v1/images/edits", b"--q\r\nbad\r\n", content_type=kind)[0] == 400


def test_the_field_images_of_a_form_is_refused_with_a_hint(today_simulator):
    part = b'--q\r\ncontent-disposition: form-data; name="images"; filename="a.png"\r\n\r\nx\r\n--q--\r\n'
    kind = "multipart/form-data; boundary=q"
    status, answer = raw(today_simulator, "POST", "/v1/images/edits", part, content_type=kind)
    assert (status, answer["error"]["code"]) == (400, "unknown_parameter")
    assert "'image'" in answer["error"]["message"]


def test_a_form_is_no_way_to_generate(today_simulator):
    status, _ = raw(
        today_simulator, "POST", "/v1/images/generations", b"x", content_type="multipart/form-data"
    )
    assert status == 400


def test_unknown_routes_and_methods_say_so(today_simulator):
    assert raw(today_simulator, "POST", "/v1/pictures", b"{}")[0] == 404
    assert raw(today_simulator, "GET", "/v1/images/generations")[0] == 405


def test_another_host_name_is_refused(today_simulator):
    assert raw(today_simulator, "GET", "/v1/models", host="evil.example")[0] == 403
    assert raw(today_simulator, "GET", "/v1/models", host="localhost:1234")[0] == 200
