"""The gate: may this migration go out? Hard checks, text, edits, moderation, sign-off, cost and time.

It speaks of the first old and the first new column. What it judges is declared beforehand by the thresholds;
everything else is information.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from migrator.compare.pairs import contrast
from migrator.compare.signoff import Signoff
from migrator.compare.statistics import percentile
from migrator.compare.tasks import broken_checks, columns_of, first, key_of, matched, text_of
from migrator.compare.thresholds import Thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from migrator.compare.tasks import Task

Verdict = Literal["pass", "fail", "incomplete", "budget"]
EXIT_CODES: dict[Verdict, int] = {"pass": 0, "fail": 1, "incomplete": 3, "budget": 4}
_QUOTA = ("budget", "quota")


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that stands in the way. ``pairs`` are ``prompt#sample``, at most a thousand."""

    check: str
    message: str
    pairs: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"check": self.check, "message": self.message, "pairs": list(self.pairs[:1000])}


@dataclass(frozen=True, slots=True)
class Gate:
    """The verdict with its reasons; ``notes`` do not count."""

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 3 incomplete, 4 budget or quota."""
        return EXIT_CODES[self.verdict]

    def as_dict(self) -> dict[str, Any]:
        """As it stands in ``results.json``."""
        return {
            "verdict": self.verdict,
            "exit_code": self.exit_code,
            "reasons": [reason.as_dict() for reason in self.reasons],
            "notes": list(self.notes),
        }


def judge_run(
    results: Mapping[str, Any],
    thresholds: Thresholds | None = None,
    verdicts: Mapping[str, Any] | None = None,
) -> Gate:
    """The gate of a run. ``verdicts`` is its sign-off file, if there is one.

    What failed stays failed however the run goes on, so that comes first; then budget, then what is still to do.
    The one statistical question, whether text got worse, waits until all tasks are there.
    """
    limits = thresholds or Thresholds()
    columns = columns_of(results)
    old, new = first(results, "old"), first(results, "new")
    if new is None or not columns.get(new):
        return Gate(
            "fail", (Reason("run", "The run has no column of the new model, so nothing was judged."),)
        )
    tasks = columns[new]
    couples = matched(columns[old], tasks) if old else []
    waiting = [task for task in tasks if task["state"] == "pending"]
    broke = [task for task in tasks if task["state"] == "skipped_budget" or _is_quota(task)]
    signed = Signoff(verdicts, couples, tasks)
    reasons = [
        *_failures(tasks, limits, {id(task) for task in broke}),
        *_blocked(couples, tasks, limits, signed),
        *_text(couples, tasks, limits, signed, complete=not waiting and not broke),
        *_edits(results, tasks, limits),
        *_costs(tasks, limits),
        *_rejected(signed),
    ]
    if not reasons and not waiting and not broke:
        reasons.extend(_nothing(tasks))
        reasons.extend(_unsigned(signed, limits))
    notes = _notes(results, tasks, couples, old)
    if reasons:
        return Gate("fail", tuple(reasons), notes)
    others = [task for name, column in columns.items() if name != new for task in column]
    broke.extend(task for task in others if task["state"] == "skipped_budget")
    if broke:
        text = f"{len(broke)} of {len(results['tasks'])} pictures are missing for want of budget or quota."
        return Gate("budget", (Reason("budget", text, _keys(broke)),), notes)
    lost = [task for task in others if task["state"] == "pending"]
    if waiting or lost:
        text = f"{len(waiting) + len(lost)} pictures are still to do: run the same `migrator compare` again."
        return Gate("incomplete", (Reason("incomplete", text, _keys([*waiting, *lost])),), notes)
    return Gate("pass", (), notes)


def _failures(tasks: Sequence[Task], limits: Thresholds, broke: set[int]) -> Iterator[Reason]:
    if limits.max_failures is None:
        return
    lost = [task for task in tasks if task["state"] in {"failed", "unmatched"} and id(task) not in broke]
    bad = [(task, broken_checks(task)) for task in tasks if task["state"] == "ok"]
    bad = [(task, broken) for task, broken in bad if broken]
    unchecked = [task for task in tasks if task["state"] == "ok" and not task.get("checks")]
    if len(lost) + len(bad) + len(unchecked) <= limits.max_failures:
        return
    if lost:
        text = _sentence(
            lost[0].get("reason") or (lost[0].get("error") or {}).get("message") or "no reason is known"
        )
        yield Reason("failed", f"{_count(lost)} missing. {key_of(lost[0])}: {text}", _keys(lost))
    names = dict.fromkeys(name for _, broken in bad for name, _ in broken)
    for name in names:
        hit = [(task, dict(broken)[name]) for task, broken in bad if name in dict(broken)]
        yield Reason(
            name,
            f"{_count(hit)} not as asked. {key_of(hit[0][0])}: {hit[0][1]}",
            _keys([task for task, _ in hit]),
        )
    if unchecked:
        yield Reason("unchecked", f"{_count(unchecked)} unchecked.", _keys(unchecked))


def _blocked(
    couples: Sequence[tuple[Task, Task]], tasks: Sequence[Task], limits: Thresholds, signed: Signoff
) -> Iterator[Reason]:
    if limits.max_newly_blocked is None:
        return
    refused = {key_of(b) for a, b in couples if a["state"] == "blocked"}
    # where there is no old picture at all, nobody can say that the prompt was refused before
    hit = [task for task in tasks if task["state"] == "blocked" and key_of(task) not in refused]
    hit = [task for task in hit if not signed.accepts(key_of(task))]
    if len(hit) > limits.max_newly_blocked:
        yield Reason(
            "blocked",
            f"{_count(hit)} refused by moderation and not before: {_some(_keys(hit))}. Change the prompts, or accept "
            "them in the verdicts.",
            _keys(hit),
        )


def _text(
    couples: Sequence[tuple[Task, Task]],
    tasks: Sequence[Task],
    limits: Thresholds,
    signed: Signoff,
    *,
    complete: bool,
) -> Iterator[Reason]:
    if limits.max_text_cer is not None:
        hit = []
        for task in tasks:
            read = text_of(task) if task["state"] == "ok" else None
            must = read is not None and read.get("expect_is", "given") == "given"
            if read and must and read["worst_cer"] > limits.max_text_cer and not signed.accepts(key_of(task)):
                hit.append(task)
        if hit:
            text = _sentence(hit[0]["checks"]["text"]["message"])
            yield Reason(
                "text",
                f"{_count(hit)} without the text that the suite names. {key_of(hit[0])}: {text}",
                _keys(hit),
            )
    if limits.text_alpha is None or not complete:
        return
    both = [
        (a, b)
        for a, b in couples
        if a["state"] == b["state"] == "ok" and text_of(a) is not None and text_of(b) is not None
    ]
    found = contrast(both, lambda task: bool((text_of(task) or {}).get("exact")))
    if found["worse"] and found["p_worse"] is not None and found["p_worse"] < limits.text_alpha:
        yield Reason(
            "text_worse",
            f"Text got worse: right on {found['old_rate']:.0%} of {found['prompts']} prompts before and on "
            f"{found['new_rate']:.0%} now (p = {found['p_worse']:.3f}).",
        )


def _edits(results: Mapping[str, Any], tasks: Sequence[Task], limits: Thresholds) -> Iterator[Reason]:
    if limits.max_outside_mask is None:
        return
    strict = _strict(results)
    hit = []
    for task in tasks:
        value = (task.get("checks") or {}).get("locality", {}).get("value")
        if task["prompt_id"] in strict and isinstance(value, dict) and value.get("masked"):
            if value["changed"] > limits.max_outside_mask:
                hit.append((value["changed"], task))
    if hit:
        most, worst = max(hit, key=lambda pair: pair[0])
        yield Reason(
            "locality",
            f"{_count(hit)} changed outside the mask, though the suite says `preserve: strict`: in {key_of(worst)} "
            f"{most:.1%} of what had to stay (limit {limits.max_outside_mask:.1%}).",
            _keys([task for _, task in hit]),
        )


def _strict(results: Mapping[str, Any]) -> set[str]:
    return {prompt["id"] for prompt in results["suite"]["prompts"] if prompt.get("preserve") == "strict"}


def _kept(task: Task) -> bool:
    """Whether it is known how much of an edit stayed. A picture that is its input stayed as a whole."""
    value = (task.get("checks") or {}).get("locality", {}).get("value")
    return isinstance(value, dict) and bool(value.get("masked") or value.get("identical"))


def _costs(tasks: Sequence[Task], limits: Thresholds) -> Iterator[Reason]:
    costs = [float(task["cost_usd"]) for task in tasks if isinstance(task.get("cost_usd"), int | float)]
    made = sum(task["state"] == "ok" for task in tasks)
    unknown = sum(
        task["state"] == "ok" and not isinstance(task.get("cost_usd"), int | float) for task in tasks
    )
    for limit, spent, what in (
        (limits.max_cost_usd, sum(costs), "The new column"),
        (limits.max_cost_per_picture, sum(costs) / made if made else 0.0, "A usable picture"),
    ):
        if limit is None:
            continue
        if spent > limit:
            yield Reason("cost", f"{what} costs ${spent:.4f}, more than ${limit:.4f}.")
        elif unknown:
            yield Reason("cost", f"{what} may cost too much: the cost of {unknown} pictures is unknown.")
    if limits.max_latency_p90_s is not None:
        times = [float(task["latency_s"]) for task in tasks if isinstance(task.get("latency_s"), int | float)]
        slow = percentile(times, 0.9)
        if not times and made:
            yield Reason("latency", "The limit on latency cannot be judged: no time of an answer is known.")
        elif times and slow > limits.max_latency_p90_s:
            yield Reason(
                "latency",
                f"One answer in ten takes longer than {slow:.1f} s (limit {limits.max_latency_p90_s:.1f} s).",
            )


def _rejected(signed: Signoff) -> Iterator[Reason]:
    if signed.rejected:
        yield Reason(
            "verdicts", f"{len(signed.rejected)} pairs were rejected by a reviewer: {_some(signed.rejected)}.",
            tuple(signed.rejected),
        )  # fmt: skip


def _unsigned(signed: Signoff, limits: Thresholds) -> Iterator[Reason]:
    if limits.require_signoff and signed.open:
        stale = f" ({signed.stale} verdicts are on pictures that have changed)" if signed.stale else ""
        yield Reason(
            "signoff",
            f"{len(signed.open)} pairs have no verdict yet{stale}: {_some(signed.open)}.",
            tuple(signed.open),
        )


def _nothing(tasks: Sequence[Task]) -> Iterator[Reason]:
    """An empty run must not pass."""
    if not any(task["state"] == "ok" for task in tasks):
        yield Reason("run", "No picture of the new column is there, so nothing was judged.")


def _notes(
    results: Mapping[str, Any], tasks: Sequence[Task], couples: Sequence[tuple[Task, Task]], old: str | None
) -> tuple[str, ...]:
    notes = []
    if results.get("simulated"):
        notes.append("The pictures are simulated: this verdict is about the set-up, not about a model.")
    if old is None:
        notes.append("There is no old column, so nothing was compared with what was before.")
    else:
        missing = sum(a["state"] in {"unmatched", "failed"} for a, _ in couples) + len(tasks) - len(couples)
        if missing:
            notes.append(
                f"{missing} pictures have no old one beside them."
                if missing > 1
                else "1 picture has no old one beside it."
            )
    strict = _strict(results)
    unjudged = [
        task for task in tasks if task["prompt_id"] in strict and task["state"] == "ok" and not _kept(task)
    ]
    if unjudged:
        notes.append(
            f"`preserve: strict` was not judged for {_some(_keys(unjudged))}:"
            " without a mask with a transparent part nobody can say what had to stay."
        )
    unread = [
        task
        for task in tasks
        for check in [(task.get("checks") or {}).get("text", {})]
        if check.get("status") == "skipped" or (check.get("value") or {}).get("not_judged")
    ]
    if unread:
        notes.append(
            f"Text was not, or not wholly, judged on {len(unread)} pictures. {unread[0]['checks']['text']['message']}"
        )
    return tuple(notes)


def _is_quota(task: Task) -> bool:
    return task["state"] == "failed" and (task.get("error") or {}).get("class") in _QUOTA


def _keys(tasks: Sequence[Task]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key_of(task) for task in tasks))


def _count(items: Sequence[Any]) -> str:
    return (
        "1 picture of the new column is"
        if len(items) == 1
        else f"{len(items)} pictures of the new column are"
    )


def _sentence(text: str) -> str:
    line = " ".join(str(text).split())[:200]
    return line if line.endswith((".", "!", "?")) else f"{line}."


def _some(keys: Sequence[str]) -> str:
    return ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
