"""Packages that make pictures for their users: rewritten where their version works, told about where it does not."""

from __future__ import annotations

import re

import pytest

from tests.codemod.support import Result, again, catalog, rewrite

LITELLM = 'import litellm\n\nanswer = litellm.image_generation(model="dall-e-3", prompt=p, response_format="b64_json")\n'
GRIPTAPE = (
    "from griptape.drivers import OpenAiImageGenerationDriver\n\n"
    'driver = OpenAiImageGenerationDriver(model="dall-e-3", image_size="1792x1024")\n'
)


def outcome(done: Result) -> str:
    (site,) = done.sites
    return site.outcome


def pinned(source: str, requirement: str, **options: object) -> Result:
    return rewrite({"app.py": source, "requirements.txt": f"{requirement}\n"}, **options)


@pytest.mark.parametrize(
    ("source", "requirement", "expected"),
    [
        pytest.param(LITELLM, "litellm==1.109.1", "safe", id="a version that was read"),
        pytest.param(LITELLM, "litellm>=1.60", "safe", id="any version that can be meant works"),
        pytest.param(LITELLM, "litellm", "review", id="no version is asked for"),
        pytest.param(LITELLM, "litellm>=1.0", "review", id="an older version can be meant"),
        pytest.param(LITELLM, "litellm==1.10.0", "manual", id="a version of which nothing is known"),
        pytest.param(GRIPTAPE, "griptape==1.7.0", "safe", id="the first that works"),
        pytest.param(GRIPTAPE, "griptape~=1.6.2", "manual", id="none that can be meant works"),
        pytest.param(GRIPTAPE, "griptape>=1.5", "review", id="some that can be meant work"),
    ],
)
def test_the_pinned_version_decides(source: str, requirement: str, expected: str) -> None:
    done = pinned(source, requirement)
    assert outcome(done) == expected
    assert bool(done.changed) == (expected == "safe")
    assert expected == "safe" or done.of("IMG060")


def test_litellm_is_read_like_the_sdk() -> None:
    done = pinned(
        """
        import requests
        from litellm import image_generation

        def draw(prompt):
            answer = image_generation(prompt, "dall-e-3", quality="hd", style="vivid", size="1792x1024")
            return requests.get(answer.data[0].url).content
        """,
        "litellm==1.75.0",
    )
    assert (
        'image_generation(prompt, "openai/gpt-image-2.6-flare", quality="high", size="1792x1024")'
        in done.text
    )
    assert "base64.b64decode(answer.data[0].b64_json)" in done.text
    assert not done.left


def test_a_provider_before_the_name_stays() -> None:
    done = pinned(LITELLM.replace("dall-e-3", "openai/dall-e-2"), "litellm==1.75.0")
    assert 'model="openai/gpt-image-2.6-flare"' in done.text


def test_a_model_from_outside_is_translated_with_and_without_its_provider() -> None:
    done = pinned(
        """
        import os
        import litellm

        MODEL = os.getenv("IMAGE_MODEL", "dall-e-3")
        answer = litellm.image_generation(model=MODEL, prompt="p", response_format="b64_json")
        """,
        "litellm==1.75.0",
    )
    for old in ("dall-e-3", "openai/dall-e-3", "dall-e-2"):
        assert f'"{old}": "openai/gpt-image-2.6-flare"' in done.text
    assert done.changed


@pytest.mark.parametrize(
    "model", ["vertex_ai/imagegeneration@006", "bedrock/stability.sd3-large-v1:0", "flux-pro"]
)
def test_a_call_for_another_provider_is_no_site(model: str) -> None:
    assert not pinned(LITELLM.replace("dall-e-3", model), "litellm==1.75.0").sites


@pytest.mark.parametrize("keyword", ["api_base", "base_url"])
def test_another_address_waits_for_a_person(keyword: str) -> None:
    source = LITELLM.replace("prompt=p", f'prompt=p, {keyword}="https://images.example.org"')
    done = pinned(source, "litellm==1.75.0")
    assert outcome(done) == "review"
    assert done.of("IMG022")


def test_a_model_that_is_nowhere_in_the_code_waits_for_a_person() -> None:
    done = pinned(
        "import litellm\n\ndef f(m):\n    return litellm.image_generation(model=m, prompt='p')\n",
        "litellm==1.75.0",
    )
    assert outcome(done) == "review"
    assert done.of("IMG023")


