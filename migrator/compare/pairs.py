"""One column against the old one, prompt by prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.compare.figures import as_interval, rounded
from migrator.compare.statistics import (
    bootstrap,
    can_tell,
    mcnemar,
    mean,
    prompts_needed,
    sign_test,
    sign_test_worse,
    wilson,
)
from migrator.compare.tasks import Task, conforms, key_of, matched, picture_size, sha_of, text_of, tone_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

ALPHA = 0.05
_CAST = 3.0
"""Change of mean b* or a* that people notice over a whole suite."""
_EXAMPLE_RATE = 0.65
Couple = tuple[Task, Task]


def pair(
    old: str,
    old_tasks: Sequence[Task],
    new: str,
    new_tasks: Sequence[Task],
    verdicts: Mapping[str, Any] | None = None,
    judged: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What changes from ``old`` to ``new``: plain JSON, unknown numbers are ``None``."""
    couples = matched(old_tasks, new_tasks)
    both = [(a, b) for a, b in couples if a["state"] == b["state"] == "ok"]
    found: dict[str, Any] = {
        "old": old,
        "new": new,
        "pairs": len(couples),
        "both": len(both),
        "prompts": len({b["prompt_id"] for _, b in both}),
        "newly_blocked": [key_of(b) for a, b in couples if a["state"] == "ok" and b["state"] == "blocked"],
        "no_longer_blocked": [
            key_of(b) for a, b in couples if a["state"] == "blocked" and b["state"] == "ok"
        ],
        "conformance": contrast(both, conforms),
        "text": contrast(
            [(a, b) for a, b in both if text_of(a) is not None and text_of(b) is not None],
            lambda task: bool((text_of(task) or {}).get("exact")),
        ),
        "preference": preference(verdicts, couples) if verdicts else None,
        "judge": opinion(judged, couples) if judged else None,
        "colour": _colour(both),
        "size": _sizes(both),
        "bytes_ratio": _ratio(both, lambda task: (task.get("picture") or {}).get("bytes")),
        "latency_ratio": _ratio(both, lambda task: task.get("latency_s")),
        "cost_ratio": _ratio(both, lambda task: task.get("cost_usd")),
        "same_file": [key_of(b) for a, b in both if a.get("file") and a.get("file") == b.get("file")],
    }
    found["lines"] = _lines(found)
    return found


def contrast(couples: Iterable[Couple], test: Callable[[Task], bool]) -> dict[str, Any]:
    """Prompts on which one side does better: exact McNemar, which with samples is a sign test on the averages."""
    groups: dict[str, list[Couple]] = {}
    for a, b in couples:
        groups.setdefault(b["prompt_id"], []).append((a, b))
    rates = [
        (mean([float(test(a)) for a, _ in group]), mean([float(test(b)) for _, b in group]))
        for group in groups.values()
    ]
    better = sum(b > a for a, b in rates)
    worse = sum(b < a for a, b in rates)
    return {
        "prompts": len(rates),
        "old_rate": rounded(mean([a for a, _ in rates])),
        "new_rate": rounded(mean([b for _, b in rates])),
        "better": better,
        "worse": worse,
        "p": rounded(mcnemar(better, worse)),
        "p_worse": rounded(sign_test_worse(better, worse)),
        "verdict": _verdict(better, worse),
    }


def opinion(judged: Mapping[str, Any], couples: Sequence[Couple]) -> dict[str, Any]:
    """What a vision model preferred when it was asked in both orders. Advisory: it is no person."""
    found = preference({"verdicts": judged.get("pairs") or ()}, couples)
    words = [entry.get("verdict") for entry in judged.get("pairs") or ()]
    keep = ("old", "new", "tie", "stale", "prompts", "wins", "losses", "ties", "win_rate", "p", "verdict")
    return {
        "model": judged.get("model"),
        **{name: found[name] for name in keep},
        **{name: words.count(name) for name in ("unclear", "failed", "skipped_budget")},
        "cost_usd": judged.get("cost_usd"),
        "cost_is": judged.get("cost_is"),
    }


def preference(verdicts: Mapping[str, Any], couples: Sequence[Couple]) -> dict[str, Any]:
    """What people preferred. Verdicts on pictures that are no longer the run's do not count."""
    known = {key_of(b): (sha_of(a), sha_of(b)) for a, b in couples}
    scores: dict[str, list[float]] = {}
    counts = dict.fromkeys(("old", "new", "tie", "both_bad", "accept", "reject"), 0)
    stale = 0
    for entry in verdicts.get("verdicts") or ():
        key = f"{entry.get('prompt_id')}#{entry.get('sample', 0)}"
        if key not in known or (entry.get("left"), entry.get("right")) != known[key]:
            stale += 1
            continue
        verdict = entry.get("verdict")
        if verdict not in counts:
            continue
        counts[verdict] += 1
        if verdict in {"old", "new", "tie", "both_bad"}:
            scores.setdefault(str(entry["prompt_id"]), []).append({"new": 1.0, "old": -1.0}.get(verdict, 0.0))
    wins = sum(sum(values) > 0 for values in scores.values())
    losses = sum(sum(values) < 0 for values in scores.values())
    rate = wilson(wins, wins + losses)
    return {
        **counts,
        "stale": stale,
        "prompts": len(scores),
        "wins": wins,
        "losses": losses,
        "ties": len(scores) - wins - losses,
        "win_rate": as_interval(rate),
        "p": rounded(sign_test(wins, losses)),
        "verdict": _verdict(wins, losses),
    }


