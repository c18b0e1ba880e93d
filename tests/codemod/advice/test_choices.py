"""Lists of allowed values whose old words are translated at the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Migrate

CALL = "client.images.generate(model='dall-e-3', prompt=prompt, quality={quality}).data[0].b64_json"
HEAD = "from openai import OpenAI\n\nclient = OpenAI()\n"

LISTS = {
    "choices of a parser": (
        "import argparse\n\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--quality', choices=['standard', 'hd'], default='standard')\n"
        "args = parser.parse_args()\nprompt = 'x'\nprint(len(" + CALL.format(quality="args.quality") + "))"
    ),
    "choices of a command": (
        "import click\n\n@click.command()\n@click.option('--quality', type=click.Choice(['standard', 'hd']))\n"
        "def main(quality):\n    prompt = 'x'\n    print(len(" + CALL.format(quality="quality") + "))\n"
    ),
    "a set of valid words": (
        "VALID = {'standard', 'hd'}\n\ndef draw(prompt, quality):\n    if quality not in VALID:\n"
        "        raise ValueError(quality)\n    return " + CALL.format(quality="quality")
    ),
    "a widget": (
        "import streamlit as st\n\nprompt = st.text_input('What')\n"
        "quality = st.selectbox('Quality', ['standard', 'hd'])\nprint(len("
        + CALL.format(quality="quality")
        + "))\n"
    ),
    "a list with a fallback": (
        "from typing import Literal, cast\n\ndef draw(prompt, quality):\n    known = ['standard', 'hd']\n"
        "    found = quality if quality in known else 'standard'\n    word = cast(Literal['standard', 'hd'], found)\n"
        "    return " + CALL.format(quality="word")
    ),
    "a list in the test": (
        "def draw(prompt, quality):\n    assert quality in ['standard', 'hd']\n    return "
        + CALL.format(quality="quality")
    ),
    "an annotation": (
        "from typing import Literal\n\nQuality = Literal['standard', 'hd']\n\n"
        "def draw(prompt, quality: Quality | None = None):\n    quality = quality or 'standard'\n"
        "    print(quality.upper())\n    return " + CALL.format(quality="quality")
    ),
    "an enumeration": (
        "from enum import Enum\n\nclass Quality(str, Enum):\n    PLAIN = 'standard'\n    FINE = 'hd'\n\n"
        "def parse(word):\n    return Quality(word)\n\n"
        "def draw(prompt, quality: Quality):\n    return " + CALL.format(quality="quality.value")
    ),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_list_of_old_words_that_are_kept_is_pointed_out_once(migrated: Migrate, case: str) -> None:
    done = migrated(HEAD + LISTS[case] + "\n")
    assert [f.rule for f in done.of("IMG024")] == ["IMG024"]
    (finding,) = done.of("IMG041")
    assert (finding.fix, finding.applied) == ("manual", False)
    assert "standard, hd" in finding.message
    assert "medium, high" in finding.suggestion


@pytest.mark.parametrize(
    "text",
    [
        # it offers new words, it is about something else, it follows the new words by itself
        LISTS["a set of valid words"].replace("'hd'}", "'hd', 'auto'}"),
        LISTS["a set of valid words"].replace("quality not in VALID", "prompt not in VALID"),
        "def draw(prompt):\n    for quality in ['standard', 'hd']:\n        print(len("
        + CALL.format(quality="quality")
        + "))\n\n\ndraw('x')",
    ],
)
def test_other_lists_are_no_finding(migrated: Migrate, text: str) -> None:
    done = migrated(HEAD + text + "\n")
    assert [f for f in done.of("IMG041") if f.fix == "manual"] == []


def test_a_choice_of_models_is_one_finding_and_its_names_are_no_others(migrated: Migrate) -> None:
    done = migrated(
        """
        import argparse
        from openai import OpenAI

        parser = argparse.ArgumentParser()
        parser.add_argument("--model", default="dall-e-3", choices=["dall-e-2", "dall-e-3"])
        args = parser.parse_args()
        print(len(OpenAI().images.generate(model=args.model, prompt="x").data[0].b64_json))
        """
    )
    assert done.advice() == ["IMG041"]
    assert done.of("IMG041")[0].suggestion == "Offer the new ones as well: gpt-image-2.6-flare."
