"""Requests that HTTP clients send to the Images API: which are call sites, and what becomes of them."""

from __future__ import annotations

import pytest

from tests.codemod.support import rewrite

_BODY = '{"model": "dall-e-3", "prompt": "p"}'
_NEW = '{"model": "gpt-image-2.6-flare", "prompt": "p"}'
_URL = '"https://api.openai.com/v1/images/generations"'
_EDITS = '"https://api.openai.com/v1/images/edits"'


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"import requests\nrequests.post({_URL}, json=BODY)\n", id="a literal url"),
        pytest.param(f"from requests import post\npost(url={_URL}, json=BODY)\n", id="an imported function"),
        pytest.param(
            f'import requests\nrequests.request("POST", {_URL}, json=BODY)\n', id="request with POST"
        ),
        pytest.param(f"import requests\ns = requests.Session()\ns.post({_URL}, json=BODY)\n", id="a session"),
        pytest.param(
            f"import json, requests\nrequests.post({_URL}, data=json.dumps(BODY))\n", id="a dumped body"
        ),
        pytest.param(
            f"import json, requests\nb = json.dumps(BODY).encode()\nrequests.post({_URL}, b)\n",
            id="an encoded body in a variable, by position",
        ),
        pytest.param(
            'import requests\nB = "https://api.openai.com"\nrequests.post(f"{B}/v1/images/generations", json=BODY)\n',
            id="an f-string",
        ),
        pytest.param(
            'import requests\nB = "https://api.openai.com/v1"\nrequests.post(B + "/images/generations", json=BODY)\n',
            id="a sum",
        ),
        pytest.param(
            'import requests\nrequests.post("%s/images/generations" % "https://api.openai.com/v1", json=BODY)\n',
            id="percent formatting",
        ),
        pytest.param(
            'import requests\nrequests.post("{}/images/generations".format("https://api.openai.com/v1"), json=BODY)\n',
            id="format",
        ),
        pytest.param(
            "import requests\nfrom urllib.parse import urljoin\n"
            'requests.post(urljoin("https://api.openai.com/v1/", "images/generations"), json=BODY)\n',
            id="urljoin",
        ),
        pytest.param(
            "import os, requests\n"
            'requests.post(os.path.join("https://api.openai.com/v1", "images/generations"), json=BODY)\n',
            id="os.path.join",
        ),
        pytest.param(
            'import os, requests\nB = os.getenv("OPENAI_BASE_URL", "https://api.openai.com/v1")\n'
            "requests.post(f\"{B.rstrip('/')}/images/generations\", json=BODY)\n",
            id="the setting of the SDK",
        ),
        pytest.param(
            'import httpx\nc = httpx.Client(base_url="https://api.openai.com/v1")\n'
            'c.post("/images/generations", json=BODY)\n',
            id="a client with a base url",
        ),
        pytest.param(
            f"import asyncio, requests\nasync def f():\n    await asyncio.to_thread(requests.post, {_URL}, json=BODY)\n",
            id="a thread",
        ),
        pytest.param(
            f"import aiohttp\nasync def f(s: aiohttp.ClientSession):\n    async with s.post({_URL}, json=BODY) as r:\n"
            "        pass\n",
            id="an annotated session",
        ),
        pytest.param(
            f"import json\nfrom urllib.request import Request, urlopen\n"
            f"r = Request({_URL}, data=json.dumps(BODY).encode())\nurlopen(r)\n",
            id="urllib",
        ),
        pytest.param(
            "import http.client, json\nc = http.client.HTTPSConnection('api.openai.com')\n"
            "c.request('POST', '/v1/images/generations', json.dumps(BODY))\nr = c.getresponse()\n",
            id="http.client",
        ),
        pytest.param(
            f"async def f(session):\n    await session.post({_URL}, json=BODY)\n", id="an unknown client"
        ),
        pytest.param(
            "import requests\ndef send(end, body):\n"
            '    requests.post(f"https://api.openai.com/v1/images/{end}", json=body)\nsend("generations", BODY)\n',
            id="a path whose end the caller gives",
        ),
        pytest.param(
            'import requests\nP = {"new": "generations", "old": "variations"}\ndef url(kind):\n'
            '    return "/".join(["https://api.openai.com/v1", "images", P[kind]])\n'
            'requests.post(url("new"), json=BODY)\n',
            id="a path in pieces and a table",
        ),
        pytest.param(
            "import requests_toolbelt.sessions as t\ns = t.BaseUrlSession(base_url='https://api.openai.com/v1/')\n"
            "s.post('images/generations', json=BODY)\n",
            id="a session of requests-toolbelt",
        ),
    ],
)
def test_a_request_to_the_images_api_is_a_call_site(source: str) -> None:
    done = rewrite(source.replace("BODY", _BODY))
    assert len(done.sites) == 1
    assert done.text == source.replace("BODY", _NEW)
    assert not done.left


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            'import fastapi\napp = fastapi.FastAPI()\n@app.post("/v1/images/generations")\ndef f(body: dict):\n'
            '    return {"data": [{"url": "u"}], "model": "dall-e-3"}\n',
            id="a server",
        ),
        pytest.param(
            "from fastapi.testclient import TestClient\nfrom app import app\nc = TestClient(app)\n"
            f'def test():\n    c.post("/v1/images/generations", json={_BODY})\n',
            id="a test client",
        ),
        pytest.param(
            f"import responses\ndef test():\n    responses.add(responses.POST, {_URL}, "
            'json={"data": [{"url": "u"}]})\n',
            id="a stub of responses",
        ),
        pytest.param(
            f'def test(requests_mock):\n    requests_mock.post({_URL}, json={{"data": [{{"url": "u"}}]}})\n',
            id="a stub of requests_mock",
        ),
        pytest.param(
            f'import requests\nrequests.post("http://localhost:8000/v1/images/generations", json={_BODY})\n',
            id="this machine",
        ),
        pytest.param(
            "import requests\nrequests.post('https://api.together.xyz/v1/images/generations', "
            "json={'model': 'black-forest-labs/FLUX.1', 'prompt': 'p'})\n",
            id="another provider and its model",
        ),
        pytest.param(f"import requests\nrequests.get({_URL})\nprint('dall-e-3')\n", id="a read"),
        pytest.param(
            "import requests\ndef f(number):\n    requests.post(f'https://pics.example.com/v1/images/{number}', "
            "json={'prompt': 'p', 'size': '512x512'})\nprint('dall-e-3')\n",
            id="pictures of somebody else, by their number",
        ),
        pytest.param(
            "import requests\nrequests.post('https://api.openai.com/v1/chat/completions', "
            'json={"model": "gpt-4o", "messages": []})\nprint("dall-e")\n',
            id="another endpoint",
        ),
        pytest.param(
            f"def f(mocker):\n    mocker.post({_URL}, json={{'data': [{{'url': 'x'}}]}})\n",
            id="an answer that is made up",
        ),
    ],
)
def test_what_is_no_client_of_openai_is_left_alone(source: str) -> None:
    done = rewrite(source)
    assert not done.sites
    assert not done.changed


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        pytest.param(
            f'import requests\nrequests.post("https://api.x.ai/v1/images/generations", json={_BODY})\n',
            "IMG022",
            id="another host with our model",
        ),
        pytest.param(
            "import requests\nrequests.post('https://me.openai.azure.com/openai/deployments/d/images/generations"
            "?api-version=2024-02-01', json={'prompt': 'p', 'style': 'vivid'})\n",
            "IMG021",
            id="Azure",
        ),
        pytest.param(
            "import requests\ndef f(base, prompt):\n    requests.post(f'{base}/images/generations', "
            "json={'prompt': prompt, 'style': 'vivid'})\n",
            "IMG023",
            id="a host from outside and no model",
        ),
        pytest.param(
            f'import requests\nrequests.post({_URL}, data=f\'{{{{"model": "{{input()}}", "prompt": "p"}}}}\')\n',
            "IMG027",
            id="a body written as text whose model is put in",
        ),
        pytest.param(
            f'import requests\nrequests.post({_URL}, data=\'{{"model": "dall-e-3", "model": "dall-e-2"}}\')\n',
            "IMG027",
            id="a text with a key twice",
        ),
        pytest.param(
            f'import requests\nrequests.post({_URL}, data=\'{{"prompt": "p", \' \'"size": "256x256"}}\')\n',
            "IMG027",
            id="a text in two literals",
        ),
        pytest.param(
            f'import requests\nrequests.post({_URL}, data=\'{{"prompt": "p", "size": "640x480"}}\')\n',
            "IMG004",
            id="a text with a size that never was",
        ),
        pytest.param(
            f'import requests\nrequests.post({_URL}, data=\'{{"prompt": "p", "seed": 1}}\')\n',
            "IMG008",
            id="a text with a field that nobody knows",
        ),
        pytest.param(
            f'import requests\nB = \'{{"prompt": "p"}}\'\nrequests.post({_URL}, data=B)\n'
            "requests.post('https://pics.example.com/new', data=B)\n",
            "IMG027",
            id="a text that is sent to somebody else too",
        ),
        pytest.param(
            f"import queue\nq = queue.Queue()\nq.put(({_URL}, {_BODY}))\nsend(*q.get())\n",
            "IMG027",
            id="a queue",
        ),
        pytest.param(
            f'import requests\nrequests.request(**dict(method="POST", url={_URL}, json={_BODY}))\n',
            "IMG027",
            id="a request out of a mapping",
        ),
        pytest.param(
            f"import json, pycurl\nc = pycurl.Curl()\nc.setopt(c.URL, {_URL})\n"
            "c.setopt(c.POSTFIELDS, json.dumps({'prompt': 'p', 'size': '256x256'}))\n",
            "IMG027",
            id="pycurl",
        ),
        pytest.param(
            "import aiohttp\nasync def f(picture):\n    async with aiohttp.ClientSession() as session:\n"
            "        with aiohttp.MultipartWriter('form-data') as writer:\n"
            "            writer.append(picture).set_content_disposition('form-data', name='image')\n"
            f"        await session.post({_EDITS}, data=writer)\n",
            "IMG027",
            id="parts that are written one by one",
        ),
        pytest.param(
            "import aiohttp\nasync def f(session, picture):\n    writer = aiohttp.MultipartWriter('form-data')\n"
            "    writer.append(picture).set_content_disposition('form-data', name='image')\n"
            f"    await session.post({_EDITS}, data=writer)\n",
            "IMG027",
            id="parts that a client from outside sends",
        ),
        pytest.param(
            f"def f(session, file):\n    session.post({_EDITS}, data={{'size': '256x256'}}, files={{'image': file}})\n",
            "IMG027",
            id="files that a client from outside sends",
        ),
        pytest.param(
            f"def f(session, body):\n    return session.post({_URL}, json=body).json()['data'][0]['url']\n",
            "IMG027",
            id="a body and a client from outside",
        ),
        pytest.param(
            "import requests\ndef f(end, body):\n"
            "    requests.post(f'https://api.openai.com/v1/images/{end}', json=body)\nprint('dall-e-2')\n",
            "IMG027",
            id="an endpoint that is not in the code",
        ),
        pytest.param(
            f'import subprocess\nsubprocess.run(["curl", {_URL}, "-d", "{{}}"])\n', "IMG027", id="curl"
        ),
    ],
)
def test_what_is_not_certain_is_left_with_a_reason(source: str, rule: str) -> None:
    done = rewrite(source)
    assert rule in {one.rule for one in done.left}
    assert not done.changed


