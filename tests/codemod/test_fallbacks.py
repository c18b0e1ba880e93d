"""Urls that are read only where an answer holds no base64."""

from __future__ import annotations

import pytest

from tests.codemod.support import rewrite

_PROGRAM = (
    "import base64\n\nimport requests\nfrom openai import OpenAI\n\n\ndef draw(prompt):\n"
    '    item = OpenAI().images.generate(model="dall-e-3", prompt=prompt).data[0]\n'
)
_DECODE = "return base64.b64decode(item.b64_json)"
_FETCH = "return requests.get(item.url).content"


@pytest.mark.parametrize(
    "body",
    [
        f"    if item.b64_json:\n        {_DECODE}\n    {_FETCH}\n",
        f"    if item.b64_json is not None:\n        {_DECODE}\n    elif item.url:\n        {_FETCH}\n",
        "    found = getattr(item, 'b64_json', None)\n    if found:\n        return base64.b64decode(found)\n"
        f"    {_FETCH}\n",
        "    return base64.b64decode(item.b64_json) if item.b64_json else requests.get(item.url).content\n",
        "    text = item.b64_json\n    if text is None:\n        text = base64.b64encode(requests.get(item.url).content)\n"
        "    return base64.b64decode(text)\n",
        f"    try:\n        {_DECODE}\n    except TypeError:\n        {_FETCH}\n",
        f"    url, text = item.url, item.b64_json\n    if text:\n        {_DECODE}\n    return requests.get(url).content\n",
        f"    if item.url:\n        {_FETCH}\n    {_DECODE}\n",
    ],
)
def test_a_fallback_for_answers_without_base64_stays_as_it_is(body: str) -> None:
    assert rewrite(_PROGRAM + body).text == (_PROGRAM + body).replace("dall-e-3", "gpt-image-2.6-flare")


@pytest.mark.parametrize(
    "body",
    [
        f"    if item.b64_json and len(item.b64_json) > 99:\n        {_DECODE}\n    elif item.url:\n        {_FETCH}\n",
        f"    if item.revised_prompt:\n        {_DECODE}\n    {_FETCH}\n",
    ],
)
def test_a_url_that_is_still_wanted_is_no_fallback(body: str) -> None:
    assert "requests.get(item.url)" not in rewrite(_PROGRAM + body).text


@pytest.mark.parametrize(
    "body",
    [
        # the object of the first test is not that of the second
        f"    held, item = item, Empty()\n    if item.b64_json:\n        {_DECODE}\n    item = held\n    {_FETCH}\n",
        f"    held, item = item, Empty()\n    if item.b64_json:\n        {_DECODE}\n    item = held\n"
        f"    if item.url:\n        {_FETCH}\n    return None\n",
        f"    if getattr(self.item, 'b64_json', None):\n        {_DECODE}\n    self.load()\n    {_FETCH}\n",
        f"    for item in [item]:\n        if x.b64_json:\n            {_DECODE}\n        {_FETCH}\n        x = item\n",
        # base64 is only taken under another condition, too
        f"    if item.b64_json and fast:\n        {_DECODE}\n    if item.url:\n        {_FETCH}\n    return None\n",
        f"    if item.url:\n        {_FETCH}\n    elif item.b64_json and fast:\n        {_DECODE}\n    return None\n",
        f"    if item.url:\n        {_FETCH}\n    print(item.b64_json is None)\n    return None\n",
        # a dump of an object has every key
        "    item = item.model_dump()\n    if 'url' in item:\n        return requests.get(item['url']).content\n"
        "    return base64.b64decode(item['b64_json'])\n",
    ],
)
def test_a_test_of_something_else_does_not_keep_a_url(body: str) -> None:
    done = rewrite(_PROGRAM + body)
    assert "requests.get(item.url)" not in done.text
    assert "requests.get(item['url'])" not in done.text
    assert done.sites[0].migrated


@pytest.mark.parametrize(
    "body",
    [
        f"    if item.b64_json:\n        return None\n    {_FETCH}\n",
        f"    if item.b64_json:\n        if fast:\n            {_DECODE}\n        return None\n    {_FETCH}\n",
        "    return None if item.b64_json else requests.get(item.url).content\n",
        f"    if item.b64_json is None:\n        {_FETCH}\n    return None\n",
        "    assert not item.b64_json\n    return requests.get(item.url).content\n",
        "    text = item.b64_json or item.url\n    return requests.get(text).content\n",
        "    urls = []\n    if item.b64_json:\n        urls.append(item.b64_json)\n    else:\n"
        "        urls.append(item.url)\n    return urls\n",
    ],
)
def test_code_that_base64_leads_past_the_picture_is_left_with_a_reason(body: str) -> None:
    done = rewrite(_PROGRAM + body)
    assert done.text == _PROGRAM + body
    assert {"IMG010"} <= {one.rule for one in done.left if one.fix == "manual"}


