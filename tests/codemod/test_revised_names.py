"""Revised prompts that get a name first: ``None`` is enough where every use asks for it."""

from __future__ import annotations

import pytest

from tests.codemod.support import rewrite

_PROGRAM = (
    "from openai import OpenAI\n\n\ndef draw(ask):\n"
    "    item = OpenAI().images.generate(model='dall-e-3', prompt=ask(), response_format='b64_json').data[0]\n"
    "    text = item.revised_prompt\n{body}\n    return item.b64_json\n"
)


@pytest.mark.parametrize(
    "body", ["    if text:\n        print(text)", "    print(f'as {text}' if text else 'as asked')"]
)
def test_a_name_that_is_always_asked_for_first_needs_no_empty_text(body: str) -> None:
    assert "text = item.revised_prompt\n" in rewrite(_PROGRAM.format(body=body)).text


@pytest.mark.parametrize(
    "body",
    [
        "    if text:\n        print(text)\n    print(text)",
        "    if text != ask():\n        print(text)",
        "    if ask:\n        text = 'a'\n    if text:\n        print(text)",
        "    if text:\n        pass\n    else:\n        print(text)",
    ],
)
def test_a_name_that_is_used_without_asking_gets_an_empty_text(body: str) -> None:
    assert 'text = item.revised_prompt or ""\n' in rewrite(
        _PROGRAM.format(body=body), unsafe=True
    ).text.replace("''", '""')
