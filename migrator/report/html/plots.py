"""Small plots as inline SVG: intervals, strips of single values, bars. No style attributes, classes only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WIDTH = 200.0
_BLUE_TO_YELLOW = Markup(
    '<defs><linearGradient id="cast"><stop stop-color="#5b8ed6"/><stop offset=".5" stop-color="#c9c6bd"/>'
    '<stop offset="1" stop-color="#e3b52c"/></linearGradient></defs>'
)


def interval(
    rows: Sequence[tuple[str, float, float, float]], label: str, middle: float | None = None
) -> Markup:
    """One line per row ``(side, value, low, high)`` on a scale from 0 to 1; ``middle`` draws a reference."""
    height = 17 * len(rows) + 4
    parts = [_rule(0, height), _rule(1, height)]
    if middle is not None:
        parts.append(_rule(middle, height, "plot-middle"))
    for place, (side, value, low, high) in enumerate(rows):
        y = 11 + 17 * place
        parts.append(
            Markup('<line class="plot-span {}" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(
                side, _x(low), _x(high), y, y
            )
        )
        parts.append(
            Markup('<circle class="plot-dot {}" cx="{:.1f}" cy="{}" r="5.5"/>').format(side, _x(value), y)
        )
    return _scaled(parts, height, label, ("0 %", "50 %" if middle is not None else "", "100 %"))


def strip(
    rows: Sequence[tuple[str, Sequence[float]]], label: str, unit: Callable[[float], str] = "{:g}".format
) -> Markup:
    """One line of ticks per row ``(side, values)``, all on one scale from 0; the median is a longer tick."""
    top = max((value for _, values in rows for value in values), default=0) or 1
    height = 22 * len(rows) + 2
    parts = []
    for place, (side, values) in enumerate(rows):
        y = 22 * place + 2
        parts.append(
            Markup('<line class="plot-base" x1="4" x2="{:.0f}" y1="{}" y2="{}"/>').format(
                _WIDTH - 4, y + 18, y + 18
            )
        )
        path = "".join(f"M{_x(value / top):.1f} {y + 5}v13" for value in _thinned(sorted(values), top))
        parts.append(Markup('<path class="plot-tick {}" d="{}"/>').format(side, path))
        if values:
            x = _x(median(values) / top)
            parts.append(Markup('<path class="plot-median {}" d="M{:.1f} {}v19"/>').format(side, x, y - 0.5))
    return _scaled(parts, height, label, ("0", "", unit(top)))


def cast(value: float, low: float | None, high: float | None, label: str, reach: float = 15.0) -> Markup:
    """A change of b* with its interval on a strip from blue to yellow; no change is in the middle."""

    def at(b: float) -> float:
        return _x((max(-reach, min(reach, b)) + reach) / (2 * reach))

    parts = [
        _BLUE_TO_YELLOW,
        Markup('<rect fill="url(#cast)" x="4" y="22" width="{:.0f}" height="7" rx="3.5"/>').format(
            _WIDTH - 8
        ),
        _rule(0.5, 32, "plot-middle"),
    ]
    if low is not None and high is not None:
        parts.append(
            Markup('<line class="plot-span new" x1="{:.1f}" x2="{:.1f}" y1="11" y2="11"/>').format(
                at(low), at(high)
            )
        )
    parts.append(Markup('<circle class="plot-dot new" cx="{:.1f}" cy="11" r="5.5"/>').format(at(value)))
    return _scaled(parts, 33, label, ("bluer", "as before", "yellower"))


def shares(rows: Sequence[tuple[str, Sequence[tuple[str, int]]]], label: str) -> Markup:
    """One stacked bar per row ``(side, ((class, count), …))``; all bars have the same length."""
    if not any(count for _, pieces in rows for _, count in pieces):
        return Markup("")
    height, parts = 18 * len(rows) + 2, []
    for place, (side, pieces) in enumerate(rows):
        whole, x = sum(count for _, count in pieces) or 1, 4.0
        parts.append(
            Markup('<rect class="plot-key {}" x="0" y="{}" width="2" height="12"/>').format(
                side, 2 + 18 * place
            )
        )
        for name, count in pieces:
            width = count / whole * (_WIDTH - 8)
            if count:
                parts.append(
                    Markup(
                        '<rect class="plot-share {}" x="{:.1f}" y="{}" width="{:.1f}" height="12"/>'
                    ).format(name, x, 2 + 18 * place, max(1.5, width - 1))
                )
            x += width
    return _svg(parts, height, label)


def median(values: Sequence[float]) -> float:
    """The middle of ``values``, which must not be empty."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _thinned(values: Sequence[float], top: float) -> list[float]:
    """At most one value per half pixel: thousands of ticks on one spot draw the same picture as one."""
    return list({round(value / top * 2 * _WIDTH): value for value in values}.values())


def _x(share: float) -> float:
    return 4 + max(0.0, min(1.0, share)) * (_WIDTH - 8)


def _rule(share: float, height: int, name: str = "plot-edge") -> Markup:
    x = _x(share)
    return Markup('<line class="{}" x1="{:.1f}" x2="{:.1f}" y1="0" y2="{}"/>').format(name, x, x, height)


def _scaled(parts: Sequence[Markup], height: int, label: str, words: tuple[str, str, str]) -> Markup:
    """The plot with its scale below: what its left end, its middle and its right end mean."""
    scale = [
        Markup('<text class="plot-word {}" x="{:.0f}" y="{}">{}</text>').format(anchor, x, height + 10, word)
        for anchor, x, word in zip(
            ("start", "middle", "end"), (4, _WIDTH / 2, _WIDTH - 4), words, strict=True
        )
        if word
    ]
    return _svg([*parts, *scale], height + 12, label)


def _svg(parts: Sequence[Markup], height: int, label: str) -> Markup:
    return Markup('<svg class="plot" viewBox="0 0 {:.0f} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, height, label, Markup("").join(parts)
    )
