"""Which calls are call sites, who answers them, and what only looks like one."""

from __future__ import annotations

import pytest

from tests.codemod.support import Result, rewrite

_CALL = 'images.generate(model="dall-e-3", prompt="p")'
_NEW = 'images.generate(model="gpt-image-2.6-flare", prompt="p")'


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"from openai import OpenAI\nc = OpenAI()\nc.{_CALL}\n", id="a plain name"),
        pytest.param(f"from openai import OpenAI\nOpenAI(api_key='k').{_CALL}\n", id="an inline constructor"),
        pytest.param(f"import openai\nopenai.{_CALL}\n", id="the module itself"),
        pytest.param(f"import openai as ai\nai.OpenAI().{_CALL}\n", id="the module under an alias"),
        pytest.param(f"from openai import OpenAI as O\nO().{_CALL}\n", id="the class under an alias"),
        pytest.param(f"from openai import images\n{_CALL}\n", id="the resource of the module"),
        pytest.param(
            f"def f(c: 'OpenAI'):\n    c.{_CALL}\nfrom openai import OpenAI\n", id="an annotation in quotes"
        ),
        pytest.param(
            f"from openai import OpenAI\ndef f(c: OpenAI | None = None):\n    c.{_CALL}\n",
            id="an optional annotation",
        ),
        pytest.param(
            f"from openai import OpenAI\nwith OpenAI() as c:\n    c.{_CALL}\n", id="a context manager"
        ),
        pytest.param(
            f"from openai import OpenAI\nc = OpenAI().with_options(timeout=9)\nc.{_CALL}\n", id="with_options"
        ),
        pytest.param(f"from openai import OpenAI\nc = OpenAI().copy()\nc.{_CALL}\n", id="a copy"),
        pytest.param(
            f"from openai import AsyncOpenAI\nasync def f():\n    await AsyncOpenAI().{_CALL}\n", id="async"
        ),
        pytest.param(
            f"import openai\nclass S:\n    def __init__(self):\n        self.a = openai.OpenAI()\n    def f(self):\n        self.a.{_CALL}\n",  # noqa: E501 - a program in a line
            id="an attribute of self",
        ),
        pytest.param(
            "import openai\nc = openai.OpenAI()\nc.images.with_raw_response.generate(model='dall-e-3', prompt='p')\n".replace(  # noqa: E501 - a program in a line
                "'", '"'
            ),
            id="a raw response",
        ),
        pytest.param(
            "import openai\nc = openai.OpenAI()\nwith c.images.with_streaming_response.generate(model='dall-e-3', prompt='p') as r:\n    pass\n".replace(  # noqa: E501 - a program in a line
                "'", '"'
            ),
            id="a streaming response",
        ),
        pytest.param(f"from langfuse.openai import OpenAI\nOpenAI().{_CALL}\n", id="a tracing class"),
        pytest.param(
            f"from langsmith.wrappers import wrap_openai\nfrom openai import OpenAI\nwrap_openai(OpenAI()).{_CALL}\n",
            id="a wrapped client",
        ),
        pytest.param(
            f"from openai import OpenAI\nclass C(OpenAI):\n    pass\nC().{_CALL}\n",
            id="a subclass of the client",
        ),
        pytest.param(
            f"from openai import OpenAI\nOpenAI(base_url='https://api.openai.com/v1').{_CALL}\n",
            id="OpenAI's own address",
        ),
        pytest.param(
            f"import os\nfrom openai import OpenAI\nOpenAI(base_url=os.getenv('OPENAI_BASE_URL')).{_CALL}\n",
            id="the SDK's own setting",
        ),
    ],
)
def test_a_client_is_recognised_as(source: str) -> None:
    done = rewrite(source)
    assert [site.migrated for site in done.sites] == [True]
    assert "gpt-image-2.6-flare" in done.text
    assert "dall-e" not in done.text


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(
            "import asyncio\nasync def f():\n    await asyncio.to_thread({m}, {a})\n", id="to_thread"
        ),
        pytest.param("from functools import partial\npartial({m}, {a})()\n", id="partial"),
        pytest.param(
            "from functools import partial\np = partial({m}, prompt='p')\np(model='dall-e-3')\n",
            id="partial with keywords of both calls",
        ),
        pytest.param(
            "from concurrent.futures import ThreadPoolExecutor as T\nwith T() as pool:\n    pool.submit({m}, {a})\n",
            id="an executor",
        ),
        pytest.param(
            "import asyncio\nasync def f(loop):\n    await loop.run_in_executor(None, lambda: {m}({a}))\n",
            id="a lambda",
        ),
        pytest.param(
            "def retry(f, **kw):\n    return f(**kw)\nretry({m}, {a})\n", id="a helper of the project"
        ),
        pytest.param("import tenacity\ntenacity.Retrying()({m}, {a})\n", id="a helper of a library"),
        pytest.param("make = {m}\nmake({a})\n", id="a name for the method"),
    ],
)
def test_a_method_that_is_handed_over_is_a_call_site_with(use: str) -> None:
    call = use.format(m="client.images.generate", a="model='dall-e-3', prompt='p'")
    done = rewrite("from openai import OpenAI\nclient = OpenAI()\n" + call)
    assert [site.migrated for site in done.sites] == [True]
    assert "dall-e" not in done.text


