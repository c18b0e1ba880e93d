"""Every command and code block in README.md and docs/: parsed, and run where it can run offline."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml

from migrator import cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>`{3,})(?P<kind>[\w+-]*)\n(?P<text>.*?)^(?P=indent)(?P=ticks)$", re.S | re.M
)
_SHELL = {"sh", "bash", "console"}
_ENDS = {"|", "||", "&&", "&", ">", "<", ";", "|&"}

_NOT_RUN = {
    "migrator simulate": "serves until it is stopped; test_blocks.py runs the whole block",
    "migrator verdicts apply RUN verdicts-ana.json": "needs what people export; test_blocks.py makes it",
    "migrator verdicts apply RUN verdicts-ben.json": "the same",
    "migrator gate RUN --require-signoff": "the same",
}
_OTHERS_OPTIONS = {"--all-files", "--checkout"}
"""Options of other programs that the texts mention."""


@dataclass(frozen=True)
class Fence:
    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def fences() -> Iterator[Fence]:
    for page in PAGES:
        text = page.read_text("utf-8")
        for found in _FENCE.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield Fence(page, line, found["kind"], textwrap.dedent(found["text"]))


FENCES = list(fences())


def commands(fence: Fence) -> Iterator[tuple[str, list[str]]]:
    """Each command line of ours in a block, and the lines of output below it."""
    lines = fence.text.splitlines()
    prompts = any(line.startswith("$ ") for line in lines)
    for number, line in enumerate(lines):
        if not line.startswith("$ migrator " if prompts else "migrator "):
            continue
        after = lines[number + 1 :] if prompts else []
        end = next((at for at, later in enumerate(after) if later.startswith("$ ")), len(after))
        yield line.removeprefix("$ "), after[:end]


SHOWN = [
    (fence, line, output)
    for fence in FENCES
    if fence.kind in {"", *_SHELL}
    for line, output in commands(fence)
]
MENTIONED = sorted(
    {
        (page.name, " ".join(found[1].split()))
        for page in PAGES
        for found in re.finditer(r"`(migrator [^`]+)`", _FENCE.sub("", page.read_text("utf-8")))
    }
)


def words_of(line: str) -> list[str]:
    """The words after ``migrator``, up to a pipe, a redirection or a comment."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    end = next((at for at, word in enumerate(words) if word in _ENDS), len(words))
    assert words[0] == "migrator"
    return words[1:end]


def understood(words: list[str]) -> None:
    """Fails unless click takes the words; nothing is run."""
    group: click.Command = cli.cli
    context = click.Context(group, info_name="migrator")
    while isinstance(group, click.Group) and words:
        _, found, words = group.resolve_command(context, words)
        assert found is not None
        group = found
        if not isinstance(group, click.Group):
            group.make_context("migrator", words, parent=context)


def test_there_is_something_to_check() -> None:
    assert len(SHOWN) > 10
    assert len(MENTIONED) > 20


@pytest.mark.parametrize("fence", [one for one in FENCES if one.kind and one.kind not in _SHELL], ids=str)
def test_a_block_is_what_it_says(fence: Fence) -> None:
    readers: dict[str, Callable[[str], Any]] = {
        "yaml": lambda text: list(yaml.safe_load_all(text)),
        "json": json.loads,
        "toml": tomllib.loads,
        "python": ast.parse,
        "diff": lambda text: re.search(r"^--- a/.*\n\+\+\+ b/.*\n@@ -", text).group(),  # type: ignore[union-attr]
        "text": str,
    }
    assert fence.kind in readers, "a kind of block that nothing checks"
    assert readers[fence.kind](fence.text)


@pytest.mark.parametrize("fence", [one for one in FENCES if one.kind in {"sh", "bash"}], ids=str)
def test_a_shell_block_is_valid_shell(fence: Fence) -> None:
    done = subprocess.run(["bash", "-n"], input=fence.text, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("page", "line"), MENTIONED)
def test_a_command_in_a_sentence_exists_with_its_options(page: str, line: str) -> None:
    words = words_of(line)
    if words[-1] == "--help":
        words.pop()  # every command has it
    if len(words) != 1 or words[0] not in cli.COMMANDS:
        try:
            understood(words)
        except click.MissingParameter:
            assert len(words) == 1, line
    else:
        assert words[0] in cli.COMMANDS


@pytest.mark.parametrize(("fence", "line", "output"), SHOWN, ids=lambda one: str(one)[:40])
def test_a_command_in_a_block_is_understood(fence: Fence, line: str, output: list[str]) -> None:
    understood(words_of(line))


