"""What stands above the fold: the gate, the sign-off and eight tiles.

Nothing is worked out here but counts and medians of what the tasks say; rates and intervals come from the
run's ``numbers``, and where they are missing the tile says so.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.report.html import plots
from migrator.report.html.words import NOTHING, number, percent, plural, seconds, shortened, usd

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from markupsafe import Markup

    from migrator.report.html.model import Pair, Side, Source

Json = dict[str, Any]
NOT_COMPUTED = "not computed"
_LOST = ("blocked", "failed")


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with its plot. ``id`` lets the page update it while verdicts are given."""

    id: str
    title: str
    value: str
    detail: str = ""
    plot: Markup | str = ""
    was: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate's verdict, in a word and in sentences."""

    verdict: str
    title: str
    reasons: tuple[tuple[str, str, str], ...]
    """Check, sentence, and the part of the page's address that shows the pairs it speaks of, or nothing."""
    notes: tuple[str, ...] = ()


def gate_of(results: Json, pairs: Sequence[Pair] = (), failing: Collection[str] = ()) -> Gate:
    """The verdict in ``results``; ``open`` where the gate was not run. ``failing``: checks one can filter by."""
    states = {f"{one.prompt_id}#{one.sample}": one.new.state for one in pairs if one.new}
    data = results.get("gate")
    if not isinstance(data, dict):
        return Gate("open", "Gate not run", (("", "Run `migrator gate` on this folder to judge it.", ""),))
    titles = {
        "pass": "Gate passed",
        "fail": "Gate failed",
        "incomplete": "Incomplete",
        "budget": "Over budget",
    }
    verdict = str(data.get("verdict"))
    reasons = tuple(
        (
            shortened(one.get("check") or "", 60),
            shortened(one.get("message") or ""),
            _address(one, states, failing),
        )
        for one in data.get("reasons") or ()
        if isinstance(one, dict)
    )
    if verdict == "pass" and not reasons:
        reasons = (("", "Nothing stands in the way.", ""),)
    notes = tuple(shortened(note, 300) for note in data.get("notes") or ())
    return Gate(verdict if verdict in titles else "fail", titles.get(verdict, "Gate failed"), reasons, notes)


def _address(reason: Json, states: Mapping[str, str], failing: Collection[str]) -> str:
    """The filter that shows the pairs of ``reason``, where there is one."""
    check, named = reason.get("check"), reason.get("pairs")
    if not isinstance(named, list) or not named:
        return ""
    if check in failing:
        return f"check={check}"
    if check in ("verdicts", "signoff"):
        return "verdict=any" if check == "verdicts" else "verdict=none"
    found = {states.get(str(name), "ok") for name in named}
    if "ok" in found:
        return ""
    return f"state={found.pop()}" if len(found) == 1 else "flag=one-sided"


def found_of(pairs: Sequence[Pair]) -> list[str]:
    """What the new side brought, in sentences: what the gate had to judge."""
    news = [one.new for one in pairs if one.new]
    if not news:
        return []
    made = [side for side in news if side.has_picture]
    bad = sum(any(check.status == "fail" for check in side.checks) for side in made)
    blocked = sum(side.state == "blocked" for side in news)
    texts = [check.status for side in made for check in side.checks if check.name == "text"]
    read = [status for status in texts if status in ("pass", "warn", "fail")]
    lines = [f"{len(made):,} of {plural(len(news), 'picture')} there" + (
        f", {bad:,} with a failed check" if bad else ", none with a failed check" if made else "")]  # fmt: skip
    lines.append(f"{blocked:,} refused by moderation" if blocked else "none refused by moderation")
    if read:
        lines.append(f"text right in {read.count('pass'):,} of {len(read):,} pictures that show text")
    return lines


