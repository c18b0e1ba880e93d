"""What a run says about prices."""

from __future__ import annotations

from tests.codemod.support import rewrite

_TOP = "from openai import OpenAI\n\nclient = OpenAI()\n"


def _warnings(arguments: str) -> tuple[str, ...]:
    return rewrite(
        f"{_TOP}r = client.images.generate({arguments})\nprint(r.data[0].b64_json)\n"
    ).report.warnings


def test_calls_that_leave_the_quality_to_the_model_get_one_line_that_says_what_that_may_cost() -> None:
    (note,) = _warnings('prompt="p", size="1024x1024", response_format="b64_json"')
    assert "1 call names no quality" in note
    assert "up to 11 times" in note  # 0.21 against the 0.02 of the model that was meant
    assert 'quality="medium"' in note


def test_calls_that_name_a_quality_or_are_left_alone_cost_no_line() -> None:
    assert not _warnings('model="dall-e-3", prompt="p", quality="hd", response_format="b64_json"')
    assert not _warnings('model="gpt-image-2.6-flare", prompt="p"')
    assert not rewrite(
        f'{_TOP}r = client.images.create_variation(image=open("a.png", "rb"))\n'
    ).report.warnings
