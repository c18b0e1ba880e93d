"""Small plots as inline SVG: intervals, strips of single values, bars. No style attributes, classes only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH = 200.0
_BLUE_TO_YELLOW = Markup(
    '<defs><linearGradient id="cast"><stop stop-color="#5b8ed6"/><stop offset=".5" stop-color="#c9c6bd"/>'
    '<stop offset="1" stop-color="#e3b52c"/></linearGradient></defs>'
)


def interval(
    rows: Sequence[tuple[str, float, float, float]], label: str, middle: float | None = None
) -> Markup:
    """One line per row ``(side, value, low, high)`` on a scale from 0 to 1; ``middle`` draws a reference."""
    height = 12 * len(rows) + 4
    parts = [_rule(0, height), _rule(1, height)]
    if middle is not None:
        parts.append(_rule(middle, height, "plot-middle"))
    for place, (side, value, low, high) in enumerate(rows):
        y = 8 + 12 * place
        parts.append(
            Markup('<line class="plot-span {}" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(
                side, _x(low), _x(high), y, y
            )
        )
        parts.append(
            Markup('<circle class="plot-dot {}" cx="{:.1f}" cy="{}" r="4"/>').format(side, _x(value), y)
        )
    return _svg(parts, height, label)


def strip(rows: Sequence[tuple[str, Sequence[float]]], label: str) -> Markup:
    """One line of ticks per row ``(side, values)``, all on one scale from 0; the median is a longer tick."""
    top = max((value for _, values in rows for value in values), default=0) or 1
    height = 14 * len(rows) + 2
    parts = []
    for place, (side, values) in enumerate(rows):
        y = 14 * place + 1
        parts.append(
            Markup('<line class="plot-base" x1="4" x2="{:.0f}" y1="{}" y2="{}"/>').format(
                _WIDTH - 4, y + 12, y + 12
            )
        )
        path = "".join(f"M{_x(value / top):.1f} {y + 3}v9" for value in _thinned(sorted(values), top))
        parts.append(Markup('<path class="plot-tick {}" d="{}"/>').format(side, path))
        if values:
            x = _x(median(values) / top)
            parts.append(Markup('<path class="plot-median {}" d="M{:.1f} {}v13"/>').format(side, x, y - 0.5))
    return _svg(parts, height, label)


def cast(value: float, low: float | None, high: float | None, label: str, reach: float = 15.0) -> Markup:
    """A change of b* with its interval on a strip from blue to yellow; no change is in the middle."""

    def at(b: float) -> float:
        return _x((max(-reach, min(reach, b)) + reach) / (2 * reach))

    parts = [
        _BLUE_TO_YELLOW,
        Markup('<rect fill="url(#cast)" x="4" y="15" width="{:.0f}" height="5" rx="2.5"/>').format(
            _WIDTH - 8
        ),
        _rule(0.5, 22, "plot-middle"),
    ]
    if low is not None and high is not None:
        parts.append(
            Markup('<line class="plot-span new" x1="{:.1f}" x2="{:.1f}" y1="8" y2="8"/>').format(
                at(low), at(high)
            )
        )
    parts.append(Markup('<circle class="plot-dot new" cx="{:.1f}" cy="8" r="4"/>').format(at(value)))
    return _svg(parts, 24, label)


def shares(rows: Sequence[tuple[str, Sequence[tuple[str, int]]]], label: str) -> Markup:
    """One stacked bar per row ``(side, ((class, count), …))``; all bars have the same length."""
    if not any(count for _, pieces in rows for _, count in pieces):
        return Markup("")
    height, parts = 12 * len(rows) + 2, []
    for place, (side, pieces) in enumerate(rows):
        whole, x = sum(count for _, count in pieces) or 1, 4.0
        parts.append(
            Markup('<rect class="plot-key {}" x="0" y="{}" width="2" height="7"/>').format(
                side, 2 + 12 * place
            )
        )
        for name, count in pieces:
            width = count / whole * (_WIDTH - 8)
            if count:
                parts.append(
                    Markup(
                        '<rect class="plot-share {}" x="{:.1f}" y="{}" width="{:.1f}" height="7"/>'
                    ).format(name, x, 2 + 12 * place, max(1.5, width - 1))
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


def _svg(parts: Sequence[Markup], height: int, label: str) -> Markup:
    return Markup('<svg class="plot" viewBox="0 0 {:.0f} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, height, label, Markup("").join(parts)
    )
