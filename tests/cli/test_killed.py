"""``--write`` that is killed, runs out of space or meets another run: every file is whole, old or new."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from migrator.discover import discover

ROOT = Path(__file__).resolve().parents[2]
FILES = 40
PADDING = b"# " + b"x" * 20_000 + b"\n"
KILLS = int(os.environ.get("MIGRATOR_KILLS", "4"))
"""How often the run is killed; a person may ask for more."""

# The process kills itself before one of its steps, drawn by lot: a signal from outside nearly always hits the start of
# the interpreter.
_STEPS = ("os.replace", "os.fsync", "os.unlink", "shutil.copymode", "tempfile.mkstemp")
_SUICIDE = """
import os, signal, sys
from migrator import write
place, _, name = sys.argv.pop(1).partition(".")
left = int(sys.argv.pop(1))
module = getattr(write, place)
function = getattr(module, name)
def counted(*arguments, **named):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return function(*arguments, **named)
setattr(module, name, counted)
from migrator.cli import main
main()
"""
_LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
from migrator.cli import main
main()
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "deep").mkdir(parents=True)
    for number in range(FILES):
        (folder / f"deep/f{number}.py").write_bytes(old(number))
    return folder


def old(number: int) -> bytes:
    return (
        b"from openai import OpenAI\nOpenAI().images.generate(model='dall-e-3', prompt='p%d', style='vivid')\n"
        % number
        + PADDING
    )


def start(
    tree: Path, code: str = "from migrator.cli import main; main()", *words: object
) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words), "rewrite", ".", "--write", "--format", "json"],
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def whole(tree: Path) -> tuple[int, int]:
    """How many files are old and new; a file that is neither fails."""
    found = {True: 0, False: 0}
    for number in range(FILES):
        data = (tree / f"deep/f{number}.py").read_bytes()
        new = data != old(number)
        if new:
            assert data.startswith(b"from openai import OpenAI\nOpenAI().images.generate(model='gpt-image")
            assert data.endswith(b"prompt='p%d')\n" % number + PADDING)
        found[new] += 1
    return found[False], found[True]


def test_a_run_that_is_killed_at_any_step_leaves_every_file_whole(tree: Path) -> None:
    lots = random.Random(20)
    seen = set()
    for kill in range(KILLS):
        run = start(tree, _SUICIDE, _STEPS[kill % len(_STEPS)], lots.randrange(2, FILES + 1))
        run.communicate(timeout=120)
        assert run.returncode == -9
        seen.add(whole(tree)[1])
        python = discover([str(tree)], [b"dall-e-3"]).paths
        assert len(python) == FILES
        for number in range(FILES):
            (tree / f"deep/f{number}.py").write_bytes(old(number))
    assert len(seen) > 1
    done = start(tree)
    done.communicate(timeout=120)
    assert whole(tree) == (0, FILES)


def test_a_run_that_is_killed_from_outside_leaves_every_file_whole(tree: Path) -> None:
    run = start(tree)
    deadline = time.monotonic() + 60
    while not any(name.startswith(".migrator-") for name in os.listdir(tree / "deep")):
        assert time.monotonic() < deadline
        if run.poll() is not None:
            break
    run.kill()
    run.communicate(timeout=60)
    assert sum(whole(tree)) == FILES


def test_a_disk_that_is_full_leaves_every_file_whole_and_says_so(tree: Path) -> None:
    # the limit lets small files through: the run fails in the midst of one
    (tree / "small.py").write_bytes(old(0).removesuffix(PADDING))
    run = start(tree, _LIMITED, 10_000)
    out, err = run.communicate(timeout=120)
    assert run.returncode == 1, err
    assert whole(tree) == (FILES, 0)
    assert b"gpt-image" in (tree / "small.py").read_bytes()
    report = json.loads(out)
    failed = {one["path"]: one["message"] for one in report["findings"] if one["rule"] == "IMG095"}
    assert len(failed) == FILES
    assert "could not be written: File too large" in failed["deep/f0.py"]
    assert [name for name in os.listdir(tree / "deep") if name.startswith(".migrator-")] == []


def test_two_runs_at_once_leave_every_file_whole_and_each_says_what_it_did(tree: Path) -> None:
    runs = [start(tree) for _ in range(2)]
    reports = []
    for run in runs:
        out, err = run.communicate(timeout=180)
        assert run.returncode in {0, 1}, err
        reports.append(json.loads(out))
    assert whole(tree) == (0, FILES)
    written = [sum(one["status"] == "changed" for one in report["files"]) for report in reports]
    assert sum(written) >= FILES
    for report in reports:
        named = {one["path"] for one in report["findings"] if one["rule"] == "IMG095"}
        assert {one["path"] for one in report["findings"] if not one["applied"]} == named
    assert [name for name in os.listdir(tree / "deep") if name.startswith(".migrator-")] == []
