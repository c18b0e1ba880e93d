"""The plan and the end of a run as text for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from migrator.compare import results as documents

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from migrator.compare.plan import Plan
    from migrator.report.style import Style

_SIMULATED = "SIMULATED PICTURES: they show how a run works, not how a model draws."


def plan_text(plan: Plan, folder: Path, style: Style) -> str:
    """What would be asked, of whom, and what it may cost."""
    prompts = len(plan.suite.prompts)
    lines = [
        style.paint(f"{plan.suite.title}: {many(prompts, 'prompt')}, {many(len(plan.tasks), 'task')}", "bold")
    ]
    lines.append(f"run {plan.run} in {folder}{', in batches' if plan.batch else ''}")
    width = max(len(column.name) for column in plan.columns)
    whole, open_ = 0.0, 0
    for column in plan.columns:
        tasks = [task for task in plan.tasks if task.source == column.name]
        known = sum(task.estimate.usd or 0.0 for task in tasks)
        unknown = sum(task.estimate.usd is None for task in tasks)
        whole, open_ = whole + known, open_ + unknown
        if not column.live or column.simulated:
            cost = "nothing to pay"
            if column.simulated and known:
                cost += f" (the real model: about ${known:.2f})"
        elif unknown == len(tasks):
            cost = "price unknown"
        else:
            cost = f"about ${known:.2f}" + (
                f", and {many(unknown, 'task')} of unknown price" if unknown else ""
            )
        lines.append(f"  {column.name:<{width}}  {column.spec}  {many(len(tasks), 'task')}, {cost}")
    if len(plan.columns) == 1:
        lines.append("  one column only: add --old or --new to have something to compare it with")
    reasons = Counter(task.estimate.note for task in plan.tasks if task.estimate.note)
    lines += [f"  {many(count, 'task')}: {note}" for note, count in reasons.items()]
    lines += [f"  {note}" for note in plan.notes]
    if plan.simulated:
        lines.append(style.paint(_SIMULATED, "yellow"))
    return "\n".join(lines) + "\n"


def task_lines(plan: Plan) -> str:
    """Every task on a line of its own: id, column, prompt, sample, request, estimate."""
    lines = []
    for task in plan.tasks:
        request = " ".join(f"{name}={value}" for name, value in sorted(task.request.items()))
        cost = "unknown" if task.estimate.usd is None else f"${task.estimate.usd:.4f}"
        what = f"not sent: {task.refused}" if task.refused else request
        lines.append(
            f"{task.id[:12]}  {task.source}  {task.prompt_id}[{task.sample}]  {task.endpoint}  {cost}  {what}"
        )
    return "\n".join(lines) + "\n"


def part_text(results: Mapping[str, Any], folder: Path, style: Style) -> str:
    """How one part of a divided run ended."""
    states = documents.counts(results)
    said = ", ".join(
        f"{states[state]} {state.replace('_', ' ')}" for state in documents.STATES if states[state]
    )
    lines = [*results["notes"], f"This part: {said or 'no task'}, in {folder}"]
    lines.append(
        "`migrator merge FOLDER… --out RUN` joins the folders of all parts, checks the pictures and judges."
    )
    return style.harmless("\n".join(lines)) + "\n"


def end_text(results: Mapping[str, Any], folder: Path, style: Style) -> str:
    """How a run ended."""
    lines = []
    width = max(len(source["name"]) for source in results["sources"])
    for source in results["sources"]:
        tasks = [task for task in results["tasks"] if task["source"] == source["name"]]
        states = Counter(task["state"] for task in tasks)
        said = ", ".join(
            f"{states[state]} {state.replace('_', ' ')}" for state in documents.STATES if states[state]
        )
        cost = sum(task["cost_usd"] or 0.0 for task in tasks)
        money = f", ${cost:.2f}" if cost else ""
        simulated = ", simulated" if source["simulated"] else ""
        lines.append(f"  {source['name']:<{width}}  {source['spec']}: {said}{money}{simulated}")
    why = Counter(
        f"{task['source']}: {task['state'].replace('_', ' ')}: {task['reason']}"
        for task in results["tasks"]
        if task["state"] != "ok" and task["reason"]
    )
    lines += [f"  {count}x {reason}" if count > 1 else f"  {reason}" for reason, count in why.most_common(10)]
    lines += [f"  {note}" for note in results["notes"]]
    if "judge" in results:
        lines += _judge_lines(results)
    if results["simulated"]:
        lines.append(style.paint(_SIMULATED, "yellow"))
    gate = results["gate"]
    if gate:
        lines.append(f"Gate: {gate['verdict']}. `migrator gate {folder}` says why.")
    lines.append(f"Results: {folder / documents.NAME}")
    lines.append(f"Page: {folder / 'index.html'} (opens by double click)")
    if documents.counts(results)["pending"]:
        lines.append("Not everything was asked. The same command goes on where this run stopped.")
    return style.harmless("\n".join(lines)) + "\n"


def _judge_lines(results: Mapping[str, Any]) -> list[str]:
    found = results["judge"]
    pairs = ((results["numbers"] or {}).get("pairs") or {}).values()
    said = [line for pair in pairs for line in pair["lines"] if line.startswith("The judge ")]
    why = Counter(
        "the budget does not reach for it" if entry["verdict"] == "skipped_budget" else entry["reasons"][-1]
        for entry in found["pairs"]
        if entry["verdict"] in {"failed", "skipped_budget"}
    )
    cost = "unknown" if found["cost_usd"] is None else f"${found['cost_usd']:.4f} ({found['cost_is']})"
    said.append(f"Cost of the judge: {cost}.")
    said += [f"{many(count, 'pair')} not judged: {reason}" for reason, count in why.most_common(3)]
    return [f"  {line}" for line in said]


def many(count: int, word: str) -> str:
    """``count`` and ``word``, which stands for many unless there is one."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
