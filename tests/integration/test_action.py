"""The GitHub Action: its file against the schema, its check step as a runner would start it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
OLD = 'from openai import OpenAI\n\nOpenAI().images.generate(model="dall-e-3", prompt="p", style="vivid")\n'


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "action.yml").read_text())


def test_the_file_is_valid_by_the_schema_of_actions() -> None:
    words = ["--builtin-schema", "vendor.github-actions", str(ROOT / "action.yml")]
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *words], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_input_becomes_a_part_of_a_script(action: dict[str, Any]) -> None:
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"]
    used = {value for step in action["runs"]["steps"] for value in step["env"].values()}
    assert {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]} <= used


def check(action: dict[str, Any], folder: Path, **inputs: str) -> tuple[int, str, dict[str, str]]:
    """Exit code, output and outputs of the check step in ``folder``."""
    program = folder / "migrator-here"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m migrator "$@"\n')
    program.chmod(0o755)
    (step,) = [one for one in action["runs"]["steps"] if one.get("id") == "check"]
    values = {name: one["default"] for name, one in action["inputs"].items()} | inputs
    given = {
        name: values[value.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, value in step["env"].items()
    }
    outputs = folder / "outputs"
    outputs.write_text("")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | given | {"MIGRATOR": str(program), "GITHUB_OUTPUT": str(outputs)},
    )
    pairs = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    return done.returncode, done.stdout + done.stderr, pairs


def test_the_check_fails_and_annotates_while_something_is_left(
    action: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text(OLD.replace("generate(", "create_variation(image=f, "))
    code, said, outputs = check(action, tmp_path, sarif="left.sarif", paths="a.py")
    assert (code, outputs) == (1, {"left": "true", "sarif": "left.sarif"})
    assert "::error file=a.py,line=3," in said
    assert '"version": "2.1.0"' in (tmp_path / "left.sarif").read_text()


def test_the_check_can_only_tell(action: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(OLD)
    assert check(action, tmp_path, check="false", target="gpt-image-2")[::2] == (0, {"left": "true"})


def test_the_check_passes_where_nothing_is_left(action: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    assert check(action, tmp_path)[::2] == (0, {"left": "false"})


def test_a_mistake_fails_whatever_was_asked(action: dict[str, Any], tmp_path: Path) -> None:
    code, said, outputs = check(action, tmp_path, check="false", paths="nowhere; touch made")
    assert (code, outputs) == (2, {})
    assert "no such file or folder: nowhere;" in said
    assert not (tmp_path / "made").exists()
