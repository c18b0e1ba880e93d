from __future__ import annotations

import base64
import io
import json
import urllib.error
import urllib.request

import openai
import pytest
from PIL import Image, ImageChops


def picture_of(image: openai.types.Image) -> Image.Image:
    if image.b64_json is not None:
        return Image.open(io.BytesIO(base64.b64decode(image.b64_json)))
    with urllib.request.urlopen(image.url) as response:
        return Image.open(io.BytesIO(response.read()))


def changed(before: bytes, after: Image.Image, box: tuple[int, int, int, int]) -> int:
    """The largest difference of any channel inside ``box``."""
    first = Image.open(io.BytesIO(before)).convert("RGB").resize(after.size).crop(box)
    difference = ImageChops.difference(first, after.convert("RGB").crop(box))
    return max(high for _, high in difference.getextrema())


OUTSIDE = (0, 0, 256, 60)
INSIDE = (70, 70, 120, 120)


def post_json(url: str, body: object, key: str = "sk-test") -> tuple[int, dict]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    request = urllib.request.Request(url, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, json.load(problem)


def test_an_old_edit_keeps_everything_outside_the_mask(dalle, plain_png, holed_png):
    answer = dalle.images.edit(
        model="dall-e-2",
        image=("a.png", plain_png),
        mask=("m.png", holed_png),
        prompt="a cat",
        size="256x256",
    )
    after = picture_of(answer.data[0])
    assert after.size == (256, 256)
    assert changed(plain_png, after, OUTSIDE) == 0
    assert changed(plain_png, after, INSIDE) > 20


def test_an_old_edit_uses_the_transparency_of_the_picture_itself(dalle, holed_png):
    answer = dalle.images.edit(image=("a.png", holed_png), prompt="a cat", size="256x256")
    after = picture_of(answer.data[0])
    assert changed(holed_png, after, OUTSIDE) == 0
    assert after.getpixel((90, 90))[3] == 255


def test_a_gpt_edit_draws_everything_again(today, plain_png, holed_png):
    answer = today.images.edit(
        model="gpt-image-2", image=("a.png", plain_png), mask=("m.png", holed_png), prompt="a cat"
    )
    after = picture_of(answer.data[0])
    assert after.size == (1024, 1024)
    outside = changed(plain_png, after, (0, 0, 1024, 240))
    assert 0 < outside < 40
    assert changed(plain_png, after, (300, 300, 480, 480)) > outside


def test_gpt_edits_refuse_an_upload_without_a_name_and_dalle_took_it(today, dalle, plain_png, holed_png):
    with pytest.raises(openai.BadRequestError, match="unsupported mimetype") as caught:
        today.images.edit(model="gpt-image-2", image=plain_png, prompt="a cat")
    assert caught.value.code == "unsupported_file_mimetype"
    assert dalle.images.edit(image=holed_png, prompt="a cat", size="256x256").data


def test_an_edit_takes_several_pictures(today, plain_png, holed_png):
    one = today.images.edit(model="gpt-image-2", image=[("a.png", plain_png)], prompt="a cat")
    two = today.images.edit(
        model="gpt-image-2", image=[("a.png", plain_png), ("b.png", holed_png)], prompt="a cat"
    )
    assert one.data[0].b64_json != two.data[0].b64_json
    assert two.usage.input_tokens_details.image_tokens == 2 * one.usage.input_tokens_details.image_tokens


def test_numbers_in_a_form_are_numbers(today, plain_png):
    answer = today.images.edit(
        model="gpt-image-2",
        image=("a.png", plain_png),
        prompt="a cat",
        n=2,
        output_compression=50,
        output_format="jpeg",
    )
    assert [picture_of(image).format for image in answer.data] == ["JPEG", "JPEG"]


def test_an_edit_streams_its_own_events(today, plain_png):
    with today.images.edit(
        model="gpt-image-2", image=("a.png", plain_png), prompt="a cat", stream=True, partial_images=1
    ) as stream:
        assert [event.type for event in stream] == ["image_edit.partial_image", "image_edit.completed"]


def test_an_edit_takes_json_with_a_data_url(today_simulator, plain_png):
    url = f"data:image/png;base64,{base64.b64encode(plain_png).decode()}"
    body = {"model": "gpt-image-2", "prompt": "a cat", "images": [{"image_url": url}]}
    status, answer = post_json(f"{today_simulator.base_url}/images/edits", body)
    assert status == 200
    assert answer["data"][0]["b64_json"]


def test_an_edit_takes_json_with_an_uploaded_file(today, today_simulator, plain_png):
    stored = today.files.create(file=("a.png", plain_png), purpose="vision")
    assert (stored.bytes, stored.model_extra) == (len(plain_png), {})
    body = {"model": "gpt-image-2", "prompt": "a cat", "images": [{"file_id": stored.id}]}
    assert post_json(f"{today_simulator.base_url}/images/edits", body)[0] == 200


def test_no_url_from_elsewhere_is_fetched(today_simulator):
    body = {"model": "gpt-image-2", "prompt": "a cat", "images": [{"image_url": "https://example.org/a.png"}]}
    status, answer = post_json(f"{today_simulator.base_url}/images/edits", body)
    assert status == 400
    assert answer["error"]["param"] == "images"


@pytest.mark.parametrize(
    "images", ["a", [], [1], [{}], [{"image_url": "data:image/png;base64,@@"}], [{"file_id": "file-none"}]]
)
def test_references_of_the_wrong_shape_are_refused(today_simulator, images):
    body = {"model": "gpt-image-2", "prompt": "a cat", "images": images}
    assert post_json(f"{today_simulator.base_url}/images/edits", body)[0] == 400


def refusal(call) -> openai.BadRequestError:
    with pytest.raises(openai.BadRequestError) as caught:
        call()
    return caught.value


def test_a_mask_must_have_the_size_of_the_picture(today, plain_png, wide_png):
    problem = refusal(
        lambda: today.images.edit(
            model="gpt-image-2", image=("a.png", plain_png), mask=("m.png", wide_png), prompt="a cat"
        )
    )
    assert problem.param == "mask"
    assert "256x256" in problem.message


def test_a_mask_must_have_alpha(today, plain_png):
    problem = refusal(
        lambda: today.images.edit(
            model="gpt-image-2", image=("a.png", plain_png), mask=("m.png", plain_png), prompt="a cat"
        )
    )
    assert "alpha" in problem.message


def test_an_old_edit_needs_transparency_somewhere(dalle, plain_png):
    problem = refusal(lambda: dalle.images.edit(model="dall-e-2", image=("a.png", plain_png), prompt="a cat"))
    assert "got RGB" in problem.message


def test_an_old_edit_needs_a_square(dalle, wide_png):
    problem = refusal(lambda: dalle.images.edit(model="dall-e-2", image=("a.png", wide_png), prompt="a cat"))
    assert "square" in problem.message


def test_an_edit_without_a_picture_is_refused(today_simulator):
    status, answer = post_json(
        f"{today_simulator.base_url}/images/edits", {"model": "gpt-image-2", "prompt": "x"}
    )
    assert (status, answer["error"]["code"]) == (400, "missing_required_parameter")


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_picture_is_refused(today, data):
    problem = refusal(lambda: today.images.edit(model="gpt-image-2", image=("a.png", data), prompt="a cat"))
    assert problem.code == "invalid_image_file"


def test_a_decompression_bomb_is_refused_before_it_unpacks(today):
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    problem = refusal(
        lambda: today.images.edit(model="gpt-image-2", image=("a.png", out.getvalue()), prompt="x")
    )
    assert problem.code == "invalid_image_file"


def test_a_variation_works_while_dall_e_2_lives(dalle, plain_png):
    with pytest.warns(DeprecationWarning, match="deprecated"):
        answer = dalle.images.create_variation(image=("a.png", plain_png), n=2, size="256x256")
    assert [picture_of(image).size for image in answer.data] == [(256, 256)] * 2


def test_variations_are_gone_today(today, plain_png):
    with pytest.warns(DeprecationWarning, match="deprecated"), pytest.raises(openai.NotFoundError) as caught:
        today.images.create_variation(image=("a.png", plain_png))
    assert "no longer accepts requests" in caught.value.message
