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


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('patch("requests.get").start()', "replaces a download"),
        ('patch.object(art.requests, "get").start()', "replaces a download"),
        ('monkeypatch.setattr("art.requests", None)', "replaces a download"),
        ("class FakeImage:\n        def __init__(self, url): self.url = url", "no b64_json"),
        ('Image = namedtuple("Image", "url revised_prompt")', "no b64_json"),
        ('class FakeImage: url = "x"\n    assert FakeImage.url == kwargs', "no b64_json"),
        ('assert "style" in kwargs', "old arguments"),
        ('size = "512x512"; client.images.generate.assert_any_call(size=size)', "old arguments"),
        ('assert quality in ("standard", "hd")', "old arguments"),
        ('assert model in {"dall-e-2", "dall-e-3"}', "old arguments"),
        ('assert set(kwargs) == {"model", "prompt", "style"}', "old arguments"),
        ('assert client.calls == [("dall-e-3", "hd", "vivid")]', "old arguments"),
        ('assert client.calls == [dict(prompt="x", quality="standard")]', "old arguments"),
        ('assert kwargs["quality"] in ("standard", "hd")', "old arguments"),
        ('assert kwargs.get("size") in {"256x256", "512x512"}', "old arguments"),
    ],
)
def test_what_only_a_person_can_change_is_named_with_its_line(
    migrated: Migrate, line: str, words: str
) -> None:
    (finding,) = migrated(project(line)).of("IMG042")
    assert (finding.path, finding.line, finding.fix) == ("tests/test_art.py", LINE, "manual")
    assert words in finding.message
    assert f"(line {LINE})" in finding.message


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ('patch("art.requests.get").start()', 'patch("requests.get").start()'),
        ('patch("art.requests").start()', 'patch("art.requests", create=True).start()'),
        ('monkeypatch.setattr("art.requests.get", None)', 'monkeypatch.setattr("requests.get", None)'),
        ('monkeypatch.setattr(art.requests, "get", None)', 'monkeypatch.setattr("requests.get", None)'),
        ('class FakeImage: url = "x"', f'class FakeImage: b64_json = "{PIXEL}"'),
        ('class FakeImage:\n        url: str = "x"', f'b64_json: str = "{PIXEL}"'),
        ('item = type("Item", (), {"url": "x"}); a = dict(data=[item])', f'{{"b64_json": "{PIXEL}"}}'),
        (
            'def one(): return {"url": "x"}\n    a = {"data": [one() for _ in "ab"]}',
            f'{{"b64_json": "{PIXEL}"}}',
        ),
        (
            'make([matchers.json_params_matcher({"model": "dall-e-3", "style": "vivid"})])',
            'json_params_matcher({"model": "gpt-image-2.6-flare"})',
        ),
        (
            'route.post("https://api.openai.com/v1/images/generations", json={"model": "dall-e-3"})',
            'json={"model": "gpt-image-2.6-flare"}',
        ),
        (
            'assert kwargs == dict(model="dall-e-3", style="vivid", n=1)',
            'assert kwargs == dict(model="gpt-image-2.6-flare", n=1)',
        ),
        (
            "client.images.generate.return_value.data = [MagicMock()]",
            f'.data = [MagicMock(b64_json="{PIXEL}")]',
        ),
        ('client.images.generate.return_value.data[0].url = "x"', f'.data[0].b64_json = "{PIXEL}"'),
        ('picture = MagicMock(url="x")', f'picture = MagicMock(b64_json="{PIXEL}")'),
        ('picture = SimpleNamespace(url="x")', f'picture = SimpleNamespace(b64_json="{PIXEL}")'),
        ('answer = {"data": [{"url": "x"}]}', f'{{"data": [{{"b64_json": "{PIXEL}"}}]}}'),
        ('fake = MagicMock(); fake.url = "x"', f'fake = MagicMock(); fake.b64_json = "{PIXEL}"'),
        (
            'get = MagicMock(content=b"x"); picture = MagicMock(url="u")',
            'picture = MagicMock(b64_json="eA==")',
        ),
        (
            'client.images.generate.assert_called_once_with(model="dall-e-3", prompt="x")',
            'assert_called_once_with(model="gpt-image-2.6-flare", prompt="x")',
        ),
        (
            'client.images.generate.assert_called_with(quality="standard")',
            'assert_called_with(quality="medium")',
        ),
        ('client.images.generate.assert_any_call(style="vivid", n=1)', "assert_any_call(n=1)"),
        (
            'assert client.images.generate.call_args.kwargs["quality"] == "standard"',
            'assert client.images.generate.call_args.kwargs["quality"] == "medium"',
        ),
        (
            'assert client.images.generate.call_args.kwargs["style"] == "vivid"',
            'assert "style" not in client.images.generate.call_args.kwargs',
        ),
        ('picture = MagicMock(url="x", b64_json=None)', f'picture = MagicMock(b64_json="{PIXEL}")'),
        ('assert kwargs["model"] == "dall-e-3"', 'assert kwargs["model"] == "gpt-image-2.6-flare"'),
        (
            'client.assertEqual(kwargs["model"], "dall-e-3")',
            'assertEqual(kwargs["model"], "gpt-image-2.6-flare")',
        ),
        (
            'assert kwargs == {"model": "dall-e-3", "style": "vivid", "n": 1}',
            'assert kwargs == {"model": "gpt-image-2.6-flare", "n": 1}',
        ),
        (
            "class Fake:\n        def generate(self, model, prompt, style, size, n=1): ...",
            "def generate(self, model, prompt, style=None, size=None, n=1): ...",
        ),
    ],
)
def test_a_stand_in_or_an_expectation_follows_the_code(migrated: Migrate, line: str, after: str) -> None:
    done = migrated(project(line))
    (finding,) = done.of("IMG042")
    assert (finding.path, finding.fix, finding.applied) == ("tests/test_art.py", "safe", True)
    assert after in done.files["tests/test_art.py"]


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ('assert kwargs["style"] == "vivid"', "    pass"),
        ('other.assert_called_once_with(model="dall-e-3")', 'model="gpt-image-2.6-flare"'),
        ('assert seen == [{"model": "dall-e-3", "style": "vivid"}]', '[{"model": "gpt-image-2.6-flare"}]'),
        ('picture = MagicMock(url="u"); assert kwargs["page"] == ["u"]', "b64_json="),
    ],
)
def test_what_may_be_something_else_waits_for_a_person(migrated: Migrate, line: str, after: str) -> None:
    (finding,) = migrated(project(line)).of("IMG042")
    assert (finding.fix, finding.applied) == ("review", False)
    assert after in migrated(project(line), unsafe=True).files["tests/test_art.py"]