def _provider_finding(source: str) -> Result:
    done = rewrite(source)
    assert done.changed == {}
    assert [site.migrated for site in done.sites] == [False]
    applied = rewrite(source, unsafe=True)
    assert [site.migrated for site in applied.sites] == [True]
    return done


def test_an_azure_client_is_for_review_and_keeps_its_deployment() -> None:
    source = (
        "from openai import AzureOpenAI\nc = AzureOpenAI()\n"
        'c.images.generate(model="my-dalle", prompt="p", style="vivid")\n'
    )
    assert "IMG021" in _provider_finding(source).rules()
    assert 'model="my-dalle"' in rewrite(source, unsafe=True).text
    assert "style" not in rewrite(source, unsafe=True).text


def test_a_client_for_openai_or_azure_is_for_review_and_leaves_no_retired_model() -> None:
    source = (
        "import os\nfrom openai import AzureOpenAI, OpenAI\n"
        'c = AzureOpenAI() if os.environ.get("AZURE") else OpenAI()\n'
        'c.images.generate(model="dall-e-3", prompt="p", style="vivid")\n'
    )
    assert "IMG021" in _provider_finding(source).rules()
    assert 'model="gpt-image' in rewrite(source, unsafe=True).text


@pytest.mark.parametrize(
    "url",
    ["'https://openrouter.ai/api/v1'", "os.environ['MY_HOST']", "settings()", "'http://localhost:8080'"],
)
def test_a_foreign_address_is_for_review(url: str) -> None:
    done = _provider_finding(
        f"import os\nfrom openai import OpenAI\ndef settings():\n    return input()\nOpenAI(base_url={url}).{_CALL}\n"
    )
    assert "IMG022" in done.rules()


@pytest.mark.parametrize("made", ["{'api_key': key}", "dict(api_key=key)"])
def test_an_address_that_is_put_into_the_arguments_of_a_client_is_for_review(made: str) -> None:
    done = _provider_finding(
        "from openai import OpenAI\nimport settings\ndef client(key):\n"
        f"    args = {made}\n    if settings.endpoint:\n        args['base_url'] = settings.endpoint\n"
        f"    return OpenAI(**args)\nclient('k').{_CALL}\n"
    )
    assert "IMG022" in done.rules()


def test_a_client_of_unknown_origin_is_for_review_unless_the_call_names_an_image_model() -> None:
    quiet = rewrite("def f(c):\n    c.images.generate(prompt='p', size='512x512')  # dall-e\n")
    assert "IMG023" in quiet.rules()
    assert quiet.changed == {}
    evident = rewrite(f"def f(c):\n    c.{_CALL}\n")
    assert [site.migrated for site in evident.sites] == [True]


@pytest.mark.parametrize("made", ["Mock(spec=OpenAI)", "FakeClient()"])
def test_the_stand_in_of_a_test_says_nothing_about_who_answers_the_program(made: str) -> None:
    art = f"class Art:\n    def __init__(self, client):\n        self.client = client\n    def draw(self):\n        self.client.{_CALL}\n"  # noqa: E501 - a program in a line
    fake = "class FakeImages:\n    def generate(self, **kwargs): ...\nclass FakeClient:\n    images = FakeImages()\n"
    test = f"from unittest.mock import Mock\nfrom openai import OpenAI\nfrom art import Art\n{fake}Art({made}).draw()\n"
    done = rewrite({"art.py": art, "tests/test_art.py": test})
    assert [site.migrated for site in done.sites] == [True]
    assert _NEW in done.changed["art.py"]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            f"class Images:\n    def generate(self, model, prompt): ...\nclass C:\n    images = Images()\nC().{_CALL}\n",
            id="a class of the project",
        ),
        pytest.param(
            f"from together import Together\nTogether().{_CALL.replace('dall-e-3', 'flux')}  # dall-e\n",
            id="a client of another provider",
        ),
        pytest.param(
            "from openai import OpenAI\nOpenAI(base_url='https://api.x.ai/v1').images.generate(model='grok-image', prompt='p')\n",  # noqa: E501 - a program in a line
            id="another provider behind the SDK",
        ),
        pytest.param(
            "from unittest.mock import MagicMock\nc = MagicMock()\nc.images.generate.return_value = 1\nc.images.generate.assert_called_once()\n",  # noqa: E501 - a program in a line
            id="a mock that is only looked at",
        ),
        pytest.param(
            "from dalle2_pytorch import DALLE2\nDALLE2(prior=1)(['dall-e-2 text'])\n",
            id="the DALL-E of another package",
        ),
        pytest.param("SPANS = {'openai.images.generate': 'Images.generate'}\n", id="a name in a table"),
        pytest.param(
            "# client.images.generate(model='x')\ntext = 'client.images.generate(prompt)'\n",
            id="a comment and a string",
        ),
        pytest.param(
            "class T:\n    def images(self): ...\n    def go(self):\n        self.images.generate = 1\n",
            id="a method that is set",
        ),
        pytest.param(
            "from django.db import models\nmodels.images.generate(name='x')\n", id="a manager of a framework"
        ),
    ],
)
def test_a_look_alike_is_left_alone(source: str) -> None:
    done = rewrite(source)
    assert done.changed == {}
    assert not [one for one in done.findings if one.site]


