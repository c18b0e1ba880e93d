from __future__ import annotations

import asyncio
import base64
import io
import urllib.request

import openai
import pytest
from PIL import Image
from pydantic import BaseModel

from migrator.catalog import load
from migrator.simulator import Simulator


def decoded(image: openai.types.Image) -> Image.Image:
    assert image.b64_json is not None
    picture = Image.open(io.BytesIO(base64.b64decode(image.b64_json)))
    picture.load()
    return picture


def unknown_fields(value: object) -> list[str]:
    """Names of fields that the SDK's response models do not have."""
    if isinstance(value, list):
        return [name for item in value for name in unknown_fields(item)]
    if not isinstance(value, BaseModel):
        return []
    found = list(value.model_extra or {})
    return found + [
        name for field in type(value).model_fields for name in unknown_fields(getattr(value, field))
    ]


def test_gpt_image_answers_with_base64_and_no_url(today):
    answer = today.images.generate(model="gpt-image-2", prompt="a lighthouse", size="1024x1024")
    assert answer.data[0].url is None
    assert answer.data[0].revised_prompt is None
    assert decoded(answer.data[0]).size == (1024, 1024)


def test_gpt_image_has_no_url_key_at_all(today):
    raw = today.images.with_raw_response.generate(model="gpt-image-2", prompt="a lighthouse")
    assert list(raw.http_response.json()["data"][0]) == ["b64_json"]
    assert raw.parse().data[0].b64_json


def test_an_answer_echoes_the_values_in_effect(today):
    answer = today.images.generate(
        model="gpt-image-2.6-flare", prompt="a fox", size="1536x1024", quality="xhigh", output_format="webp",
        background="transparent",
    )  # fmt: skip
    shown = (answer.size, answer.quality, answer.output_format, answer.background)
    assert shown == ("1536x1024", "xhigh", "webp", "transparent")


def test_auto_becomes_a_concrete_size_and_quality(today):
    answer = today.images.generate(model="gpt-image-2", prompt="a fox", size="auto", quality="auto")
    assert answer.size == "1024x1024"
    assert answer.quality == "medium"
    assert answer.background == "opaque"


@pytest.mark.parametrize("model", ["gpt-image-1.5", "gpt-image-2", "gpt-image-2.6-flare"])
def test_the_sdk_knows_every_field_of_an_answer(today, model):
    answer = today.images.generate(model=model, prompt="a fox", user="u-1")
    assert unknown_fields(answer) == []
    assert answer.safety_identifier == "u-1"


def test_the_sdk_knows_every_field_of_a_dalle_answer(dalle):
    answer = dalle.images.generate(model="dall-e-3", prompt="a fox")
    assert unknown_fields(answer) == []
    assert answer.usage is None
    assert answer.size is None


@pytest.mark.parametrize(
    ("model", "quality", "size", "tokens"),
    [
        ("gpt-image-1.5", "low", "1024x1024", 272),
        ("gpt-image-1.5", "high", "1536x1024", 6208),
        ("gpt-image-2", "medium", "1024x1024", 1756),
        ("gpt-image-2", "medium", "1792x1024", 1243),
    ],
)
def test_output_tokens_are_those_of_the_catalog(today, model, quality, size, tokens):
    answer = today.images.generate(model=model, prompt="a fox", quality=quality, size=size, n=2)
    assert answer.usage.output_tokens == 2 * tokens
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