def tiles_of(results: Json, pairs: Sequence[Pair], old: Source | None, new: Source | None) -> list[Tile]:
    """The tiles, in reading order."""
    numbers = _dict(results.get("numbers"))
    columns = _dict(numbers.get("columns"))
    left, right = (_dict(columns.get(one.name)) if one else {} for one in (old, new))
    pair = _dict(_dict(numbers.get("pairs")).get(f"{new.name} vs {old.name}")) if old and new else {}
    olds = [one.old for one in pairs if one.old]
    news = [one.new for one in pairs if one.new]
    words = [_dict(column.get("text")).get("exact") for column in (left, right)]
    return [
        _preference(_dict(pair.get("preference"))),
        _rate(
            "conformance",
            "Conformance",
            left.get("conformance"),
            right.get("conformance"),
            pair.get("conformance"),
        ),
        _rate("text", "Text accuracy", words[0], words[1], pair.get("text")),
        _lost(olds, news),
        _strip("latency", "Latency", [s.latency for s in olds], [s.latency for s in news], seconds),
        _cost(olds, news, _dict(left.get("cost_usd")), _dict(right.get("cost_usd"))),
        _cast(_dict(_dict(pair.get("colour")).get("b"))),
        _made(olds, news, _dict(results.get("budget"))),
    ]


def lines_of(results: Json, old: Source | None, new: Source | None) -> list[str]:
    """What the numbers say in sentences."""
    numbers = _dict(results.get("numbers"))
    parts = list(_dict(numbers.get("pairs")).values())
    for source in (old, new):
        if source:
            column = _dict(_dict(numbers.get("columns")).get(source.name))
            parts.append({"lines": [f"{source.name}: {line}" for line in column.get("lines") or ()]})
    lines = [line for part in parts for line in _dict(part).get("lines") or ()]
    return [shortened(line, 400) for line in lines]


def _preference(data: Json) -> Tile:
    rate = _dict(data.get("win_rate"))
    low, value, high = (number(rate.get(key)) for key in ("low", "value", "high"))
    if value is None or low is None or high is None:
        detail = "no votes yet: h, l, t or x on a pair"
        return Tile("wins", "New preferred", NOTHING, detail, hint="Ties and both-bad count for neither")
    won, lost, tied = (int(number(data.get(key)) or 0) for key in ("wins", "losses", "ties"))
    detail = f"{percent(low)} to {percent(high)} · {won} won, {lost} lost, {tied} tied"
    detail += " · too few to tell" if data.get("verdict") == "too_few" else ""
    plot = plots.interval(
        [("new", value, low, high)], f"95 % interval {percent(low)} to {percent(high)}", 0.5
    )
    return Tile("wins", "New preferred", percent(value), detail, plot)


def _rate(ident: str, title: str, old: object, new: object, contrast: object) -> Tile:
    rows = []
    words = []
    for side, data in (("old", _dict(old)), ("new", _dict(new))):
        value, low, high = (number(data.get(key)) for key in ("rate", "low", "high"))
        if value is not None and low is not None and high is not None:
            rows.append((side, value, low, high))
            words.append(f"{side} {int(number(data.get('count')) or 0)}/{int(number(data.get('of')) or 0)}")
    shown = {side: value for side, value, _, _ in rows}
    if "new" not in shown:
        return Tile(ident, title, NOTHING, NOT_COMPUTED)
    label = "; ".join(
        f"{side} {percent(v)}, 95 % interval {percent(lo)} to {percent(hi)}" for side, v, lo, hi in rows
    )
    said = {
        "too_few": "too few to tell",
        "better": "new is better",
        "worse": "new is worse",
        "same": "no difference",
    }
    verdict = said.get(str(_dict(contrast).get("verdict"))) if len(rows) == 2 else None
    detail = " · ".join([*words, *([verdict] if verdict else [])])
    was = percent(shown["old"]) if "old" in shown else ""
    return Tile(ident, title, percent(shown["new"]), detail, plots.interval(rows, label), was)


def _lost(olds: Sequence[Side], news: Sequence[Side]) -> Tile:
    before, after = (Counter(side.state for side in sides) for sides in (olds, news))
    lost = [sum(one[state] for state in _LOST) for one in (before, after)]
    detail = f"{after['blocked']:,} blocked · {after['failed']:,} failed"
    rows = []
    for side, states in (("old", before), ("new", after)):
        other = sum(count for state, count in states.items() if state not in (*_LOST, "ok"))
        rows.append((side, [("ok", states["ok"]), ("lost", lost[side == "new"]), ("other", other)]))
    label = "; ".join(
        f"{side}: {pieces[0][1]} made, {pieces[1][1]} lost, {pieces[2][1]} not made" for side, pieces in rows
    )
    return Tile(
        "lost", "Blocked or failed", f"{lost[1]:,}", detail, plots.shares(rows, label), f"{lost[0]:,}"
    )