def test_a_host_from_outside_is_no_obstacle_where_the_model_is_ours() -> None:
    done = rewrite(
        f"import requests\ndef f(base):\n    requests.post(f'{{base}}/images/generations', json={_BODY})\n"
    )
    assert _NEW in done.text
    assert not done.left


def test_a_helper_for_several_endpoints_is_followed_to_its_callers() -> None:
    done = rewrite(
        """
        import requests

        API = {"chat": "https://api.openai.com/v1/chat/completions",
               "image": "https://api.openai.com/v1/images/generations"}


        def call(kind, body):
            return requests.post(API[kind], json=body, timeout=30).json()


        def chat(text):
            return call("chat", {"model": "gpt-4", "messages": [], "response_format": {"type": "text"}})


        def draw(text):
            return call("image", {"model": "dall-e-3", "prompt": text, "response_format": "url"})["data"][0]["url"]


        print(draw("x"))
        """
    )
    assert '{"model": "gpt-image-2.6-flare", "prompt": text}' in done.text
    assert '"response_format": {"type": "text"}' in done.text
    assert [one.line for one in done.of("IMG030")] == [8], (
        "the limit in the helper is too short for a picture"
    )


def test_a_body_that_a_shared_helper_puts_together_is_left() -> None:
    done = rewrite(
        """
        import requests

        BASE = "https://api.openai.com/v1"


        def call(path, prompt):
            return requests.post(BASE + path, json={"model": "dall-e-3", "prompt": prompt}).json()


        def write(text):
            return call("/completions", text)


        def draw(text):
            return call("/images/generations", text)["data"][0]["url"]
        """
    )
    assert not done.changed
    assert any("sends other requests as well" in one.message for one in done.of("IMG027"))