@pytest.mark.parametrize(
    ("kind", "pillow"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP"), ("gif", "GIF")]
)
def test_a_picture_has_the_format_and_size_that_were_asked_for(today, kind, pillow):
    answer = today.images.generate(
        model="gpt-image-2.6-flare", prompt="a fox", output_format=kind, size="1024x1536"
    )
    picture = decoded(answer.data[0])
    assert picture.format == pillow
    assert picture.size == (1024, 1536)


def test_a_gif_has_the_frames_that_were_asked_for(today):
    answer = today.images.generate(
        model="gpt-image-2.6-flare", prompt="a fox", output_format="gif", frame_count=3
    )
    assert decoded(answer.data[0]).n_frames == 3


def test_an_svg_is_well_formed_and_marked(today):
    answer = today.images.generate(
        model="gpt-image-2.6-flare", prompt='a sign "<Tea>"', output_format="svg", size="1024x1024"
    )
    text = base64.b64decode(answer.data[0].b64_json).decode()
    assert text.startswith("<svg ")
    assert "SIMULATED" in text
    assert "&lt;Tea&gt;" in text


def test_a_transparent_background_is_really_transparent(today):
    answer = today.images.generate(model="gpt-image-2.6-flare", prompt="a fox", background="transparent")
    low, high = decoded(answer.data[0]).getchannel("A").getextrema()
    assert (low, high) == (0, 255)


def test_an_opaque_picture_has_no_alpha(today):
    answer = today.images.generate(model="gpt-image-2.6-flare", prompt="a fox")
    assert decoded(answer.data[0]).mode == "RGB"


def test_compression_makes_a_smaller_file(today):
    def length(compression):
        answer = today.images.generate(
            model="gpt-image-2", prompt="a fox", output_format="jpeg", output_compression=compression
        )
        return len(answer.data[0].b64_json)

    assert length(10) < length(95)


def test_the_same_request_gives_the_same_picture_on_another_simulator(today):
    request = {"model": "gpt-image-2", "prompt": "a quiet harbour", "n": 2}
    first = today.images.generate(**request)
    with (
        Simulator(load(), era="dalle") as other,
        openai.OpenAI(base_url=other.base_url, api_key="k") as client,
    ):
        second = client.images.generate(**request)
    assert [image.b64_json for image in first.data] == [image.b64_json for image in second.data]


def test_samples_models_prompts_and_qualities_look_different(today):
    def pictures(**change):
        request = {"model": "gpt-image-2", "prompt": "a quiet harbour", "quality": "low", **change}
        return [image.b64_json for image in today.images.generate(**request).data]

    seen = [
        *pictures(n=2),
        *pictures(model="gpt-image-1.5"),
        *pictures(prompt="a loud one"),
        *pictures(quality="high"),
    ]
    assert len(set(seen)) == 5


def test_another_seed_gives_another_picture(today):
    first = today.images.generate(model="gpt-image-2", prompt="a fox").data[0].b64_json
    with (
        Simulator(load(), seed=7) as other,
        openai.OpenAI(base_url=other.base_url, api_key="k") as client,
    ):
        second = client.images.generate(model="gpt-image-2", prompt="a fox").data[0].b64_json
    assert first != second


def test_a_dalle_url_can_be_downloaded(dalle):
    answer = dalle.images.generate(
        model="dall-e-3", prompt="a fox", size="1792x1024", quality="hd", style="vivid"
    )
    assert answer.data[0].b64_json is None
    with urllib.request.urlopen(answer.data[0].url) as response:
        picture = Image.open(io.BytesIO(response.read()))
        assert response.headers["content-type"] == "image/png"
    assert (picture.format, picture.size) == ("PNG", (1792, 1024))


def test_only_dall_e_3_revises_the_prompt(dalle):
    assert "a fox" in dalle.images.generate(model="dall-e-3", prompt="a fox").data[0].revised_prompt
    assert dalle.images.generate(model="dall-e-2", prompt="a fox").data[0].revised_prompt is None


def test_dalle_gives_base64_on_request(dalle):
    answer = dalle.images.generate(
        model="dall-e-2", prompt="a fox", n=3, size="256x256", response_format="b64_json"
    )
    assert [image.url for image in answer.data] == [None] * 3
    assert {decoded(image).size for image in answer.data} == {(256, 256)}


def test_the_omitted_model_is_dall_e_2_while_it_lives(dalle):
    answer = dalle.images.generate(prompt="a fox", size="256x256")
    assert answer.data[0].url.startswith("http://127.0.0.1:")


def test_an_async_client_is_served_in_parallel(today_simulator):
    async def run():
        async with openai.AsyncOpenAI(base_url=today_simulator.base_url, api_key="k") as client:
            calls = [client.images.generate(model="gpt-image-2", prompt=f"fox {i}") for i in range(4)]
            return await asyncio.gather(*calls)

    answers = asyncio.run(run())
    assert len({answer.data[0].b64_json for answer in answers}) == 4


def test_a_stream_sends_partial_pictures_and_then_the_finished_one(today):
    with today.images.generate(model="gpt-image-2", prompt="a fox", stream=True, partial_images=2) as stream:
        events = list(stream)
    kinds = [event.type for event in events]
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    assert [event.partial_image_index for event in events[:2]] == [0, 1]
    assert unknown_fields(events) == []
    plain = today.images.generate(model="gpt-image-2", prompt="a fox")
    assert events[2].b64_json == plain.data[0].b64_json
    assert events[2].usage.output_tokens == plain.usage.output_tokens + 200


def test_a_stream_without_partial_pictures_is_one_event(today):
    with today.images.generate(model="gpt-image-2", prompt="a fox", stream=True) as stream:
        assert [event.type for event in stream] == ["image_generation.completed"]


def test_the_streaming_wrapper_of_the_sdk_works(today):
    with today.images.with_streaming_response.generate(model="gpt-image-2", prompt="a fox") as response:
        assert response.parse().data[0].b64_json
