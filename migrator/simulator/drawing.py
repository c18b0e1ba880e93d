"""Draws the simulated pictures: flat, quick, deterministic, and marked so that nobody takes one for real."""

from __future__ import annotations

import colorsys
import hashlib
import io
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]

_QUOTED = re.compile("\"([^\"]{1,80})\"|\u201c([^\u201d]{1,80})\u201d|(?<!\\w)'([^']{1,80})'(?!\\w)")
_MARK = "SIMULATED"


@dataclass(frozen=True, slots=True)
class Sketch:
    """What to draw. ``width`` and ``height`` in pixels, ``compression`` 0 to 100, ``frame_ms`` milliseconds.

    ``digest`` (32 bytes) decides every detail that the other fields leave open. ``legacy`` pictures spell
    badly and keep an edited picture exactly as it was outside the mask; others draw it anew as a whole.
    ``blocks`` above 0 gives an unfinished picture, coarser with every block.
    """

    model: str
    prompt: str
    width: int
    height: int
    format: str
    digest: bytes
    transparent: bool = False
    legacy: bool = False
    compression: int = 100
    frames: int = 1
    frame_ms: int = 200
    blocks: int = 0


def draw(sketch: Sketch, base: Image.Image | None = None, mask: Image.Image | None = None) -> bytes:
    """The encoded picture of ``sketch``, drawn over ``base`` where ``mask`` is transparent (or everywhere).

    Raises:
        ValueError: for a format that is not png, jpeg, webp, gif or svg.
    """
    if sketch.format == "svg":
        return _svg(sketch)
    picture = _scene(sketch) if base is None else _edited(sketch, base, mask)
    if sketch.blocks:
        picture = _coarse(picture, sketch.blocks)
    if not sketch.transparent and not (sketch.legacy and base is not None):
        picture = _opaque(picture)
    return _encode(picture, sketch)


def quoted(prompt: str) -> list[str]:
    """The texts in quotation marks in a prompt, in order."""
    return [next(part for part in match if part) for match in _QUOTED.findall(prompt)]


def palette(model: str) -> tuple[Colour, ...]:
    """Six colours that belong to a model; the first is the background."""
    key = hashlib.sha256(model.encode()).digest()
    hue = key[0] / 255
    colours = []
    for index in range(6):
        light = 0.30 if index == 0 else 0.45 + (key[index] % 30) / 100
        red, green, blue = colorsys.hls_to_rgb((hue + index * 0.618) % 1.0, light, 0.55)
        colours.append((int(red * 255), int(green * 255), int(blue * 255)))
    return tuple(colours)


def _scene(sketch: Sketch, shift: int = 0) -> Image.Image:
    from PIL import Image, ImageDraw  # noqa: PLC0415 - the simulator must be cheap to import

    colours = palette(sketch.model)
    mode = "RGBA" if sketch.transparent else "RGB"
    ground = (0, 0, 0, 0) if sketch.transparent else colours[0]
    picture = Image.new(mode, (sketch.width, sketch.height), ground)
    pen = ImageDraw.Draw(picture)
    _shapes(pen, sketch, colours, shift)
    _lettering(pen, sketch)
    _banner(pen, sketch)
    return picture