def test_a_reading_that_another_provider_shares_is_left() -> None:
    done = rewrite(
        f"""
        import requests


        def link(response):
            return response.json()["data"][0]["url"]


        def draw(prompt):
            return link(requests.post({_URL}, json={{"model": "dall-e-3", "prompt": prompt}}))


        def other(prompt):
            return link(requests.post("https://api.x.ai/v1/images/generations", json={{"model": "grok-2-image"}}))


        print(draw("x"), other("x"))
        """
    )
    assert not done.changed
    assert any("another request" in one.message for one in done.of("IMG027"))


def test_error_bodies_are_no_pictures() -> None:
    done = rewrite(
        f"""
        import requests


        def draw(prompt):
            r = requests.post({_URL}, json={{"model": "dall-e-3", "prompt": prompt}})
            if r.status_code >= 400:
                return {{"error": r.json()}}
            if "error" in r.json():
                raise ValueError(r.text)
            return {{"image": requests.get(r.json()["data"][0]["url"]).content}}
        """
    )
    assert 'r.json()["data"][0]["b64_json"]' in done.text
    assert not done.left


@pytest.mark.parametrize(
    ("field", "rule"),
    [('"num_images": 1', "IMG008"), ('"negative_prompt": "n"', "IMG008"), ('"stream": True', "IMG027")],
)
def test_fields_that_no_picture_call_had_stop_a_request(field: str, rule: str) -> None:
    done = rewrite(
        f'import requests\nrequests.post({_URL}, json={{"model": "dall-e-3", "prompt": "p", {field}}})\n'
    )
    assert [one.rule for one in done.left] == [rule]
    assert not done.changed


