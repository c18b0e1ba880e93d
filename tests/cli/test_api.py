"""The interface for Python programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migrator import api

CALL = 'from openai import OpenAI\n\nOpenAI().images.generate(model="dall-e-3", prompt="p", style="vivid")\n'


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("art.py").write_text(CALL)
    return tmp_path


def test_a_run_reports_without_writing_unless_told() -> None:
    report = api.rewrite(["."], target="gpt-image-2")
    assert [(site.site, site.migrated) for site in report.sites] == [("art.py:3", True)]
    assert '+OpenAI().images.generate(model="gpt-image-2", prompt="p")' in api.diff(report.files[0])
    assert Path("art.py").read_text() == CALL
    api.rewrite([Path("art.py")], write=True)
    assert "style" not in Path("art.py").read_text()


def test_its_json_is_that_of_the_command() -> None:
    assert json.loads(api.as_json(api.rewrite(["."])))["summary"]["migrated"] == 1


def test_what_a_person_must_mend_is_one_kind_of_error() -> None:
    with pytest.raises(api.UserError, match="no such file or folder: nowhere"):
        api.rewrite(["nowhere"])
