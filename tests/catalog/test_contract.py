# ruff: noqa: E501 - the sentences of the API are long
"""The contract check: what the API refuses, in its own order and words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from migrator.catalog import Catalog, load

if TYPE_CHECKING:
    from migrator.catalog.model import EndpointName, Problem

TODAY = date(2026, 11, 22)
DALLE_ERA = date(2026, 2, 1)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


def ask(
    catalog: Catalog, model: str, day: date = TODAY, endpoint: EndpointName = "generations", **request: Any
) -> list[Problem]:
    request.setdefault("prompt", "a dot")
    return catalog.problems(endpoint, catalog.models[model], {"model": model, **request}, day)


@pytest.mark.parametrize(
    ("parameter", "value", "code", "message"),
    [
        ("n", 0, "integer_below_min_value", "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead."),
        ("n", 11, "integer_above_max_value", "Invalid 'n': integer above maximum value. Expected a value <= 10, but got 11 instead."),
        ("n", 1.5, "invalid_type", "Invalid type for 'n': expected an integer, but got a decimal number instead."),
        ("n", "2", "invalid_type", "Invalid type for 'n': expected an integer, but got a string instead."),
        ("n", True, "invalid_type", "Invalid type for 'n': expected an integer, but got a boolean instead."),
        ("quality", "standard", "invalid_value", "Invalid value: 'standard'. Supported values are: 'low', 'medium', 'high', and 'auto'."),
        ("quality", 1, "invalid_type", "Invalid type for 'quality': expected one of 'low', 'medium', 'high', or 'auto', but got an integer instead."),
        ("output_format", "gif", "invalid_value", "Invalid value: 'gif'. Supported values are: 'png', 'webp', and 'jpeg'."),
        ("moderation", "x", "invalid_value", "Invalid value: 'x'. Supported values are: 'auto' and 'low'."),
        ("size", "bogus", "invalid_value", "Invalid size 'bogus'. Expected WIDTHxHEIGHT, for example '1824x1024'."),
        ("size", "0x0", "invalid_value", "Invalid size '0x0'. Expected WIDTHxHEIGHT, for example '1824x1024'."),
        ("size", "1792x936", "invalid_value", "Invalid size '1792x936'. Width and height must both be divisible by 16."),
        ("size", "1920x480", "invalid_value", "Invalid size '1920x480'. The maximum supported aspect ratio is 3:1."),
        ("size", "512x512", "invalid_value", "Invalid size '512x512'. Requested resolution is below the current minimum pixel budget."),
        ("size", "4000x2000", "invalid_value", "Invalid size '4000x2000'. The longest edge must be less than or equal to 3840."),
        ("size", 123, "invalid_type", "Invalid type for 'size': expected a string, but got an integer instead."),
        ("stream", "yes", "invalid_type", "Invalid type for 'stream': expected a boolean, but got a string instead."),
        ("stream", [], "invalid_type", "Invalid type for 'stream': expected a boolean, but got an array instead."),
        ("prompt", "", "empty_string", "Invalid 'prompt': empty string. Expected a string with minimum length 1, but got an empty string instead."),
        ("prompt", None, "invalid_type", "Invalid type for 'prompt': expected a string, but got null instead."),
        ("prompt", 123, "invalid_type", "Invalid type for 'prompt': expected a string, but got an integer instead."),
        ("style", "vivid", "unknown_parameter", "Unknown parameter: 'style'."),
        ("response_format", None, "unknown_parameter", "Unknown parameter: 'response_format'."),
        ("input_fidelity", "high", "unknown_parameter", "Unknown parameter: 'input_fidelity'."),
        ("mask", b"", "unknown_parameter", "Unknown parameter: 'mask'."),
        ("output_compression", 101, "integer_above_max_value", "Invalid 'output_compression': integer above maximum value. Expected a value <= 100, but got 101 instead."),
    ],
)  # fmt: skip
def test_gpt_image_2_answers_as_measured(
    catalog: Catalog, parameter: str, value: Any, code: str, message: str
) -> None:
    first = ask(catalog, "gpt-image-2", **{parameter: value})[0]
    assert (first.parameter, first.code, first.message) == (parameter, code, message)
    user_error = message.startswith("Invalid size")
    assert first.type == ("image_generation_user_error" if user_error else "invalid_request_error")


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"n": 10, "quality": "auto", "size": "auto"},
        {"prompt": "   "},
        {"size": "816x816"},
        {"size": "3840x2160"},
        {"size": "1792x1024"},
        {"n": None, "quality": None, "size": None, "partial_images": None},
        {"background": "transparent"},
        {"background": "transparent", "output_format": "webp"},
        {"output_compression": 100},
        {"output_compression": 30, "output_format": "jpeg"},
        {"stream": True, "partial_images": 3},
        {"user": "u", "safety_identifier": "s", "moderation": "low"},
        {"quality": {"code": "settings.quality"}, "size": {"code": "size"}},
    ],
)
def test_good_requests_have_no_problems(catalog: Catalog, request_: dict[str, Any]) -> None:
    assert ask(catalog, "gpt-image-2", **request_) == []


@pytest.mark.parametrize(
    ("request_", "order"),
    [
        ({"bogus": 1, "prompt": "", "n": 0}, ["bogus", "prompt", "n"]),
        ({"prompt": "", "n": 0}, ["prompt", "n"]),
        ({"quality": "ultra", "n": 0}, ["n", "quality"]),
        ({"n": None, "output_compression": 101, "output_format": "jpeg"}, ["output_compression"]),
    ],
)
def test_faults_are_reported_in_the_order_of_the_api(
    catalog: Catalog, request_: dict[str, Any], order: list[str]
) -> None:
    assert [problem.parameter for problem in ask(catalog, "gpt-image-2", **request_)] == order


def test_on_an_edit_the_image_comes_between_prompt_and_n(catalog: Catalog) -> None:
    found = ask(catalog, "gpt-image-2", endpoint="edits", prompt="", image=[], n=0)
    assert [problem.parameter for problem in found] == ["prompt", "image", "n"]
    assert found[1].code == "empty_array"


def test_a_retired_model_answers_with_the_unknown_parameters_first(catalog: Catalog) -> None:
    found = ask(catalog, "dall-e-3", style="vivid", response_format="url", quality="hd")
    assert [problem.message for problem in found] == [
        "Unknown parameter: 'style'.",
        "Unknown parameter: 'response_format'.",
        "The model 'dall-e-3' does not exist.",
    ]
    assert (found[-1].code, found[-1].parameter, found[-1].status) == ("invalid_value", None, 400)


def test_a_retired_model_is_named_as_it_was_asked_for(catalog: Catalog) -> None:
    found = catalog.problems(
        "generations", catalog.models["dall-e-2"], {"prompt": "x", "model": "image-alpha-001"}, TODAY
    )
    assert [problem.message for problem in found] == ["The model 'image-alpha-001' does not exist."]


def test_a_deprecated_model_works_until_the_day_it_does_not(catalog: Catalog) -> None:
    assert ask(catalog, "gpt-image-1.5", date(2026, 11, 30)) == []
    assert (
        ask(catalog, "gpt-image-1.5", date(2026, 12, 1))[0].message
        == "The model 'gpt-image-1.5' does not exist."
    )


def test_in_its_days_dall_e_took_what_it_took(catalog: Catalog) -> None:
    good = {"style": "vivid", "response_format": "url", "quality": "hd", "size": "1792x1024", "n": 1}
    assert ask(catalog, "dall-e-3", DALLE_ERA, **good) == []
    assert ask(catalog, "dall-e-2", DALLE_ERA, size="256x256", n=10, response_format="b64_json") == []


@pytest.mark.parametrize(
    ("model", "request_", "message"),
    [
        ("dall-e-3", {"n": 2}, "You must provide n=1 for this model."),
        ("dall-e-3", {"size": "512x512"}, "The size is not supported by this model."),
        ("dall-e-2", {"size": "1792x1024"}, "The size is not supported by this model."),
        ("dall-e-2", {"prompt": "x" * 1001}, "maximum length 1000"),
        ("dall-e-3", {"prompt": "x" * 4001}, "maximum length 4000"),
        ("dall-e-3", {"background": "opaque"}, "Unknown parameter: 'background'."),
    ],
)
def test_in_its_days_dall_e_refused_what_it_refused(
    catalog: Catalog, model: str, request_: dict[str, Any], message: str
) -> None:
    (only,) = ask(catalog, model, DALLE_ERA, **request_)
    assert message in only.message


def test_in_the_days_of_dall_e_gpt_image_models_already_refused_its_parameters(catalog: Catalog) -> None:
    assert ask(catalog, "gpt-image-1", DALLE_ERA, response_format="b64_json")[0].code == "unknown_parameter"


def test_each_model_has_its_own_sizes_and_qualities(catalog: Catalog) -> None:
    assert ask(catalog, "gpt-image-1.5", size="1792x1024")[0].message == (
        "Invalid value: '1792x1024'. Supported values are: '1024x1024', '1536x1024', '1024x1536', and 'auto'."
    )
    assert ask(catalog, "gpt-image-2", quality="xhigh")[0].parameter == "quality"
    assert ask(catalog, "gpt-image-2.5-flare", quality="xhigh") == []
    assert ask(catalog, "gpt-image-2.6-flare", quality="max", size="1792x1024") == []


def test_input_fidelity_is_refused_by_name_from_gpt_image_2_on(catalog: Catalog) -> None:
    edit: dict[str, Any] = {"endpoint": "edits", "image": b"png", "input_fidelity": "high"}
    assert ask(catalog, "gpt-image-1.5", **edit) == []
    (only,) = ask(catalog, "gpt-image-2", **edit)
    assert only.code == "invalid_input_fidelity_model"
    (only,) = ask(catalog, "gpt-image-1-mini", **edit)
    assert only.code == "invalid_value"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"background": "transparent", "output_format": "jpeg"}, "invalid_value"),
        ({"output_compression": 50}, "invalid_png_output_compression"),
        ({"partial_images": 2}, "invalid_value"),
        ({"partial_images": 2, "stream": False}, "invalid_value"),
        ({"output_format": "svg", "n": 2}, "invalid_value"),
        ({"output_format": "gif", "stream": True}, "invalid_value"),
        ({"frame_count": 4}, "invalid_value"),
    ],
)
def test_parameters_that_do_not_go_together(catalog: Catalog, request_: dict[str, Any], code: str) -> None:
    (only,) = ask(catalog, "gpt-image-2.6-flare", **request_)
    assert only.code == code


def test_a_mask_and_a_markup_exclude_each_other(catalog: Catalog) -> None:
    (only,) = ask(catalog, "gpt-image-2.5-flare", endpoint="edits", image=b"p", mask=b"p", markup=b"p")
    assert only.parameter == "markup"


def test_a_combination_with_an_unseen_value_is_not_guessed(catalog: Catalog) -> None:
    assert ask(catalog, "gpt-image-2", background="transparent", output_format={"code": "fmt"}) == []


def test_files_are_counted_and_weighed(catalog: Catalog) -> None:
    edit: dict[str, Any] = {"endpoint": "edits"}
    assert ask(catalog, "gpt-image-2", image=[b"p"] * 16, **edit) == []
    assert ask(catalog, "gpt-image-2", image=[b"p"] * 17, **edit)[0].code == "array_above_max_length"
    assert ask(catalog, "gpt-image-2", image=b"p", mask=bytes(4 * 1024 * 1024), **edit)[0].parameter == "mask"
    assert ask(catalog, "gpt-image-2", **edit)[0].code == "missing_required_parameter"


def test_form_fields_spell_numbers_as_text(catalog: Catalog) -> None:
    assert (
        ask(catalog, "gpt-image-2", endpoint="edits", image=b"p", n="2", stream="true", partial_images="1")
        == []
    )
    assert (
        ask(catalog, "gpt-image-2", endpoint="edits", image=b"p", n="0")[0].code == "integer_below_min_value"
    )
    assert ask(catalog, "gpt-image-2", endpoint="edits", image=b"p", n="two")[0].code == "invalid_type"


def test_variations_are_retired_with_the_last_model_that_made_them(catalog: Catalog) -> None:
    request = {"image": b"p", "model": "dall-e-2"}
    assert catalog.problems("variations", catalog.models["dall-e-2"], request, DALLE_ERA) == []
    for model in ("dall-e-2", "gpt-image-2"):
        (only,) = catalog.problems("variations", catalog.models[model], request, TODAY)
        assert only.status == 404


def test_in_its_days_dall_e_3_could_not_edit(catalog: Catalog) -> None:
    (only,) = ask(catalog, "dall-e-3", DALLE_ERA, endpoint="edits", image=b"p")
    assert "Value must be " in only.message
    assert "'dall-e-2'" in only.message
