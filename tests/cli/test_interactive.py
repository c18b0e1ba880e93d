"""Deciding call site by call site at a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROMPT = "Apply? [y n a s q b ?] "
ROOT = Path(__file__).parents[2]
TWO = """from openai import OpenAI

client = OpenAI()
first = client.images.generate(model="dall-e-3", prompt="a", style="vivid")
second = client.images.generate(model="dall-e-2", prompt="b", response_format="b64_json")
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("art.py").write_text(TWO)
    return tmp_path


def at_a_terminal(*keys: str) -> tuple[int, str]:
    """Runs the command at a terminal and types each key when it asks."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "migrator", "rewrite", ".", "--interactive"]
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = ""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        if select.select([ours], [], [], 0.3)[0]:
            try:
                data = os.read(ours, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data.decode().replace("\r", "")
        elif child.poll() is not None:
            break
        elif shown.endswith(PROMPT):
            # typed again if it came before the terminal was ready for single keys, which drops it
            answered = len(re.findall(re.escape(PROMPT) + r".*\n", shown))
            os.write(ours, keys[answered].encode())
    os.close(ours)
    return child.wait(10), shown


def test_each_call_site_is_shown_with_its_diff_and_decided_by_one_key() -> None:
    code, shown = at_a_terminal("n", "y")
    assert "1 of 2: art.py:4 (generations, dall-e-3)" in shown
    assert '-first = client.images.generate(model="dall-e-3"' in shown
    written = Path("art.py").read_text()
    assert 'model="dall-e-3", prompt="a", style="vivid"' in written
    assert 'second = client.images.generate(model="gpt-image-2.6-flare", prompt="b")' in written
    assert code == 1


def test_all_that_follow_can_be_taken_at_once() -> None:
    code, _ = at_a_terminal("a")
    assert "dall-e" not in Path("art.py").read_text()
    assert code == 0


def test_help_and_back_change_nothing_and_quitting_keeps_what_was_decided() -> None:
    _, shown = at_a_terminal("?", "n", "b", "y", "q")
    assert "go back to the one before" in shown
    written = Path("art.py").read_text()
    assert 'first = client.images.generate(model="gpt-image-2.6-flare", prompt="a")' in written
    assert 'model="dall-e-2"' in written


def test_an_interrupt_leaves_every_file_as_it_was() -> None:
    code, _ = at_a_terminal("y", "\x03")
    assert code == 130
    assert Path("art.py").read_text() == TWO


def test_without_a_terminal_it_says_what_to_use_instead() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "migrator", "rewrite", ".", "-i"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "--interactive asks at a terminal" in done.stderr
    assert Path("art.py").read_text() == TWO
