"""The checks of a whole run."""

from __future__ import annotations

import copy
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from migrator.compare.checks import check_run
from migrator.compare.checks.many import MEMORY
from migrator.executor import open_executor
from tests.compare.pictures import encoded, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor
    from pathlib import Path


@pytest.fixture
def threads() -> Iterator[Executor]:
    with open_executor("threads", 2) as executor:
        yield executor


def make_run(folder: Path, pictures: dict[tuple[str, str], bytes]) -> dict[str, Any]:
    """A run with one task per ``(source, prompt)``; empty bytes mean a task without a picture."""
    (folder / "images").mkdir()
    tasks = []
    for number, ((source, prompt), data) in enumerate(pictures.items()):
        name = f"images/{hashlib.sha256(data).hexdigest()}.png" if data else None
        if name:
            (folder / name).write_bytes(data)
        tasks.append(
            {
                "task": f"t{number}", "prompt_id": prompt, "sample": 0, "source": source, "model": "m",
                "state": "ok" if name else "blocked", "file": name, "request": {"size": "96x64"},
                "picture": None, "checks": {},
            }
        )  # fmt: skip
    ids = sorted({prompt for _, prompt in pictures})
    return {
        "suite": {"prompts": [{"id": one, "prompt": f"A {one}", "parameters": {}} for one in ids]},
        "sources": [{"name": "old", "kind": "archive"}, {"name": "new", "kind": "simulator"}],
        "tasks": tasks,
    }


def test_every_picture_gets_its_checks_and_its_facts(tmp_path: Path, threads: Executor) -> None:
    results = make_run(
        tmp_path,
        {("old", "cat"): encoded(scene((50, 50))), ("new", "cat"): encoded(scene()), ("new", "dog"): b""},
    )
    seen: list[tuple[int, int]] = []
    check_run(results, tmp_path, threads, step=lambda done, of: seen.append((done, of)))
    old, new, blocked = results["tasks"]
    assert old["checks"]["size"]["status"] == "info"  # an archive's picture was not made for this size
    assert new["checks"]["size"]["status"] == "pass"
    assert new["picture"]["width"] == 96
    assert (blocked["checks"], blocked["picture"]) == ({}, None)
    assert seen[-1] == (2, 2)


def test_the_same_file_for_two_prompts_is_found_within_a_column(tmp_path: Path, threads: Executor) -> None:
    data = encoded(scene())
    results = make_run(tmp_path, {("new", "cat"): data, ("new", "dog"): data, ("old", "cat"): data})
    check_run(results, tmp_path, threads)
    assert [task["checks"]["duplicate"]["status"] for task in results["tasks"]] == ["fail", "fail", "pass"]


def test_answers_are_remembered_and_torn_lines_are_not(tmp_path: Path, threads: Executor) -> None:
    results = make_run(tmp_path, {("new", "cat"): encoded(scene()), ("new", "dog"): encoded(scene(seed=2))})
    first = copy.deepcopy(results)
    check_run(first, tmp_path, threads)
    memory = tmp_path / MEMORY
    lines = memory.read_text().splitlines()
    memory.write_text(lines[0] + "\n" + lines[1][:50])
    for file in (tmp_path / "images").iterdir():
        file.write_bytes(b"")  # whoever looks again sees that
    again = copy.deepcopy(results)
    check_run(again, tmp_path, threads)
    status = sorted(task["checks"]["decodes"]["status"] for task in again["tasks"])
    assert status == ["fail", "pass"]
    assert len(memory.read_text().split()) > 0


def test_names_that_lead_out_of_the_run_are_not_followed(tmp_path: Path, threads: Executor) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(encoded(scene()))
    run = tmp_path / "run"
    run.mkdir()
    results = make_run(run, {("new", "cat"): encoded(scene()), ("new", "dog"): encoded(scene(seed=3))})
    results["tasks"][0]["file"] = "../secret.png"
    results["tasks"][1]["file"] = str(secret)
    check_run(results, run, threads)
    assert [task["checks"]["decodes"]["status"] for task in results["tasks"]] == ["fail", "fail"]


def test_workers_that_do_not_see_our_files_get_the_bytes(tmp_path: Path) -> None:
    results = make_run(tmp_path, {("new", "cat"): encoded(scene())})
    with open_executor("threads", 1) as executor:
        executor.shares_files = False  # type: ignore[attr-defined]
        seen = []
        real = executor.submit

        def submit(work: Any, item: Any) -> Any:
            seen.append(item[1].picture.data)
            return real(work, item)

        executor.submit = submit  # type: ignore[assignment, method-assign]
        check_run(results, tmp_path, executor)
    assert seen == [encoded(scene())]
    assert results["tasks"][0]["checks"]["decodes"]["status"] == "pass"


def test_a_picture_whose_check_dies_is_a_failed_check(tmp_path: Path) -> None:
    results = make_run(tmp_path, {("new", "cat"): encoded(scene())})
    results["suite"]["prompts"][0].update(expect_text=["A"], expect_is="given")
    with open_executor("processes", 1) as executor:
        check_run(results, tmp_path, executor, reader=_kills)
    found = results["tasks"][0]["checks"]
    assert list(found) == ["decodes"]
    assert "killed by SIGKILL" in found["decodes"]["message"]
    assert (tmp_path / MEMORY).read_text().strip() == ""


def _kills() -> Any:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)
