"""Prompts that are held to the length that DALL-E took."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Migrate

HEAD = "import textwrap\nfrom openai import OpenAI\n\nclient = OpenAI()\nLIMIT = 4000\nLIMITS = {'dall-e-2': 1000}\n\n\n"
CALL = (
    'client.images.generate(model="dall-e-3", prompt={prompt}, response_format="b64_json").data[0].b64_json'
)

HELD = {
    "a cut in the call": ("def draw(prompt):\n    return " + CALL.format(prompt="prompt[:1000]"), 10),
    "a cut with a name": ("def draw(prompt):\n    return " + CALL.format(prompt="prompt[:LIMIT]"), 10),
    "a cut from a table": (
        "def draw(prompt):\n    return " + CALL.format(prompt="prompt[:LIMITS['dall-e-2']]"),
        10,
    ),
    "a cut with room to spare": ("def draw(prompt):\n    return " + CALL.format(prompt="prompt[0:3900]"), 10),
    "a cut before the call": (
        "def draw(prompt):\n    prompt = prompt.strip()[:4000]\n    return " + CALL.format(prompt="prompt"),
        10,
    ),
    "a shortened text": (
        "def draw(prompt):\n    text = textwrap.shorten(prompt, width=1000)\n    return "
        + CALL.format(prompt="text"),
        10,
    ),
    "a cut in a text around it": (
        "def draw(topic):\n    return " + CALL.format(prompt='f"a drawing of {topic[:1000]}"'),
        10,
    ),
    "a test of the length": (
        "def draw(prompt):\n    if len(prompt) > 1000:\n        raise ValueError('too long')\n    return "
        + CALL.format(prompt="prompt"),
        10,
    ),
    "a test above the cut": (
        "def draw(prompt):\n    if len(prompt) > 1000:\n        prompt = prompt[:1000]\n    return "
        + CALL.format(prompt="prompt"),
        10,
    ),
    "a conditional cut": (
        "def draw(prompt):\n    text = prompt[:1000] if len(prompt) > 1000 else prompt\n    return "
        + CALL.format(prompt="text"),
        10,
    ),
    "a helper": (
        "def short(text, most=1000):\n    return text[:most]\n\n\ndef draw(prompt):\n    return "
        + CALL.format(prompt="short(prompt)"),
        10,
    ),
    "a caller": (
        "def draw(prompt):\n    return "
        + CALL.format(prompt="prompt")
        + "\n\n\nprint(len(draw(input()[:1000])))",
        13,
    ),
}


@pytest.mark.parametrize("case", HELD)
def test_a_prompt_that_is_held_to_the_old_length_is_pointed_out_once(migrated: Migrate, case: str) -> None:
    text, line = HELD[case]
    done = migrated(HEAD + text + "\n")
    (finding,) = done.of("IMG032")
    assert (finding.fix, finding.applied, finding.line) == ("manual", False, line)
    assert "32000" in finding.suggestion


@pytest.mark.parametrize(
    "text",
    [
        # another text, another length, another limit, the end of a text
        "def draw(prompt):\n    print(prompt[:1000])\n    return " + CALL.format(prompt="prompt"),
        "def draw(prompt):\n    return " + CALL.format(prompt="prompt[:200]"),
        "def draw(prompt):\n    return " + CALL.format(prompt="prompt[:32000]"),
        "def draw(prompt):\n    return " + CALL.format(prompt="prompt[1000:]"),
        "def draw(prompt):\n    if len(prompt) == 1000:\n        print('!')\n    return "
        + CALL.format(prompt="prompt"),
        "def draw(llm, page):\n    prompt = llm.invoke(page[:1000]).text.strip()\n    return "
        + CALL.format(prompt="prompt"),
        "def short(text):\n    return text[:20]\n\n\nprint(short('x'[:1000]))\n\n\ndef draw(prompt):\n    return "
        + CALL.format(prompt="short(prompt)"),
    ],
)
def test_other_texts_and_other_lengths_are_no_finding(migrated: Migrate, text: str) -> None:
    assert migrated(HEAD + text + "\n").of("IMG032") == []


def test_a_cut_in_another_module_is_found_where_it_stands(migrated: Migrate) -> None:
    done = migrated(
        {
            "painter.py": """
            from openai import OpenAI

            class Painter:
                def __init__(self):
                    self.client = OpenAI()

                def draw(self, prompt):
                    return self.client.images.generate(model="dall-e-2", prompt=prompt).data[0].b64_json
            """,
            "bot.py": """
            from painter import Painter

            MAX = 950

            def answer(message):
                return Painter().draw(message.text[:MAX])
            """,
        }
    )
    (finding,) = done.of("IMG032")
    assert (finding.path, finding.line) == ("bot.py", 6)
    assert "950 characters because dall-e-2 took no more than 1000" in finding.message
