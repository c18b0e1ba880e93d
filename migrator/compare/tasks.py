"""Tasks of a ``results.json``, grouped and asked the questions that numbers, gate and exports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from migrator.compare.checks.one import CONFORMANCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Task = dict[str, Any]
State = Literal["ok", "blocked", "failed", "skipped_budget", "unmatched", "pending"]
Key = tuple[str, int]
"""Prompt id and sample."""


def columns_of(results: Mapping[str, Any]) -> dict[str, list[Task]]:
    """The tasks of each source, in the order of the columns."""
    found: dict[str, list[Task]] = {source["name"]: [] for source in results["sources"]}
    for task in results["tasks"]:
        found.setdefault(task["source"], []).append(task)
    return found


def by_prompt(tasks: Iterable[Task]) -> dict[str, list[Task]]:
    """The tasks of each prompt."""
    found: dict[str, list[Task]] = {}
    for task in tasks:
        found.setdefault(task["prompt_id"], []).append(task)
    return found


def by_key(tasks: Iterable[Task]) -> dict[Key, Task]:
    """The tasks by prompt and sample."""
    return {(task["prompt_id"], task["sample"]): task for task in tasks}


def first(results: Mapping[str, Any], role: str) -> str | None:
    """The name of the first source with a role."""
    return next((str(source["name"]) for source in results["sources"] if source["role"] == role), None)


def matched(old: Iterable[Task], new: Iterable[Task]) -> list[tuple[Task, Task]]:
    """Pairs of the same prompt and sample, in the order of ``new``.

    An archive often holds one picture per prompt: it stands beside every sample of the other side.
    """
    known = by_key(old)
    spare = {prompt: tasks[0] for prompt, tasks in by_prompt(known.values()).items()}
    found = []
    for task in new:
        other = known.get((task["prompt_id"], task["sample"]))
        if other is None or (other["state"] == "unmatched" and task["sample"] > 0):
            other = spare.get(task["prompt_id"], other)
        if other is not None:
            found.append((other, task))
    return found


def broken_checks(task: Task) -> list[tuple[str, str]]:
    """Name and message of the hard checks that a picture failed."""
    checks = task.get("checks") or {}
    return [
        (name, checks[name]["message"])
        for name in CONFORMANCE
        if checks.get(name, {}).get("status") == "fail"
    ]


def conforms(task: Task) -> bool:
    """Whether a picture passed every hard check."""
    return not broken_checks(task)


def text_of(task: Task) -> dict[str, Any] | None:
    """What was read and compared, or ``None`` when it was not."""
    value = (task.get("checks") or {}).get("text", {}).get("value")
    return value if isinstance(value, dict) and "cer" in value else None


def tone_of(task: Task) -> dict[str, float] | None:
    """The mean tone, or ``None``."""
    value = (task.get("checks") or {}).get("tone", {}).get("value")
    return value if isinstance(value, dict) and "b" in value else None


def picture_size(task: Task) -> tuple[int, int] | None:
    """Width and height in pixels, or ``None``."""
    picture = task.get("picture") or {}
    return (picture["width"], picture["height"]) if {"width", "height"} <= picture.keys() else None


def key_of(task: Task) -> str:
    """``prompt#sample``, by which people and verdicts name a pair."""
    return f"{task['prompt_id']}#{task['sample']}"


def sha_of(task: Task) -> str | None:
    """The hash of the picture, which is its file's name, or ``None`` without a picture."""
    file = task.get("file")
    return str(file).rpartition("/")[2].partition(".")[0] if file else None
