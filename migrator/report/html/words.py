"""Text for people: untrusted text made visible, and numbers with their units."""

from __future__ import annotations

import re
from typing import Any

NOTHING = "\u2013"

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def visible(text: object) -> str:
    """``text`` with what cannot be seen, or turns the direction of writing, as its code: ``⟨U+202E⟩``.

    Escaping for HTML is the template's work; this keeps a prompt from looking like something that it is not.
    """
    return _UNSEEN.sub(lambda found: f"\u27e8U+{ord(found[0]):04X}\u27e9", str(text))


def shortened(text: object, limit: int = 600) -> str:
    """:func:`visible` text of at most ``limit`` characters, with the number of those left out."""
    shown = visible(text)
    return shown if len(shown) <= limit else f"{shown[:limit]}… (+{len(shown) - limit:,} characters)"


def usd(value: float | None) -> str:
    """Dollars: cents with two to four digits, as small sums need."""
    if value is None:
        return NOTHING
    return f"${value:,.2f}" if value >= 1 or value == 0 else f"${value:.4f}".rstrip("0").ljust(5, "0")


def seconds(value: float | None) -> str:
    """A duration; ``value`` in seconds."""
    if value is None:
        return NOTHING
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"


def size_of(count: int | None) -> str:
    """Bytes in the unit that people read."""
    if count is None:
        return NOTHING
    value = float(count)
    for unit in ("B", "KB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} MB"


def percent(share: float | None) -> str:
    """A share between 0 and 1."""
    return NOTHING if share is None else f"{share * 100:.0f} %"


def number(value: object) -> float | None:
    """``value`` if it is a finite number. What a run folder holds is not trusted."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None


def plural(count: int, word: str) -> str:
    """``1 pair``, ``2 pairs``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def plain(value: Any) -> str:
    """A parameter's value on one line, strings without their quotes."""
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    return shortened(value, 300)
