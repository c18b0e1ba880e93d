"""What Python code reads from outside reaches the hosts, with the argument that it fills."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from migrator.cli import cli
from tests.hosts.support import TARGET

if TYPE_CHECKING:
    from pathlib import Path

CALL = "r = OpenAI().images.generate(prompt='x', model='dall-e-3', quality={}, response_format='b64_json')\n"
HEAD = "import os\nimport json\nfrom openai import OpenAI\n"
READERS = [
    CALL.format("os.environ['IMAGE_QUALITY']"),
    CALL.format("os.getenv('IMAGE_QUALITY', 'hd')"),
    CALL.format("os.environ.get('IMAGE_QUALITY') or 'hd'"),
    "QUALITY = os.environ['IMAGE_QUALITY']\n" + CALL.format("QUALITY"),
    "class Art:\n    def __init__(self):\n        self.q = os.environ['IMAGE_QUALITY']\n    def draw(self):\n        "
    + CALL.format("self.q"),
    "def draw(quality):\n    " + CALL.format("quality") + "draw(os.environ['IMAGE_QUALITY'])\n",
    "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    image_quality: str = 'hd'\n"
    "settings = Settings()\n" + CALL.format("settings.image_quality"),
]


def rewrite(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(folder)
    words = ["rewrite", ".", "--write", "--format", "json", "--today", "2026-11-22"]
    found: dict[str, Any] = json.loads(CliRunner().invoke(cli, words).stdout)
    return found


@pytest.mark.parametrize("code", READERS)
def test_a_name_that_migrated_code_reads_is_an_image_setting(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.py").write_text(HEAD + code)
    (tmp_path / ".env").write_text("IMAGE_QUALITY=hd\nVIDEO_QUALITY=hd\n")
    report = rewrite(tmp_path, monkeypatch)
    assert report["summary"]["migrated"] == 1
    assert (tmp_path / ".env").read_text() == "IMAGE_QUALITY=high\nVIDEO_QUALITY=hd\n"


def test_a_setting_of_a_call_that_is_left_is_left_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.py").write_text(
        HEAD
        + "r = OpenAI().images.generate(prompt='x', model=os.environ['IMAGE_MODEL'])\nsend(r.data[0].url)\n"
    )
    (tmp_path / "app.yaml").write_text("IMAGE_MODEL: dall-e-3\n")
    findings = rewrite(tmp_path, monkeypatch)["findings"]
    (one,) = [one for one in findings if one["path"] == "app.yaml"]
    assert (one["rule"], one["fix"], one["applied"]) == ("IMG001", "manual", False)
    assert "app.py:4) is not migrated" in one["message"]


def test_the_report_counts_texts_and_merges_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.py").write_text('"""Draws with DALL-E 3."""\n' + HEAD + CALL.format("'hd'"))
    (tmp_path / "notes.txt").write_text("DALL·E 3 and dall-e-2\n")
    (tmp_path / "c.yaml").write_text("image_model: dall-e-3\n")
    report = rewrite(tmp_path, monkeypatch)
    assert report["prose"] == {"files": 2, "mentions": 3}
    assert [one["path"] for one in report["files"]] == ["app.py", "c.yaml"]
    assert (tmp_path / "c.yaml").read_text() == f"image_model: {TARGET}\n"
    assert rewrite(tmp_path, monkeypatch)["summary"]["files_changed"] == 0
