"""Trees that nobody should have: what is sound in them is migrated, the rest is named, nothing outside is touched."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from migrator import pipeline
from migrator.cli import cli
from migrator.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

OLD = b"from openai import OpenAI\nOpenAI().images.generate(model='dall-e-3', prompt='p', style='vivid')\n"
ODD_NAMES = [
    b"caf\xe9.py",
    b"two\nlines.py",
    b"red\x1b[31m.py",
    b"-rf.py",
    b"quote\"'`$(x).py",
    "ünï.py".encode(),
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.chdir(folder)
    return folder


def put(name: str | bytes, data: bytes = OLD) -> None:
    path = Path(os.fsdecode(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def migrated(name: str | bytes) -> bool:
    data = Path(os.fsdecode(name)).read_bytes()
    assert data == OLD or b"style" not in data
    return data != OLD


def invoke(*words: str) -> Any:
    done = CliRunner().invoke(cli, ["rewrite", ".", "--today", "2026-11-22", *words])
    assert done.exit_code in {0, 1}, done.output
    return done


def rewrite(*words: str) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Status by file, and rules by file."""
    report = json.loads(invoke("--write", "--format", "json", *words).stdout)
    rules: dict[str, set[str]] = {}
    for one in report["findings"]:
        rules.setdefault(one["path"], set()).add(one["rule"])
    return {one["path"]: one["status"] for one in report["files"]}, rules


def test_what_is_no_plain_file_is_neither_opened_nor_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_bytes(OLD)
    (tmp_path / "far").mkdir()
    (tmp_path / "far/away.py").write_bytes(OLD)
    put("good.py")
    os.symlink(".", "loop")
    os.symlink("../far", "out")
    os.symlink("../secret.py", "out.py")
    os.symlink("a.py", "b.py")
    os.symlink("b.py", "a.py")
    os.symlink("/dev/zero", "zero.py")
    os.symlink("/proc/self/mem", "memory.py")
    os.mkfifo("pipe.py")
    os.mkfifo("pyproject.toml")
    os.mkfifo("settings.yaml")
    Path("folder.py").mkdir()
    put("folder.py/inside.py")
    plug = socket.socket(socket.AF_UNIX)
    plug.bind("plug.py")
    try:
        statuses, rules = rewrite()
    finally:
        plug.close()
    assert statuses == {"good.py": "changed", "folder.py/inside.py": "changed"}
    assert set(rules) == set(statuses)
    assert migrated("good.py")
    assert (tmp_path / "secret.py").read_bytes() == (tmp_path / "far/away.py").read_bytes() == OLD


def test_contents_that_python_would_not_read_are_named_and_kept() -> None:
    parts = {
        "nul.py": (OLD + b"\0", "IMG091"),
        "utf16.py": (OLD.decode().encode("utf-16"), "IMG091"),
        "bytes.py": (OLD + b"# \xff\xfe\n", "IMG091"),
        "cookie.py": (b"# coding: rot13\n" + OLD, "IMG091"),
        "deep.py": (OLD + b"x = " + b"(" * 5000 + b"1" + b")" * 5000 + b"\n", "IMG092"),
        "blocks.py": (OLD + b"".join(b" " * n + b"if x:\n" for n in range(200)), "IMG092"),
        "twenty.py": (OLD + b"#" * 20_000_000, "IMG094"),
        "line.py": (OLD + b"x = '" + b"a" * 5_000_000 + b"'\n", "IMG094"),
    }
    put("good.py")
    for name, (data, _) in parts.items():
        put(name, data)
    statuses, rules = rewrite()
    assert {name: found for name, found in rules.items() if name != "good.py"} == {
        name: {rule} for name, (_, rule) in parts.items() if rule
    }
    assert {name: status for name, status in statuses.items() if status == "changed"} == {
        "good.py": "changed"
    }
    for name, (data, _) in parts.items():
        assert Path(name).read_bytes() == data


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("x = y" + ".a" * 5000, id="attributes"),
        pytest.param("x = y" + "()" * 5000, id="calls"),
        pytest.param("x = " + "1 if a else " * 5000 + "1", id="conditionals"),
        pytest.param("if a:\n    pass\n" + "elif b:\n    pass\n" * 5000, id="elif"),
        pytest.param("x = f'{y" + ".a" * 5000 + "}'", id="an f-string"),
        pytest.param("x = y" + ".a" * 100_000, id="a hundred thousand attributes"),
    ],
)
def test_nesting_of_thousands_of_levels_ends_no_process(code: str) -> None:
    put("good.py")
    put("deep.py", OLD + code.encode() + b"\n")
    statuses, rules = rewrite()
    assert migrated("good.py")
    assert statuses["deep.py"] == "changed" or rules["deep.py"] & {"IMG092", "IMG093"}


