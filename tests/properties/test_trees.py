"""Whole trees on disk, made of fixtures that were spoiled: what must hold of a run, whoever does it, and of writing."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from migrator import cli
from migrator.filework import analyse, texts
from tests.codemod.mutations import MUTATIONS, mutated

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = {
    f"{case.parent.parent.name}/{case.parent.name}": case.parent / "project"
    for case in sorted((ROOT / "fixtures").glob("*/*/case.yaml"))
}
Tree = dict[str, bytes]


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """The files of some fixtures, each in a folder of its own; programs among them have lost or moved statements."""
    names = draw(st.lists(st.sampled_from(sorted(PROJECTS)), min_size=1, max_size=3, unique=True))
    kinds = draw(st.lists(st.sampled_from(sorted(MUTATIONS)), max_size=2))
    random = Random(draw(st.integers(0, 2**16)))
    found = {}
    for number, name in enumerate(names):
        found[f"p{number}/setup.py"] = b""
        for path in sorted(PROJECTS[name].rglob("*")):
            if path.is_file():
                place = f"p{number}/{path.relative_to(PROJECTS[name]).as_posix()}"
                found[place] = _spoiled(place, path.read_bytes(), kinds, random)
    return found


def _spoiled(place: str, content: bytes, kinds: list[str], random: Random) -> bytes:
    try:
        text = content.decode()
        ast.parse(text)
    except (UnicodeDecodeError, SyntaxError):
        return content
    if not place.endswith(".py") or "\r" in text:
        return content
    return mutated(text, kinds, random).encode()


@contextmanager
def on_disk(tree: Tree) -> Iterator[None]:
    """The current folder holds the tree."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        for path, content in tree.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_bytes(content)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def contents() -> Tree:
    """The files of the current folder, without those that the tool keeps for itself."""
    found = {path.as_posix(): path for path in Path().rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(".migrator/")}


def run(*words: str) -> str:
    """What a command prints; it ends as commands do."""
    done = CliRunner().invoke(cli.cli, list(words))
    assert done.exit_code in {0, 1}, done.output
    assert "IMG093" not in done.stdout
    return done.stdout


def rewrite(*words: str) -> str:
    return run("rewrite", ".", "--format", "json", "--today", "2026-11-23", *words)


def bounded(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


@given(trees(), st.booleans())
@bounded(8)
def test_a_tree_is_written_as_shown_and_taken_back_whole(tree: Tree, unsafe: bool) -> None:
    choice = ["--unsafe"] if unsafe else []
    with on_disk(tree):
        before = contents()
        shown = json.loads(rewrite(*choice))
        assert contents() == before
        rewrite(*choice, "--write")
        after = contents()
        changed = {one["path"] for one in shown["files"] if one["status"] == "changed"}
        assert {path for path in before if before[path] != after.get(path)} == changed
        assert after.keys() == before.keys()
        for path in changed:
            if path.endswith(".py"):
                ast.parse(after[path])
            if path.endswith((".ipynb", ".json")) and _is_json(before[path]):
                assert _is_json(after[path]), path
        again = json.loads(rewrite(*choice))
        assert [one["path"] for one in again["files"] if one["status"] == "changed"] == []
        for undo in sorted(Path(".migrator").glob("undo-*.patch")):
            subprocess.run(["git", "apply", str(undo)], check=True, capture_output=True)
        assert contents() == before


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


@given(trees(), st.integers(2, 4), st.booleans())
@bounded(5)
def test_workers_and_parts_give_the_bytes_of_a_single_run(tree: Tree, number: int, unsafe: bool) -> None:
    choice = ["--unsafe"] if unsafe else []
    with on_disk(tree), pytest.MonkeyPatch.context() as patch:
        alone = rewrite(*choice, "--jobs", "1")
        for name, value in ((analyse, "_WORTH"), (texts, "_WORTH"), (texts, "_BATCH")):
            patch.setattr(name, value, 1)
        assert rewrite(*choice, "--executor", "threads", "--jobs", str(number)) == alone
        parts = []
        for part in range(1, number + 1):
            parts.append(f"../part-{Path.cwd().name}-{part}.json")
            Path(parts[-1]).write_text(rewrite(*choice, "--shard", f"{part}/{number}"))
        try:
            assert run("merge", *parts, "--format", "json") == alone
        finally:
            for name in parts:
                Path(name).unlink()


@given(trees())
@bounded(2)
def test_processes_give_the_bytes_of_a_single_run(tree: Tree) -> None:
    with on_disk(tree), pytest.MonkeyPatch.context() as patch:
        alone = rewrite("--jobs", "1")
        for name, value in ((analyse, "_WORTH"), (texts, "_WORTH"), (texts, "_BATCH")):
            patch.setattr(name, value, 1)
        assert rewrite("--jobs", "2") == alone