def options() -> set[str]:
    found = {"--help", "--version"}

    def collect(command: click.Command) -> None:
        for parameter in command.params:
            found.update(parameter.opts)
        if isinstance(command, click.Group):
            for name in command.list_commands(click.Context(command)):
                inner = command.get_command(click.Context(command), name)
                assert inner is not None
                collect(inner)

    collect(cli.cli)
    return found


def test_every_option_that_is_mentioned_exists() -> None:
    known = options() | _OTHERS_OPTIONS
    unknown = {
        f"{page.name}: {found[1]}"
        for page in PAGES
        if page.name != "benchmarks.md"
        for found in re.finditer(r"`(--[a-z][a-z-]*)[^`]*`", page.read_text("utf-8"))
        if found[1] not in known
    }
    assert not unknown


# running


def migrator(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    extras = folder.parent / "extras"
    extras.mkdir(exist_ok=True)
    # reading text in pictures takes a minute where that extra is installed, and no text shows it
    (extras / "rapidocr.py").write_text("raise ImportError")
    variables = {
        "PYTHONPATH": os.pathsep.join([str(extras), str(ROOT)]),
        "HOME": str(folder),
        "OPENAI_API_KEY": "",
    }
    return subprocess.run(
        [sys.executable, "-m", "migrator", *words_of(line)],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project, with the files that the texts speak of."""
    folder = tmp_path_factory.mktemp("docs") / "project"
    shutil.copytree(ROOT / "fixtures" / "samples" / "postcards", folder)
    (suite,) = [one for one in FENCES if one.kind == "yaml" and one.text.startswith("# suite.yaml")]
    (folder / "suite.yaml").write_text(suite.text)
    (folder / "repositories.txt").write_text(".\n")
    for number in range(1, 5):
        made = migrator(folder, f"migrator scan . --shard {number}/4 --format json")
        (folder / f"part-{number}.json").write_text(made.stdout)
    (folder / "photos").mkdir()
    shutil.copy(next((ROOT / "docs").rglob("*.png")), folder / "photos" / "lighthouse.png")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "c"]):
        subprocess.run(["git", *words], check=True, cwd=folder, capture_output=True)
    for number in (1, 2):
        out = f"runs/46f667ee0c79-{number}-of-2"
        migrator(folder, f"migrator compare suite.yaml --shard {number}/2 --out {out}")
    return folder


def test_what_is_not_run_is_still_in_the_texts() -> None:
    assert set(_NOT_RUN) <= {" ".join(["migrator", *words_of(line)]) for _, line, _ in SHOWN}


@pytest.mark.parametrize(
    ("line", "output"),
    [
        pytest.param(line, output, id=f"{fence}-{line[9:40].strip()}")
        for fence, line, output in SHOWN
        if " ".join(["migrator", *words_of(line)]) not in _NOT_RUN
    ],
)
def test_a_command_in_a_block_does_what_the_text_shows(
    project: Path, tmp_path: Path, line: str, output: list[str]
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(project, folder)
    done = migrator(folder, line)
    assert "internal error" not in done.stderr
    refused = any(text.startswith("migrator: ") for text in output)
    assert (done.returncode == 2) == refused, done.stderr
    said = _masked(done.stdout + done.stderr).splitlines()
    for text in map(_masked, output):
        if text.endswith("..."):
            assert any(one.startswith(text[:-3].rstrip()) for one in said), f"{text!r} is not in {said}"
        else:
            assert text in said


def _masked(text: str) -> str:
    """What differs from run to run, as the same words."""
    return re.sub(r"\b[0-9a-f]{12}\b", "RUN", text)


def test_the_terminal_in_the_readme_shows_what_the_tool_prints() -> None:
    words = [sys.executable, str(ROOT / "tools" / "terminal.py"), "--check"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "docs/images/terminal.svg" in (ROOT / "README.md").read_text("utf-8")


def test_the_texts_show_the_models_of_the_day_that_they_name(tmp_path: Path) -> None:
    page = ROOT / "docs" / "usage.md"
    found = re.search(r"`migrator models` on (\d{4}-\d\d-\d\d)", page.read_text("utf-8"))
    assert found
    said = migrator(tmp_path, f"migrator models --today {found[1]}").stdout
    start = page.read_text("utf-8").count("\n", 0, found.start())
    block = next(one.text for one in FENCES if one.page == page and one.line > start and one.kind == "")
    assert said.strip() == block.strip()
