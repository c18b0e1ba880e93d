"""Shares and intervals as they stand in ``results.json`` and in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from migrator.compare.statistics import Interval, mean, wilson
from migrator.compare.tasks import Task, by_prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def share(tasks: Sequence[Task], test: Callable[[Task], bool]) -> dict[str, Any]:
    """The share of tasks for which ``test`` holds, with its 95 % interval over prompts."""
    groups = by_prompt(tasks)
    rates = [mean([float(test(task)) for task in group]) for group in groups.values()]
    found = wilson(sum(rates), len(rates))
    return {
        "count": sum(test(task) for task in tasks),
        "of": len(tasks),
        "prompts": len(groups),
        "rate": rounded(found.value),
        "low": rounded(found.low),
        "high": rounded(found.high),
    }


def as_interval(found: Interval) -> dict[str, Any]:
    """An interval as plain JSON; NaN becomes ``None``."""
    return {"value": rounded(found.value), "low": rounded(found.low), "high": rounded(found.high)}


def rounded(value: float, digits: int = 6) -> float | None:
    """A number that JSON can hold."""
    return None if math.isnan(value) else round(value, digits)


def percent(found: Mapping[str, Any]) -> str:
    """``29 of 30 (97 %, 83 to 99 %)``; the interval is over prompts."""
    shares = (found["rate"], found["low"], found["high"])
    rate, low, high = (f"{100 * (value or 0):.0f}" for value in shares)
    return f"{found['count']} of {found['of']} ({rate} %, 95 % interval {low} to {high} %)"
