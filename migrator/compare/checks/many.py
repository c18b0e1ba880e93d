"""The checks of a whole run: on any executor, remembered in the run's folder, duplicates across prompts last."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from migrator.compare.checks import readers
from migrator.compare.checks.duplicates import Print, duplicates
from migrator.compare.checks.model import VERSION, Blob, CheckJob, CheckResult
from migrator.compare.checks.one import ORDER, run_checks
from migrator.compare.checks.opening import Unusable, read
from migrator.executor import WorkerLost, results_of, shares_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    from migrator.compare.checks.model import ReaderFactory

MEMORY = "checks.jsonl"
"""Answers by key, one a line, in the run's folder: a run that was stopped goes on from there."""
Answers = dict[str, dict[str, Any]]


def check_run(
    results: dict[str, Any],
    run_dir: Path,
    executor: Executor,
    *,
    reader: ReaderFactory | None = None,
    step: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Fills ``checks`` and ``picture`` of every task of ``results`` that has a file.

    ``reader`` replaces the installed reader of text. ``step`` is told how many pictures are done, of how many.
    """
    jobs = _jobs(results, run_dir, reader)
    memory = _Memory(run_dir / MEMORY)
    known = {key: found for key in jobs if (found := memory.get(key)) is not None}
    todo = [(key, jobs[key][0]) for key in jobs if key not in known]
    step(len(known), len(jobs))
    work = ((key, job if shares_files(executor) else _carried(job)) for key, job in todo)
    with memory:
        for (key, job), answer in results_of(executor, _keyed, work):
            if isinstance(answer, Exception):
                known[key] = _failed(answer)
            else:
                known[key] = {name: one.as_dict() for name, one in answer.items()}
                memory.put(key, known[key])
            del job
            step(len(known), len(jobs))
    memory.forget()
    for key, (_, tasks) in jobs.items():
        answers = known.pop(key)  # thousands of them are too much to be kept twice
        for task in tasks:
            task["checks"] = {name: dict(answers[name]) for name in ORDER if name in answers}
            facts = task["checks"].get("decodes", {}).get("value")
            if facts:
                task["picture"] = {
                    name: facts[name] for name in ("width", "height", "format", "mode", "bytes")
                }
    _mark_duplicates(results)


def job_for(
    task: dict[str, Any],
    prompt: dict[str, Any],
    kind: str,
    run_dir: Path,
    reader: ReaderFactory | None = None,
) -> CheckJob:
    """What one task's picture is checked against. ``kind`` is the kind of its source."""
    request = {**(prompt.get("parameters") or {}), **(task.get("request") or {})}
    edit = prompt.get("edit") or {}
    mask = edit.get("mask")
    return CheckJob(
        picture=blob_of(run_dir, task["file"]),
        size=_word(request.get("size")),
        output_format=_word(request.get("output_format")),
        background=_word(request.get("background")),
        made_for_it=kind != "archive",
        expect_text=tuple(str(phrase) for phrase in prompt.get("expect_text") or ()),
        expect_is=prompt.get("expect_is") or "none",
        inputs=tuple(blob_of(run_dir, name) for name in edit.get("images") or ()),
        mask=blob_of(run_dir, mask) if mask else None,
        preserve=prompt.get("preserve"),
        reader=reader,
    )


def _jobs(
    results: dict[str, Any], run_dir: Path, reader: ReaderFactory | None
) -> dict[str, tuple[CheckJob, list[dict[str, Any]]]]:
    """Every different job once, with the tasks that it answers."""
    prompts = {prompt["id"]: prompt for prompt in results["suite"]["prompts"]}
    kinds = {source["name"]: source["kind"] for source in results["sources"]}
    found: dict[str, tuple[CheckJob, list[dict[str, Any]]]] = {}
    for task in results["tasks"]:
        if task.get("file"):
            prompt = prompts.get(task["prompt_id"], {})
            job = job_for(task, prompt, kinds.get(task["source"], ""), run_dir, reader)
            found.setdefault(_key(job), (job, []))[1].append(task)
    return found


def _keyed(item: tuple[str, CheckJob]) -> dict[str, CheckResult]:
    return run_checks(item[1])


def _key(job: CheckJob) -> str:
    """Names a job by all that its answers depend on; files by their names, which are hashes of their contents."""
    blobs = [job.picture, *job.inputs, *([job.mask] if job.mask else ())]
    fields = {
        field.name: getattr(job, field.name)
        for field in dataclasses.fields(job)
        if field.name not in {"picture", "inputs", "mask", "reader"}
    }
    words = [] if not job.expect_text else [_reader_name(job)]
    what = [VERSION, [PurePosixPath(blob.path).name for blob in blobs], job.mask is not None, fields, words]
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()


def _reader_name(job: CheckJob) -> str:
    if job.reader is not None:
        return f"{getattr(job.reader, '__module__', '')}.{getattr(job.reader, '__qualname__', job.reader)}"
    return "installed" if readers.installed() else "none"


def _carried(job: CheckJob) -> CheckJob:
    """The job with the bytes of its files, for workers that do not see them."""

    def filled(blob: Blob) -> Blob:
        try:
            return dataclasses.replace(blob, data=read(blob))
        except Unusable:
            return dataclasses.replace(blob, data=b"")

    return dataclasses.replace(
        job,
        picture=filled(job.picture),
        inputs=tuple(filled(blob) for blob in job.inputs),
        mask=filled(job.mask) if job.mask else None,
    )


def blob_of(run_dir: Path, name: str) -> Blob:
    """A file of the run. Names that lead elsewhere are not followed."""
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or "\\" in name or "\0" in name:
        return Blob(name, b"")
    return Blob(str(run_dir / parts))


def _word(value: object) -> str | None:
    return None if value is None else str(value)


def _failed(error: Exception) -> Answers:
    """What is said of a picture that could not be looked at."""
    if isinstance(error, WorkerLost):
        text = f"The picture could not be looked at: {error}."
    else:
        text = f"The picture could not be looked at ({type(error).__name__}: {str(error)[:160]})."
    return {"decodes": CheckResult("fail", None, text).as_dict()}


def _mark_duplicates(results: dict[str, Any]) -> None:
    prompts = {prompt["id"]: prompt for prompt in results["suite"]["prompts"]}
    prints, tasks = [], {}
    for task in results["tasks"]:
        hashes = task.get("checks", {}).get("duplicate", {}).get("value")
        if not hashes or "dhash" not in hashes:
            continue
        prompt = prompts.get(task["prompt_id"], {})
        images = (prompt.get("edit") or {}).get("images") or ()
        tasks[task["task"]] = task
        prints.append(
            Print(
                task["task"],
                task["source"],
                task["prompt_id"],
                "\0".join([str(prompt.get("prompt", task["prompt_id"])), *images]),
                hashes["sha256"],
                None if hashes["dhash"] is None else int(hashes["dhash"], 16),
            )
        )
    for name, result in duplicates(prints).items():
        tasks[name]["checks"]["duplicate"] = result.as_dict()


class _Memory:
    """Answers of earlier runs. Lines that are torn or foreign are as good as not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Answers] = dict(_lines(path))
        self._file: Any = None

    def __enter__(self) -> _Memory:
        self._file = self._path.open("a", encoding="utf-8")
        if self._path.stat().st_size:
            self._file.write("\n")  # what was torn ends here
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def get(self, key: str) -> Answers | None:
        return self._known.get(key)

    def forget(self) -> None:
        """Frees what is known; the file keeps it."""
        self._known.clear()

    def put(self, key: str, answers: Answers) -> None:
        self._file.write(json.dumps({"key": key, "checks": answers}) + "\n")
        self._file.flush()


def _lines(path: Path) -> Iterator[tuple[str, Answers]]:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and _is_whole(entry):
            yield entry["key"], entry["checks"]


def _is_whole(entry: dict[str, Any]) -> bool:
    checks = entry.get("checks")
    return (
        isinstance(entry.get("key"), str)
        and isinstance(checks, dict)
        and "decodes" in checks
        and all(
            isinstance(one, dict) and one.keys() >= {"status", "value", "message"} for one in checks.values()
        )
    )


def count_checks(tasks: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """How often each check ended in each status."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for task in tasks:
        for name, check in (task.get("checks") or {}).items():
            found[name][check["status"]] += 1
    return {name: dict(found[name]) for name in ORDER if name in found}
