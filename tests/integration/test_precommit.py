"""The hooks, by the real pre-commit in a real repository.

pre-commit would install this package into an environment of its own, from the network. The tests take the same
hooks with ``language: system`` instead, and find ``migrator`` on the path.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MANIFEST = ".pre-commit-hooks.yaml"
OLD = 'from openai import OpenAI\n\nOpenAI().images.generate(model="dall-e-3", prompt="p", style="vivid")\n'
FINE = OLD.replace("dall-e-3", "gpt-image-2").replace(', style="vivid"', "")


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "migrator"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m migrator "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "a")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "a@example.org")


def git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *words], check=False, capture_output=True, text=True, cwd=folder)


def repository(folder: Path, **files: str) -> Path:
    folder.mkdir()
    git(folder, "init", "-q")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    """A repository with our hooks, as pre-commit clones it."""
    folder = repository(tmp_path / "hooks")
    text = (ROOT / MANIFEST).read_text().replace("language: python", "language: system")
    (folder / MANIFEST).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "hooks")
    return folder


def use(folder: Path, hooks: Path, name: str) -> None:
    revision = git(hooks, "rev-parse", "HEAD").stdout.strip()
    text = f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n  - id: {name}\n"
    (folder / ".pre-commit-config.yaml").write_text(text)
    git(folder, "add", ".pre-commit-config.yaml")
    git(folder, "commit", "-qm", "hook", "--no-verify")


def pre_commit(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pre_commit", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)


def test_the_manifest_is_one_that_pre_commit_takes() -> None:
    done = pre_commit(ROOT, "validate-manifest", MANIFEST)
    assert done.returncode == 0, done.stdout


def test_the_hook_fails_while_the_project_has_something_left(tmp_path: Path, hooks: Path) -> None:
    project = repository(tmp_path / "project", old=OLD)
    use(project, hooks, "migrator-check")
    done = pre_commit(project, "run", "--all-files")
    assert done.returncode == 1
    assert "would change old.py" in done.stdout
    (project / "old.py").write_text(FINE)
    git(project, "add", ".")
    done = pre_commit(project, "run", "--all-files")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("how", [["-m", "c"], ["-a", "-m", "c"], ["-m", "c", "new.py"]])
def test_the_staged_hook_stops_a_commit_that_adds_a_call_however_it_is_made(
    tmp_path: Path, hooks: Path, how: list[str]
) -> None:
    project = repository(tmp_path / "project", old=OLD, new="")
    use(project, hooks, "migrator-check-staged")
    assert pre_commit(project, "install").returncode == 0
    (project / "new.py").write_text(OLD)
    if how == ["-m", "c"]:
        git(project, "add", "new.py")
    done = git(project, "commit", *how)
    assert done.returncode == 1
    assert "would change new.py" in done.stderr
    assert "old.py" not in done.stderr
    (project / "new.py").write_text(FINE)
    git(project, "add", "new.py")
    done = git(project, "commit", *how)
    assert done.returncode == 0, done.stderr
