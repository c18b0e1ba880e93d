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
        # the size stays, or the layout has another edge
        program("1024", '"1024x1024"', "1024"),
        program("512", '"512x512"', "300"),
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
