"""Where a value is changed, how a download is replaced, and what becomes of every use of a url."""

from __future__ import annotations

import pytest

from tests.codemod.support import Files, Result, rewrite

_TOP = "import requests\nfrom openai import OpenAI\n\nclient = OpenAI()\n"
_GENERATE = 'client.images.generate(model="dall-e-3", prompt="p")'


def lines(done: Result) -> str:
    return done.text


# values: changed where they stand, or translated at the call


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            'Q = "hd"\nclient.images.generate(model="dall-e-3", prompt="p", quality=Q)\n',
            'Q = "high"',
            id="a constant that serves the call only",
        ),
        pytest.param(
            'def f(q="hd"):\n    client.images.generate(model="dall-e-3", prompt="p", quality=q)\nf("standard")\n',
            'f("medium")',
            id="what a caller passes",
        ),
        pytest.param(
            'def f(q="hd"):\n    client.images.generate(model="dall-e-3", prompt="p", quality=q)\nf()\n',
            'q="high"',
            id="a default",
        ),
        pytest.param(
            'Q = "hd"\nprint(Q)\nclient.images.generate(model="dall-e-3", prompt="p", quality=Q)\n',
            'Q = "high"',
            id="a constant that is printed as well",
        ),
        pytest.param(
            'Q = "hd"\nif Q == "hd":\n    pass\nclient.images.generate(model="dall-e-3", prompt="p", quality=Q)\n',
            'if Q == "high"',
            id="a comparison that follows its constant",
        ),
        pytest.param(
            "Q = 'hd'\nclient.images.generate(model='dall-e-3', prompt='p', quality=Q)\n",
            "Q = 'high'",
            id="a constant in the quotes it has",
        ),
    ],
)
def test_a_value_is_changed_where_it_stands(source: str, expected: str) -> None:
    done = rewrite(_TOP + source)
    assert expected in done.text
    assert "IMG024" not in done.rules()


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('Q = "hd"\nname = f"video-{Q}.mp4".upper()\nopen(name)\n{call}\n', id="it names a file"),
        pytest.param('Q = "hd"\nencode(Q)\n{call}\n', id="a function of a library gets it"),
        pytest.param('Q = "hd"\nprice = PRICES[Q]\n{call}\n', id="it selects from a table"),
        pytest.param('Q = "hd"\nprint(Q.upper() + Q[0])\n{call}\n', id="its text is taken apart"),
        pytest.param('Q = "hd"\nlabel = Q + "-x"\nopen(label)\n{call}\n', id="it is calculated with"),
        pytest.param('Q = "hd"\nopen("f").write(Q)\n{call}\n', id="it is written"),
    ],
)
def test_a_value_that_serves_something_else_is_translated_at_the_call_because(source: str) -> None:
    call = 'client.images.generate(model="dall-e-3", prompt="p", quality=Q)'
    done = rewrite(_TOP + "PRICES = {'hd': 1}\nfrom media import encode\n" + source.replace("{call}", call))
    assert 'Q = "hd"' in done.text
    assert done.of("IMG024")
    assert [site.migrated for site in done.sites] == [True]


@pytest.mark.parametrize(
    ("value", "top"),
    [
        pytest.param("os.getenv('Q', 'hd')", "import os\n", id="the environment"),
        pytest.param("input()", "", id="a person"),
        pytest.param("request.args['q']", "from flask import request\n", id="a request"),
        pytest.param("settings.quality", "from settings import settings\n", id="settings from elsewhere"),
    ],
)
def test_a_value_from_outside_is_translated_at_the_call_from(value: str, top: str) -> None:
    done = rewrite(_TOP + top + f'client.images.generate(model="dall-e-3", prompt="p", quality={value})\n')
    assert done.of("IMG024")
    assert '"hd": "high"' in done.text
    assert '"standard": "medium"' in done.text


def test_a_guard_is_written_in_place_where_it_is_short_and_as_a_function_where_it_is_not() -> None:
    short = rewrite(
        _TOP + "def f(q):\n    client.images.generate(model='dall-e-3', prompt='p',\n        quality=q)\n"
    )
    assert ".get(q, q)" in short.text
    long = rewrite(
        _TOP + "def f(q):\n    client.images.generate(model='dall-e-3', prompt='p', quality=q.strip())\n"
    )
    assert "def _gpt_image_quality(quality):" in long.text
    assert "quality=_gpt_image_quality(q.strip())" in long.text


