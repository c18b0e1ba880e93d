"""Colour as information: the mean tone of a picture and its palette. Never a reason to fail."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PIL import Image

from migrator.compare.checks.model import CheckResult
from migrator.compare.checks.opening import flat

if TYPE_CHECKING:
    from migrator.compare.checks.opening import Picture

_GRID = 64
_COLOURS = 8
_TINT = 4.0
"""Distance from grey in a*b* from which a mean tone is given a name."""
Lab = tuple[float, float, float]


def tone(picture: Picture) -> CheckResult:
    """Mean lightness, a*, b* and chroma (CIELAB, D65) over 64x64 cells."""
    if picture.image is None:
        return CheckResult("skipped", None, "Colours of an SVG are not measured.")
    cells = _cells(picture.image)
    labs = [lab(*cell) for cell in cells]
    lightness, a, b = (sum(values) / len(labs) for values in zip(*labs, strict=True))
    chroma = sum((one[1] ** 2 + one[2] ** 2) ** 0.5 for one in labs) / len(labs)
    value = {"l": round(lightness, 2), "a": round(a, 2), "b": round(b, 2), "chroma": round(chroma, 2)}
    return CheckResult("info", value, f"The mean tone is {_name(a, b)}, lightness {lightness:.0f} of 100.")


def palette(picture: Picture) -> CheckResult:
    """Up to eight colours as ``#rrggbb`` with their shares, the most frequent first."""
    if picture.image is None:
        return CheckResult("skipped", None, "Colours of an SVG are not measured.")
    small = _small(picture.image)
    reduced = small.quantize(_COLOURS, Image.Quantize.MEDIANCUT)
    table = reduced.getpalette() or []
    counts = sorted(enumerate(reduced.histogram()[: len(table) // 3]), key=lambda pair: (-pair[1], pair[0]))
    total = _GRID * _GRID
    value: list[dict[str, Any]] = [
        {
            "colour": "#{:02x}{:02x}{:02x}".format(*table[3 * index : 3 * index + 3]),
            "share": round(count / total, 3),
        }
        for index, count in counts
        if count
    ]
    shown = ", ".join(str(entry["colour"]) for entry in value[:3])
    return CheckResult("info", value, f"The most frequent colours are {shown}.")


def lab(red: int, green: int, blue: int) -> Lab:
    """CIELAB (D65, 2 degrees) of an sRGB colour with values from 0 to 255."""
    r, g, b = _linear(red), _linear(green), _linear(blue)
    x = (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047
    y = 0.2126729 * r + 0.7151522 * g + 0.0721750 * b
    z = (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883
    fx, fy, fz = _root(x), _root(y), _root(z)
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@lru_cache(maxsize=256)
def _linear(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _root(value: float) -> float:
    return float(value ** (1 / 3)) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116


def _small(image: Image.Image) -> Image.Image:
    return flat(image).resize((_GRID, _GRID), Image.Resampling.BOX, reducing_gap=2.0)


def _cells(image: Image.Image) -> list[tuple[int, int, int]]:
    raw = _small(image).tobytes()
    return list(zip(raw[0::3], raw[1::3], raw[2::3], strict=True))


def _name(a: float, b: float) -> str:
    if (a * a + b * b) ** 0.5 < _TINT:
        return "neutral"
    if abs(b) >= abs(a):
        return "warm (towards yellow)" if b > 0 else "cool (towards blue)"
    return "towards red" if a > 0 else "towards green"