def _shapes(pen: ImageDraw.ImageDraw, sketch: Sketch, colours: tuple[Colour, ...], shift: int) -> None:
    """Nine shapes; the model decides their kind, the digest where they are."""
    kind = hashlib.sha256(sketch.model.encode()).digest()[31] % 4
    width, height, bits = sketch.width, sketch.height, sketch.digest
    for index in range(9):
        left = int(width * (0.05 + bits[index] / 255 * 0.65)) + shift
        top = int(height * (0.05 + bits[index + 9] / 255 * 0.55))
        span = int(min(width, height) * (0.10 + bits[index + 18] / 255 * 0.25))
        box = (left, top, left + span, top + span)
        colour = colours[1 + (index + bits[27]) % 5]
        if kind == 0:
            pen.ellipse(box, fill=colour)
        elif kind == 1:
            pen.rectangle(box, fill=colour)
        elif kind == 2:
            pen.polygon([(left, top + span), (left + span // 2, top), (left + span, top + span)], fill=colour)
        else:
            pen.pieslice(box, bits[index], bits[index] + 240, fill=colour)


def _lettering(pen: ImageDraw.ImageDraw, sketch: Sketch) -> None:
    """The quoted texts of the prompt on a light panel in the middle, as large as they fit."""
    lines = quoted(sketch.prompt)[:4]
    if not lines:
        return
    if sketch.legacy:
        lines = [_misspelt(line, sketch.digest) for line in lines]
    longest = max(len(line) for line in lines)
    size = max(10, min(sketch.height // (3 * len(lines) + 3), int(1.5 * sketch.width / (longest + 4))))
    font = _font(size)
    block = int(size * 1.4) * len(lines)
    top = (sketch.height - block) // 2
    pen.rectangle((0, top - size // 2, sketch.width, top + block + size // 2), fill=(250, 250, 246))
    for index, line in enumerate(lines):
        left = (sketch.width - int(pen.textlength(line, font=font))) // 2
        pen.text((left, top + index * int(size * 1.4)), line, font=font, fill=(20, 20, 24))


def _banner(pen: ImageDraw.ImageDraw, sketch: Sketch, box: tuple[int, int, int, int] | None = None) -> None:
    """The mark, the model and the start of the prompt on a strip at the bottom of ``box`` (or of all)."""
    left, top, right, bottom = box or (0, 0, sketch.width, sketch.height)
    size = max(12, min(right - left, bottom - top) // 32)
    strip = bottom - int(size * 3.2)
    pen.rectangle((left, strip, right, bottom), fill=(16, 16, 20))
    room = int((right - left) / (size * 0.55))
    # what is to be read stands on the panel only: a second copy would hide that the first is misspelt
    prompt = " ".join(_QUOTED.sub('"\u2026"', sketch.prompt).split())[:room]
    indent = left + size // 2
    pen.text((indent, strip + size // 4), f"{_MARK}  {sketch.model}", font=_font(size), fill=(255, 214, 64))
    pen.text((indent, strip + int(size * 1.6)), prompt, font=_font(size), fill="white")


def _misspelt(text: str, digest: bytes) -> str:
    """``text`` with two neighbouring letters of one word exchanged: the older models could not spell."""
    spots = [i for i in range(len(text) - 1) if text[i : i + 2].isalpha() and text[i] != text[i + 1]]
    if not spots:
        return text + text[-1:]
    spot = spots[digest[28] % len(spots)]
    return text[:spot] + text[spot + 1] + text[spot] + text[spot + 2 :]


def _edited(sketch: Sketch, base: Image.Image, mask: Image.Image | None) -> Image.Image:
    from PIL import Image, ImageDraw  # noqa: PLC0415

    size = (sketch.width, sketch.height)
    before = base.convert("RGBA") if base.size == size else base.convert("RGBA").resize(size)
    hole = _hole(before, mask, size, sketch.legacy)
    scene = _scene(sketch).convert("RGBA")
    if sketch.legacy:
        # the mark goes inside the hole, as nothing outside may change
        _banner(ImageDraw.Draw(scene), sketch, hole.getbbox())
        return Image.composite(scene, before, hole)
    # newer models take the mask as guidance and draw everything again, so nothing stays bit-identical
    tint = Image.new("RGBA", size, (*palette(sketch.model)[0], 255))
    redrawn = Image.blend(before, tint, 0.06)
    redrawn.putalpha(before.getchannel("A"))
    inside = Image.blend(redrawn, scene, 0.7)
    result = Image.composite(inside, redrawn, hole)
    _banner(ImageDraw.Draw(result), sketch)
    return result


def _hole(before: Image.Image, mask: Image.Image | None, size: tuple[int, int], legacy: bool) -> Image.Image:
    """Where to draw, as a greyscale picture: white is to be drawn, black is to be kept."""
    from PIL import Image, ImageChops  # noqa: PLC0415

    if mask is not None:
        alpha = mask.convert("RGBA").getchannel("A").resize(size)
        return ImageChops.invert(alpha)
    if legacy:
        return ImageChops.invert(before.getchannel("A"))
    whole = Image.new("L", size, 0)
    whole.paste(255, (size[0] // 4, size[1] // 4, size[0] - size[0] // 4, size[1]))
    return whole


def varied(sketch: Sketch, base: Image.Image) -> bytes:
    """A variation of ``base``: its colours turned, its prompt-less scene laid over it, the mark below."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    size = (sketch.width, sketch.height)
    before = base.convert("RGB").resize(size)
    result = Image.blend(before, _scene(sketch).convert("RGB"), 0.35)
    _banner(ImageDraw.Draw(result), sketch)
    return _encode(result, sketch)


def _coarse(picture: Image.Image, blocks: int) -> Image.Image:
    from PIL import Image  # noqa: PLC0415

    cell = 16 * blocks
    small = picture.resize((max(1, picture.width // cell), max(1, picture.height // cell)))
    return small.resize(picture.size, Image.Resampling.NEAREST)


def _opaque(picture: Image.Image) -> Image.Image:
    from PIL import Image  # noqa: PLC0415

    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _encode(picture: Image.Image, sketch: Sketch) -> bytes:
    out = io.BytesIO()
    if sketch.format == "png":
        # Level 1 is four times as quick as the default and the pictures are flat.
        picture.save(out, "PNG", compress_level=1)
    elif sketch.format == "jpeg":
        picture.convert("RGB").save(out, "JPEG", quality=max(1, min(95, sketch.compression)))
    elif sketch.format == "webp":
        picture.save(out, "WEBP", quality=sketch.compression, method=0)
    elif sketch.format == "gif":
        more = [_scene(sketch, shift=index * 8) for index in range(1, sketch.frames)]
        picture.save(
            out, "GIF", save_all=bool(more), append_images=more, duration=sketch.frame_ms, loop=0, disposal=2
        )
    else:
        raise ValueError(f"no encoder for {sketch.format!r}")
    return out.getvalue()


def _svg(sketch: Sketch) -> bytes:
    ground, colour = ("#{:02x}{:02x}{:02x}".format(*rgb) for rgb in palette(sketch.model)[:2])
    middle = f'cx="{sketch.width // 2}" cy="{sketch.height // 2}" r="{min(sketch.width, sketch.height) // 4}"'
    lines = [_MARK, sketch.model, *quoted(sketch.prompt)[:4]]
    texts = "".join(
        f'<text x="16" y="{32 + 28 * index}" font-size="20" fill="white">{escape(line)}</text>'
        for index, line in enumerate(lines)
    )
    back = "" if sketch.transparent else f'<rect width="100%" height="100%" fill="{ground}"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{sketch.width}" height="{sketch.height}">'
    mark = f"<desc>{sketch.digest.hex()}</desc>"
    return f'{head}{mark}{back}<circle {middle} fill="{colour}"/>{texts}</svg>'.encode()


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    from PIL import ImageFont  # noqa: PLC0415

    return ImageFont.load_default(size)