def test_a_value_that_was_never_valid_is_for_review() -> None:
    done = rewrite(_TOP + 'client.images.generate(model="dall-e-3", prompt="p", quality="ultra")\n')
    assert done.changed == {}
    assert [one.fix for one in done.left if one.site] == ["review"]


def test_a_model_that_nobody_knows_is_manual() -> None:
    done = rewrite(_TOP + 'client.images.generate(model="my-model", prompt="p", style="vivid")\n')
    assert {one.rule for one in done.left if one.site} == {"IMG025"}


def test_a_call_without_a_model_gets_one() -> None:
    done = rewrite(_TOP + 'client.images.generate(prompt="p", n=2)\n')
    assert 'client.images.generate(model="gpt-image-2.6-flare", prompt="p", n=2)' in done.text
    assert done.of("IMG002")


# mappings that are unpacked


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param('o = {"prompt": "p", "style": "vivid"}\n', 'o = {"prompt": "p"}', id="a display"),
        pytest.param('o = dict(prompt="p", style="vivid")\n', 'o = dict(prompt="p")', id="a call of dict"),
        pytest.param(
            'o = {"prompt": "p"}\no["style"] = "vivid"\n',
            'o = {"prompt": "p"}\n',
            id="a key that is set later",
        ),
        pytest.param(
            'o = {"prompt": "p"}\no.update(style="vivid", n=1)\n', "o.update(n=1)", id="a key of an update"
        ),
        pytest.param(
            'o = {**{"style": "vivid"}, "prompt": "p"}\n', '**{}, "prompt": "p"', id="a mapping in a mapping"
        ),
    ],
)
def test_a_refused_key_is_removed_from(source: str, expected: str) -> None:
    done = rewrite(_TOP + source + 'client.images.generate(model="dall-e-3", **o)\n')
    assert expected in done.text
    assert "style" not in done.text


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            'o = {"prompt": "p", "style": "vivid"}\nopen(o["style"])\n', id="a key is read on its own"
        ),
        pytest.param(
            'o = {"prompt": "p", "style": "vivid"}\nfor k in o.items():\n    open(k)\n',
            id="its items are read",
        ),
        pytest.param('o = {"prompt": "p", "style": "vivid"}\nsend(o)\n', id="somebody else gets it"),
        pytest.param("import json\no = json.load(open('o'))\n", id="it is read from a file"),
        pytest.param('o = {k: v for k, v in {"style": "x"}.items() if v}\n', id="it is computed"),
    ],
)
def test_a_mapping_that_cannot_be_changed_is_translated_at_the_call_because(source: str) -> None:
    done = rewrite(
        _TOP + "from wire import send\n" + source + 'client.images.generate(model="dall-e-3", **o)\n'
    )
    assert "**_gpt_image_arguments(o)" in done.text
    assert "refused = {" in done.text
    assert done.rules() & {"IMG024", "IMG026"}


def test_keywords_of_a_function_are_translated_when_strangers_may_pass_them() -> None:
    done = rewrite(_TOP + 'def make(**kw):\n    client.images.generate(model="dall-e-3", prompt="p", **kw)\n')
    assert "**_gpt_image_arguments(kw)" in done.text


# downloads


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            "p = requests.get(U).content\n", "p = base64.b64decode(PICTURE)\n", id="content at once"
        ),
        pytest.param(
            "a = requests.get(U)\na.raise_for_status()\np = a.content\n",
            "a = base64.b64decode(PICTURE)\np = a\n",
            id="a checked answer",
        ),
        pytest.param(
            "a = requests.get(U)\nif a.status_code == 200:\n    p = a.content\n",
            "if a:\n    p = a\n",
            id="a status that is compared",
        ),
        pytest.param(
            "a = requests.get(U)\nif a.status_code != 200:\n    raise E\np = a.content\n",
            "if not a:\n    raise E\np = a\n",
            id="a status that is not",
        ),
        pytest.param("a = requests.get(U)\nif a.ok:\n    p = a.content\n", "if a:\n    p = a\n", id="ok"),
        pytest.param(
            "for c in requests.get(U, stream=True).iter_content(9):\n    f.write(c)\n",
            "for c in [base64.b64decode(PICTURE)]:\n    f.write(c)\n",
            id="pieces",
        ),
        pytest.param(
            "import shutil\nshutil.copyfileobj(requests.get(U, stream=True).raw, f)\n",
            "shutil.copyfileobj(io.BytesIO(base64.b64decode(PICTURE)), f)\n",
            id="the raw stream",
        ),
        pytest.param(
            "import httpx\np = httpx.get(U).content\n", "p = base64.b64decode(PICTURE)\n", id="httpx"
        ),
        pytest.param(
            "s = requests.Session()\np = s.get(U).content\n",
            "p = base64.b64decode(PICTURE)\n",
            id="a session",
        ),
    ],
)
def test_a_download_is_replaced_by_decoding(body: str, expected: str) -> None:
    url = "r.data[0].url"
    done = rewrite(_TOP + f"f = open('x', 'wb')\nr = {_GENERATE}\n" + body.replace("U", url))
    assert expected.replace("PICTURE", "r.data[0].b64_json") in done.text
    assert done.rules() >= {"IMG001", "IMG010"}


