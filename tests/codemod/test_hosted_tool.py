"""The drawing tool of the Responses API, which names a picture model of its own."""

from __future__ import annotations

import pytest

from tests.codemod.support import TARGET, rewrite

_SDK = "from openai import OpenAI\nclient = OpenAI()\n"


def _call(tool: str) -> str:
    return f'{_SDK}client.responses.create(model="gpt-5", input="p", tools=[{tool}])\n'


@pytest.mark.parametrize(
    "source",
    [
        _call('{"type": "image_generation", "model": "gpt-image-1", "quality": "high"}'),
        _call("{'model': 'gpt-image-1', 'type': 'image_generation'}"),
        _call('ImageGeneration(type="image_generation", model="gpt-image-1")'),
        'llm = llm.bind_tools([{"type": "image_generation", "model": "gpt-image-1"}])\n',
        'BODY = {"model": "gpt-5", "tools": [{"type": "image_generation", "model": "gpt-image-1"}]}\n',
    ],
    ids=["a mapping", "single quotes", "a call", "LangChain", "a body of a request"],
)
def test_a_tool_that_is_handed_over_gets_a_live_model(source: str) -> None:
    done = rewrite({"app.py": source})
    assert done.texts["app.py"] == source.replace("gpt-image-1", TARGET)
    assert [(one.rule, one.fix, one.applied) for one in done.findings] == [("IMG001", "safe", True)]


def test_a_name_that_may_serve_something_else_waits_for_a_person() -> None:
    source = 'MODEL = "gpt-image-1"\n' + _call('{"type": "image_generation", "model": MODEL}')
    done = rewrite({"app.py": source})
    assert done.texts["app.py"] == source
    assert [(one.fix, one.line) for one in done.findings] == [("review", 1)]


def test_a_tool_with_what_the_target_refuses_is_reported_and_left() -> None:
    source = _call('{"type": "image_generation", "model": "gpt-image-1", "input_fidelity": "high"}')
    done = rewrite({"app.py": source})
    assert done.texts["app.py"] == source
    (found,) = done.findings
    assert found.fix == "manual"
    assert "input_fidelity" in found.message


@pytest.mark.parametrize(
    "source",
    [
        _call('{"type": "image_generation", "model": "gpt-image-2"}'),
        _call('{"type": "image_generation"}'),
        'MODELS = [{"type": "image_generation", "model": "gpt-image-1", "price": 0.04}]\n',
    ],
    ids=["a live model", "no model", "a table of models"],
)
def test_other_mappings_of_that_type_are_left_without_a_word(source: str) -> None:
    done = rewrite({"app.py": source})
    assert done.texts["app.py"] == source
    assert not done.findings
