"""Tests of the project that were written for the old answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Migrate

ART = """
import requests
from openai import OpenAI

client = OpenAI()


def save(prompt, path):
    response = client.images.generate(
        model="dall-e-3", prompt=prompt, size="1024x1024", quality="standard", style="vivid"
    )
    data = requests.get(response.data[0].url).content
    with open(path, "wb") as f:
        f.write(data)
"""
HEAD = """
from types import SimpleNamespace
from unittest.mock import MagicMock, patch

import art


def test_art(monkeypatch, client, picture, kwargs):
    {line}
"""
LINE = 8


def project(line: str, head: str = HEAD) -> dict[str, str]:
    return {"art.py": ART, "tests/test_art.py": head.format(line=line)}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('patch("art.requests.get").start()', "replaces a download"),
        ('patch("art.requests").start()', "replaces a download"),
        ('patch("requests.get").start()', "replaces a download"),
        ('patch.object(art.requests, "get").start()', "replaces a download"),
        ('monkeypatch.setattr("art.requests.get", None)', "replaces a download"),
        ('monkeypatch.setattr(art.requests, "get", None)', "replaces a download"),
        ('picture = MagicMock(url="x")', "no b64_json"),
        ('picture = SimpleNamespace(url="x")', "no b64_json"),
        ("client.images.generate.return_value.data = [MagicMock()]", "no b64_json"),
        ('answer = {"data": [{"url": "x"}]}', "no b64_json"),
        ('client.images.generate.return_value.data[0].url = "x"', "no b64_json"),
        ('fake = MagicMock(); fake.url = "x"', "no b64_json"),
        ('class FakeImage: url = "x"', "no b64_json"),
        ('client.images.generate.assert_called_once_with(model="dall-e-3", prompt="x")', "old arguments"),
        ('client.images.generate.assert_called_with(quality="standard")', "old arguments"),
        ('client.images.generate.assert_any_call(style="vivid")', "old arguments"),
        ('assert client.images.generate.call_args.kwargs["quality"] == "standard"', "old arguments"),
        ('assert kwargs["model"] == "dall-e-3"', "old arguments"),
        ('assert "style" in kwargs', "old arguments"),
        ('assert kwargs == {"model": "dall-e-3"}', "old arguments"),
        ('client.assertEqual(kwargs["model"], "dall-e-3")', "old arguments"),
    ],
)
def test_an_old_stand_in_or_expectation_is_named_with_its_line(
    migrated: Migrate, line: str, words: str
) -> None:
    (finding,) = migrated(project(line)).of("IMG042")
    assert (finding.path, finding.line, finding.fix) == ("tests/test_art.py", LINE, "manual")
    assert words in finding.message
    assert f"(line {LINE})" in finding.message


@pytest.mark.parametrize(
    "line",
    [
        'picture = MagicMock(url=None, b64_json="eA==")',
        'client.images.generate.return_value.data = [SimpleNamespace(b64_json="eA==")]',
        'patch("art.client").start()',
        'patch("art.open").start()',
        'client.images.generate.assert_called_once_with(model="gpt-image-2.6-flare", quality="medium")',
        'assert kwargs["quality"] == "medium"',
        'headers = {"url": "x"}',
        'picture.b64_json = "eA=="; picture.url = None',
    ],
)
def test_tests_of_the_new_answers_are_no_finding(migrated: Migrate, line: str) -> None:
    assert migrated(project(line)).of("IMG042") == []


def test_one_finding_names_all_lines_of_a_file(migrated: Migrate) -> None:
    line = (
        'patch("art.requests.get").start()\n    picture = MagicMock(url="x")\n    fake = MagicMock(url="y")'
    )
    (finding,) = migrated(project(line)).of("IMG042")
    assert "(line 8)" in finding.message
    assert "(lines 9, 10)" in finding.message
    assert finding.suggestion == (
        "Remove the replaced download, give fake pictures a b64_json (base64 text)."
    )


def test_a_test_is_tied_by_the_name_that_it_replaces(migrated: Migrate) -> None:
    head = HEAD.replace("import art\n", "")
    assert len(migrated(project('patch("art.requests.get").start()', head)).of("IMG042")) == 1
    assert migrated(project('patch("start.requests.gets").start()', head)).of("IMG042") == []


def test_tests_of_other_modules_are_no_finding(migrated: Migrate) -> None:
    head = HEAD.replace("import art\n", "import shop\n")
    assert migrated(project('picture = MagicMock(url="x")', head)).of("IMG042") == []


def test_a_module_that_downloads_nothing_leaves_fake_urls_alone(migrated: Migrate) -> None:
    files = project('picture = MagicMock(url="x")')
    files["art.py"] = ART.replace("requests.get(response.data[0].url).content", "response.data[0].b64_json")
    assert migrated(files).of("IMG042") == []


def test_a_site_that_stays_says_nothing_about_its_tests(migrated: Migrate) -> None:
    files = project('picture = MagicMock(url="x")')
    files["art.py"] = ART.replace("client.images.generate", "client.images.create_variation")
    assert migrated(files).of("IMG042") == []