def test_griptape_gets_a_size_that_it_lets_through_and_no_response_format() -> None:
    done = pinned(GRIPTAPE, "griptape==1.13.0")
    assert 'model="gpt-image-2.6-flare", image_size="1536x1024", response_format=None)' in done.text
    assert not again(done).changed


def test_griptape_with_an_old_response_format_gets_none_in_its_place() -> None:
    done = pinned(
        GRIPTAPE.replace("image_size", 'response_format="b64_json", image_size'), "griptape==1.13.0"
    )
    assert "response_format=None" in done.text
    assert "b64_json" not in done.text


def test_a_default_that_is_gone_is_spelled_out_and_a_live_one_is_left() -> None:
    source = "from agno.tools.openai import OpenAITools\n\ntools = OpenAITools()\n"
    assert 'OpenAITools(image_model="gpt-image-2.6-flare")' in pinned(source, "agno==2.9.0").text
    assert not pinned(source, "agno==3.1.10").left
    assert not pinned(source, "agno==3.1.10").changed


def test_haystack_is_changed_once_a_person_agrees() -> None:
    source = """
        from haystack.components.generators import DALLEImageGenerator

        generator = DALLEImageGenerator(model="dall-e-3", quality="hd", response_format="b64_json")
        """
    done = pinned(source, "haystack-ai==2.30.2")
    assert outcome(done) == "review"
    assert not done.changed
    agreed = pinned(source, "haystack-ai==2.30.2", unsafe=True)
    assert 'DALLEImageGenerator(model="gpt-image-2.6-flare", quality="high")' in agreed.text
    assert "OpenAIImageGenerator" in pinned(source, "haystack-ai==3.1").of("IMG060")[0].message
    assert "2.30" in pinned(source, "haystack-ai==2.12").of("IMG060")[0].suggestion


def test_what_must_go_and_stands_by_position_is_left_to_a_person() -> None:
    source = (
        "from haystack.components.generators import DALLEImageGenerator\n\n"
        'generator = DALLEImageGenerator("dall-e-3", "hd", "1024x1024", "url")\n'
    )
    assert outcome(pinned(source, "haystack-ai==2.30.2", unsafe=True)) == "manual"


@pytest.mark.parametrize(
    "source",
    [
        "from langchain_community.utilities.dalle_image_generator import DallEAPIWrapper as D\nD()\n",
        "from langchain.utilities import DallEAPIWrapper\nDallEAPIWrapper(model='dall-e-3')\n",
        "from langchain_community.utilities import dalle_image_generator as g\ng.DallEAPIWrapper()\n",
        "from langchain.agents import load_tools\nload_tools(['serpapi', 'dalle-image-generator'], llm=llm)\n",
        "import crewai_tools\ntool = crewai_tools.DallETool()\n",
        "from crewai_tools import DallETool\nclass Mine(DallETool):\n    pass\n",
        "from crewai_tools import DallETool\nfrom functools import partial\nmake = partial(DallETool)\n",
        "from agno.tools.dalle import DalleTools\nDalleTools(model='dall-e-3')\n",
        "from phi.tools.dalle import Dalle\nDalle()\n",
        "from autogen.agentchat.contrib.capabilities import generate_images\ngenerate_images.DalleImageGenerator(c)\n",
        "from llama_index.tools.openai.image_generation import OpenAIImageGenerationToolSpec as S\nS()\n",
        "from camel.toolkits import DalleToolkit\nDalleToolkit().get_tools()\n",
        "from camel.toolkits import OpenAIImageToolkit\nOpenAIImageToolkit(model='gpt-image-1')\n",
        "from semantic_kernel.connectors.ai.open_ai import AzureTextToImage\nAzureTextToImage(deployment_name='d')\n",
        "from griptape.drivers import AzureOpenAiImageGenerationDriver as A\nA(model='dall-e-3', azure_endpoint=e)\n",
        "async def f(hass):\n    await hass.services.async_call('openai_conversation', 'generate_image', {'prompt': 'p'})\n",
    ],
)
def test_what_cannot_work_is_said_with_what_to_use_instead(source: str) -> None:
    done = rewrite(source)
    assert outcome(done) == "manual"
    assert not done.changed
    (finding,) = done.of("IMG060")
    assert finding.suggestion