def test_base64_that_was_asked_for_is_refused_by_nobody() -> None:
    program = _PROGRAM.replace("prompt=prompt)", 'prompt=prompt, response_format="b64_json")')
    done = rewrite(program + "    return item.b64_json or item.url\n")
    assert done.sites[0].migrated


def test_an_answer_of_which_base64_is_only_taken_where_there_is_some_still_leaves_with_urls() -> None:
    body = "    if item.b64_json:\n        keep(item.b64_json)\n    return item\n"
    done = rewrite(_PROGRAM + body)
    assert "IMG015" in {one.rule for one in done.left}


def test_pictures_are_followed_into_a_list_that_takes_them_with_a_star() -> None:
    done = rewrite(
        "import requests\nfrom openai import OpenAI\n\n"
        'answer = OpenAI().images.generate(model="dall-e-3", prompt="a snail")\n'
        "for item in [*answer.data]:\n    print(requests.get(item.url).content)\n"
    )
    assert "item.url" not in done.text


@pytest.mark.parametrize("test", ["item.b64_json", "item.b64_json is not None"])
def test_code_that_refuses_base64_is_left_with_a_reason(test: str) -> None:
    body = f"    if {test}:\n        raise ValueError(prompt)\n    {_FETCH}\n"
    done = rewrite(_PROGRAM + body)
    assert done.text == _PROGRAM + body
    assert {"IMG010"} <= {one.rule for one in done.left if one.fix == "manual"}


@pytest.mark.parametrize(
    "body",
    [
        "    return f'<img src=\"{item.url or item.b64_json}\">'\n",
        "    return '<a href=\"%s\">' % (item.url if item.url else item.b64_json)\n",
        "    return item.url or item.b64_json, prompt\n",
        "    page = '<h1>'\n    page += (item.url or item.b64_json) + '</h1>'\n    return page\n",
        "    if item.url is None:\n        yield 'text', item.b64_json\n    else:\n        yield 'address', item.url\n",
        "    if item.url:\n        return item.url.strip()\n    return item.b64_json.strip()\n",
        "    return (item.url, item.b64_json)[item.url is None]\n",
    ],
)
def test_a_url_that_comes_first_is_a_data_uri_where_base64_goes_the_same_way(body: str) -> None:
    done = rewrite(_PROGRAM + body, unsafe=True)
    assert done.sites[0].migrated
    assert "data:image/png;base64," in done.text


@pytest.mark.parametrize(
    "body",
    [
        "    return f'<img src=\"{item.b64_json or item.url}\">'\n",
        "    return [item.b64_json or item.url]\n",
        "    return item.b64_json or item.url, prompt\n",
        "    pick = lambda one: one.b64_json or one.url\n    return requests.get(pick(item)).content\n",
        "    todo = {item.b64_json or item.url, 'https://example.com/snail.png'}\n    return todo\n",
        "    yield from [item.b64_json or item.url]\n",
        "    if item.b64_json:\n        return 'text', item.b64_json\n    return 'address', item.url\n",
    ],
)
def test_base64_that_comes_first_and_goes_the_way_of_a_url_is_left_with_a_reason(body: str) -> None:
    done = rewrite(_PROGRAM + body)
    assert done.text == _PROGRAM + body
    assert {"IMG010"} <= {one.rule for one in done.left if one.fix == "manual"}


@pytest.mark.parametrize(
    "body",
    [
        f"    print(item.b64_json or item.url)\n    if item.b64_json:\n        {_DECODE}\n    {_FETCH}\n",
        "    if item.b64_json:\n        return f'data:image/png;base64,{item.b64_json}'\n    return f'{item.url}'\n",
    ],
)
def test_logs_and_other_texts_do_not_bring_a_url_and_base64_together(body: str) -> None:
    done = rewrite(_PROGRAM + body, unsafe=True)
    assert done.sites[0].migrated


def test_a_name_behind_or_holds_what_it_is_given_there_or_before() -> None:
    body = (
        "    if (found := item.url) or (found := item.b64_json):\n"
        "        return requests.get(found).content\n    return None\n"
    )
    done = rewrite(_PROGRAM + body)
    assert "_fetch_image(requests.get, found)" in done.text
    assert 'f"data:image/png;base64,{item.b64_json}"' in done.text