@pytest.mark.parametrize(
    "line",
    [
        'assertEqual(widget["style"], "")',
        'assert widget["style"] == "Foo.TButton"',
        'assert widget.get("style") == ""',
        'assert "style" in widget.keys()',
        'assertIn("style", button)',
    ],
)
def test_what_a_test_says_about_other_things_of_that_name_stays(migrated: Migrate, line: str) -> None:
    done = migrated(project(line), unsafe=True)
    assert line in done.files["tests/test_art.py"]
    assert not done.of("IMG042")


def test_a_download_that_is_not_made_is_expected_not_to_be_made(migrated: Migrate) -> None:
    line = (
        'with patch("art.requests.get") as get:\n        get.return_value.content = b"x"\n'
        '        picture = MagicMock(url="u")\n        get.assert_called_once_with("u", timeout=3)'
    )
    text = migrated(project(line)).files["tests/test_art.py"]
    assert "get.assert_not_called()" in text
    assert 'picture = MagicMock(b64_json="eA==")' in text


@pytest.mark.parametrize(
    "line",
    [
        'body = b"x"\n    get = MagicMock(content=body)',
        'body = b"x"\n    with patch("art.requests.get") as get:\n        get.return_value.content = body',
        'class Answer:\n        content = b"x"\n    patch("art.requests.get", return_value=Answer()).start()',
        'class Answer:\n        def read(self):\n            return b"x"\n    patch("art.requests.get", Answer).start()',
    ],
    ids=["name", "attribute", "class", "method"],
)
def test_the_picture_of_a_stand_in_is_what_the_test_lets_be_downloaded(migrated: Migrate, line: str) -> None:
    text = migrated(project(f'{line}\n    picture = MagicMock(url="u")'), unsafe=True).files[
        "tests/test_art.py"
    ]
    assert 'picture = MagicMock(b64_json="eA==")' in text


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
        'answer = MagicMock(url="x", status_code=200); assert answer.url == "x"',
        'assert set(row) == {"model", "style"}',
        'picture.b64_json = "eA=="; picture.url = None',
    ],
)
def test_tests_of_the_new_answers_are_no_finding(migrated: Migrate, line: str) -> None:
    assert migrated(project(line)).of("IMG042") == []


def test_one_finding_names_all_lines_of_a_file(migrated: Migrate) -> None:
    line = (
        'patch("requests.get").start()\n    class FakeImage:\n        def url(self): ...\n'
        "    class FakePicture:\n        def url(self): ..."
    )
    (finding,) = migrated(project(line)).of("IMG042")
    assert "(line 8)" in finding.message
    assert "(lines 9, 11)" in finding.message
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


