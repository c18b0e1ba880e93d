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
    text = result.texts["studio.py"]
    if name != "illustrate":  # a long name that one class has alone is taken for that one's
        assert "quality=quality" not in text
    else:
        assert "quality=quality" not in text or "'hd'" not in result.texts["app.py"]


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
