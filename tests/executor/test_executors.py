"""The same jobs on every executor, with workers that die."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from migrator.errors import UserError
from migrator.executor import WorkerLost, open_executor, results_of, shares_files
from migrator.executor.processes import ProcessExecutor
from tests.executor import work

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("spec", ["processes", "threads"])
def test_every_job_has_its_result(spec: str) -> None:
    with open_executor(spec, 2) as executor:
        assert dict(results_of(executor, work.square, range(40))) == {n: n * n for n in range(40)}
        assert shares_files(executor)
        assert executor.submit(work.square, 5).result() == 25


def test_a_worker_that_dies_costs_its_job_a_second_try_and_the_others_nothing(tmp_path: Path) -> None:
    items = [(n, str(tmp_path)) for n in range(20)]
    with open_executor("processes", 2) as executor:
        found = dict(results_of(executor, work.die_once, items))
    assert {item[0]: result for item, result in found.items()} == {n: n for n in range(20)}
    assert len(list(tmp_path.iterdir())) == 4


def test_a_job_that_kills_its_worker_twice_fails_alone() -> None:
    with open_executor("processes", 2) as executor:
        found = dict(results_of(executor, work.die_on_seven, range(12)))
    lost = found.pop(7)
    assert isinstance(lost, WorkerLost)
    assert str(lost) == "its worker process was killed by SIGKILL, 2 times"
    assert found == {n: n for n in range(12) if n != 7}


def test_failures_come_back_as_they_are_or_in_words() -> None:
    with ProcessExecutor(1, limit=1.0) as executor:
        found = dict(results_of(executor, work.fail, ["value", "odd", "exit", "sleep", "result"]))
    assert isinstance(found["value"], ValueError)
    assert str(found["odd"]) == "OddError: 1 and 2"
    assert str(found["exit"]) == "its worker process ended with code 3, 2 times"
    assert str(found["sleep"]) == "its worker process took longer than 1 seconds, 2 times"
    assert isinstance(found["result"], Exception)


def test_what_cannot_be_sent_fails_alone() -> None:
    with open_executor("processes", 1) as executor:
        assert isinstance(executor.submit(lambda: 1).exception(), Exception)
        assert executor.submit(work.square, 3).result() == 9


def test_no_more_jobs_are_made_than_the_window_holds() -> None:
    made: list[int] = []
    most = 0

    def jobs() -> object:
        for n in range(30):
            made.append(n)
            yield n

    with open_executor("threads", 2) as executor:
        for done, _ in enumerate(results_of(executor, work.square, jobs(), window=5)):  # type: ignore[arg-type]
            most = max(most, len(made) - done)
    assert len(made) == 30
    assert most <= 6


def test_a_closed_executor_leaves_no_process_and_takes_no_job() -> None:
    with open_executor("processes", 2) as executor:
        pids = {executor.submit(os.getpid).result() for _ in range(2)}
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(RuntimeError, match="shut down"):
        executor.submit(work.square, 1)


def test_results_that_nobody_waits_for_are_cancelled() -> None:
    started = time.monotonic()
    with open_executor("processes", 1) as executor:
        for _ in results_of(executor, work.slow_square, range(10_000), window=200):
            break
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    ("spec", "words"),
    [("ray", "use processes, threads or dask"), ("dask://nowhere", "is not dask://HOST:PORT")],
)
def test_a_wrong_name_is_said_in_one_line(spec: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        open_executor(spec)


_CLUSTER = """
import os, signal
from distributed import LocalCluster
from migrator.executor import WorkerLost, open_executor, results_of, shares_files
from tests.executor import work

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        address = cluster.scheduler_address.removeprefix("tcp://")
        with open_executor(f"dask://{address}") as executor:
            assert not shares_files(executor)
            found, killed = {}, None
            for job, result in results_of(executor, work.slow_square, range(60)):
                assert not isinstance(result, Exception), result
                found[job] = result[0]
                if len(found) == 20:
                    killed = result[1]
                    os.kill(killed, signal.SIGKILL)
            assert found == {n: n * n for n in range(60)}, found
            [(_, lost)] = results_of(executor, work.die_on_seven, [7])
            assert isinstance(lost, WorkerLost), lost
            [(_, error)] = results_of(executor, work.fail, ["value"])
            assert isinstance(error, ValueError), error
    print("whole")
"""


def test_a_dask_worker_killed_half_way_loses_nothing(tmp_path: Path) -> None:
    script = tmp_path / "cluster.py"
    script.write_text(_CLUSTER, "utf-8")
    run = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["."])},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.stdout.strip() == "whole", run.stderr[-2000:]
