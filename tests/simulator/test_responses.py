from __future__ import annotations

import base64
import io
from typing import Any

import openai
import pytest
from PIL import Image

TOOL = {"type": "image_generation"}


def drawn(answer: Any) -> Any:
    """The item with the picture, and the picture."""
    (item,) = [one for one in answer.output if one.type == "image_generation_call"]
    picture = Image.open(io.BytesIO(base64.b64decode(item.result)))
    picture.load()
    return item, picture


def test_the_drawing_tool_answers_with_base64(today):
    tool = {**TOOL, "model": "gpt-image-2", "quality": "low", "size": "1536x1024"}
    answer = today.responses.create(model="gpt-5", input="a lighthouse", tools=[tool])
    item, picture = drawn(answer)
    assert picture.size == (1536, 1024)
    assert (item.status, item.quality, item.size, item.action) == (
        "completed",
        "low",
        "1536x1024",
        "generate",
    )
    assert item.revised_prompt.startswith("a lighthouse")
    assert answer.status == "completed"


def test_a_tool_without_a_model_draws_with_the_documented_default(today):
    _, picture = drawn(today.responses.create(model="gpt-5", input="a cat", tools=[TOOL]))
    assert picture.size == (1024, 1024)


@pytest.mark.parametrize("model", ["gpt-image-1", "dall-e-3"])
def test_a_tool_with_a_dead_model_is_refused(today, model):
    with pytest.raises(openai.APIStatusError) as refused:
        today.responses.create(model="gpt-5", input="a cat", tools=[{**TOOL, "model": model}])
    assert refused.value.status_code in (400, 404)
    assert model in str(refused.value)


@pytest.mark.parametrize(("name", "value"), [("style", "vivid"), ("response_format", "url"), ("n", 2)])
def test_a_parameter_that_the_tool_does_not_have_is_named_by_its_place(today, name, value):
    with pytest.raises(openai.BadRequestError, match=rf"tools\[0\]\.{name}") as refused:
        today.responses.create(model="gpt-5", input="a cat", tools=[{**TOOL, name: value}])
    assert refused.value.code == "unknown_parameter"


def test_an_old_quality_of_the_tool_is_refused(today):
    with pytest.raises(openai.BadRequestError) as refused:
        today.responses.create(model="gpt-5", input="a cat", tools=[{**TOOL, "quality": "hd"}])
    assert refused.value.param == "tools[0].quality"


def test_a_picture_in_the_input_is_edited(today, plain_png):
    url = "data:image/png;base64," + base64.b64encode(plain_png).decode()
    said = [{"type": "input_text", "text": "add a hat"}, {"type": "input_image", "image_url": url}]
    answer = today.responses.create(
        model="gpt-5", input=[{"role": "user", "content": said}], tools=[{**TOOL, "model": "gpt-image-2"}]
    )
    assert drawn(answer)[0].action == "edit"


def test_an_answer_that_continues_another_edits_its_picture(today):
    first = today.responses.create(model="gpt-5", input="a cat", tools=[TOOL])
    more = {"model": "gpt-5", "input": "now with a hat", "tools": [TOOL]}
    assert drawn(today.responses.create(previous_response_id=first.id, **more))[0].action == "edit"
    told = [{"role": "user", "content": "a hat"}, {"type": "image_generation_call", "id": drawn(first)[0].id}]
    assert drawn(today.responses.create(**{**more, "input": told}))[0].action == "edit"


def test_a_picture_that_is_not_here_is_refused(today):
    told = [{"role": "user", "content": "a hat"}, {"type": "image_generation_call", "id": "ig_gone"}]
    with pytest.raises(openai.BadRequestError, match="ig_gone"):
        today.responses.create(model="gpt-5", input=told, tools=[TOOL])


def test_an_edit_without_a_picture_is_refused(today):
    with pytest.raises(openai.BadRequestError) as refused:
        today.responses.create(model="gpt-5", input="a hat", tools=[{**TOOL, "action": "edit"}])
    assert refused.value.param == "tools[0].action"


@pytest.mark.parametrize(
    "request_body",
    [{"input": "a cat"}, {"input": "a cat", "tools": [TOOL], "tool_choice": "none"}],
    ids=["no tool", "tool not wanted"],
)
def test_nothing_is_drawn_without_the_tool(today, request_body):
    answer = today.responses.create(model="gpt-5", **request_body)
    assert [item.type for item in answer.output] == ["message"]
    assert "simulator" in answer.output_text


@pytest.mark.parametrize("missing", ["model", "input"])
def test_a_request_without_model_or_input_is_refused(today, missing):
    body = {"model": "gpt-5", "input": "a cat"}
    del body[missing]
    with pytest.raises(openai.BadRequestError, match=missing):
        today.post("/responses", body=body, cast_to=object)


def test_a_stream_gives_partial_pictures_and_the_whole_answer(today):
    tool = {**TOOL, "model": "gpt-image-2", "partial_images": 2}
    events = list(today.responses.create(model="gpt-5", input="a cat", tools=[tool], stream=True))
    kinds = [event.type for event in events]
    assert kinds[0] == "response.created"
    assert kinds.count("response.image_generation_call.partial_image") == 2
    assert kinds[-1] == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    partial = next(event for event in events if event.type.endswith("partial_image"))
    Image.open(io.BytesIO(base64.b64decode(partial.partial_image_b64))).verify()
    assert drawn(events[-1].response)[1].size == (1024, 1024)


def test_a_moderated_prompt_is_refused_like_one_of_the_images_api(today):
    with pytest.raises(openai.BadRequestError) as refused:
        today.responses.create(model="gpt-5", input="[[sim:moderation]] a cat", tools=[TOOL])
    assert refused.value.code == "moderation_blocked"
