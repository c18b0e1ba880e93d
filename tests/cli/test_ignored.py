"""Settings that git ignores are reported and never written."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from migrator import cli

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "sk-" + "never-shown" * 3
ENV = f"OPENAI_API_KEY={SECRET}\nIMAGE_MODEL=dall-e-3\nIMAGE_QUALITY=hd\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q", "."], check=True, capture_output=True)
    (tmp_path / ".gitignore").write_text(".env*\n*.local.yaml\nlogs/\n")
    (tmp_path / "app.py").write_text("print('nothing')\n")
    return tmp_path


def rewrite(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[list[tuple[str, int, str]], str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["migrator", "rewrite", ".", "--unsafe", "--format", "json", *words])
        with pytest.raises(SystemExit):
            cli.main()
    out = capsys.readouterr().out
    found = json.loads(out)["findings"]
    return [(one["path"], one["line"], one["fix"]) for one in found], out


def test_what_has_to_change_is_said_without_the_secrets(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / ".env").write_text(ENV)
    found, out = rewrite(capsys, "--write", "--allow-dirty", "--report", "page")
    assert found == [(".env", 2, "manual"), (".env", 3, "manual")]
    assert "Git ignores the file" in out
    assert (repository / ".env").read_text() == ENV
    assert all(SECRET not in file.read_text() for file in (repository / "page").rglob("*.html"))
    assert SECRET not in out


def test_other_settings_of_one_person_count_as_well(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "config.local.yaml").write_text("image_model: dall-e-3\n")
    assert rewrite(capsys)[0] == [("config.local.yaml", 1, "manual")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", "OPENAI_API_KEY=x\n"),
        (".env.png", "\0dall-e-3"),
        ("logs/a.env", "IMAGE_MODEL=dall-e-3\n"),
    ],
)
def test_ignored_files_without_a_name_and_ignored_folders_stay_out(
    repository: Path, capsys: pytest.CaptureFixture[str], path: str, text: str
) -> None:
    (repository / path).parent.mkdir(exist_ok=True)
    (repository / path).write_text(text)
    assert rewrite(capsys)[0] == []


def test_a_file_that_is_left_out_by_choice_is_not_reported(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / ".gitignore").write_text("")
    (repository / ".env").write_text(ENV)
    (repository / "pyproject.toml").write_text("[tool.migrator]\nexclude = ['.env']\n")
    assert rewrite(capsys)[0] == []
