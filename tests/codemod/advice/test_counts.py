"""One picture per call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Migrate

HEAD = "import base64\nfrom openai import OpenAI\n\nclient = OpenAI()\n\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "def draw(prompt, model='dall-e-3', n=4):\n    if model == 'dall-e-3':\n        n = 1\n"
        "    answer = client.images.generate(model=model, prompt=prompt, n=n)\n"
        "    return [d.b64_json for d in answer.data]\n\n\ndraw('x', 'dall-e-2')\n",
        "def draw(prompt, model, n):\n"
        "    answer = client.images.generate(model=model, prompt=prompt, n=1 if model == 'dall-e-3' else n)\n"
        "    return [d.b64_json for d in answer.data]\n\n\ndraw('x', 'dall-e-2', 2)\ndraw('x', 'dall-e-3', 2)\n",
        "def draw(prompt, count):\n    found = []\n    for _ in range(count):\n"
        "        found.append(client.images.generate(model='dall-e-3', prompt=prompt, n=1).data[0].b64_json)\n"
        "    return found\n",
        "def draw(prompt):\n    answers = [client.images.generate(model='dall-e-3', prompt=prompt) for _ in range(4)]\n"
        "    return [a.data[0].b64_json for a in answers]\n",
    ],
)
def test_a_limit_of_one_picture_is_pointed_out_once(migrated: Migrate, text: str) -> None:
    done = migrated(HEAD + text)
    (finding,) = done.of("IMG035")
    assert (finding.fix, finding.applied) == ("manual", False)
    assert "up to 10 pictures" in finding.message


@pytest.mark.parametrize(
    "text",
    [
        # one picture is wanted, each picture has its own words, another attempt, a model that always made many
        "def draw(prompt):\n    return client.images.generate(model='dall-e-3', prompt=prompt, n=1).data[0].b64_json\n",
        "def draw(prompts):\n    found = []\n    for prompt in prompts:\n"
        "        found.append(client.images.generate(model='dall-e-3', prompt=prompt, n=1).data[0].b64_json)\n"
        "    return found\n",
        "def draw(prompt, n):\n    found = []\n    for i in range(n):\n"
        "        found.append(client.images.generate(model='dall-e-3', prompt=f'{prompt} {i}').data[0].b64_json)\n"
        "    return found\n",
        "def draw(prompt):\n    for _ in range(3):\n        try:\n"
        "            return client.images.generate(model='dall-e-3', prompt=prompt).data[0].b64_json\n"
        "        except Exception as e:\n            print(e)\n",
        "def draw(prompt, n):\n    found = []\n    for _ in range(n):\n"
        "        found.append(client.images.generate(model='dall-e-2', prompt=prompt).data[0].b64_json)\n"
        "    return found\n",
        "def draw(prompt, model='dall-e-3', n=4, quick=False):\n    if quick:\n        n = 1\n"
        "    answer = client.images.generate(model=model, prompt=prompt, n=n)\n"
        "    return [d.b64_json for d in answer.data]\n",
    ],
)
def test_one_picture_for_another_reason_is_no_finding(migrated: Migrate, text: str) -> None:
    assert migrated(HEAD + text).of("IMG035") == []
