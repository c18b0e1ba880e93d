"""Conditionals whose branches become the same value."""

from __future__ import annotations

import pytest

from tests.codemod.support import again, rewrite

_PROGRAM = (
    "from openai import OpenAI\n\n\ndef draw(p, small, kind):\n    size = {size}\n"
    "    return OpenAI().images.generate(model={model}, prompt=p, size=size, response_format='b64_json').data[0].b64_json\n"
)


@pytest.mark.parametrize(
    "size",
    [
        "'512x512' if small else '256x256'",
        "'512x512' if small else '1024x1024'",
        "'512x512' if small == 1 and not kind.big else '256x256'",
        "'512x512' if small else '256x256' if kind else '1024x1024'",
    ],
)
def test_a_conditional_that_comes_to_one_value_is_that_value(size: str) -> None:
    done = rewrite(_PROGRAM.format(size=size, model="'dall-e-2'"))
    assert "    size = '1024x1024'\n" in done.text
    assert not again(done).changed


def test_the_model_is_one_value_too() -> None:
    done = rewrite(_PROGRAM.format(size="'1024x1024'", model="'dall-e-3' if kind else 'dall-e-2'"))
    assert "generate(model='gpt-image-2.6-flare', prompt=p" in done.text


@pytest.mark.parametrize(
    "size",
    [
        "'512x512' if small() else '256x256'",
        "'512x512' if kind[0] else '256x256'",
        "'512x512' if small else kind",
    ],
)
def test_a_test_that_may_do_something_stays(size: str) -> None:
    done = rewrite(_PROGRAM.format(size=size, model="'dall-e-2'"))
    assert f"    size = {size.replace('512x512', '1024x1024').replace('256x256', '1024x1024')}\n" in done.text


def test_what_two_calls_share_becomes_one_value_once() -> None:
    done = rewrite(
        "from openai import OpenAI\n\nSIZE = '512x512' if __debug__ else '256x256'\nimages = OpenAI().images\n"
        "images.generate(model='dall-e-2', prompt='a', size=SIZE, response_format='b64_json')\n"
        "images.edit(model='dall-e-2', image=open('a.png', 'rb'), prompt='a', size=SIZE, response_format='b64_json')\n"
    )
    assert "SIZE = '1024x1024'\n" in done.text
    assert all(site.migrated for site in done.sites)
