"""Checks of single pictures, drawn here so that the answer is known."""

from __future__ import annotations

import pickle
import random
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw

from migrator.compare.checks import CheckJob, run_checks
from migrator.compare.checks.model import Blob, Limits
from migrator.compare.checks.opening import Unusable, open_picture
from tests.compare.pictures import encoded, scene

if TYPE_CHECKING:
    from migrator.compare.checks import CheckResult


def checked(data: bytes, **about: Any) -> dict[str, CheckResult]:
    return run_checks(CheckJob(Blob("picture", data), **about))


def test_a_picture_as_asked_passes_every_hard_check() -> None:
    found = checked(encoded(scene()), size="96x64", output_format="png")
    assert {name: found[name].status for name in ("decodes", "size", "format", "alpha", "blank")} == {
        "decodes": "pass", "size": "pass", "format": "pass", "alpha": "pass", "blank": "pass",
    }  # fmt: skip
    assert found["decodes"].value["width"] == 96
    assert found["decodes"].value["format"] == "png"


def test_jobs_and_answers_survive_the_way_to_another_process() -> None:
    job = CheckJob(Blob("p", encoded(scene())), size="96x64", background="opaque")
    assert pickle.loads(pickle.dumps(run_checks(pickle.loads(pickle.dumps(job))))) == run_checks(job)


@pytest.mark.parametrize(
    ("asked", "made_for_it", "status", "words"),
    [
        ("96x64", True, "pass", "as asked"),
        ("192x128", True, "fail", "the same shape"),
        ("64x96", True, "fail", "another shape"),
        ("64x96", False, "info", "another shape"),
        ("auto", True, "info", "no size was asked for"),
        (None, True, "info", "no size was asked for"),
        ("big", True, "warn", "not WIDTHxHEIGHT"),
        ("0x0", True, "warn", "not WIDTHxHEIGHT"),
    ],
)
def test_size_is_compared_with_the_request(
    asked: str | None, made_for_it: bool, status: str, words: str
) -> None:
    found = checked(encoded(scene()), size=asked, made_for_it=made_for_it)["size"]
    assert (found.status, words in found.message) == (status, True)


def test_the_format_is_that_of_the_bytes_and_jpg_is_jpeg() -> None:
    assert checked(encoded(scene(), "JPEG"), output_format="jpg")["format"].status == "pass"
    assert checked(encoded(scene(), "JPEG"), output_format="webp")["format"].status == "fail"
    assert checked(encoded(scene(), "WEBP"), output_format="webp")["format"].status == "pass"
    assert checked(encoded(scene(), "GIF"))["format"].value["real"] == "gif"


def test_transparency_is_measured_and_held_against_the_request() -> None:
    half = scene(mode="RGBA")
    half.paste((0, 0, 0, 0), (0, 0, 48, 64))
    asked = checked(encoded(half), background="transparent")["alpha"]
    assert asked.status == "pass"
    assert asked.value["transparent"] == pytest.approx(0.5, abs=0.02)
    assert checked(encoded(scene()), background="transparent")["alpha"].status == "fail"
    assert checked(encoded(scene(mode="RGBA")), background="transparent")["alpha"].status == "fail"
    assert checked(encoded(half), background="opaque")["alpha"].status == "fail"
    assert checked(encoded(half))["alpha"].status == "warn"
    assert checked(encoded(half), background="auto")["alpha"].status == "info"


def test_a_transparent_colour_of_a_palette_counts_as_transparency() -> None:
    palette = Image.new("P", (20, 20), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0] + [0] * 762)
    palette.paste(0, (0, 0, 10, 20))
    found = checked(encoded(palette, transparency=0), background="transparent")["alpha"]
    assert (found.status, found.value["transparent"]) == ("pass", 0.5)


@pytest.mark.parametrize(
    ("image", "status"),
    [
        (Image.new("RGB", (64, 64), (200, 10, 10)), "fail"),
        (Image.new("RGBA", (64, 64), (200, 10, 10, 0)), "fail"),
        (Image.new("L", (64, 64), 255), "fail"),
        (scene(), "pass"),
        (scene().convert("1"), "pass"),
        (scene().convert("CMYK").convert("RGB"), "pass"),
    ],
)
def test_a_blank_picture_is_told_from_one_with_something_on_it(image: Image.Image, status: str) -> None:
    assert checked(encoded(image))["blank"].status == status


def test_a_small_mark_on_white_is_for_a_person_to_look_at() -> None:
    image = Image.new("RGB", (512, 512), "white")
    ImageDraw.Draw(image).ellipse((250, 250, 256, 256), fill="black")
    assert checked(encoded(image))["blank"].status == "warn"


