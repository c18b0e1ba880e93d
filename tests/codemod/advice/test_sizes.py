"""Layouts that count on small squares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Migrate

TILE = """
import base64
from io import BytesIO

from openai import OpenAI
from PIL import Image

client = OpenAI()
SIZE = {size}


def tile(prompt):
    answer = client.images.generate(model="dall-e-2", prompt=prompt, size={asked}, response_format="b64_json")
    return Image.open(BytesIO(base64.b64decode(answer.data[0].b64_json))){scaled}


"""
COLLAGE = """
def collage(prompts):
    sheet = Image.new("RGB", ({edge} * 2, {edge}))
    for i, prompt in enumerate(prompts):
        sheet.paste(tile(prompt), ({edge} * i, 0))
    return sheet
"""


def program(size: str, asked: str, edge: str, scaled: str = "") -> str:
    return TILE.format(size=size, asked=asked, scaled=scaled) + COLLAGE.format(edge=edge)


@pytest.mark.parametrize(
    "text",
    [
        program("512", '"512x512"', "512"),
        program("512", '"512x512"', "SIZE"),
        program("512", 'f"{SIZE}x{SIZE}"', "SIZE"),
        program('"512x512"', "SIZE", "int(SIZE.split('x')[0])"),
        program('"512x512"', "SIZE", "edge").replace(
            "def collage", "edge, _ = map(int, SIZE.split('x'))\n\n\ndef collage"
        ),
    ],
)
def test_a_layout_of_the_old_edge_is_pointed_out_once(migrated: Migrate, text: str) -> None:
    done = migrated(text)
    (finding,) = done.of("IMG034")
    assert (finding.fix, finding.applied) == ("manual", False)
    assert "512x512 and comes as 1024x1024" in finding.message
    assert "resize((512, 512))" in finding.suggestion


@pytest.mark.parametrize(
    "text",
    [
        # scaled after decoding, or where it is placed
        program("512", 'f"{SIZE}x{SIZE}"', "SIZE", scaled=".resize((SIZE, SIZE))"),
        program("512", '"512x512"', "512").replace("tile(prompt),", "tile(prompt).resize((512, 512)),"),
        # the size stays, or a sheet has another edge and no picture on it
        program("1024", '"1024x1024"', "1024"),
        program("512", '"512x512"', "300").replace("sheet.paste", "print"),
        # no layout at all
        TILE.format(size="512", asked='"512x512"', scaled="") + "print(512 * 2)\n",
    ],
)
def test_scaled_pictures_and_other_layouts_are_no_finding(migrated: Migrate, text: str) -> None:
    assert migrated(text).of("IMG034") == []


def test_a_layout_in_the_module_that_calls_is_found(migrated: Migrate) -> None:
    done = migrated(
        {
            "tiles.py": TILE.format(size="512", asked='f"{SIZE}x{SIZE}"', scaled=""),
            "sheet.py": "from PIL import Image\nfrom tiles import SIZE, tile\n" + COLLAGE.format(edge="SIZE"),
        }
    )
    (finding,) = done.of("IMG034")
    assert (finding.path, finding.line) == ("sheet.py", 5)


MEETING = """
import base64
import io

import cv2
import numpy as np
from openai import OpenAI
from PIL import Image, ImageChops, ImageDraw, ImageOps

SIZE = {size}


def paint(source, mask):
    original = Image.open(source).resize(SIZE)
    answer = OpenAI().images.generate(
        model="dall-e-2", prompt="x", size="512x512", response_format="b64_json"
    )
    picture = Image.open(io.BytesIO(base64.b64decode(answer.data[0].b64_json)))
    {then}
"""


def meeting(then: str, size: str = "(512, 512)") -> str:
    return MEETING.format(then=then, size=size)


@pytest.mark.parametrize(
    "then",
    [
        "return Image.composite(picture, original, mask)",
        "return Image.blend(picture, original, 0.5)",
        "return ImageChops.difference(original, picture.convert('RGB'))",
        "original.paste(picture, (10, 10))",
        "picture.paste(original, (10, 10))",
        "picture.putalpha(mask)",
        "return np.stack([np.asarray(original), np.asarray(picture)])",
        "batch = np.zeros((1, 512, 512, 3)); batch[0] = np.asarray(picture)",
        "return picture.crop((0, 0, 256, 512))",
        "assert picture.size == SIZE",
        "return np.asarray(picture)[:512, :512]",
        "canvas = Image.new('RGB', SIZE)",
        "print(picture.width - 512)",
        "return Image.composite(picture, original, mask).resize((300, 300))",
        "return picture.crop((0, 0, 512, 256)).resize((300, 300))",
        "ImageDraw.Draw(picture).text((20, 470), 'x')",
        "cv2.putText(np.asarray(picture), 'x', (300, 20), 0, 1, (0, 0, 0))",
        "return picture.getpixel((511, 0))",
        "return [picture.getpixel((x, 0)) for x in range(512)]",
    ],
)
def test_a_picture_that_meets_something_of_the_old_size_is_pointed_out(migrated: Migrate, then: str) -> None:
    (finding,) = migrated(meeting(then)).of("IMG034")
    assert finding.line == 18


@pytest.mark.parametrize(
    "then",
    [
        "return Image.composite(picture.resize(SIZE), original, mask)",
        "picture.thumbnail(SIZE); original.paste(picture)",
        "return Image.blend(ImageOps.fit(picture, SIZE), original, 0.5)",
        "return Image.composite(picture, original.resize(picture.size), mask)",
        "small = cv2.resize(np.asarray(picture), (512, 512)); return np.zeros((512, 512)) + small",
        "return np.stack([np.asarray(picture), np.asarray(picture)])",
        "picture.save('512.png')",
        "picture.putalpha(128)",
        "small = picture.resize(SIZE); ImageDraw.Draw(small).text((20, 470), 'x')",
        "ImageDraw.Draw(picture).text((20, 20), 'x', fill=(255, 255, 300))",
    ],
)
def test_a_picture_that_is_scaled_or_stays_alone_is_no_finding(migrated: Migrate, then: str) -> None:
    assert migrated(meeting(then)).of("IMG034") == []


def test_the_named_edge_of_an_array_is_found_at_the_top_level(migrated: Migrate) -> None:
    done = migrated(
        """
        import io

        import numpy as np
        import requests
        from openai import OpenAI
        from PIL import Image

        SIZE = 512
        r = OpenAI().images.generate(model="dall-e-2", prompt="x", size="512x512")
        image = Image.open(io.BytesIO(requests.get(r.data[0].url).content)).convert("RGB")
        batch = np.zeros((1, SIZE, SIZE, 3), dtype=np.uint8)
        batch[0] = np.asarray(image)
        """
    )
    (finding,) = done.of("IMG034")
    assert finding.line == 11


@pytest.mark.parametrize(("body", "count"), [("return image.resize((512, 512))", 0), ("return image", 1)])
def test_a_helper_that_scales_the_picture_settles_it(migrated: Migrate, body: str, count: int) -> None:
    done = migrated(
        {
            "small.py": f"def small(image):\n    {body}\n",
            "app.py": "from small import small\n" + meeting("original.paste(small(picture))").lstrip(),
        }
    )
    assert len(done.of("IMG034")) == count