@pytest.mark.parametrize(
    ("helper", "expected"),
    [
        pytest.param(
            "def load(u):\n    return requests.get(u, timeout=3).content\n",
            "_fetch_image(requests.get, u, timeout=3).content",
            id="requests",
        ),
        pytest.param(
            "import httpx\ndef load(u):\n    return httpx.get(u).content\n",
            "_fetch_image_httpx(httpx.get, u).content",
            id="httpx",
        ),
        pytest.param(
            "import httpx\nasync def load(u):\n    async with httpx.AsyncClient() as c:\n        return (await c.get(u)).content\n",  # noqa: E501 - a program in a line
            "await _fetch_image_async(c.get, u)",
            id="httpx, async",
        ),
        pytest.param(
            "import httpx\ndef load(u):\n    with httpx.stream('GET', u) as a:\n        return a.read()\n",
            "_fetch_image_stream(httpx.stream, 'GET', u)",
            id="httpx, streamed",
        ),
        pytest.param(
            "import aiohttp\nasync def load(u):\n    async with aiohttp.ClientSession() as s:\n        async with s.get(u) as a:\n            return await a.read()\n",  # noqa: E501 - a program in a line
            "_fetch_image_aiohttp(s.get, u)",
            id="aiohttp",
        ),
    ],
)
def test_a_helper_that_also_reads_ordinary_urls_learns_to_read_a_data_uri_with(
    helper: str, expected: str
) -> None:
    done = rewrite(_TOP + helper + f"load({_GENERATE}.data[0].url)\nload('https://example.org/a.png')\n")
    assert expected in done.text
    assert done.of("IMG014")
    assert "data:image/png;base64," in done.text


def test_urlopen_reads_a_data_uri_without_being_taught() -> None:
    helper = "from urllib.request import urlopen\ndef load(u):\n    return urlopen(u).read()\n"
    done = rewrite(_TOP + helper + f"load({_GENERATE}.data[0].url)\n")
    assert "return urlopen(u).read()" in done.text
    assert "data:image/png;base64," in done.text


def test_an_import_that_nobody_needs_any_more_goes_and_one_that_is_needed_stays() -> None:
    gone = rewrite(_TOP + f"print(requests.get({_GENERATE}.data[0].url).content)\n")
    assert "requests" not in gone.text
    kept = rewrite(_TOP + f"print(requests.get({_GENERATE}.data[0].url).content, requests.head('x'))\n")
    assert "import requests" in kept.text


# everything else that can happen to an answer


def _url(use: str, files: Files | None = None) -> Result:
    return rewrite({**(files or {}), "app.py": _TOP + f"u = {_GENERATE}.data[0].url\n" + use})


@pytest.mark.parametrize(
    ("use", "rule"),
    [
        pytest.param("if u:\n    pass\n", "IMG010", id="a test"),
        pytest.param("import streamlit as st\nst.image(u)\n", "IMG011", id="a page"),
        pytest.param("open('a.html', 'w').write(f'<img src={u}>')\n", "IMG011", id="a file of text"),
        pytest.param("print(u)\n", "IMG036", id="a terminal"),
    ],
)
def test_a_url_is_followed_safely_to(use: str, rule: str) -> None:
    done = _url(use)
    assert rule in done.rules()
    assert [site.migrated for site in done.sites] == [True]


