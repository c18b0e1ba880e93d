"""What a ``results.json`` must be before anything believes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.compare.tasks import Task


def check_results(data: Any) -> list[str]:
    """What is wrong with the core of a ``results.json``, in words; an empty list for nothing."""
    if not isinstance(data, dict):
        return ["it is not an object"]
    found = [f"version is {data.get('version')!r}, not 1"] if data.get("version") != 1 else []
    for name in ("sources", "tasks"):
        if not isinstance(data.get(name), list):
            return [*found, f"{name} is missing"]
    suite = data.get("suite")
    if not isinstance(suite, dict) or not isinstance(suite.get("prompts"), list):
        return [*found, "suite.prompts is missing"]
    for place, items, wanted in (
        ("suite.prompts", suite["prompts"], ("id",)),
        ("sources", data["sources"], ("name", "role", "kind")),
        (
            "tasks",
            data["tasks"],
            ("task", "prompt_id", "sample", "source", "model", "state", "file", "checks"),
        ),
    ):
        for number, item in enumerate(items):
            missing = [n for n in wanted if n not in item] if isinstance(item, dict) else ["everything"]
            if missing:
                found.append(f"{place}[{number}] lacks {', '.join(missing)}")
    if found:
        return found[:20]
    names = {source["name"] for source in data["sources"]}
    ids = {prompt["id"] for prompt in suite["prompts"]}
    for number, task in enumerate(data["tasks"]):
        found.extend(f"tasks[{number}]: {problem}" for problem in _task_problems(task, names, ids))
    seen = [(t["source"], t["prompt_id"], t["sample"]) for t in data["tasks"]]
    if len(set(seen)) != len(seen):
        found.append("two tasks have the same source, prompt and sample")
    return found[:20]


_STATES = ("ok", "blocked", "failed", "skipped_budget", "unmatched", "pending")


def _task_problems(task: Task, names: set[str], ids: set[str]) -> Iterator[str]:
    if task["state"] not in _STATES:
        yield f"unknown state {task['state']!r}"
    if task["source"] not in names:
        yield f"unknown source {task['source']!r}"
    if task["prompt_id"] not in ids:
        yield f"unknown prompt {task['prompt_id']!r}"
    if (task["state"] == "ok") != isinstance(task["file"], str):
        yield f"state {task['state']!r} with file {task['file']!r}"
    if isinstance(task["sample"], bool) or not isinstance(task["sample"], int) or task["sample"] < 0:
        yield f"sample is {task['sample']!r}"
    if not isinstance(task["checks"], dict):
        yield "checks is no object"
