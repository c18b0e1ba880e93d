"""Code for a url and code for base64, side by side, one in place of the other, and where the base64 goes."""

from __future__ import annotations

import pytest

from tests.codemod.support import Result, rewrite

_HEAD = "import base64\nimport hashlib\n\nimport requests\nfrom openai import OpenAI\n\nkept = {}\n\n\n"
_DRAW = 'def draw(prompt):\n    item = OpenAI().images.generate(model="dall-e-3", prompt=prompt).data[0]\n'
_PAIR = "def pair(item):\n    if item.b64_json:\n        return 'text', item.b64_json\n    return 'link', item.url\n\n\n"
_MODEL_ONLY = ("dall-e-3", "gpt-image-2.6-flare")


def _drawn(body: str, before: str = "") -> Result:
    return rewrite(f"{_HEAD}{before}{_DRAW}{body}")


def _is_left(done: Result) -> bool:
    return not done.changed and {"IMG010"} == {one.rule for one in done.left if one.fix == "manual"}


@pytest.mark.parametrize(
    "look",
    [
        "kept[prompt] = item.b64_json",
        "kept[prompt] = hashlib.md5(item.b64_json.encode()).hexdigest()",
        "print('inline', item.b64_json[:30])",
        "kept.setdefault(prompt, []).append(item.b64_json)",
    ],
)
def test_a_block_for_a_url_goes_on_where_base64_is_only_kept_or_looked_at(look: str) -> None:
    body = (
        f"    if item.b64_json:\n        {look}\n    if item.url:\n"
        "        open('snail.png', 'wb').write(requests.get(item.url).content)\n"
    )
    done = _drawn(body)
    assert done.sites[0].migrated
    assert f"        {look}\n    if item.b64_json:\n" in done.text
    assert "write(base64.b64decode(item.b64_json))" in done.text


@pytest.mark.parametrize(
    "body",
    [
        "    if item.b64_json:\n        save(base64.b64decode(item.b64_json))\n"
        "    if item.url:\n        save(requests.get(item.url).content)\n",
        "    picture = None\n    if item.b64_json:\n        picture = base64.b64decode(item.b64_json)\n"
        "    if item.url:\n        picture = requests.get(item.url).content\n    return picture\n",
        "    picture = b''\n    if item.b64_json:\n        picture = base64.b64decode(item.b64_json)\n"
        "    if item.url:\n        return requests.get(item.url).content\n    return picture\n",
        "    if item.url:\n        print('hosted at', item.url)\n"
        "    if item.b64_json:\n        save(base64.b64decode(item.b64_json))\n",
        "    if not item.url:\n        save(base64.b64decode(item.b64_json))\n        return\n"
        "    post(requests.get(item.url).content)\n",
    ],
)
def test_a_block_for_a_url_may_rest_where_base64_does_what_it_did(body: str) -> None:
    done = _drawn(body)
    assert done.text == (_HEAD + _DRAW + body).replace(*_MODEL_ONLY)


@pytest.mark.parametrize(
    "body",
    [
        "    if item.b64_json:\n        save(base64.b64decode(item.b64_json))\n"
        "    if item.url:\n        ledger.record(prompt, item.url)\n",
        "    if item.b64_json:\n        save(base64.b64decode(item.b64_json))\n"
        "    if not item.url:\n        return\n    ledger.record(prompt, item.url)\n",
        "    if item.b64_json:\n        upload(item.b64_json)\n    link = item.url\n    if link:\n        post(link)\n",
    ],
)
def test_a_block_for_a_url_that_does_something_else_is_left_with_a_reason(body: str) -> None:
    done = _drawn(body)
    assert _is_left(done)
    assert "does something that the code for base64 does not" in done.left[0].message


def test_what_is_stored_for_a_url_is_stored_beside_decoded_base64() -> None:
    body = (
        "    found = {}\n    if item.b64_json:\n        found['bytes'] = base64.b64decode(item.b64_json)\n"
        "    if item.url:\n        found['address'] = item.url\n    return found\n\n\n"
        "requests.get(draw('a snail')['address'])\n"
    )
    done = _drawn(body)
    assert "found['address'] = f'data:image/png;base64,{item.b64_json}'" in done.text
    assert "_fetch_image(requests.get, draw('a snail')['address'])" in done.text


