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
    ],
)
def test_a_fallback_for_answers_without_base64_stays_as_it_is(body: str) -> None:
    assert rewrite(_PROGRAM + body).text == (_PROGRAM + body).replace("dall-e-3", "gpt-image-2.6-flare")


@pytest.mark.parametrize(
    "body",
    [
        f"    if item.b64_json and len(item.b64_json) > 99:\n        {_DECODE}\n    elif item.url:\n        {_FETCH}\n",
        f"    if item.b64_json:\n        return None\n    {_FETCH}\n",
        f"    if item.revised_prompt:\n        {_DECODE}\n    {_FETCH}\n",
    ],
)
def test_a_url_that_is_still_wanted_is_no_fallback(body: str) -> None:
    assert "requests.get(item.url)" not in rewrite(_PROGRAM + body).text


@pytest.mark.parametrize("test", ["item.b64_json", "item.b64_json is not None"])
def test_code_that_refuses_base64_is_left_with_a_reason(test: str) -> None:
    body = f"    if {test}:\n        raise ValueError(prompt)\n    {_FETCH}\n"
    done = rewrite(_PROGRAM + body)
    assert done.text == _PROGRAM + body
    assert {"IMG010"} <= {one.rule for one in done.left if one.fix == "manual"}