def test_a_revised_prompt_that_is_missing_in_json_is_no_error() -> None:
    done = rewrite(
        f"""
        import requests


        def draw(prompt):
            r = requests.post({_URL}, json={{"model": "dall-e-3", "prompt": prompt}})
            return r.json()["data"][0]["revised_prompt"]
        """
    )
    assert '.get("revised_prompt") or prompt' in done.text


_FORM = """
    import aiohttp


    async def edit(session: aiohttp.ClientSession, picture, prompt, model=None):
        form = aiohttp.FormData()
        FIELDS
        async with session.post("https://api.openai.com/v1/images/edits", data=form) as response:
            return (await response.json())["data"][0]["b64_json"]
    """


def test_fields_that_are_added_to_a_form_one_by_one_are_migrated() -> None:
    fields = """form.add_field("image", picture, filename="a.png", content_type="image/png")
        form.add_field("prompt", prompt)
        form.add_field("size", "256x256")
        form.add_field("response_format", "b64_json")"""
    done = rewrite(_FORM.replace("FIELDS", fields))
    assert not done.left
    assert 'form = aiohttp.FormData()\n    form.add_field("model", "gpt-image-2.6-flare")\n' in done.text
    assert 'form.add_field("size", "1024x1024")' in done.text
    assert "response_format" not in done.text