def test_a_stand_in_for_the_method_ties_a_test_to_the_only_module_that_moves(migrated: Migrate) -> None:
    head = HEAD.replace("import art\n", "")
    line = 'client.images.generate.assert_called_once_with(model="dall-e-3")'
    done = migrated(project(line, head))
    assert 'assert_called_once_with(model="gpt-image-2.6-flare")' in done.files["tests/test_art.py"]


def test_an_expectation_gets_the_model_that_is_spelled_out(migrated: Migrate) -> None:
    files = project('client.images.generate.assert_called_once_with(prompt="x")')
    files["art.py"] = ART.replace('model="dall-e-3", ', "")
    text = migrated(files).files["tests/test_art.py"]
    assert 'assert_called_once_with(model="gpt-image-2.6-flare", prompt="x")' in text


@pytest.mark.parametrize(
    "stub",
    [
        'kwargs.get("http://u", content=b"x")',
        'responses.add(responses.GET, "http://u", body=b"x")',
        'httpx_mock.add_response(url="http://u", content=b"x")',
        'respx.get("http://u").respond(200, content=b"x")',
        'respx.get("http://u").mock(return_value=httpx.Response(200, content=b"x"))',
        'got = mocker.get("http://u", content=b"x")\n    assert got.called\n    assert got.call_count == 1',
    ],
)
def test_an_answer_kept_ready_for_a_download_moves_into_the_picture(migrated: Migrate, stub: str) -> None:
    text = migrated(project(f'{stub}\n    picture = MagicMock(url="http://u")')).files["tests/test_art.py"]
    assert text.endswith('kwargs):\n    picture = MagicMock(b64_json="eA==")\n')


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('got = mocker.get("http://u", content=b"x")\n    check(got)', "keeps an answer ready"),
        ('mocker.get("http://u", content=b"x")\n    assert len(responses.calls) == 2', "counts requests"),
    ],
)
def test_a_kept_answer_that_is_used_otherwise_is_named(migrated: Migrate, line: str, words: str) -> None:
    done = migrated(project(f'{line}\n    picture = MagicMock(url="http://u")'))
    assert [finding.fix for finding in done.of("IMG042") if words in finding.message] == ["manual"]


def test_a_test_of_a_method_that_stays_keeps_its_answers(migrated: Migrate) -> None:
    line = (
        "answer = MagicMock(data=[MagicMock()])\n    answer.data[0].url = 'u'\n"
        "    client.images.create_variation = MagicMock(return_value=answer)\n"
        '    assert kwargs["size"] == "512x512"'
    )
    done = migrated(project(line), unsafe=True)
    assert done.files["tests/test_art.py"].endswith(f"    {line}\n")
    assert done.of("IMG042") == []


def test_a_mock_that_is_filled_below_gets_the_picture_there_only(migrated: Migrate) -> None:
    line = 'one = MagicMock()\n    one.url = "u"\n    answer.data = [one]'
    text = migrated(project(line)).files["tests/test_art.py"]
    assert f'one = MagicMock()\n    one.b64_json = "{PIXEL}"\n    answer.data = [one]' in text


def test_mocks_of_a_list_that_are_filled_below_stay_bare(migrated: Migrate) -> None:
    line = 'answer.data = [MagicMock(), MagicMock()]\n    answer.data[0].url = "u"'
    text = migrated(project(line)).files["tests/test_art.py"]
    assert f'answer.data = [MagicMock(), MagicMock()]\n    answer.data[0].b64_json = "{PIXEL}"' in text


ANSWER = '{"created": 1, "data": [{"revised_prompt": "a", "url": "https://e.com/1.png"}]}'
CASSETTE = """
interactions:
- request: {method: POST, uri: https://api.openai.com/v1/images/generations}
  response: {body: {string: '{"data": [{"url": "https://e.com/1.png"}]}'}}
"""


@pytest.mark.parametrize(
    ("line", "path", "text"),
    [
        ('answer = load("tests/data/answer.json")', "tests/data/answer.json", ANSWER),
        ('answer = load("answer")', "tests/fixtures/answer.json", ANSWER),
        ('vcr.use_cassette("cassettes/draw.yaml")', "tests/cassettes/draw.yaml", CASSETTE),
        (
            'pass\n\n\n@pytest.mark.vcr\ndef test_more():\n    art.save("a", "b")',
            "tests/cassettes/test_art/test_more.yaml",
            CASSETTE,
        ),
        (
            'pass\n\n\n@pytest.mark.vcr()\ndef test_more(n):\n    art.save("a", "b")',
            "tests/cassettes/test_more[1].yaml",
            CASSETTE,
        ),
    ],
)
def test_a_recorded_answer_with_a_url_is_named(migrated: Migrate, line: str, path: str, text: str) -> None:
    done = migrated(project(line) | {path: text})
    (finding,) = done.of("IMG042")
    assert (finding.path, finding.fix) == ("tests/test_art.py", "manual")
    assert path in finding.message
    assert done.files[path] == text.lstrip("\n")


