"""Runs that are killed, interrupted or stormed at lose nothing and pay nothing twice."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.catalog import load as load_rules
from migrator.compare import results, run
from migrator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.compare.conftest import Bench

ROOT = Path(__file__).parents[2]
TASKS = 60


@pytest.fixture
def slow_server() -> Iterator[Simulator]:
    with Simulator(load_rules(), "dalle", latency=0.1) as simulator:
        yield simulator


def suite_of(count: int, folder: Path) -> Path:
    rows = "".join(f"  - {{id: p{n}, prompt: picture {n}}}\n" for n in range(count))
    path = folder / "suite.yaml"
    path.write_text(f"version: 1\ndefaults: {{size: 256x256}}\nprompts:\n{rows}")
    return path


def asked(server: Simulator) -> Counter[str]:
    """Prompts by how often they were asked; a request that a kill cut off before its prompt came does not count."""
    seen = (one.parameters.get("prompt") for one in server.requests if "/images/" in one.path)
    return Counter(prompt for prompt in seen if prompt)


def finished(folder: Path) -> set[str]:
    """The prompts whose picture is on the books, as a process that comes later sees it."""
    if not (folder / "journal.sqlite").exists():
        return set()
    database = sqlite3.connect(folder / "journal.sqlite")
    try:
        rows = database.execute("select record from outcomes where state = 'ok'").fetchall()
        return {json.loads(row[0])["request_id"] for row in rows}
    except sqlite3.OperationalError:
        return set()
    finally:
        database.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_run_that_is_killed_again_and_again_asks_for_no_finished_picture_twice(
    tmp_path: Path, slow_server: Simulator
) -> None:
    folder = tmp_path / "run"
    words = [
        *(
            "migrator",
            "compare",
            str(suite_of(TASKS, tmp_path)),
            "--out",
            str(folder),
            "--executor",
            "threads",
        ),
        *("--new", f"openai-compatible:dall-e-2@{slow_server.base_url}", "--concurrency", "4"),
    ]
    code = f"import sys; sys.argv = {words!r}; from migrator.cli import main; main()"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["migrator.compare.run", "migrator.compare.sources.live", "openai", "PIL.Image"]
    )
    chance = random.Random(7)
    kills = 0
    known: set[str] = set()
    while kills < 20:
        before = asked(slow_server)
        done = {one.parameters["prompt"] for one in slow_server.requests if one.request_id in known}
        process = context.Process(target=exec, args=(code,))
        process.start()
        # the moment counts from the first request on, so that every kill strikes at work
        end = time.monotonic() + 30
        while asked(slow_server) == before and process.is_alive() and time.monotonic() < end:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.12))
        alive = process.is_alive()
        if alive and process.pid:
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        kills += 1
        now = asked(slow_server)
        assert all(now[prompt] == before[prompt] for prompt in done)
        known = finished(folder)
        for path in (folder / "images").glob("[!.]*"):
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
        if not alive:
            break
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    found = results.load(folder)
    assert [task["state"] for task in found["tasks"]] == ["ok"] * TASKS
    database = sqlite3.connect(folder / "journal.sqlite")
    assert database.execute("select count(*), count(distinct task) from outcomes").fetchone() == (
        TASKS,
        TASKS,
    )
    database.close()
    assert kills >= 10
    assert not list((folder / "images").glob(".part-*"))
    # what was out when a kill struck is all that was asked again
    assert sum(asked(slow_server).values()) <= TASKS + 4 * kills


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process")
def test_an_interrupted_run_takes_what_is_paid_for_and_goes_on_later(tmp_path: Path) -> None:
    with Simulator(load_rules(), "dalle", latency=1.0) as server:
        folder = tmp_path / "run"
        words = ["compare", str(suite_of(20, tmp_path)), "--out", str(folder), "--concurrency", "4"]
        words += ["--new", f"openai-compatible:dall-e-2@{server.base_url}", "--executor", "threads"]
        process = subprocess.Popen(
            [sys.executable, "-m", "migrator", *words], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        end = time.monotonic() + 30
        path = folder / "journal.sqlite"
        while time.monotonic() < end and not (path.exists() and server.service.desk.plan._count >= 4):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "waiting for what is out and paid for" in said
        assert "Traceback" not in said
        assert results.counts(results.load(folder)) == {"ok": 4, "pending": 16}
        assert sum(asked(server).values()) == 4
        assert (
            subprocess.run([sys.executable, "-m", "migrator", *words], cwd=ROOT, check=False).returncode == 0
        )
        assert set(asked(server).values()) == {1}


def test_a_storm_of_errors_ends_with_every_task_accounted_for(bench: Bench) -> None:
    storm = {"429": 0.1, "500": 0.15, "cut": 0.15, "malformed": 0.15, "503": 0.05}
    with Simulator(load_rules(), "dalle", faults=storm, seed=3) as server:
        suite = suite_of(80, bench.folder).read_text()
        ended = bench.run(
            suite,
            pace=run.Pace(slots=16, retry_s=0.01),
            new=(f"openai-compatible:dall-e-2@{server.base_url}",),
        )
        counts = results.counts(ended.results)
        assert set(counts) <= {"ok", "failed"}
        assert sum(counts.values()) == 80
        assert counts["ok"] > 60
        for task in ended.results["tasks"]:
            if task["state"] == "ok":
                data = (bench.folder / "run" / task["file"]).read_bytes()
                assert hashlib.sha256(data).hexdigest() in task["file"]
            else:
                assert task["error"]["class"] in {"rate_limit", "server", "transport", "malformed"}
                assert task["attempts"] >= 3
        assert sum(task["attempts"] for task in ended.results["tasks"]) == sum(asked(server).values())