def test_bytes_in_a_form_get_a_type_and_open_files_need_none() -> None:
    fields = """form.add_field("model", "dall-e-2")
        form.add_field("image", picture.read(), filename="a.png")
        form.add_field("mask", open("mask.png", "rb"))"""
    done = rewrite(_FORM.replace("FIELDS", fields))
    assert 'picture.read(), filename="a.png", content_type="image/png")' in done.text
    assert 'form.add_field("mask", open("mask.png", "rb"))' in done.text


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(
            'if model:\n            form.add_field("model", model)', id="a model in some cases only"
        ),
        pytest.param("for pair in fields(prompt):\n            form.add_field(*pair)", id="computed fields"),
        pytest.param("form.add_fields(*prompt)", id="another method"),
    ],
)
def test_a_form_whose_fields_are_not_all_seen_is_left_with_a_reason(fields: str) -> None:
    done = rewrite(_FORM.replace("FIELDS", f'form.add_field("size", "256x256")\n        {fields}'))
    assert "IMG027" in {one.rule for one in done.left}
    assert not done.changed


def test_an_open_file_that_requests_sends_without_a_type_gets_one() -> None:
    done = rewrite(
        """
        import requests

        parts = {"image": open("in.png", "rb"), "prompt": (None, "p"), "model": (None, "dall-e-2")}
        requests.post("https://api.openai.com/v1/images/edits", files=parts)
        """
    )
    assert '"image": ("image.png", open("in.png", "rb"), "image/png")' in done.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_BODY, _NEW),
        (
            '{"prompt": "p", "style": "vivid", "size": "512x512"}',
            '{"model": "gpt-image-2.6-flare", "prompt": "p", "size": "1024x1024"}',
        ),
        (
            '{ "style": "vivid","quality":"hd","model" : "dall-e-3" }',
            '{ "quality":"high","model" : "gpt-image-2.6-flare" }',
        ),
        ('{"model": "gpt-image-2", "prompt": "p"}', '{"model": "gpt-image-2", "prompt": "p"}'),
    ],
)
@pytest.mark.parametrize("quote", ["'", "'''"])
def test_the_text_of_a_body_changes_in_its_place(quote: str, old: str, new: str) -> None:
    source = f"import requests\nrequests.post({_URL}, data={quote}BODY{quote}.encode())\n"
    done = rewrite(source.replace("BODY", old))
    assert done.text == source.replace("BODY", new)
    assert not done.left


def test_escapes_in_the_text_of_a_body_stay_escapes() -> None:
    body = r'"{\"model\": \"dall-e-3\",\n\"prompt\": \"p\"}"'
    source = f"import requests\nrequests.post({_URL}, data={body})\n"
    assert rewrite(source).text == source.replace("dall-e-3", "gpt-image-2.6-flare")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            """f'{{"model": "dall-e-3", "prompt": "{p}", "quality": "hd"}}'""",
            """f'{{"model": "gpt-image-2.6-flare", "prompt": "{p}", "quality": "high"}}'""",
        ),
        (
            """'{"prompt": "' + p + '", "n": ' + str(n) + ', "size": "512x512", "style": "vivid"}'""",
            """'{"model": "gpt-image-2.6-flare", "prompt": "' + p + '", "n": ' + str(n) + ', "size": "1024x1024"}'""",
        ),
        (
            """'{"style": "vivid", "response_format": "b64_json", "model": "dall-e-3", "prompt": "%s"}' % p""",
            """'{"model": "gpt-image-2.6-flare", "prompt": "%s"}' % p""",
        ),
        (
            """'{{"model": "dall-e-2", "prompt": "{}", "size": "256x256"}}'.format(p)""",
            """'{{"model": "gpt-image-2.6-flare", "prompt": "{}", "size": "1024x1024"}}'.format(p)""",
        ),
        (
            r'''f"{{\"model\": \"dall-e-3\",\n \"prompt\": {json.dumps(p)}}}"''',
            r'''f"{{\"model\": \"gpt-image-2.6-flare\",\n \"prompt\": {json.dumps(p)}}}"''',
        ),
    ],
    ids=["f-string", "sum", "percent", "format", "escapes"],
)
def test_a_text_that_is_put_together_changes_in_its_pieces(old: str, new: str) -> None:
    source = f"import json, requests\ndef f(p, n):\n    requests.post({_URL}, data=BODY)\n"
    done = rewrite(source.replace("BODY", old))
    assert done.text == source.replace("BODY", new)
    assert not done.left
    twice = rewrite(done.text)
    assert twice.text == done.text


