"""Completion, by the shells that are there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[2])
WORDS = {"bash": "complete -o nosort -F", "zsh": "#compdef migrator", "fish": "complete --no-files --command"}


def migrator(*words: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "migrator", *words],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": ROOT} | variables,
    )
    return done.stdout


@pytest.mark.parametrize("shell", sorted(WORDS))
def test_each_shell_has_a_script_that_it_can_read(shell: str, tmp_path: Path) -> None:
    script = migrator("completion", shell)
    assert WORDS[shell] in script
    assert "_MIGRATOR_COMPLETE" in script
    if program := shutil.which(shell):
        (tmp_path / "script").write_text(script)
        subprocess.run([program, "-n", str(tmp_path / "script")], check=True)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("sc", {"scan"}), ("rewrite . --form", {"--format"}), ("rewrite . --format s", {"sarif"})],
)
def test_bash_completes_commands_options_and_values(typed: str, offered: set[str], tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "migrator"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m migrator "$@"\n')
    program.chmod(0o755)
    (tmp_path / "script").write_text(migrator("completion", "bash"))
    words = ["migrator", *typed.split()]
    array = " ".join(f"'{word}'" for word in words)
    code = (
        f"source {tmp_path}/script; COMP_WORDS=({array}); COMP_CWORD={len(words) - 1}; "
        '_migrator_completion migrator; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"},
    )
    assert set(done.stdout.split()) == offered