@pytest.mark.parametrize(
    "source",
    [
        "from langchain.agents import load_tools\nload_tools(['serpapi'])\n",
        "from mine import DallETool\nDallETool()\n",
        "class Dalle:\n    pass\n\nDalle()\n",
        "from haystack.components.generators import OpenAIImageGenerator\nOpenAIImageGenerator()\n",
        "hass.services.call('light', 'turn_on')\n",
        "from crewai_tools import DallETool\n\ndef f(tool: DallETool):\n    return isinstance(tool, DallETool)\n",
    ],
)
def test_what_only_looks_like_one_is_left_in_peace(source: str) -> None:
    done = rewrite({"app.py": source, "requirements.txt": "haystack-ai==3.4.1\n"})
    assert not done.changed
    assert not done.left


def test_a_model_that_a_setting_names_is_said() -> None:
    source = "from semantic_kernel.connectors.ai.open_ai import OpenAITextToImage\n\nservice = OpenAITextToImage()\n"
    (finding,) = pinned(source, "semantic-kernel==1.45.0").left
    assert "OPENAI_TEXT_TO_IMAGE_MODEL_ID" in finding.message


def test_settings_of_a_framework_lose_style_and_old_qualities() -> None:
    done = pinned(
        """
        from semantic_kernel.connectors.ai.open_ai import OpenAITextToImageExecutionSettings

        settings = OpenAITextToImageExecutionSettings(quality="hd", style="vivid")
        """,
        "semantic-kernel==1.35.0",
    )
    assert 'OpenAITextToImageExecutionSettings(quality="high")' in done.text


def test_the_name_in_a_framework_is_not_told_of_twice() -> None:
    done = rewrite(
        """
        from openai import OpenAI
        from langchain_community.utilities import DallEAPIWrapper

        OpenAI().images.generate(model="dall-e-3", prompt="p", response_format="b64_json")
        wrapper = DallEAPIWrapper(model="dall-e-3")
        """
    )
    assert [one.rule for one in done.left] == ["IMG060"]


def test_every_example_is_python_and_every_version_says_what_to_do() -> None:
    for framework in catalog().frameworks:
        for version in framework.versions:
            compile(version.example.replace("await ", ""), framework.id, "exec")
            assert version.fix != "manual" or version.suggestion, framework.id


def test_a_deployment_on_azure_keeps_its_name_and_waits_for_a_person() -> None:
    source = LITELLM.replace("dall-e-3", "azure/pictures")
    done = pinned(source, "litellm==1.75.0", unsafe=True)
    assert done.of("IMG021")
    assert 'model="azure/pictures", prompt=p)' in done.text


@pytest.mark.parametrize(
    "source",
    [
        'Router(model_list=[{"model_name": "p", "litellm_params": {"model": "«openai/dall-e-3»"}}])\n',
        'MODELS = [{"litellm_params": {"model": "«openai/dall-e-2»"}}]\nRouter(MODELS)\n',
        'PARAMS = {"model": "«openai/dall-e-3»"}\nRouter(model_list=[{"model_name": "p", "litellm_params": PARAMS}])\n',
        'ALL = []\nALL.append(dict(model_name="p", litellm_params=dict(model="«openai/dall-e-3»")))\n',
        'Router([Deployment(model_name="p", litellm_params=LiteLLM_Params(model="«openai/dall-e-3»"))])\n',
        'entry = {"model_name": "p"}\nentry["litellm_params"] = {"model": "«openai/dall-e-3»"}\n',
        'def entry(m):\n    return {"litellm_params": {"model": m}}\nRouter([entry("«openai/dall-e-3»")])\n',
        'Router(model_list=[{"model_name": "dall-e-3", "litellm_params": {"model": "«openai/dall-e-3»"}}])\n',
    ],
)
def test_an_entry_of_a_router_goes_to_a_live_model_once_a_person_agrees(source: str) -> None:
    head = "from litellm import Router\nfrom litellm.types.router import Deployment, LiteLLM_Params\n\n"
    before = head + re.sub("[«»]", "", source)
    assert [(one.rule, one.fix) for one in rewrite(before).left] == [("IMG001", "review")]
    done = rewrite(before, unsafe=True)
    assert done.changed == {"app.py": head + re.sub("«.*»", "openai/gpt-image-2.6-flare", source)}
    assert rewrite(done.changed["app.py"]).findings == ()