def test_carriage_returns_alone_stay_line_ends() -> None:
    put("mac.py", OLD.replace(b"\n", b"\r"))
    rewrite()
    data = Path("mac.py").read_bytes()
    assert b"\n" not in data
    assert b"style" not in data


@pytest.mark.parametrize("repository", [False, True])
def test_names_that_are_no_text_are_migrated_and_written_as_escapes(repository: bool) -> None:
    for name in ODD_NAMES:
        put(b"odd/" + name)
    if repository:
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run([*git, "init", "-q"], check=True)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", "x"], check=True)
    for form in ("text", "json", "sarif", "github", "gitlab"):
        shown = invoke("--format", form).stdout_bytes
        assert b"\x1b" not in shown
        assert b"\nlines.py" not in shown
        shown.decode("utf-8")
    done = invoke("--write", "--patch", "move.patch")
    assert b"\x1b" not in done.stdout_bytes
    assert all(migrated(b"odd/" + name) for name in ODD_NAMES)
    assert Path("move.patch").stat().st_size


def meddling(at: str, meddle: Callable[[], None]) -> pipeline.Report:
    """One ``--write`` run, with ``meddle`` called when the step that begins with ``at`` begins."""

    def step(text: str) -> None:
        if text.startswith(at):
            meddle()

    job = pipeline.Job((".",), Settings(), date(2026, 11, 22), write=True)
    return pipeline.run(job, step)[0]


def test_files_that_go_or_turn_into_something_else_before_they_are_read_cost_only_themselves(
    tmp_path: Path,
) -> None:
    (tmp_path / "secret.py").write_bytes(OLD)
    for name in ("gone", "pipe", "folder", "out", "good", "empty"):
        put(f"{name}.py")
    put("deleted/a.py")
    put("settings.yaml", b"image_model: dall-e-3\n")

    def meddle() -> None:
        for name in ("gone", "pipe", "folder", "out"):
            os.unlink(f"{name}.py")
        os.mkfifo("pipe.py")
        os.mkdir("folder.py")
        os.symlink("../secret.py", "out.py")
        os.unlink("deleted/a.py")
        os.rmdir("deleted")
        put("empty.py", b"")
        os.unlink("settings.yaml")

    report = meddling("searching", meddle)
    assert [one.path for one in report.files if one.status == "changed"] == ["good.py"]
    assert migrated("good.py")
    assert (tmp_path / "secret.py").read_bytes() == OLD
    assert os.path.islink("out.py")


def test_files_that_change_between_reading_and_writing_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_bytes(OLD)
    (tmp_path / "far").mkdir()
    (tmp_path / "far/a.py").write_bytes(OLD)
    for name in ("gone.py", "mine.py", "pipe.py", "folder.py", "out.py", "good.py", "moved/a.py"):
        put(name)

    def meddle() -> None:
        for name in ("gone", "pipe", "folder", "out"):
            os.unlink(f"{name}.py")
        put("mine.py", b"# mine\n" + OLD)
        os.mkfifo("pipe.py")
        os.mkdir("folder.py")
        os.symlink("../secret.py", "out.py")
        os.rename("moved", "kept")
        os.symlink("../far", "moved")

    report = meddling("writing", meddle)
    statuses = {one.path: one.status for one in report.files}
    assert statuses.pop("good.py") == "changed"
    assert set(statuses.values()) == {"error"}
    assert migrated("good.py")
    assert Path("mine.py").read_bytes() == b"# mine\n" + OLD
    assert (tmp_path / "secret.py").read_bytes() == (tmp_path / "far/a.py").read_bytes() == OLD