def test_a_silhouette_that_only_its_transparency_shows_is_not_blank() -> None:
    image = Image.new("RGBA", (64, 64), (255, 255, 255, 0))
    ImageDraw.Draw(image).ellipse((10, 10, 50, 50), fill=(255, 255, 255, 255))
    assert checked(encoded(image), background="transparent")["blank"].status == "pass"


def test_sixteen_bits_per_pixel_are_seen_in_their_whole_range() -> None:
    deep = Image.frombytes("I;16", (32, 32), struct.pack("<2H", 0, 60_000) * 512)
    assert checked(encoded(deep))["blank"].value["range"] > 200


def test_a_warm_tint_moves_the_tone_towards_yellow() -> None:
    cold, warm = scene(), Image.blend(scene(), Image.new("RGB", (96, 64), (255, 190, 60)), 0.3)
    before, after = (checked(encoded(image))["tone"].value for image in (cold, warm))
    assert after["b"] - before["b"] > 8


def test_the_palette_names_the_colours_and_their_shares() -> None:
    image = Image.new("RGB", (64, 64), "#ff0000")
    image.paste((0, 0, 255), (0, 0, 64, 16))
    found = checked(encoded(image))["palette"].value
    assert [(entry["colour"], entry["share"]) for entry in found] == [("#ff0000", 0.75), ("#0000ff", 0.25)]


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="64" height="32"/>'


def test_an_svg_is_measured_by_its_header_and_not_drawn() -> None:
    found = checked(SVG, size="64x32", output_format="svg", expect_text=("A",), expect_is="given")
    assert (found["size"].status, found["format"].status) == ("pass", "pass")
    assert {found[name].status for name in ("alpha", "blank", "tone", "palette", "c2pa", "text")} == {
        "skipped"
    }


def _png_header(width: int, height: int) -> bytes:
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + body
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return head + struct.pack(">I", 10**6) + b"IDAT"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"not a picture", "not a PNG"),
        (encoded(scene())[:-40], "broken"),
        (encoded(scene(), "JPEG")[:400], "broken"),
        (_png_header(60_000, 60_000), "million pixels"),
        (_png_header(9_000, 9_000), "9000x9000"),
        (b"<svg><!ENTITY a 'aaaa'></svg>", "entities"),
        (b"<svg><g></svg>", "not well-formed"),
        (b"<?xml version='1.0'?><html><svg/></html>", "not an SVG"),
        (b"<svg>" * 200_000, "not well-formed"),
        (encoded(scene(), "TIFF"), "not a PNG"),
        (encoded(scene(), "PDF"), "not a PNG"),
    ],
)
def test_what_is_no_picture_fails_in_one_sentence(data: bytes, words: str) -> None:
    found = checked(data, size="1x1")
    assert list(found) == ["decodes"]
    assert found["decodes"].status == "fail"
    assert words in found["decodes"].message
    assert "\n" not in found["decodes"].message


def test_a_file_that_is_gone_or_too_large_fails_in_one_sentence(tmp_path: Any) -> None:
    assert "could not be read" in run_checks(CheckJob(Blob(str(tmp_path / "gone.png"))))["decodes"].message
    assert "could not be read" in run_checks(CheckJob(Blob("a\0b")))["decodes"].message
    with pytest.raises(Unusable, match="larger than 0 MB"):
        open_picture(Blob("p", encoded(scene())), Limits(file_bytes=100))


def test_a_compressed_bomb_in_a_text_chunk_is_not_unpacked() -> None:
    bomb = zlib.compress(b"a" * 80_000_000, 9)
    body = b"zTXt" + b"key\0\0" + bomb
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    whole = encoded(scene())
    found = checked(whole[:33] + chunk + whole[33:])
    assert found["decodes"].status in {"pass", "fail"}
    assert len(whole) + len(chunk) < 200_000


def test_flipped_bytes_never_raise() -> None:
    chance = random.Random(7)
    originals = [encoded(scene(), form) for form in ("PNG", "JPEG", "WEBP", "GIF")] + [SVG]
    decoded = 0
    for number in range(250):
        data = bytearray(originals[number % len(originals)])
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = chance.randrange(1, len(data)) if number % 3 == 0 else len(data)
        found = checked(bytes(data[:cut]), size="96x64")
        assert found["decodes"].status in {"pass", "fail"}
        decoded += found["decodes"].status == "pass"
    assert 0 < decoded < 250