@pytest.mark.parametrize(
    "body",
    [
        """f'{{"model": "dall-e-3", "prompt": "{p}", "size": "{size}"}}'""",
        """f'{{"model": "{model}", "prompt": "{p}"}}'""",
        """'{"model": "dall-e-3", "prompt": "' + p + '", "style": "' + size + '"}'""",
        """'{"model": "dall-e-3", "pro' + 'mpt": "' + p + '", "sty' 'le": "vivid"}'""",
        """'{"prompt": "%s", "quality": "hd" ' % p""",
        """'{"model": "dall-e-3", "' + p + '": "a", "quality": "hd"}'""",
        """TEXT % p""",
    ],
    ids=["size", "model", "style", "torn", "no object", "name", "used twice"],
)
def test_a_text_whose_pieces_are_not_all_there_waits_for_a_person(body: str) -> None:
    source = (
        'import requests\nTEXT = \'{"model": "dall-e-3", "prompt": "%s"}\'\nprint(TEXT)\n'
        f"def f(p, size, model):\n    requests.post({_URL}, data={body})\n"
    )
    done = rewrite(source)
    assert done.text == source
    assert any(finding.fix == "manual" for finding in done.left)


def test_a_pycurl_handle_from_outside_is_reported_where_it_gets_the_address() -> None:
    source = (
        f"def ask(curl, body):\n    curl.setopt(curl.URL, {_URL})\n"
        "    curl.setopt(curl.POSTFIELDS, body)\n    curl.perform()\n"
    )
    done = rewrite(f"import pycurl\n\n{source}", unsafe=True)
    assert [(one.rule, one.fix) for one in done.left] == [("IMG027", "manual")]
    assert not done.changed


@pytest.mark.parametrize(
    "body",
    [
        '{"prompt": p, "response_format": "b64_json"}',
        '{"prompt": p, "size": "256x256", "response_format": "url"}',
    ],
)
def test_a_body_that_only_the_images_api_takes_is_a_site_wherever_it_goes(body: str) -> None:
    done = rewrite(
        f"import requests\n\n\ndef ask(endpoint, p):\n    return requests.post(endpoint, json={body}).json()"
        '["data"][0]["b64_json"]\n'
    )
    assert [(one.rule, one.fix, one.line) for one in done.left] == [("IMG027", "manual", 5)]


@pytest.mark.parametrize(
    "call",
    [
        'requests.post(endpoint, json={"prompt": p, "response_format": "text"})',
        'requests.post("http://localhost:8000/draw", json={"prompt": p, "response_format": "b64_json"})',
        'requests.post("https://example.org/v2/sketch", json={"prompt": p, "response_format": "b64_json"})',
        'store.put(endpoint, {"prompt": p, "response_format": "b64_json"})',
    ],
)
def test_another_body_or_address_is_no_site(call: str) -> None:
    assert not rewrite(
        f"import requests\n\n\ndef ask(endpoint, p, store):\n    # b64_json\n    {call}\n"
    ).left


def test_a_body_of_several_lines_keeps_the_line_ends_of_its_file() -> None:
    body = 'BODY = """{\n  "model": "dall-e-3",\n  "prompt": "p",\n  "style": "vivid"\n}"""\n'
    source = f"import requests\n{body}requests.post({_URL}, data=BODY)\n".replace("\n", "\r\n")
    done = rewrite(source)
    assert done.sites[0].migrated
    assert "\n" not in done.text.replace("\r\n", "")
    assert '{\r\n  "model": "gpt-image-2.6-flare",\r\n  "prompt": "p"\r\n}' in done.text


@pytest.mark.parametrize(("host", "sites"), [("https://draw.example.org", 0), ("https://api.openai.com", 1)])
def test_a_file_that_names_only_the_host_of_somebody_else_asks_that_one(host: str, sites: int) -> None:
    source = (
        f'import requests\n\nHOSTS = ["{host}"]\n\n\ndef ask(number, p):\n'
        '    body = {"prompt": p, "response_format": "b64_json"}\n'
        '    return requests.post(pick(number), json=body).json()["data"][0]["b64_json"]\n'
    )
    assert len(rewrite(source).sites) == sites
