"""Time limits that were enough for DALL-E."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Migrate

CALL = 'images.generate(model="dall-e-3", prompt=prompt, response_format="b64_json"'

RAISED = {
    "of the client": (
        f"def draw(prompt):\n    return OpenAI(timeout=30).{CALL}).data[0].b64_json",
        "OpenAI(timeout=180)",
    ),
    "of the client, as a float": (
        f"client = OpenAI(timeout=30.0)\n\ndef draw(prompt):\n    return client.{CALL}).data[0].b64_json",
        "OpenAI(timeout=180.0)",
    ),
    "of a copy of the client": (
        f"client = OpenAI()\n\ndef draw(prompt):\n"
        f"    client.chat.completions.create(model='m', messages=[])\n"
        f"    return client.with_options(timeout=60).{CALL}).data[0].b64_json",
        "client.with_options(timeout=180).images",
    ),
    "of the call": (
        f"client = OpenAI(timeout=600)\n\ndef draw(prompt):\n    return client.{CALL}, timeout=45).data[0].b64_json",
        ", timeout=180)",
    ),
    "in an object": (
        f"import httpx\nclient = OpenAI(timeout=httpx.Timeout(60.0, connect=5.0))\n\n"
        f"def draw(prompt):\n    return client.{CALL}).data[0].b64_json",
        "httpx.Timeout(180.0, connect=5.0)",
    ),
    "for reading": (
        f"import httpx\nclient = OpenAI(timeout=httpx.Timeout(600, read=20))\n\n"
        f"def draw(prompt):\n    return client.{CALL}).data[0].b64_json",
        "httpx.Timeout(600, read=180)",
    ),
    "of a waiting coroutine": (
        "import asyncio\nclient = OpenAI()\n\nasync def draw(prompt):\n"
        "    answer = await asyncio.wait_for(asyncio.to_thread(client.images.generate, model='dall-e-3',"
        " prompt=prompt, response_format='b64_json'), timeout=40)\n    return answer.data[0].b64_json",
        "timeout=180)",
    ),
    "of a caller that waits": (
        f"import asyncio\nfrom openai import AsyncOpenAI\nclient = AsyncOpenAI()\n\nasync def draw(prompt):\n"
        f"    return (await client.{CALL})).data[0].b64_json\n\n\n"
        f"async def main():\n    print(len(await asyncio.wait_for(draw('x'), 55)))",
        "asyncio.wait_for(draw('x'), 180)",
    ),
    "of a block": (
        f"import asyncio\nfrom openai import AsyncOpenAI\nclient = AsyncOpenAI()\n\nasync def draw(prompt):\n"
        f"    async with asyncio.timeout(20):\n        return (await client.{CALL})).data[0].b64_json",
        "asyncio.timeout(180)",
    ),
    "with a name": (
        f"LIMIT = 60\nclient = OpenAI(timeout=LIMIT)\n\ndef draw(prompt):\n    return client.{CALL}).data[0].b64_json",
        "LIMIT = 180\n",
    ),
    "of a constructor's parameter": (
        f"class Painter:\n    def __init__(self, timeout=25):\n        self.client = OpenAI(timeout=timeout)\n\n"
        f"    def draw(self, prompt):\n        return self.client.{CALL}).data[0].b64_json\n\n\nprint(Painter().draw('x'))",
        "timeout=180)",
    ),
}


@pytest.mark.parametrize("case", RAISED)
def test_a_limit_that_serves_image_calls_only_is_offered_a_change(migrated: Migrate, case: str) -> None:
    text, after = RAISED[case]
    text = f"from openai import OpenAI\n\n{text}\n"
    done = migrated(text)
    (finding,) = done.of("IMG030")
    assert (finding.fix, finding.applied) == ("review", False)
    assert "180 s" in finding.suggestion
    assert after not in done.files["app.py"]
    assert after in migrated(text, unsafe=True).files["app.py"]


LEFT = {
    "a client that also chats": (
        f"client = OpenAI(timeout=30)\n\ndef draw(prompt):\n    return client.{CALL}).data[0].b64_json\n\n"
        f"def chat(text):\n    return client.chat.completions.create(model='m', messages=[text])",
        "client.with_options(timeout=180).images.generate(...)",
    ),
    "a constant with another use": (
        f"import requests\nLIMIT = 30\nclient = OpenAI(timeout=LIMIT)\n\ndef draw(prompt):\n"
        f"    requests.post('https://example.org/log', timeout=LIMIT)\n    return client.{CALL}).data[0].b64_json",
        "at least 180 s",
    ),
    "a setting with a default": (
        f"import os\nclient = OpenAI(timeout=float(os.getenv('OPENAI_TIMEOUT', '60')))\n\n"
        f"def draw(prompt):\n    return client.{CALL}).data[0].b64_json",
        "at least 180 s",
    ),
    "a client that leaves": (
        f"from metrics import watch\n\ndef draw(prompt):\n    client = OpenAI(timeout=30)\n    watch(client)\n"
        f"    return client.{CALL}).data[0].b64_json",
        "with_options(timeout=180)",
    ),
}


@pytest.mark.parametrize("case", LEFT)
def test_a_limit_that_serves_something_else_is_left_to_a_person(migrated: Migrate, case: str) -> None:
    text, suggestion = LEFT[case]
    done = migrated(f"from openai import OpenAI\n\n{text}\n", unsafe=True)
    (finding,) = done.of("IMG030")
    assert (finding.fix, finding.applied) == ("manual", False)
    assert suggestion in finding.suggestion


@pytest.mark.parametrize(
    "text",
    [
        f"client = OpenAI(timeout=120)\n\ndef draw(prompt):\n    return client.{CALL}).data[0].b64_json",
        f"client = OpenAI(timeout=None)\n\ndef draw(prompt):\n    return client.{CALL}).data[0].b64_json",
        # the nearest limit counts
        f"client = OpenAI(timeout=10)\n\ndef draw(prompt):\n"
        f"    return client.with_options(timeout=300).{CALL}).data[0].b64_json",
        f"client = OpenAI(timeout=10)\n\ndef draw(prompt):\n    return client.{CALL}, timeout=300).data[0].b64_json",
        # another client, another download, a pause between attempts
        "import requests\nother = OpenAI(timeout=5)\nclient = OpenAI()\n\ndef draw(prompt):\n"
        "    return requests.get(client.images.generate(model='dall-e-3', prompt=prompt).data[0].url, timeout=9).content",
        f"import time\nclient = OpenAI(max_retries=2)\n\ndef draw(prompt):\n    time.sleep(30)\n"
        f"    return client.{CALL}).data[0].b64_json",
        # who waits behind a shield looks again, and cuts nothing off
        "import asyncio\nfrom openai import AsyncOpenAI\nclient = AsyncOpenAI()\n\nasync def draw(prompt):\n"
        f"    task = asyncio.create_task(client.{CALL}))\n    while not task.done():\n        try:\n"
        "            await asyncio.wait_for(asyncio.shield(task), 5)\n"
        "        except asyncio.TimeoutError:\n            pass\n    return task.result().data[0].b64_json",
    ],
)
def test_enough_time_and_limits_of_other_things_are_no_finding(migrated: Migrate, text: str) -> None:
    assert migrated(f"from openai import OpenAI\n\n{text}\n").of("IMG030") == []


def test_two_calls_of_one_client_are_one_finding(migrated: Migrate) -> None:
    done = migrated(
        f"""
        from openai import OpenAI

        client = OpenAI(timeout=30)

        def one(prompt):
            return client.{CALL}).data[0].b64_json

        def two(prompt):
            return client.{CALL}).data[0].b64_json
        """
    )
    assert len(done.of("IMG030")) == 1
