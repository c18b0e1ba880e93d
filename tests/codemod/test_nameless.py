"""Arguments that hold a model on some ways only: each way to the call has to name one."""

from __future__ import annotations

import pytest

from tests.codemod.support import rewrite

_CALL = (
    "from openai import OpenAI\n\n\ndef draw(prompt, fancy):\n{}"
    "    return OpenAI().images.generate(**kw).data[0].b64_json\n"
)
_POST = (
    "import requests\n\n\ndef draw(prompt, fancy):\n{}"
    '    answer = requests.post("https://api.openai.com/v1/images/generations", json=kw)\n'
    '    return answer.json()["data"][0]["b64_json"]\n'
)
_NAMED = '"model": "gpt-image-2.6-flare", "prompt"'


@pytest.mark.parametrize("program", [_CALL, _POST], ids=["sdk", "http"])
@pytest.mark.parametrize(
    "made",
    [
        pytest.param(
            '    kw = {"prompt": prompt}\n    if fancy:\n        kw.update(model="dall-e-3", quality="hd")\n',
            id="an update under a condition",
        ),
        pytest.param(
            '    kw = {"prompt": prompt}\n    if fancy:\n        kw.update({"model": "dall-e-3"})\n',
            id="an update with a mapping under a condition",
        ),
        pytest.param(
            '    kw = {"prompt": prompt}\n    if fancy:\n        kw["model"] = "dall-e-3"\n',
            id="a key under a condition",
        ),
        pytest.param(
            '    kw = {"prompt": prompt, "model": "dall-e-3"}\n    if fancy:\n        kw = {"prompt": prompt, "n": 2}\n',
            id="one of two mappings",
        ),
        pytest.param(
            '    kw = {"prompt": prompt, **({"model": "dall-e-3"} if fancy else {})}\n',
            id="a part that may be empty",
        ),
        pytest.param(
            '    kw = {"prompt": prompt} | ({"model": "dall-e-3"} if fancy else {})\n',
            id="a second mapping that may be empty",
        ),
    ],
)
def test_a_mapping_that_names_a_model_only_sometimes_gets_one_from_the_start(program: str, made: str) -> None:
    done = rewrite(program.format(made))
    assert _NAMED in done.text
    assert "dall-e" not in done.text
    assert "IMG002" in done.rules()


@pytest.mark.parametrize("program", [_CALL, _POST], ids=["sdk", "http"])
@pytest.mark.parametrize(
    "made",
    [
        pytest.param(
            '    kw = {"prompt": prompt}\n    kw.update(model="dall-e-3")\n', id="an update that always runs"
        ),
        pytest.param(
            '    if fancy:\n        kw = {"prompt": prompt}\n    else:\n        kw = {"prompt": "p"}\n'
            '    kw["model"] = "dall-e-3"\n',
            id="a key behind both branches",
        ),
        pytest.param(
            '    base = {"model": "dall-e-3"}\n    kw = {"prompt": prompt, **base}\n',
            id="a part that always names it",
        ),
    ],
)
def test_a_mapping_that_always_gets_its_model_gets_no_second_one(program: str, made: str) -> None:
    done = rewrite(program.format(made))
    assert done.text.count("gpt-image-2.6-flare") == 1
    assert "IMG002" not in done.rules()


@pytest.mark.parametrize(
    "program",
    [
        '    kw = dict(model="dall-e-3", prompt=prompt) | fancy\n',
        '    kw = {"quality": "hd"} | {"model": "dall-e-3", "prompt": prompt} | fancy\n',
    ],
)
def test_two_mappings_made_one_are_changed_where_they_are_written(program: str) -> None:
    call = _CALL.format(program) + '\n\nprint(draw("an owl", {"quality": "hd"}))\n'
    assert rewrite(call).text == call.replace("dall-e-3", "gpt-image-2.6-flare").replace('"hd"', '"high"')


def test_keywords_that_always_get_a_model_get_no_second_one() -> None:
    program = (
        "from openai import OpenAI\n\n\ndef ask(prompt, **options):\n"
        '    options.setdefault("model", "dall-e-3")\n'
        "    return OpenAI().images.generate(prompt=prompt, **options)\n\n\n"
        'print(ask("an owl", size="1024x1024").data[0].b64_json)\n'
    )
    assert rewrite(program).text == program.replace("dall-e-3", "gpt-image-2.6-flare")
