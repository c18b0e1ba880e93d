"""Pictures for the tests, drawn by a seed."""

from __future__ import annotations

import io
import random
from typing import Any

from PIL import Image, ImageDraw


def scene(size: tuple[int, int] = (96, 64), mode: str = "RGB", seed: int = 1) -> Image.Image:
    chance = random.Random(seed)
    ground = (90, 120, 160, 255) if mode == "RGBA" else (90, 120, 160)
    image = Image.new(mode, size, ground)
    pen = ImageDraw.Draw(image)
    for _ in range(9):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        pen.ellipse((x, y, x + 25, y + 25), fill=tuple(chance.randrange(256) for _ in range(3)))
    return image


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
