from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from migrator.simulator.drawing import Sketch, draw, palette, quoted
from migrator.simulator.faults import FaultPlan, without_tokens
from migrator.simulator.pictures import Shelf

DIGEST = hashlib.sha256(b"x").digest()


def picture(**change: object) -> Image.Image:
    values = {"model": "m", "prompt": "p", "width": 256, "height": 256, "format": "png", "digest": DIGEST}
    return Image.open(io.BytesIO(draw(Sketch(**{**values, **change}))))


def test_quoted_texts_are_found_and_apostrophes_are_not():
    assert quoted("""a sign "Open" and \u201cTea\u201d, 'Ale', the dog's owner's bowl""") == [
        "Open",
        "Tea",
        "Ale",
    ]


def test_a_quoted_text_is_drawn_and_the_old_models_misspell_it():
    plain = picture(prompt="p").tobytes()
    new = picture(prompt='p "Harbour"').tobytes()
    old = picture(prompt='p "Harbour"', legacy=True).tobytes()
    assert len({plain, new, old}) == 3


def test_every_picture_carries_the_mark():
    strip = picture(width=512, height=512).crop((0, 470, 512, 512)).convert("RGB")
    colours = {colour for _, colour in strip.getcolors(maxcolors=100_000)}
    assert (16, 16, 20) in colours
    assert (255, 214, 64) in colours


def test_models_have_their_own_colours():
    assert palette("one") != palette("two")
    assert palette("one") == palette("one")


@pytest.mark.parametrize("size", [(1, 1), (16, 48), (256, 256), (3840, 2160)])
@pytest.mark.parametrize("prompt", ["", "p", '"' + "W" * 80 + '"', "\u732b\U0001f431 \x00\n" * 50])
def test_any_size_and_prompt_can_be_drawn(size, prompt):
    assert picture(width=size[0], height=size[1], prompt=prompt).size == size


def test_an_unknown_format_is_an_error():
    with pytest.raises(ValueError, match="bmp"):
        draw(Sketch("m", "p", 8, 8, "bmp", DIGEST))


def test_a_shelf_throws_out_the_least_recently_used():
    shelf = Shelf(limit=10)
    shelf.put("a", b"1234")
    shelf.put("b", b"1234")
    assert shelf.get("a") == b"1234"
    shelf.put("c", b"1234")
    assert (shelf.get("a"), shelf.get("b"), shelf.get("c")) == (b"1234", None, b"1234")


def test_fault_tokens_are_not_drawn():
    assert without_tokens("a fox [[sim:429*2]]") == "a fox"


def test_a_counted_fault_counts_per_prompt():
    plan = FaultPlan()
    assert [plan.next("a [[sim:500*1]]") for _ in range(2)] == ["500", None]
    assert plan.next("b [[sim:500*1]]") == "500"