def _strip(ident: str, title: str, old: list[float | None], new: list[float | None], unit: Any) -> Tile:
    rows = [
        (side, [one for one in values if one is not None]) for side, values in (("old", old), ("new", new))
    ]
    known = [(side, values) for side, values in rows if values]
    if not rows[1][1]:
        return Tile(ident, title, NOTHING, "no times recorded")
    label = "; ".join(
        f"{side}: median {unit(plots.median(values))} of {len(values)}" for side, values in known
    )
    slow = sorted(rows[1][1])[min(len(rows[1][1]) - 1, int(0.9 * len(rows[1][1])))]
    was = unit(plots.median(rows[0][1])) if rows[0][1] else ""
    return Tile(ident, title, unit(plots.median(rows[1][1])), f"median · 90 % within {unit(slow)}",
                plots.strip(known, label, unit), was)  # fmt: skip


def _cost(olds: Sequence[Side], news: Sequence[Side], left: Json, right: Json) -> Tile:
    old, new = ([side.cost for side in sides if side.cost is not None] for sides in (olds, news))
    if not new:
        return Tile("cost", "Cost per picture", NOTHING, "no costs recorded")
    rows = [(side, values) for side, values in (("old", old), ("new", new)) if values]
    label = "; ".join(f"{side}: median {usd(plots.median(values))} of {len(values)}" for side, values in rows)
    kinds = {side.cost_is for side in news if side.cost is not None}
    how = (
        "measured" if kinds == {"measured"} else "estimated" if kinds == {"estimated"} else "partly estimated"
    )
    if any(side.source.simulated for side in news):
        how = "for the real model; nothing was paid"
    each = number(right.get("per_picture"))
    total = number(right.get("total"))
    before = number(left.get("per_picture"))
    was = usd(before) if before is not None else usd(plots.median(old)) if old else ""
    return Tile(
        "cost",
        "Cost per picture",
        usd(each if each is not None else plots.median(new)),
        f"{usd(total if total is not None else sum(new))} in all, {how}",
        plots.strip(rows, label, usd),
        was,
    )


def _cast(change: Json) -> Tile:
    low, value, high = (number(change.get(key)) for key in ("low", "value", "high"))
    if value is None:
        return Tile("cast", "Colour cast", NOTHING, NOT_COMPUTED)
    told = low is not None and high is not None and not low <= 0 <= high
    way = (
        ("yellower" if value > 0 else "bluer")
        if told
        else "no clear cast"
        if low is not None
        else "too few to tell"
    )
    span = f" · {_signed(low)} to {_signed(high)}" if low is not None and high is not None else ""
    plot = plots.cast(value, low, high, f"Change of b*: {_signed(value)}{span}")
    return Tile(
        "cast",
        "Colour cast",
        f"{_signed(value)} b*",
        f"{way}{span}",
        plot,
        hint="New pictures against old ones",
    )


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "\u2212")


def _made(olds: Sequence[Side], news: Sequence[Side], budget: Json) -> Tile:
    both = [sum(side.has_picture for side in sides) for sides in (olds, news)]
    spent, limit = number(budget.get("spent_usd")), number(budget.get("limit_usd"))
    detail = f"of {plural(len(news), 'pair')}"
    if spent is not None and limit is not None:
        detail += f" · {usd(spent)} spent of {usd(limit)}"
    rows = [
        (side, [("ok", made), ("other", len(news) - made)])
        for side, made in zip(("old", "new"), both, strict=True)
    ]
    label = f"old {both[0]}, new {both[1]} of {len(news)}"
    return Tile("made", "Pictures", f"{both[1]:,}", detail, plots.shares(rows, label), f"{both[0]:,}")


def _dict(data: object) -> Json:
    return data if isinstance(data, dict) else {}