@pytest.mark.parametrize(
    "source",
    [
        'Router(model_list=[{"litellm_params": {"model": "azure/dall-e-3"}}])\n',
        'Router([{"litellm_params": {"model": f"openai/{one}"}} for one in ("dall-e-2", "gpt-image-2")])\n',
        'Router([{"litellm_params": {"model": "openai/" + "dall-e-2"}}])\n',
    ],
)
def test_an_entry_of_a_router_that_is_no_single_name_is_left_to_a_person(source: str) -> None:
    done = rewrite(f"from litellm import Router\n\n{source}", unsafe=True)
    assert [(one.rule, one.fix) for one in done.left] == [("IMG001", "manual")]
    assert not done.changed


_LIVE = 'Router(model_list=[{"model_name": "dall-e-3", "litellm_params": {"model": "openai/gpt-image-2"}}])\n'


def test_a_name_that_the_project_sends_to_a_live_model_is_left_in_peace() -> None:
    call = (
        "def draw(p):\n    return router.image_generation(model='dall-e-3', prompt=p, n=1, quality='low')\n"
    )
    assert rewrite(f"from litellm import Router\n\nrouter = {_LIVE}{call}").findings == ()


@pytest.mark.parametrize("argument", ["quality='hd'", "style='vivid'", "size=size", "**options"])
def test_a_live_name_that_is_asked_for_what_may_be_refused_is_told_of(argument: str) -> None:
    call = (
        f"def draw(p, size, options):\n    router.image_generation(model='dall-e-3', prompt=p, {argument})\n"
    )
    done = rewrite(f"from litellm import Router\n\nrouter = {_LIVE}{call}")
    assert [one.rule for one in done.left] == ["IMG060"]


@pytest.mark.parametrize(
    "source",
    [
        "def draw(router: Router, p):\n    return router.image_generation(model='dall-e-3', prompt=p)\n",
        "router = Router(load_models())\nasync def draw(p):\n"
        "    return await router.aimage_generation(p, model='dall-e-2')\n",
        "class Art:\n    def __init__(self, models):\n        self.router = Router(model_list=models)\n"
        "    def draw(self, p):\n        return self.router.image_generation(model='openai/dall-e-3', prompt=p)\n",
    ],
    ids=["parameter", "module", "attribute"],
)
def test_a_router_whose_models_come_from_outside_is_reported_where_it_is_asked_for_a_retired_one(
    source: str,
) -> None:
    done = rewrite(f"from litellm import Router\n\n{source}", unsafe=True)
    assert [(one.rule, one.fix) for one in done.left] == [("IMG060", "manual")]
    assert "model_list" in done.left[0].suggestion
    assert not done.changed


def test_a_router_that_is_asked_for_a_name_of_its_own_is_left_alone() -> None:
    done = rewrite(
        "from litellm import Router\n\ndef draw(router: Router, p):\n"
        "    print('not dall-e-3')\n    return router.image_generation(model='pictures', prompt=p)\n",
        unsafe=True,
    )
    assert not done.left
    assert not done.changed


@pytest.mark.parametrize(
    "source",
    [
        'from litellm import Router\nRouter([{"litellm_params": {"model": "gpt-4o"}}], note="no dall-e")\n',
        'from fastapi import Router\nRouter([{"params": {"model": "dall-e-3"}}])\n',
    ],
)
def test_other_routers_are_left_in_peace(source: str) -> None:
    assert rewrite(source).findings == ()


_MODERN = "gpt-image-2.6-flare"


