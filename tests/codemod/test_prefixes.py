"""Tests of how a url begins, where the url was a picture's."""

from __future__ import annotations

import pytest

from tests.codemod.support import rewrite

_PROGRAM = (
    "import base64\nimport re\n\nimport requests\nfrom openai import OpenAI\n\n\ndef save(url, path):\n{body}\n\n\n"
    'save(OpenAI().images.generate(model="dall-e-3", prompt="a snail").data[0].url, "snail.png")\n'
)
_KEEP = "open(path, 'wb').write(requests.get(url).content)"


@pytest.mark.parametrize(
    ("body", "test"),
    [
        (f"    if url.startswith('http'):\n        {_KEEP}\n", "url.startswith(('http', 'data:'))"),
        (
            f"    if not url.startswith('https://'):\n        raise ValueError(url)\n    {_KEEP}\n",
            "('https://', 'data:')",
        ),
        (
            f"    if url.startswith(('http://', 'https://')):\n        {_KEEP}\n    else:\n        open(path).write(url)\n",
            "(('http://', 'https://', 'data:'))",
        ),
        (
            f"    if url.startswith('http'):\n        return {_KEEP}\n    open(path, 'wb').write(base64.b64decode(url))\n",
            "url.startswith(('http', 'data:'))",
        ),
    ],
)
def test_a_data_uri_goes_where_a_url_of_a_picture_went(body: str, test: str) -> None:
    done = rewrite(_PROGRAM.format(body=body))
    assert done.sites[0].migrated
    assert test in done.text


@pytest.mark.parametrize(
    "body",
    [
        f"    if url.startswith('https://oaidalleapi'):\n        {_KEEP}\n",
        f"    if url.startswith('http'):\n        {_KEEP}\n    url = url + '?'\n    stored.append(url)\n",
        f"    if url.endswith('.png'):\n        {_KEEP}\n",
        f"    if url.startswith('http://'):\n        return None\n    else:\n        {_KEEP}\n",
        f"    if url.startswith(('http://', 'ftp://')):\n        raise PermissionError('https')\n    {_KEEP}\n",
    ],
)
def test_another_test_or_use_is_still_left_for_a_person(body: str) -> None:
    assert not rewrite(_PROGRAM.format(body=body)).sites[0].migrated


def test_code_that_strips_the_head_of_a_data_uri_reads_them() -> None:
    body = (
        f"    if url.startswith('http'):\n        {_KEEP}\n    else:\n"
        "        open(path, 'wb').write(base64.b64decode(re.sub('^data:image/.+;base64,', '', url)))\n"
    )
    done = rewrite(_PROGRAM.format(body=body))
    assert done.sites[0].migrated
    assert body in done.text


@pytest.mark.parametrize(
    "branch",
    [
        "    if url.startswith('data:'):\n        raise ValueError('an address is wanted')\n",
        "    if url.startswith('data:'):\n        return None\n",
        "    if path.startswith('data:'):\n        path = path.partition(',')[2]\n",
        "    if url.startswith('data: '):\n        url = url[6:]\n",
    ],
)
def test_a_branch_that_refuses_or_means_something_else_reads_no_data_uri(branch: str) -> None:
    done = rewrite(_PROGRAM.format(body=f"{branch}    {_KEEP}\n"))
    assert not done.sites[0].migrated or f"    {_KEEP}\n" not in done.text


def test_a_path_in_place_of_a_url_is_not_let_through() -> None:
    done = rewrite(_PROGRAM.format(body=f"    if url.startswith('http'):\n        {_KEEP}\n"), url_as="file")
    assert "IMG013" in {one.rule for one in done.left}


def test_an_error_that_tells_the_url_is_text_for_people() -> None:
    body = f"    if not path:\n        raise ValueError(f'no path for {{url}}')\n    {_KEEP}\n"
    done = rewrite(_PROGRAM.replace("{body}", body))
    assert done.sites[0].migrated


_GUARD = "    if not url.startswith(('http://', 'https://')):\n        raise ValueError(url)\n"


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ("save(input('address: '), 'theirs.png')\n", "input"),
        (
            "import flask\n\n\ndef theirs():\n    save(flask.request.form['link'], 'theirs.png')\n",
            "flask.request",
        ),
        ("@app.post('/theirs')\ndef theirs(link):\n    save(link, 'theirs.png')\n", "the parameter link"),
        ("for line in open('links.txt'):\n    save(line, 'theirs.png')\n", "open"),
    ],
)
@pytest.mark.parametrize(
    "guard",
    [
        _GUARD,
        "    assert url.startswith('http')\n",
        "    if not url.startswith('http'):\n        print('not fetched:', url)\n        return\n",
    ],
)
def test_a_guard_against_strangers_is_loosened_by_a_person_only(guard: str, other: str, what: str) -> None:
    program = _PROGRAM.format(body=guard + "    " + _KEEP) + other
    done = rewrite(program)
    assert done.text == program
    told = [one for one in done.left if one.rule == "IMG013"]
    assert [one.fix for one in told] == ["review"]
    assert f"from outside ({what}" in told[0].message
    assert "'data:'" in rewrite(program, unsafe=True).text


@pytest.mark.parametrize(
    "other",
    [
        "save('https://example.com/logo.png', 'logo.png')\n",
        "for name in ('a', 'b'):\n    save(f'https://example.com/{name}.png', name)\n",
    ],
)
def test_addresses_of_the_program_itself_are_no_strangers(other: str) -> None:
    done = rewrite(_PROGRAM.format(body=_GUARD + "    " + _KEEP) + other)
    assert done.sites[0].migrated
    assert "'https://', 'data:'" in done.text


def test_a_choice_between_two_ways_keeps_nobody_out() -> None:
    body = f"    if url.startswith('http'):\n        {_KEEP}\n    else:\n        open(path, 'w').write(url)\n"
    done = rewrite(_PROGRAM.format(body=body) + "save(input(), 'theirs.png')\n")
    assert done.sites[0].migrated
    assert "startswith(('http', 'data:'))" in done.text


@pytest.mark.parametrize(
    ("test", "migrated"),
    [
        ("not (url.startswith('http://') or url.startswith('https://'))", True),
        ("not url.startswith('https://') and not url.startswith('http://')", True),
        ("not (url.startswith('http://') or path.startswith('https://'))", False),
    ],
)
def test_a_test_for_plain_http_beside_one_for_https_lets_pictures_through(test: str, migrated: bool) -> None:
    done = rewrite(_PROGRAM.format(body=f"    if {test}:\n        return None\n    {_KEEP}\n"))
    assert done.sites[0].migrated is migrated
    assert ("('https://', 'data:')" in done.text) is migrated


@pytest.mark.parametrize(("other", "migrated"), [("'https://example.com/a.png'", True), ("input()", False)])
def test_the_setter_of_a_property_meets_what_is_assigned(other: str, migrated: bool) -> None:
    done = rewrite(
        "import requests\nfrom openai import OpenAI\n\n\nclass Card:\n    @property\n    def cover(self):\n"
        "        return self._cover\n\n    @cover.setter\n    def cover(self, url):\n"
        "        if not url.startswith('https://'):\n            raise ValueError(url)\n        self._cover = url\n\n\n"
        "card = Card()\n"
        'card.cover = OpenAI().images.generate(model="dall-e-3", prompt="a snail").data[0].url\n'
        f"print(requests.get(card.cover).content)\ncard.cover = {other}\n"
    )
    assert done.sites[0].migrated is migrated
