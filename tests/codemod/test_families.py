"""Comparisons that tell GPT Image from others become prefix tests; those that tell its members apart do not."""

from __future__ import annotations

import pytest

from tests.codemod.support import Result, again, rewrite

_PROGRAM = """
from openai import OpenAI

client = OpenAI()
{before}

def draw(prompt, model={default!r}):
    extra = {{}}
    if {test}:
        extra["quality"] = "high"
    answer = client.images.generate(model=model, prompt=prompt, **extra)
    return answer.data[0].b64_json


draw("p"{argument})
"""


def program(test: str, default: str = "gpt-image-1", argument: str = "", before: str = "") -> Result:
    return rewrite(_PROGRAM.format(test=test, default=default, argument=argument, before=before))


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('model == "gpt-image-1"', 'if model.startswith("gpt-image-"):'),
        ('"gpt-image-1" == model', 'if model.startswith("gpt-image-"):'),
        ('model != "gpt-image-1"', 'if not model.startswith("gpt-image-"):'),
        ('model in ("gpt-image-1", "gpt-image-1.5")', 'if model.startswith("gpt-image-"):'),
        ('model not in {"gpt-image-1"}', 'if not model.startswith("gpt-image-"):'),
        ('prompt and model == "gpt-image-1"', 'if prompt and model.startswith("gpt-image-"):'),
        ("model in NAMES", 'if model.startswith("gpt-image-"):'),
        ("model == NAME", 'if model.startswith("gpt-image-"):'),
    ],
)
def test_a_test_for_one_name_becomes_one_for_the_family(test: str, expected: str) -> None:
    before = 'NAMES = ["gpt-image-1", "gpt-image-1-mini"]\nNAME = "gpt-image-1"\n'
    done = program(test, before=before)
    assert expected in done.text
    assert 'model="gpt-image-2.6-flare"' in done.text.replace("'", '"')
    assert done.of("IMG061")
    assert not again(done).changed


def test_a_name_that_changes_sides_waits_for_a_person() -> None:
    done = program('model == "gpt-image-1"', argument=', "gpt-image-1-mini"')
    assert [site.outcome for site in done.sites] == ["review"]
    assert not done.changed


@pytest.mark.parametrize(
    "test",
    [
        'model == "gpt-image-1" or (model == "gpt-image-1-mini" and prompt)',
        'model in ("gpt-image-1", "flux")',
        'model > "gpt-image-1"',
        "model == unknown()",
    ],
)
def test_what_is_no_test_for_the_family_stays_and_the_call_translates(test: str) -> None:
    done = program(test)
    assert f"if {test}:" in done.text
    assert "{'gpt-image-1': 'gpt-image-2.6-flare'}.get(model, model)" in done.text.replace('"', "'")


def test_a_test_for_other_models_stays_as_it_is() -> None:
    done = program('model == "dall-e-3"')
    assert 'if model == "dall-e-3":' in done.text
    assert "def draw(prompt, model='gpt-image-2.6-flare')" in done.text


def test_what_may_be_none_is_tested_with_care() -> None:
    done = rewrite(
        """
        import os
        from openai import OpenAI

        MODEL = os.getenv("IMAGE_MODEL", "gpt-image-1")
        extra = {"quality": "low"} if MODEL == "gpt-image-1" else {}
        OpenAI().images.generate(model=MODEL, prompt="p", **extra).data[0].b64_json
        """
    )
    assert '(MODEL or "").startswith("gpt-image-")' in done.text


def test_a_test_of_the_beginning_does_not_hold_a_name_back() -> None:
    done = program('model.startswith("gpt-image")')
    assert "def draw(prompt, model='gpt-image-2.6-flare')" in done.text
    held = program('model.startswith("gpt-image-1")')
    assert "def draw(prompt, model='gpt-image-1')" in held.text


def test_a_name_that_ends_soon_is_translated_where_the_code_speaks_of_it() -> None:
    source = """
from openai import OpenAI


def draw(prompt, model):
    if model in {"gpt-image-1.5", "flux"}:
        prompt = prompt.strip()
    return OpenAI().images.generate(model=model, prompt=prompt).data[0].b64_json
"""
    done = rewrite(source)
    assert '"gpt-image-1.5": "gpt-image-2.6-flare"' in done.text.replace("'", '"')
    assert "gpt-image-1-mini" not in done.text
    assert not again(done).changed