@pytest.mark.parametrize(
    "use",
    [
        pytest.param("table = {{'a': {m}}}\n", id="kept in a table"),
        pytest.param(
            "import threading\nthreading.Thread(target={m}, kwargs={{}})\n", id="passed as a keyword"
        ),
        pytest.param("import helpers\nhelpers.do_it({m})\n", id="passed to a stranger"),
        pytest.param("def get():\n    return {m}\n", id="returned"),
    ],
)
def test_a_method_whose_calls_cannot_be_seen_is_manual_when(use: str) -> None:
    done = rewrite("from openai import OpenAI\nclient = OpenAI()\n" + use.format(m="client.images.generate"))
    assert done.changed == {}
    assert "IMG027" in {one.rule for one in done.left}


def test_a_positional_argument_is_manual_for_the_sdk_takes_none() -> None:
    done = rewrite("from openai import OpenAI\nOpenAI().images.generate('dall-e-3', 'p')\n")
    assert [one.rule for one in done.left if one.site] == ["IMG027"]


def test_a_variation_has_no_successor() -> None:
    done = rewrite("from openai import OpenAI\nOpenAI().images.create_variation(image=open('a.png', 'rb'))\n")
    (finding,) = [one for one in done.left if one.site]
    assert (finding.rule, finding.fix) == ("IMG020", "manual")
    assert "images.edit" in finding.suggestion


def test_an_edit_is_migrated_like_a_generation() -> None:
    done = rewrite(
        "from openai import OpenAI\n"
        "OpenAI().images.edit(model='dall-e-2', image=open('a', 'rb'), prompt='p', response_format='url', size='256x256')\n"
    )
    assert "model='gpt-image-2.6-flare', image=open('a', 'rb'), prompt='p', size='1024x1024')" in done.text
    (site,) = done.sites
    assert site.endpoint == "edits"


def test_a_call_that_is_right_already_gets_no_edit_and_no_finding() -> None:
    done = rewrite(f"from openai import OpenAI\nOpenAI().{_NEW}\n")
    assert done.changed == {}
    assert done.findings == ()


def test_sites_are_named_by_file_and_line_in_order() -> None:
    files = {
        "b.py": f"from openai import OpenAI\nc = OpenAI()\n\nc.{_CALL}\nc.{_CALL}\n",
        "a.py": f"from b import c\nc.{_CALL}\n",
    }
    assert [site.site for site in rewrite(files).sites] == ["a.py:2", "b.py:4", "b.py:5"]


@pytest.mark.parametrize("sent", ["size='512x512', **kw", "size=size, **kw"])
def test_a_helper_that_sends_arguments_of_its_own_is_left_with_a_reason(sent: str) -> None:
    helper = f"def call(fn, attempts=1, size='512x512', **kw):\n    return fn({sent})\n"
    call = "call(client.images.generate, attempts=2, model='dall-e-3', prompt='p')\n"
    done = rewrite(f"from openai import OpenAI\nclient = OpenAI()\n{helper}{call}")
    assert done.changed == {}
    assert "IMG027" in {one.rule for one in done.left}


@pytest.mark.parametrize(
    "source",
    [
        "from openai import OpenAI\nc = OpenAI()\nc.images.create_variation(image=open('a', 'rb'))\n",
        "from openai import AzureOpenAI\nc = AzureOpenAI()\nc.images.generate(model='x', prompt='p', style='vivid')\n",
    ],
)
def test_what_is_left_says_what_to_do(source: str) -> None:
    waiting = [one for one in rewrite(source).report.findings if one.fix != "safe"]
    assert waiting
    assert all(one.suggestion for one in waiting)
