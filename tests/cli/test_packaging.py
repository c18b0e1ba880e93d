"""What is shipped: the wheel stands on its own, and the documents keep their promises."""

from __future__ import annotations

import os
import re
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from click import Command, Context
from click.testing import CliRunner

from migrator import cli

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the built wheel; the dependencies are borrowed from the present one."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    home = folder / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text("\n".join(site.getsitepackages()))
    return home / "bin"


def test_the_wheel_rewrites_a_file_with_the_rules_that_it_carries(installed: Path, tmp_path: Path) -> None:
    program = tmp_path / "a.py"
    program.write_text(
        "import base64\nfrom openai import OpenAI\n\nresponse = OpenAI().images.generate(\n"
        '    model="dall-e-3", prompt="a fox", quality="hd", response_format="b64_json"\n)\n'
        'open("fox.png", "wb").write(base64.b64decode(response.data[0].b64_json))\n'
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(
        [installed / "migrator", "rewrite", "a.py", "--write", "--target", "gpt-image-2"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert 'model="gpt-image-2", prompt="a fox", quality="high"' in program.read_text()
    where = (
        "import migrator.catalog.loader as l, migrator.demo as d; print(l.rules_folder(), d.sample_folder())"
    )
    found = subprocess.run(
        [installed / "python", "-c", where],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(str(installed.parent) in path for path in found.stdout.split())


def commands_of(document: str) -> dict[str, str]:
    text = (ROOT / document).read_text()
    return dict(re.findall(r"<!-- newcomer: (\w+) -->\n```sh\n(.+)\n```", text))


def test_the_newcomers_commands_are_one_line_each_and_ci_runs_the_same_tests() -> None:
    commands = commands_of("README.md")
    assert set(commands) == {"run", "test"}
    assert commands["test"] in (ROOT / ".ci" / "run").read_text().splitlines()


def command_of(name: str) -> Command:
    command = cli.cli.get_command(Context(cli.cli), name)
    assert command is not None
    return command


def test_every_option_in_the_documents_exists() -> None:
    words = set()
    for command in (cli.cli, *(command_of(name) for name in cli.COMMANDS)):
        words |= {word for option in command.params for word in option.opts}
    text = (ROOT / "README.md").read_text() + (ROOT / "docs" / "usage.md").read_text()
    used = set(re.findall(r"(?<![-\w])--[a-z][a-z-]+", re.sub(r"(?m)^python3 .*$", "", text)))
    assert used - words == set()
    for command in re.findall(r"migrator ([a-z]+)", text):
        assert command in cli.COMMANDS, command


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_every_command_has_help(command: str) -> None:
    done = CliRunner().invoke(cli.cli, [command, "--help"])
    assert done.exit_code == 0
    assert "Usage:" in done.output
    assert "\b" not in done.output