@pytest.mark.parametrize(
    ("source", "older", "newer"),
    [
        pytest.param(
            "from langchain_community.utilities.dalle_image_generator import DallEAPIWrapper\n"
            "DallEAPIWrapper(model='dall-e-3')\n",
            ("langchain-community==0.0.38", "manual"), ("langchain-community==0.4.2", "manual"), id="langchain wrapper",
        ),
        pytest.param(
            "from langchain_classic.agents import load_tools\nload_tools(['dalle-image-generator'], llm=llm)\n",
            ("langchain-classic==1.0.0", "manual"), ("langchain-classic==1.0.8", "manual"), id="langchain load_tools",
        ),
        pytest.param(
            "from langchain_classic.utilities.dalle_image_generator import DallEAPIWrapper\nDallEAPIWrapper()\n",
            ("langchain-classic==1.0.0", "manual"), ("langchain-classic==1.0.8", "manual"), id="langchain-classic wrapper",
        ),
        pytest.param(
            "from crewai_tools import DallETool\nDallETool(model='dall-e-3', size='1792x1024', quality='hd')\n",
            ("crewai-tools==0.51.1", "manual"), ("crewai-tools==1.15.30", "manual"), id="crewai",
        ),
        pytest.param(
            "from agno.tools.dalle import DalleTools\nDalleTools(model='dall-e-3')\n",
            ("agno==1.8.4", "manual"), ("agno==2.9.0", "manual"), id="agno DalleTools",
        ),
        pytest.param(
            "from agno.tools.openai import OpenAITools\nOpenAITools(image_model='dall-e-3')\n",
            ("agno==1.4.0", "manual"), ("agno==3.1.10", "safe"), id="agno OpenAITools",
        ),
        pytest.param(
            "from phi.tools.dalle import Dalle\nDalle(model='dall-e-3')\n",
            ("phidata==2.5.0", "manual"), ("phidata==2.7.10", "manual"), id="phidata",
        ),
        pytest.param(
            "from autogen.agentchat.contrib.capabilities.generate_images import DalleImageGenerator\n"
            "DalleImageGenerator(llm_config={'config_list': [{'model': 'dall-e-3'}]}, quality='hd')\n",
            ("pyautogen==0.2.35", "manual"), ("ag2==1.2.1", "manual"), id="autogen",
        ),
        pytest.param(
            "from llama_index.tools.openai.image_generation import OpenAIImageGenerationToolSpec\n"
            "OpenAIImageGenerationToolSpec(api_key='k')\n",
            ("llama-index-tools-openai-image-generation==0.2.0", "manual"),
            ("llama-index-tools-openai-image-generation==0.7.0", "manual"),
            id="llama-index",
        ),
        pytest.param(
            "from haystack.components.generators import DALLEImageGenerator\nDALLEImageGenerator(model='dall-e-3')\n",
            ("haystack-ai==2.12.0", "manual"), ("haystack-ai==2.30.2", "review"), id="haystack",
        ),
        pytest.param(LITELLM, ("litellm==1.10.0", "manual"), ("litellm==1.109.1", "safe"), id="litellm"),
        pytest.param(
            "from semantic_kernel.connectors.ai.open_ai import OpenAITextToImage\n"
            "OpenAITextToImage(ai_model_id='dall-e-3')\n",
            ("semantic-kernel==1.40.0", "manual"), ("semantic-kernel==1.45.0", "review"), id="semantic-kernel",
        ),
        pytest.param(GRIPTAPE, ("griptape==1.6.4", "manual"), ("griptape==1.13.0", "safe"), id="griptape"),
        pytest.param(
            "from camel.toolkits import DalleToolkit\nDalleToolkit()\n",
            ("camel-ai==0.2.50", "manual"), ("camel-ai==0.2.70", "manual"), id="camel DalleToolkit",
        ),
        pytest.param(
            "from camel.toolkits import OpenAIImageToolkit\nOpenAIImageToolkit(model='dall-e-3')\n",
            ("camel-ai==0.2.75", "review"), ("camel-ai==0.2.90", "manual"), id="camel OpenAIImageToolkit",
        ),
        pytest.param(
            "async def draw(hass, prompt):\n"
            "    await hass.services.async_call('openai_conversation', 'generate_image', {'prompt': prompt})\n",
            ("homeassistant==2024.3.3", "manual"), ("homeassistant==2026.2.3", "manual"), id="home assistant",
        ),
    ],
)  # fmt: skip
def test_every_package_is_told_by_its_pinned_version(
    source: str, older: tuple[str, str], newer: tuple[str, str]
) -> None:
    for requirement, expected in (older, newer):
        done = pinned(source, requirement)
        assert outcome(done) == expected, requirement
        assert bool(done.changed) == (expected == "safe"), requirement
        told = done.of("IMG060")
        assert expected == "safe" or told, requirement
        assert all(one.suggestion for one in told), requirement
        if expected == "review":
            assert _MODERN in pinned(source, requirement, unsafe=True).text