@pytest.mark.parametrize(
    ("use", "rule", "fix"),
    [
        pytest.param("from mine import send\nsend(u)\n", "IMG012", "review", id="an unknown function"),
        pytest.param("def f():\n    return u\n", "IMG012", "review", id="callers outside the project"),
        pytest.param("import discord\ndiscord.Embed().set_image(url=u)\n", "IMG013", "manual", id="an embed"),
        pytest.param("host = u.split('/')[2]\n", "IMG013", "manual", id="code that takes it apart"),
        pytest.param("if u == 'x':\n    pass\n", "IMG013", "manual", id="a comparison"),
        pytest.param(
            "import sqlite3\nsqlite3.connect('d').execute('insert', (u,))\n",
            "IMG017",
            "review",
            id="a database",
        ),
        pytest.param(
            "import requests\nrequests.post('x', json={'u': u})\n", "IMG013", "manual", id="another server"
        ),
    ],
)
def test_a_url_is_left_where_it_meets(use: str, rule: str, fix: str) -> None:
    done = _url(use)
    assert done.changed == {}
    found = [one for one in done.left if one.site and one.rule.startswith(rule)]
    assert found
    assert fix in {one.fix for one in found}


def test_a_whole_answer_that_leaves_is_for_review_and_gets_its_urls_back_when_asked() -> None:
    source = _TOP + f"def make():\n    return {_GENERATE}\n"
    assert "IMG015" in {one.rule for one in rewrite(source).left}
    assert "_with_data_urls(client.images.generate(" in rewrite(source, unsafe=True).text


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        pytest.param("t = r.data[0].revised_prompt\nprint(t)\n", "revised_prompt or ", id="it is kept"),
        pytest.param(
            "if r.data[0].revised_prompt:\n    print(r.data[0].revised_prompt)\n",
            "if r.data[0].revised_prompt:\n    print(r.data[0].revised_prompt)\n",
            id="the code copes with none",
        ),
    ],
)
def test_a_revised_prompt_gets_a_fallback_unless(use: str, expected: str) -> None:
    done = rewrite(_TOP + f"p = input()\nr = {_GENERATE.replace(chr(34) + 'p' + chr(34), 'p')}\n" + use)
    assert expected in done.text


def test_base64_that_is_read_already_is_left_as_it_is() -> None:
    body = "import base64\nprint(base64.b64decode(r.data[0].b64_json))\n"
    call = _GENERATE.replace('"p")', '"p", response_format="b64_json")')
    done = rewrite(_TOP + f"r = {call}\n" + body)
    assert body in done.text
    assert "response_format" not in done.text


def test_one_download_of_two_sites_is_replaced_if_both_are_migrated_and_taught_if_one_is_left() -> None:
    both = f"def pick(a):\n    u = {_GENERATE}.data[0].url if a else {{}}.data[0].url\n    return requests.get(u).content\n"
    good = rewrite(_TOP + both.format('client.images.generate(model="dall-e-2", prompt="q")'))
    assert [site.migrated for site in good.sites] == [True, True]
    assert "return base64.b64decode(u)" in good.text
    mixed = rewrite(_TOP + both.format('client.images.generate(model="mystery", prompt="q")'))
    assert [site.migrated for site in mixed.sites] == [True, False]
    assert "return _fetch_image(requests.get, u).content" in mixed.text
    assert 'model="mystery", prompt="q").data[0].url\n' in mixed.text


def test_sites_that_need_different_helpers_get_one_each() -> None:
    done = rewrite(
        _TOP
        + "import json\no = json.load(open('o'))\n"
        + 'client.images.generate(model="dall-e-3", **o)\n'
        + 'client.images.edit(model="dall-e-2", image=open("a.png", "rb"), **o)\n'
        + 'client.images.generate(model="dall-e-3", n=1, **o)\n'
    )
    assert done.text.count("def _gpt_image_arguments(") == done.text.count("def _gpt_image_arguments_2(") == 1
    assert done.text.count("**_gpt_image_arguments(o)") == 2
    assert 'image=open("a.png", "rb"), **_gpt_image_arguments_2(o)' in done.text
    again = rewrite(done.text + 'client.images.edit(model="dall-e-2", image=open("b.png", "rb"), **o)\n')
    assert again.text.count("def _gpt_image_arguments") == 2
    assert again.text.count("**_gpt_image_arguments_2(o)") == 2