def _verdict(better: int, worse: int) -> str:
    """``better``, ``worse``, ``same`` for no difference at all, or ``too_few`` to tell."""
    if better == worse == 0:
        return "same"
    if sign_test(better, worse) <= ALPHA:
        return "better" if better > worse else "worse"
    return "too_few"


def _colour(both: Sequence[Couple]) -> dict[str, Any]:
    """The mean change of lightness, a* and b*, with intervals over prompts."""
    found: dict[str, Any] = {}
    for name in ("l", "a", "b"):
        groups: dict[str, list[float]] = {}
        for a, b in both:
            before, after = tone_of(a), tone_of(b)
            if before and after:
                groups.setdefault(b["prompt_id"], []).append(after[name] - before[name])
        found[name] = as_interval(bootstrap(list(groups.values())))
    return found


def _sizes(both: Sequence[Couple]) -> dict[str, Any]:
    changed = []
    for a, b in both:
        before, after = picture_size(a), picture_size(b)
        if before and after and before != after:
            changed.append({"pair": key_of(b), "old": "{}x{}".format(*before), "new": "{}x{}".format(*after)})
    return {"changed": len(changed), "of": len(both), "pairs": changed[:1000]}


def _ratio(both: Sequence[Couple], value: Callable[[Task], Any]) -> float | None:
    """The mean of the new side by that of the old one, where both are known."""
    known = [(value(a), value(b)) for a, b in both]
    numbers = [(a, b) for a, b in known if isinstance(a, int | float) and isinstance(b, int | float)]
    below = sum(a for a, _ in numbers)
    return rounded(sum(b for _, b in numbers) / below, 4) if below else None


def _lines(found: dict[str, Any]) -> list[str]:
    """The pair in sentences; no colour where there are too few prompts to tell."""
    new, old = found["new"], found["old"]
    lines = [f"{found['both']} of {found['pairs']} pairs have both pictures ({found['prompts']} prompts)."]
    if found["newly_blocked"]:
        lines.append(
            f"{len(found['newly_blocked'])} prompts that {old} drew are blocked by moderation at {new}: "
            f"{_some(found['newly_blocked'])}."
        )
    if found["no_longer_blocked"]:
        lines.append(
            f"{len(found['no_longer_blocked'])} prompts that were blocked at {old} are drawn by {new}."
        )
    for name, what in (("conformance", "what was asked for"), ("text", "the expected text")):
        entry = found[name]
        if entry["prompts"]:
            lines.append(_contrast_line(entry, what, new, old))
    if found["preference"]:
        lines.append(_preference_line(found["preference"], new, old))
    if found["judge"]:
        lines.append(_judge_line(found["judge"], new, old))
    lines.extend(_colour_lines(found["colour"], new))
    if found["size"]["changed"]:
        example = found["size"]["pairs"][0]
        lines.append(
            f"The size changes in {found['size']['changed']} of {found['size']['of']} pairs, "
            f"for example from {example['old']} to {example['new']}."
        )
    if found["same_file"]:
        lines.append(f"{len(found['same_file'])} pairs show the very same file on both sides.")
    return lines


def _contrast_line(entry: dict[str, Any], what: str, new: str, old: str) -> str:
    start = f"{new} shows {what} on {entry['new_rate']:.0%} of {entry['prompts']} prompts, {old} on {entry['old_rate']:.0%}"
    match entry["verdict"]:
        case "same":
            return f"{start}: no difference."
        case "better" | "worse" as verdict:
            return f"{start}: {new} is {verdict} (p = {entry['p']:.3f})."
    return f"{start}: not enough prompts to tell ({entry['better']} better, {entry['worse']} worse)."


def _preference_line(entry: dict[str, Any], new: str, old: str) -> str:
    wins, losses = entry["wins"], entry["losses"]
    start = f"People preferred {new} on {wins} prompts and {old} on {losses}, with {entry['ties']} undecided"
    if entry["verdict"] in {"better", "worse"}:
        rate = entry["win_rate"]
        return (
            f"{start}: {new if wins > losses else old} wins (p = {entry['p']:.3f}; win rate of {new} "
            f"{rate['value']:.0%}, 95 % interval {rate['low']:.0%} to {rate['high']:.0%})."
        )
    needed = prompts_needed(_EXAMPLE_RATE)
    hint = "" if can_tell(wins + losses) and wins + losses >= needed else (
        f"; a true {_EXAMPLE_RATE:.0%} takes about {needed} decided prompts to show"
    )  # fmt: skip
    return f"{start}: not enough prompts to tell{hint}."


def _judge_line(entry: dict[str, Any], new: str, old: str) -> str:
    words = {"better": f"{new} wins", "worse": f"{old} wins", "same": "no preference"}
    result = words.get(entry["verdict"], "not enough prompts to tell")
    unclear = f", {entry['unclear']} times it changed its mind with the order" if entry["unclear"] else ""
    return (
        f"The judge {entry['model']} (advisory, no person) preferred {new} on {entry['wins']} prompts and {old} on "
        f"{entry['losses']}{unclear}: {result}."
    )


def _colour_lines(colour: dict[str, Any], new: str) -> list[str]:
    lines = []
    for name, up, down in (("b", "warmer (yellower)", "cooler (bluer)"), ("a", "redder", "greener")):
        entry = colour[name]
        if entry["low"] is None or abs(entry["value"]) < _CAST or entry["low"] <= 0 <= entry["high"]:
            continue
        way = up if entry["value"] > 0 else down
        lines.append(
            f"Pictures of {new} are {way} on the whole: {name}* moves by {entry['value']:+.1f} "
            f"(95 % interval {entry['low']:+.1f} to {entry['high']:+.1f})."
        )
    return lines


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" and more" if len(names) > 5 else "")