@pytest.mark.parametrize(
    ("line", "path", "text"),
    [
        ('answer = load("answer")', "tests/data/answer.json", ANSWER.replace("url", "b64_json")),
        ('answer = load("answer")', "tests/data/answer.json", '{"data": [{"id": 1}], "url": "x"}'),
        ('answer = load("answer")', "tests/data/answer.json", "{broken"),
        ('answer = load("answer")', "docs/answer.json", ANSWER),
        ('answer = load("other")', "tests/data/answer.json", ANSWER),
        ('vcr.use_cassette("draw.yaml")', "tests/cassettes/draw.yaml", CASSETTE.replace("images", "chat")),
    ],
)
def test_other_files_of_tests_are_no_finding(migrated: Migrate, line: str, path: str, text: str) -> None:
    assert migrated(project(line) | {path: text}).of("IMG042") == []


LINK = """
from openai import OpenAI

client = OpenAI()


def link(prompt):
    return client.images.generate(model="dall-e-3", prompt=prompt).data[0].url
"""


def test_a_test_that_looks_at_the_url_does_not_keep_the_code_from_moving(migrated: Migrate) -> None:
    test = 'import art\n\n\ndef test_link():\n    assert art.link("x").startswith("https://")\n'
    done = migrated({"art.py": LINK, "tests/test_art.py": test}, url_as="data-uri", url_chosen=True)
    assert "dall-e-3" not in done.files["art.py"]
    (finding,) = done.of("IMG042")
    assert (finding.path, finding.line, finding.fix) == ("tests/test_art.py", 5, "manual")
    assert "looks at the text of a url" in finding.message


def test_an_expected_url_follows_its_stand_in_in_a_fixture(migrated: Migrate) -> None:
    test = """
import pytest
from unittest.mock import MagicMock
import art


@pytest.fixture
def client(monkeypatch):
    fake = MagicMock()
    fake.images.generate.return_value.data = [MagicMock(url="https://e.com/1.png")]
    monkeypatch.setattr(art, "client", fake)


def test_link(client):
    assert art.link("x") == "https://e.com/1.png"
"""
    done = migrated({"art.py": LINK, "tests/test_art.py": test}, url_as="data-uri", url_chosen=True)
    assert f'assert art.link("x") == "data:image/png;base64,{PIXEL}"' in done.files["tests/test_art.py"]


def test_fixtures_beside_the_tests_of_a_module_are_read_too(migrated: Migrate) -> None:
    fake = "class FakeImages:\n    def generate(self, prompt, style, size): ...\n"
    files = project("pass") | {"tests/conftest.py": fake, "other/conftest.py": fake}
    done = migrated(files)
    assert [finding.path for finding in done.of("IMG042")] == ["tests/conftest.py"]
    assert "style=None, size=None" in done.files["tests/conftest.py"]


def test_stand_ins_in_a_helper_that_only_mentions_the_module_are_found_through_the_test(
    migrated: Migrate,
) -> None:
    helper = """
    import pytest

    class FakeImage:  # what art gets
        def __init__(self, url):
            self.url = url
    """
    test = """
    import pytest
    import art
    from tests.fakes import FakeImage

    def test_art(client):
        client.images.generate.return_value.data = [FakeImage("x")]
        art.save("a", "b")
    """
    files = {"art.py": ART, "tests/__init__.py": "", "tests/fakes.py": helper, "tests/test_art.py": test}
    assert "tests/fakes.py" in {finding.path for finding in migrated(files).of("IMG042")}


def test_tests_of_another_module_of_the_same_name_are_left_alone(migrated: Migrate) -> None:
    other = """
    import pytest
    from other.art import Image

    class FakeImage:
        def __init__(self, url):
            self.url = url
    """
    files = {
        "app/__init__.py": "",
        "app/art.py": ART,
        "other/__init__.py": "",
        "other/art.py": "class Image: pass\n",
        "tests/test_other.py": other,
        "tests/test_art.py": HEAD.format(line='patch("requests.get").start()').replace(
            "import art", "from app.art import save"
        ),
    }
    assert {finding.path for finding in migrated(files).of("IMG042")} == {"tests/test_art.py"}
