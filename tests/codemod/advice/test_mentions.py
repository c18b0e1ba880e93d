"""Retired names that are left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Migrate

SITE = """
from openai import OpenAI

client = OpenAI()


def draw(prompt):
    return client.images.generate(model="dall-e-3", prompt=prompt).data[0].b64_json


"""

LEFT = {
    "what is stored": 'def row(prompt):\n    return {"model": "dall-e-3", "prompt": prompt}',
    "another library": 'from langchain_community.tools import Wrapper\n\ntool = Wrapper(model="dall-e-2")',
    "a request by hand": 'import requests\n\nrequests.post("https://api.openai.com/x", json={"model": "dall-e-3"})',
    "a list for people": 'MODELS = ["dall-e-2", "dall-e-3"]\nprint(MODELS)',
    "a test that cannot be true": 'def used(answer):\n    return answer.model == "dall-e-3"',
    "a default of a function": 'def note(model="dall-e-3"):\n    print(model)',
}


@pytest.mark.parametrize("case", LEFT)
def test_a_retired_name_that_reaches_no_call_is_pointed_out_once(migrated: Migrate, case: str) -> None:
    done = migrated(SITE + LEFT[case] + "\n")
    (finding,) = done.of("IMG040")
    assert (finding.fix, finding.applied) == ("manual", False)
    assert "dall-e" in finding.message
    assert "gpt-image-2.6-flare" in finding.suggestion


QUIET = {
    "a sentence": 'print("made with dall-e-3")',
    "a docstring": 'def f():\n    "dall-e-3"',
    "a table to live names": 'NEW = {"dall-e-3": "gpt-image-2.6-flare"}',
    "a live model": 'print("gpt-image-2.6-flare")',
}


@pytest.mark.parametrize("case", QUIET)
def test_words_about_models_are_no_finding(migrated: Migrate, case: str) -> None:
    assert migrated(SITE + QUIET[case] + "\n").advice() == []


def test_a_comparison_that_old_names_still_reach_is_kept_without_a_word(migrated: Migrate) -> None:
    done = migrated(
        """
        import os
        from openai import OpenAI

        LABELS = {"dall-e-2": "DALL-E 2", "dall-e-3": "DALL-E 3"}
        client = OpenAI()


        def draw(prompt):
            model = os.environ["IMAGE_MODEL"]
            print(LABELS[model])
            if model == "dall-e-2":
                prompt = prompt.lower()
            return client.images.generate(model=model, prompt=prompt).data[0].b64_json
        """
    )
    assert "IMG024" in {f.rule for f in done.report.findings}
    assert done.advice() == []


def test_other_modules_count_only_for_the_names_that_the_site_imports(migrated: Migrate) -> None:
    done = migrated(
        {
            "app.py": "from names import SHOWN\n" + SITE + "print(SHOWN)\n",
            "names.py": 'SHOWN = ["dall-e-3"]\nOTHER = ["dall-e-2"]\n',
            "history.py": 'USED = ["dall-e-2"]\n',
            "tests/test_app.py": 'import app\n\nassert app.draw("x") == "dall-e-3"\n',
        }
    )
    assert [(f.path, f.line) for f in done.of("IMG040")] == [("names.py", 1)]


def test_a_name_that_a_call_for_a_person_holds_is_spoken_of_there(migrated: Migrate) -> None:
    done = migrated(
        SITE
        + 'def vary(picture):\n    return client.images.create_variation(model="dall-e-2", image=picture).data[0]\n'
    )
    assert "IMG020" in {f.rule for f in done.report.findings}
    assert done.of("IMG040") == []


def test_nothing_is_said_where_nothing_moves(migrated: Migrate) -> None:
    done = migrated(SITE.replace("dall-e-3", "gpt-image-2") + 'print(["dall-e-3"])\n')
    assert done.advice() == []


def test_an_option_that_still_takes_the_old_word_is_compared_as_before(migrated: Migrate) -> None:
    done = migrated(
        """
        import argparse

        from openai import OpenAI

        parser = argparse.ArgumentParser()
        parser.add_argument("--model", choices=["dall-e-2", "dall-e-3"], default="dall-e-3")


        def main():
            args = parser.parse_args()
            if args.model == "dall-e-2":
                print("squares only")
            answer = OpenAI().images.generate(model=args.model, prompt="an owl")
            return answer.data[0].b64_json
        """
    )
    assert done.of("IMG040") == []
    assert len(done.of("IMG041")) == 1
