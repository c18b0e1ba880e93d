"""Methods called on objects of which nothing is known: they may be those that a known caller calls, too."""

from __future__ import annotations

import pytest

from tests.codemod.support import Result, rewrite

_STUDIO = """
from openai import OpenAI

class Studio:
    def draw(self, prompt, quality="standard", **more):
        answer = OpenAI().images.generate(model="dall-e-3", prompt=prompt, quality=quality, response_format="b64_json")
        return answer.data[0].b64_json
"""
_KNOWN = "from studio import Studio\n\ndef known(prompt):\n    return Studio().draw(prompt, 'hd')\n\n"


def done(other: str, name: str = "draw", studio: str = _STUDIO) -> Result:
    return rewrite(
        {"studio.py": studio.replace("draw", name), "app.py": (_KNOWN + other).replace("draw", name)}
    )


@pytest.mark.parametrize("name", ["draw", "run", "get", "illustrate"])
@pytest.mark.parametrize(
    "other",
    [
        "def other(thing, p):\n    return thing.draw(p, quality='hd')\n",
        "def other(things, p):\n    return [one.draw(p, 'hd') for one in things]\n",
        "def other(thing, p, pool):\n    return pool.submit(thing.draw, p, quality='hd')\n",
        "def other(thing, p, options):\n    return thing.draw(p, **options)\n",
        "def other(thing, p):\n    return getattr(thing, 'draw')(p, 'hd')\n",
        "class Log:\n    def draw(self, p, quality): ...\n\ndef other(thing, p):\n    return thing.draw(p, 'hd')\n",
    ],
)
def test_values_that_may_come_by_an_unknown_object_keep_working(other: str, name: str) -> None:
    result = done(other, name)
    assert "quality=quality" not in result.texts["studio.py"]


@pytest.mark.parametrize(
    "other",
    [
        "def other(thing):\n    return thing.draw()\n",
        "def other(thing, p):\n    return thing.draw(p)\n",
        "import subprocess\n\ndef other(p):\n    return subprocess.draw(p, 'hd')\n",
        "class Log:\n    def draw(self, p, quality):\n        pass\n\ndef other(p):\n    return Log().draw(p, 'hd')\n",
    ],
)
def test_calls_that_cannot_be_meant_change_nothing(other: str) -> None:
    assert "quality=quality" in done(other).texts["studio.py"]


def test_a_url_that_an_unknown_object_may_give_is_followed() -> None:
    studio = _STUDIO.replace(', response_format="b64_json"', "").replace("b64_json", "url")
    other = "import requests\n\ndef other(thing, p):\n    return requests.get(thing.draw(p)).content\n"
    result = rewrite({"studio.py": studio, "app.py": _KNOWN + other}, unsafe=True)
    assert "_fetch_image(requests.get, thing.draw(p))" in result.texts["app.py"]


@pytest.mark.parametrize(
    "other",
    [
        "def other(player, p):\n    return player.illustrate(p, quality='hd')\n",
        "TIER = 'hd'\n\ndef other(players, p):\n    return [one.illustrate(p, TIER) for one in players]\n",
        "def other(player, p, options={'quality': 'hd'}):\n    return player.illustrate(p, **options)\n",
    ],
)
def test_what_is_written_for_an_unknown_object_stays_even_where_one_class_alone_has_the_method(
    other: str,
) -> None:
    result = done(other, "illustrate")
    assert other in result.texts["app.py"]
    assert "Studio().illustrate(prompt, 'high')" in result.texts["app.py"]
    assert "_gpt_image_quality(quality)" in result.texts["studio.py"]


def test_keywords_of_an_unknown_object_are_translated_at_the_call() -> None:
    studio = _STUDIO.replace(', quality="standard", **more', ", **more").replace("quality=quality", "**more")
    other = "def other(player, p):\n    return player.illustrate(p, quality='hd')\n"
    result = done(other, "illustrate", studio)
    assert not result.changed.get("app.py")
    assert "**_gpt_image_arguments(more)" in result.texts["studio.py"]


def test_an_object_that_an_unknown_one_passes_is_known_all_the_same() -> None:
    result = rewrite(
        {
            "studio.py": "class Studio:\n    def illustrate(self, client, prompt):\n"
            '        return client.images.generate(model="dall-e-3", prompt=prompt, response_format="b64_json")\n',
            "app.py": "from openai import OpenAI\n\n\ndef other(player, p):\n    return player.illustrate(OpenAI(), p)\n",
        }
    )
    assert result.sites[0].path == "studio.py"


def test_a_test_of_the_project_says_what_the_program_says() -> None:
    result = rewrite(
        {
            "studio.py": _STUDIO.replace("draw", "illustrate"),
            "app.py": _KNOWN.replace("draw", "illustrate"),
            "test_studio.py": "def test_it(studio):\n    studio.illustrate('a snail', quality='hd')\n",
        }
    )
    assert "quality='high'" in result.texts["test_studio.py"]
    assert "quality=quality" in result.texts["studio.py"]
