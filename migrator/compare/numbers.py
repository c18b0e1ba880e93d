"""The numbers of a run: each column by itself, and each other column against the old one.

The unit is the prompt: samples are averaged within a prompt first, intervals are over prompts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.compare import pairs
from migrator.compare.checks.many import count_checks
from migrator.compare.figures import as_interval, percent, rounded, share
from migrator.compare.shown import many
from migrator.compare.statistics import bootstrap, median, percentile
from migrator.compare.tasks import State, Task, by_prompt, columns_of, conforms, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STATES: tuple[State, ...] = ("ok", "blocked", "failed", "skipped_budget", "unmatched", "pending")
_ASKED: tuple[State, ...] = ("ok", "blocked", "failed")
"""States of tasks that were answered; only they say something about a source."""


def numbers(results: Mapping[str, Any], verdicts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """``columns`` by source and ``pairs`` by ``"NEW vs OLD"``; plain JSON, unknown numbers are ``None``.

    ``verdicts`` is a sign-off file (``verdicts.json``); it speaks of the first pair only.
    """
    columns = columns_of(results)
    old = next((s["name"] for s in results["sources"] if s["role"] == "old"), None)
    new = next((s["name"] for s in results["sources"] if s["role"] == "new"), None)
    found: dict[str, Any] = {"columns": {name: column(tasks) for name, tasks in columns.items()}, "pairs": {}}
    for name, tasks in columns.items():
        if old is None or name == old:
            continue
        found["pairs"][f"{name} vs {old}"] = pairs.pair(
            old,
            columns[old],
            name,
            tasks,
            verdicts if name == new else None,
            results.get("judge") if name == new else None,
        )
    return found


def column(tasks: Sequence[Task]) -> dict[str, Any]:
    """What can be said of one source."""
    asked = [task for task in tasks if task["state"] in _ASKED]
    made = [task for task in tasks if task["state"] == "ok"]
    text = [task for task in made if text_of(task) is not None]
    found: dict[str, Any] = {
        "planned": len(tasks),
        "states": {state: sum(task["state"] == state for task in tasks) for state in STATES},
        "prompts": len(by_prompt(tasks)),
        "success": share(asked, lambda task: task["state"] == "ok"),
        "blocked": share(asked, lambda task: task["state"] == "blocked"),
        "failed": share(asked, lambda task: task["state"] == "failed"),
        "attempts": sum(task.get("attempts") or 0 for task in tasks),
        "latency_s": _latency(made),
        "cost_usd": _cost(tasks),
        "conformance": share([task for task in made if task.get("checks")], conforms),
        "text": {
            "exact": share(text, lambda task: bool((text_of(task) or {}).get("exact"))),
            "cer": as_interval(bootstrap(_values(text, lambda task: (text_of(task) or {}).get("cer")))),
            "skipped": sum(
                (task.get("checks") or {}).get("text", {}).get("status") == "skipped" for task in made
            ),
        },
        "checks": count_checks(list(made)),
    }
    found["lines"] = _lines(found, simulated=any(task.get("simulated") for task in tasks))
    return found


def _values(tasks: Sequence[Task], value: Callable[[Task], Any]) -> list[list[float]]:
    """The numbers of each prompt."""
    return [
        [float(found) for task in group if isinstance(found := value(task), int | float)]
        for group in by_prompt(tasks).values()
    ]


def _latency(made: Sequence[Task]) -> dict[str, Any]:
    clusters = _values(made, lambda task: task.get("latency_s"))
    flat = [value for cluster in clusters for value in cluster]
    middle = bootstrap(clusters, median)
    return {
        "of": len(flat),
        "p50": rounded(percentile(flat, 0.5), 3),
        "p50_low": rounded(middle.low, 3),
        "p50_high": rounded(middle.high, 3),
        "p90": rounded(percentile(flat, 0.9), 3),
    }


def _cost(tasks: Sequence[Task]) -> dict[str, Any]:
    """Dollars by how they are known. ``per_picture`` is what a usable picture costs, failures included."""
    sums = {"measured": 0.0, "estimated": 0.0}
    unknown = 0
    for task in tasks:
        kind, cost = task.get("cost_is"), task.get("cost_usd")
        if kind in sums and isinstance(cost, int | float):
            sums[kind] += cost
        elif task["state"] == "ok" or (task["state"] in _ASKED and task.get("attempts")):
            unknown += 1
    made = sum(task["state"] == "ok" for task in tasks)
    total = sum(sums.values())
    known = total if sums["measured"] or sums["estimated"] or not unknown else None
    return {
        **{kind: round(value, 6) for kind, value in sums.items()},
        "total": None if known is None else round(known, 6),
        "unknown": unknown,
        "per_picture": round(total / made, 6) if made and not unknown else None,
    }


def _lines(found: dict[str, Any], *, simulated: bool) -> list[str]:
    """The column in sentences."""
    states = found["states"]
    lines = [f"{states['ok']} of {found['planned']} pictures are there{_rest(states)}."]
    if found["conformance"]["of"]:
        lines.append(f"As asked (size, format, not blank, no duplicate): {percent(found['conformance'])}.")
    if found["text"]["exact"]["of"]:
        lines.append(f"Expected text is right: {percent(found['text']['exact'])}.")
    elif found["text"]["skipped"]:
        lines.append(f"Expected text was not read on {many(found['text']['skipped'], 'picture')}.")
    if found["latency_s"]["of"]:
        latency = found["latency_s"]
        lines.append(
            f"Half of the answers took up to {latency['p50']:.1f} s, nine of ten {latency['p90']:.1f} s."
        )
    cost = found["cost_usd"]
    if simulated:
        if cost["total"]:
            lines.append(
                f"Nothing was paid: the pictures are simulated. The real model costs about ${cost['total']:.2f}."
            )
    elif cost["total"]:
        how = (
            "measured" if not cost["estimated"] else "in part estimated" if cost["measured"] else "estimated"
        )
        unknown = f", the cost of {cost['unknown']} more is unknown" if cost["unknown"] else ""
        lines.append(f"Cost: ${cost['total']:.2f} ({how}){unknown}.")
    elif cost["unknown"]:
        lines.append(f"The cost of {many(cost['unknown'], 'picture')} is unknown.")
    return lines


def _rest(states: dict[str, int]) -> str:
    names = {
        "blocked": "blocked by moderation", "failed": "failed", "skipped_budget": "left out for the budget",
        "unmatched": "unmatched", "pending": "still to do",
    }  # fmt: skip
    parts = [f"{states[state]} {name}" for state, name in names.items() if states[state]]
    return f"; {', '.join(parts)}" if parts else ""
