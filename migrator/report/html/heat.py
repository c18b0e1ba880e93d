"""What an edit changed outside its mask, as a picture to lay over the result."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

EDGE = 768
# Differences below this are compression, not change; of 255.
QUIET = 12


def heat_name(source: str, mask: str | None, result: str) -> str:
    """Where the overlay for these three pictures (hashes) is, below the run folder."""
    key = hashlib.sha256("|".join((source, mask or "", result)).encode()).hexdigest()
    return f"thumbs/heat-{key}.webp"


def draw_heat(folder: Path, source: str, mask: str | None, result: str, to: str) -> bool:
    """Writes the overlay ``to``: red where ``result`` differs from ``source``, clear where the mask allows it.

    The names are files of the run that were opened before. The input is scaled to the size of the result, so
    this shows where to look and is no measurement. Returns whether it could be drawn.
    """
    from PIL import Image, ImageChops  # noqa: PLC0415 - runs in workers

    try:
        with Image.open(folder / result) as opened:
            after = _fitted(opened, None)
        with Image.open(folder / source) as opened:
            before = _fitted(opened, after.size)
            allowed = before.getchannel("A")  # an input with a hole of its own is its own mask
        if mask is not None:
            with Image.open(folder / mask) as opened:
                allowed = _fitted(opened, after.size).getchannel("A")
        change = ImageChops.difference(before.convert("RGB"), after.convert("RGB")).convert("L")
        strength = change.point([0 if value < QUIET else min(230, 60 + 3 * value) for value in range(256)])
        overlay = Image.new("RGBA", after.size, (226, 43, 58, 0))
        overlay.putalpha(ImageChops.multiply(strength, allowed.point([0] * 128 + [255] * 128)))
        overlay.save(folder / to, "WEBP", quality=70, method=2)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError):
        return False
    return True


def _fitted(picture: Image.Image, size: tuple[int, int] | None) -> Image.Image:
    whole = picture.convert("RGBA")
    if size is None:
        whole.thumbnail((EDGE, EDGE))
        return whole
    return whole if whole.size == size else whole.resize(size)
