"""What the page's script has to know, as JSON in the page: small, because it is read before the page is there.

Nothing that is empty is written, and what many pairs have in common stands once, in ``shared``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from migrator.report.html.model import STATES
from migrator.report.html.pairs import chosen
from migrator.report.html.words import seconds, shortened, usd, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.compare.verdicts import Verdicts
    from migrator.report.html.model import Check, Pair, Side, Source

Json = dict[str, Any]
_TOLD = ("fail", "warn", "info", "skipped")


def page_data(
    results: Json, pairs: Sequence[Pair], sources: Sequence[Source], applied: Verdicts | None
) -> Any:
    """The data as JSON that cannot end its element."""
    from jinja2.utils import htmlsafe_json_dumps  # noqa: PLC0415

    old, new = chosen(sources, "old"), chosen(sources, "new")
    ranks = {pair.number: rank for rank, pair in enumerate(sorted(pairs, key=lambda pair: pair.badness))}
    shared = _Shared()
    listed = [_pair(pair, ranks[pair.number], shared) for pair in pairs]
    return htmlsafe_json_dumps(
        {
            "run": str(results.get("run", "")),
            "old": sources.index(old) if old else None,
            "new": sources.index(new) if new else None,
            "sources": [{"role": one.role, "label": _label(one)} for one in sources],
            "states": STATES,
            "simulated": any(one.simulated for one in sources),
            "applied": [record.as_json() for record in applied.records] if applied else [],
            "pairs": listed,
            "shared": shared.values,
        },
        separators=(",", ":"),
    )


def failed_checks(side: Side | None) -> list[Check]:
    """The checks that failed."""
    return [check for check in side.checks if check.status == "fail"] if side else []


class _Shared:
    """Values by number, each once."""

    def __init__(self) -> None:
        # numbers start at 1: a 0 would be left out as empty, and with it what it stands for
        self.values: list[Any] = [None]
        self._places: dict[str, int] = {}

    def __call__(self, value: Any) -> int | None:
        """The number of ``value``; ``None`` for an empty one."""
        if not value:
            return None
        key = json.dumps(value)
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]


def _label(source: Source) -> str:
    return visible(source.name)[:40] if source.role == "other" else source.role.capitalize()


def _pair(pair: Pair, rank: int, shared: _Shared) -> Json:
    edit, new = pair.edit, pair.new
    name = shortened(pair.prompt_id, 120)
    return _short(
        {
            "n": pair.number,
            "id": pair.prompt_id,
            "name": name if name != pair.prompt_id else "",
            "s": pair.sample,
            "rank": rank,
            "tags": [visible(tag) for tag in pair.tags],
            "flags": pair.flags,
            "state": new.state if new else "absent",
            "failed": [check.name for check in failed_checks(new)],
            "both": bool(pair.old and new and pair.old.has_picture and new.has_picture),
            "latency": new.latency if new else None,
            "cost": new.cost if new else None,
            "sides": [_side(side, shared) for side in pair.sides],
            "changes": shared([[one.name, one.old, one.new, one.kind] for one in pair.changes]),
            "edit": {"input": edit.input, "mask": edit.mask, "heat": edit.heat, "sentence": edit.sentence}
            if edit
            else None,
            "origin": pair.origin,
        }
    )


def _side(side: Side, shared: _Shared) -> Json:
    shown = side.look
    usage = [[shortened(name, 60), shortened(value, 80)] for name, value in sorted(side.usage.items())]
    return _short(
        {
            "state": side.state,
            "reason": side.reason,
            "error": side.error,
            # the address of a whole picture holds its hash already
            "sha": side.sha if side.sha and f"images/{side.sha}." not in side.whole else "",
            "whole": side.whole,
            "w": shown.width if shown else 0,
            "h": shown.height if shown else 0,
            "alpha": bool(shown and shown.alpha),
            "facts": shared(side.facts),
            "time": seconds(side.latency) if side.latency is not None else "",
            "price": shared(f"{usd(side.cost)} {side.cost_is}" if side.cost is not None else ""),
            "tries": side.attempts,
            "rid": shortened(side.request_id, 120),
            "usage": usage,
            "checks": shared(
                [[one.name, one.status, one.message] for one in side.checks if one.status in _TOLD]
            ),
            "passed": shared(", ".join(one.name for one in side.checks if one.status == "pass")),
        }
    )


def _short(data: Json) -> Json:
    """Without what is empty or zero; the page fills it in again."""
    return {
        name: value for name, value in data.items() if value or (value == 0.0 and isinstance(value, float))
    }