@pytest.mark.parametrize(
    ("before", "body"),
    [
        (
            "def read(name):\n    with open(name, 'rb') as file:\n        return file.read()\n\n\n",
            "    if item.b64_json:\n        return read(item.b64_json)\n    return requests.get(item.url).content\n",
        ),
        (
            "from pathlib import Path\n\n\n",
            "    return Path(item.b64_json).read_bytes() if item.b64_json else requests.get(item.url).content\n",
        ),
        (
            "class Plate:\n    def __init__(self, item):\n        self.link, self.text = item.url, item.b64_json\n\n"
            "    def content(self):\n        if not self.text:\n            return requests.get(self.link).content\n"
            "        return requests.get(self.text).content\n\n\n",
            "    return Plate(item).content()\n",
        ),
        (
            _PAIR,
            "    _, source = pair(item)\n    return requests.get(source).content\n",
        ),
        (
            "",
            "    if item.b64_json:\n        source = 'data:image/png;base64,' + item.b64_json\n    else:\n"
            "        source = item.url\n    return requests.get(source).content\n",
        ),
    ],
)
def test_base64_that_is_taken_for_an_address_or_a_file_is_left_with_a_reason(before: str, body: str) -> None:
    assert _is_left(_drawn(body, before))


@pytest.mark.parametrize(
    ("before", "body"),
    [
        (
            "def either(item):\n    return item.b64_json or item.url\n\n\n",
            "    source = either(item)\n    if source.startswith('http'):\n        return requests.get(source).content\n"
            "    return base64.b64decode(source)\n",
        ),
        (
            "def pair(item):\n    if item.b64_json:\n        return item.b64_json, True\n    return item.url, False\n\n\n",
            "    source, inline = pair(item)\n    if inline:\n        return base64.b64decode(source)\n"
            "    return requests.get(source).content\n",
        ),
        (
            "class Source:\n    def __init__(self, kind, value):\n        self.kind, self.value = kind, value\n\n\n",
            "    one = Source('text', item.b64_json) if item.b64_json else Source('link', item.url)\n"
            "    if one.kind == 'text':\n        return base64.b64decode(one.value)\n"
            "    return requests.get(one.value).content\n",
        ),
        (
            "def entry(item):\n    if item.b64_json:\n        return {'kind': 'text', 'value': item.b64_json}\n"
            "    return {'kind': 'link', 'value': item.url}\n\n\n",
            "    one = entry(item)\n    return base64.b64decode(one['value']) if one['kind'] == 'text' "
            "else requests.get(one['value']).content\n",
        ),
    ],
)
def test_code_that_is_seen_to_tell_base64_from_a_url_stays_as_it_is(before: str, body: str) -> None:
    done = _drawn(body, before)
    assert done.text == (_HEAD + before + _DRAW + body).replace(*_MODEL_ONLY)


@pytest.mark.parametrize(
    ("before", "body"),
    [
        (
            "def either(item):\n    return item.b64_json or item.url\n\n\n",
            "    source = either(item)\n    print(base64.b64decode(source))\n    return requests.get(source).content\n",
        ),
        (
            _PAIR,
            "    return pair(item)\n",
        ),
    ],
)
def test_code_that_is_not_seen_to_tell_them_apart_is_left_with_a_reason(before: str, body: str) -> None:
    assert _is_left(_drawn(body, before))


_CLEAR = "def scrub(item):\n    item.b64_json = None\n\n\n"
_READ = "    if item.b64_json:\n        return base64.b64decode(item.b64_json)\n    return requests.get(item.url).content\n"


@pytest.mark.parametrize(
    ("before", "body"),
    [(_CLEAR, f"    scrub(item)\n{_READ}"), ("", f"    del item.b64_json\n{_READ}")],
)
def test_base64_that_is_taken_out_before_the_picture_is_read_is_left_with_a_reason(
    before: str, body: str
) -> None:
    done = _drawn(body, before)
    assert not done.changed
    assert "taken out of the picture" in " ".join(one.message for one in done.left)


def test_base64_that_is_taken_out_after_the_picture_was_read_is_no_loss() -> None:
    done = _drawn(
        "    save(requests.get(item.url).content)\n    item.b64_json = None\n    return item.revised_prompt\n"
    )
    assert "save(base64.b64decode(item.b64_json))" in done.text
