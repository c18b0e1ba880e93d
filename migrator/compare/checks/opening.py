"""Opening a picture that may be broken, huge or malicious."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from PIL import Image, UnidentifiedImageError

from migrator.compare.checks.model import LIMITS, CheckResult

if TYPE_CHECKING:
    from migrator.compare.checks.model import Blob, Limits

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_NUMBER = re.compile(r"\s*([0-9]{1,6}(?:\.[0-9]{1,6})?)(?:px)?\s*$")


class Unusable(Exception):  # noqa: N818 - said to people, not an error of ours
    """The file is no picture that we look at. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: ``format`` in small letters, ``image`` its first frame (``None`` for SVG)."""

    data: bytes
    sha256: str
    format: str
    width: int
    height: int
    mode: str
    image: Image.Image | None


def read(blob: Blob, limits: Limits = LIMITS) -> bytes:
    """The bytes of a file, never more than the limit.

    Raises:
        Unusable: When it cannot be read, is empty or too large.
    """
    data = blob.data
    if data is None:
        try:
            with Path(blob.path).open("rb") as file:
                data = file.read(limits.file_bytes + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "the name is not valid"
            raise Unusable(f"The file could not be read: {reason}.") from None
    if not data:
        raise Unusable("The file is empty.")
    if len(data) > limits.file_bytes:
        raise Unusable(f"The file is larger than {limits.file_bytes // 2**20} MB, so it was not opened.")
    return data


def open_picture(blob: Blob, limits: Limits = LIMITS) -> Picture:
    """The decoded picture.

    Raises:
        Unusable: For whatever is wrong with it, in one sentence.
    """
    data = read(blob, limits)
    sha256 = hashlib.sha256(data).hexdigest()
    if _looks_like_svg(data):
        width, height = _svg_size(data, limits)
        return Picture(data, sha256, "svg", width, height, "vector", None)
    try:
        # Pillow warns before it refuses; a size that it doubts is refused below with our own words
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            width, height = image.size
            if width * height > limits.pixels:
                raise Unusable(
                    f"The picture claims {width}x{height} pixels, more than the {limits.pixels // 10**6} "
                    "million that are looked at; it was not decoded."
                )
            found = (image.format or "").lower()
            image.load()
    except Unusable:
        raise
    except Image.DecompressionBombError:
        raise Unusable(
            f"The picture claims more than the {limits.pixels // 10**6} million pixels that are looked at; "
            "it was not decoded."
        ) from None
    except MemoryError:
        raise Unusable("The picture needs more memory than there is.") from None
    except UnidentifiedImageError:
        raise Unusable("The file is not a PNG, JPEG, WebP, GIF or SVG picture.") from None
    except Exception as error:  # decoders raise anything on hostile input
        raise Unusable(f"The picture is broken: {_first_line(error)}.") from None
    return Picture(data, sha256, found, width, height, image.mode, image)


def decodes(picture: Picture) -> CheckResult:
    """The facts of a picture that could be opened."""
    value = {
        "width": picture.width,
        "height": picture.height,
        "format": picture.format,
        "mode": picture.mode,
        "bytes": len(picture.data),
        "sha256": picture.sha256,
    }
    shown = (
        f"{picture.width}x{picture.height} {picture.format.upper()}, {max(1, len(picture.data) // 1024)} KB"
    )
    return CheckResult("pass", value, f"The picture opens: {shown}.")


def flat(image: Image.Image) -> Image.Image:
    """The picture as people see it on white, in RGB."""
    if image.mode == "RGB":
        return image
    if has_alpha(image):
        rgba = image.convert("RGBA")
        ground = Image.new("RGB", rgba.size, (255, 255, 255))
        ground.paste(rgba, mask=rgba.getchannel("A"))
        return ground
    if image.mode in {"I", "I;16", "F"}:
        return image.convert("F").point(lambda v: v * (1 / 256) + 0).convert("L").convert("RGB")
    return image.convert("RGB")


def has_alpha(image: Image.Image) -> bool:
    """Whether the picture can be transparent anywhere."""
    return image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info


def _looks_like_svg(data: bytes) -> bool:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in data[:65536]


def _svg_size(data: bytes, limits: Limits) -> tuple[int, int]:
    if len(data) > limits.svg_bytes:
        raise Unusable(f"The SVG is larger than {limits.svg_bytes // 2**20} MB, so it was not opened.")
    # entities are how an XML file of a few bytes grows to gigabytes; a picture needs none
    if b"<!ENTITY" in data or b"\x00" in data:
        raise Unusable("The SVG defines entities or holds null bytes, so it was not opened.")
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - entities are refused above
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError) as error:
        raise Unusable(f"The SVG is not well-formed: {_first_line(error)}.") from None
    if root.tag.rpartition("}")[2] != "svg":
        raise Unusable("The file is XML, but not an SVG picture.")
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    fallback = box[2:4] if len(box) == 4 else ["0", "0"]
    found = []
    for name, other in zip(("width", "height"), fallback, strict=True):
        match = _NUMBER.match(root.get(name, "")) or _NUMBER.match(other)
        found.append(round(float(match.group(1))) if match else 0)
    return found[0], found[1]


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return (text[0][:160] if text else type(error).__name__).rstrip(".")
