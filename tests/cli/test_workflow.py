"""The command in a team's workflow: patches, marks, and runs over what changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LEFT = """from openai import OpenAI

client = OpenAI()


def vary(file):
    return client.images.create_variation(
        image=file,
    )
"""
MOVES = 'from openai import OpenAI\n\nOpenAI().images.generate(model="dall-e-3", prompt="p", style="vivid")\n'


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    return tmp_path


def git(*words: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    return subprocess.run(["git", *identity, *words], check=True, capture_output=True, text=True).stdout


def migrator(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "migrator", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def commit(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.py").write_text(text)
    git("add", ".")
    git("commit", "-qm", "c")


def sites(*words: str) -> set[str]:
    done = migrator("scan", ".", "--format", "json", *words)
    assert done.returncode in {0, 1}, done.stderr
    return {site["path"] for site in json.loads(done.stdout)["sites"]}


def test_a_patch_changes_what_write_would_change() -> None:
    commit(a=MOVES)
    migrator("rewrite", ".", "--patch", "move.patch")
    assert Path("a.py").read_text() == MOVES
    git("apply", "move.patch")
    patched = Path("a.py").read_text()
    git("checkout", "-q", "a.py")
    migrator("rewrite", ".", "--write")
    assert patched == Path("a.py").read_text() != MOVES


def test_every_write_leaves_a_way_back_that_no_commit_holds() -> None:
    commit(a=MOVES)
    done = migrator("rewrite", ".", "--write")
    assert Path("a.py").read_text() != MOVES
    (undo,) = Path(".git/migrator").iterdir()
    assert f"git apply {undo}" in done.stderr
    git("apply", str(undo))
    assert Path("a.py").read_text() == MOVES
    assert git("status", "--porcelain") == ""


def test_a_patch_that_cannot_be_saved_is_one_line() -> None:
    commit(a=MOVES)
    done = migrator("rewrite", ".", "--patch", "nowhere/move.patch")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(
        "migrator: the patch nowhere/move.patch could not be written"
    )


def test_marks_stand_above_the_statement_and_only_once() -> None:
    commit(a=LEFT)
    migrator("rewrite", ".", "--write", "--mark")
    marked = Path("a.py").read_text()
    before, _, after = marked.partition("    return client")
    assert before.splitlines()[-1].startswith("    # TODO(migrator): IMG020 ")
    assert before + "    return client" + after == marked
    assert marked.count("TODO(migrator)") == 1
    git("commit", "-qam", "marked")
    again = migrator("rewrite", ".", "--write", "--mark")
    assert Path("a.py").read_text() == marked
    assert "0 files written" in again.stdout


def test_since_looks_at_what_changed_and_at_new_files() -> None:
    commit(a=MOVES, b=MOVES)
    Path("b.py").write_text(MOVES + "# more\n")
    Path("c.py").write_text(MOVES)
    assert sites("--since", "HEAD") == {"b.py", "c.py"}
    assert sites() == {"a.py", "b.py", "c.py"}


def test_staged_looks_at_what_the_next_commit_changes() -> None:
    commit(a=MOVES, b=MOVES)
    for name in ("a.py", "b.py"):
        Path(name).write_text(MOVES + "# more\n")
    git("add", "b.py")
    assert sites("--staged") == {"b.py"}


def test_since_follows_renames_and_passes_over_what_is_gone() -> None:
    commit(a=MOVES, b=MOVES, c="x = 1\n")
    git("mv", "a.py", "new.py")
    Path("b.py").unlink()
    assert sites("--since", "HEAD") == sites("--staged") == {"new.py"}


def test_a_history_that_is_not_there_is_said_with_what_to_do(tmp_path: Path) -> None:
    git("init", "-q")
    Path("a.py").write_text(MOVES)
    assert "nothing is committed yet; leave --since out" in migrator("scan", ".", "--since", "HEAD").stderr
    git("add", "a.py")
    assert sites("--staged") == {"a.py"}
    commit(b=MOVES)
    git("clone", "-q", "--depth=1", Path.cwd().as_uri(), "shallow")
    done = migrator("scan", "shallow", "--since", "HEAD~1")
    assert done.returncode == 2
    assert "git fetch --unshallow" in done.stderr


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD; rm -rf ."])
def test_a_revision_that_does_not_exist_is_one_line(revision: str) -> None:
    commit(a=MOVES)
    done = migrator("scan", ".", f"--since={revision}")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"there is no revision {revision!r}" in done.stderr
    assert not Path("x").exists()
