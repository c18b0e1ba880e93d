"""Completion: what each shell is told, and what the shells that are there make of it."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[2])
WORDS = {"bash": "complete -o nosort -F", "zsh": "#compdef migrator", "fish": "complete --no-files --command"}
TYPED = [
    ("migrator sc", "scan"),
    ("migrator rewrite . --form", "--format"),
    ("migrator rewrite . --format s", "sarif"),
    ("migrator rules l", "list"),
]
"""Each with the only word that fits."""
THERE = [shell for shell in ("zsh", "fish") if shutil.which(shell)]


def migrator(*words: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "migrator", *words],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": ROOT} | variables,
    )
    return done.stdout


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A program called migrator, and nothing of the person's own settings."""
    program = tmp_path / "bin" / "migrator"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m migrator "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {
        "PATH": path,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "TERM": "dumb",
    }


@pytest.mark.parametrize("shell", sorted(WORDS))
def test_each_shell_has_a_script_that_it_can_read(shell: str, tmp_path: Path) -> None:
    script = migrator("completion", shell)
    assert WORDS[shell] in script
    assert f"_MIGRATOR_COMPLETE={shell}_complete" in script
    if program := shutil.which(shell):
        (tmp_path / "script").write_text(script)
        subprocess.run([program, "-n", str(tmp_path / "script")], check=True)


@pytest.mark.parametrize(("typed", "word"), TYPED)
def test_the_scripts_get_the_word_with_its_help_from_the_program(typed: str, word: str) -> None:
    words = typed.split()
    asked = {"COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1)}
    bash = migrator(_MIGRATOR_COMPLETE="bash_complete", **asked)
    assert bash.split() == [f"plain,{word}"]
    zsh = migrator(_MIGRATOR_COMPLETE="zsh_complete", **asked).splitlines()
    assert zsh[:2] == ["plain", word]
    fish = migrator(_MIGRATOR_COMPLETE="fish_complete", COMP_WORDS=typed, COMP_CWORD=words[-1]).splitlines()
    assert fish[0].startswith("plain")
    assert word in " ".join(fish)


@pytest.mark.parametrize(("typed", "word"), TYPED)
def test_bash_completes_commands_options_and_values(
    typed: str, word: str, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "script").write_text(migrator("completion", "bash"))
    words = typed.split()
    array = " ".join(f"'{one}'" for one in words)
    code = (
        f"source {tmp_path}/script; complete -p migrator >&2; COMP_WORDS=({array}); COMP_CWORD={len(words) - 1}; "
        '_migrator_completion migrator; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert done.stdout.split() == [word]
    assert "-F _migrator_completion migrator" in done.stderr


@pytest.mark.parametrize(("typed", "word"), [pair for pair in TYPED if "fish" in THERE])
def test_fish_completes_commands_options_and_values(
    typed: str, word: str, environment: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "fish" / "completions"
    folder.mkdir(parents=True)
    (folder / "migrator.fish").write_text(migrator("completion", "fish"))
    done = subprocess.run(
        ["fish", "-c", f"complete -C '{typed}'"], check=True, capture_output=True, text=True, env=environment
    )
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == [word]


@pytest.mark.parametrize("loaded", ["by $fpath", "by source"] if "zsh" in THERE else [])
def test_zsh_completes_commands_options_and_values(
    loaded: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """At a terminal, for zsh completes nowhere else: each line is typed, then Tab, and one more key to write it down."""
    folder = tmp_path / "functions"
    folder.mkdir()
    (folder / "_migrator").write_text(migrator("completion", "zsh"))
    start = [
        "PS1='ready> '; zle_highlight=(none); unsetopt beep",
        f"fpath=({folder} $fpath)" if loaded == "by $fpath" else "",
        "autoload -Uz compinit; compinit -u -D",
        f"source {folder}/_migrator" if loaded == "by source" else "",
        f"noted() {{ print -r -- $BUFFER >> {tmp_path}/noted; zle kill-whole-line; zle reset-prompt }}",
        "zle -N noted; bindkey '^X^N' noted",
    ]
    (tmp_path / ".zshrc").write_text("\n".join(start) + "\n")
    terminal, inner = pty.openpty()
    process = subprocess.Popen(
        ["zsh", "-d", "-i"],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
        env=environment | {"ZDOTDIR": str(tmp_path)},
    )
    os.close(inner)
    seen = ""

    def until(fits: str, seconds: float = 30) -> None:
        nonlocal seen
        end = time.monotonic() + seconds
        while fits not in seen:
            ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{fits!r} is not in {seen!r}"
            seen += os.read(terminal, 4096).decode(errors="replace")

    try:
        until("ready> ")
        for number, (typed, _) in enumerate(TYPED, 1):
            os.write(terminal, f"{typed}\t\x18\x0e".encode())
            end = time.monotonic() + 30
            while len(_lines(tmp_path / "noted")) < number and time.monotonic() < end:
                if select.select([terminal], [], [], 0.05)[0]:
                    seen += os.read(terminal, 4096).decode(errors="replace")
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
    made = [" ".join([*typed.split()[:-1], word]) for typed, word in TYPED]
    assert [line.rstrip() for line in _lines(tmp_path / "noted")] == made, seen


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
