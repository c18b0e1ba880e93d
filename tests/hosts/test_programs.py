"""Settings of programs that the rules know: what they read, and what each version does with it."""

from __future__ import annotations

import pytest

from tests.hosts.support import after, run, said

NEW = "gpt-image-2.6-flare"
PROXY = """
model_list:
  - model_name: pictures
    litellm_params:
      model: {name}
      api_key: os.environ/OPENAI_API_KEY
  - model_name: chat
    litellm_params: {{model: gpt-4o}}
"""


@pytest.mark.parametrize("name", ["dall-e-3", "openai/dall-e-3", '"openai/dall-e-2"'])
def test_an_entry_of_a_router_is_changed_once_a_person_agrees(name: str) -> None:
    text = PROXY.format(name=name)
    assert after("config.yaml", text) == text
    quote = '"' if name.startswith('"') else ""
    assert after("config.yaml", text, unsafe=True) == PROXY.format(name=f"{quote}openai/{NEW}{quote}")
    assert said(run("config.yaml", text))[0][1] == "review"


@pytest.mark.parametrize("name", ["azure/dall-e-3", "bedrock/dall-e-3"])
def test_a_deployment_of_a_router_is_left_to_a_person(name: str) -> None:
    text = PROXY.format(name=name)
    done = run("config.yaml", text, unsafe=True)
    assert (done.after, said(done)) == (None, [("IMG001", "manual", 5, 14)])


def test_each_entry_of_a_router_is_told_of() -> None:
    entries = [f"  - model_name: m{n}\n    litellm_params: {{model: openai/dall-e-{n}}}\n" for n in (2, 3)]
    done = run("config.yaml", "model_list:\n" + "".join(entries))
    assert [line for _, _, line, _ in said(done)] == [3, 5]


@pytest.mark.parametrize("key", ["action", "service"])
def test_an_action_of_home_assistant_is_told_of(key: str) -> None:
    text = f"- {key}: openai_conversation.generate_image\n  data: {{prompt: x, size: 512, quality: hd}}\n"
    done = run("automations.yaml", text, unsafe=True)
    (finding,) = done.findings
    assert (done.after, finding.rule, finding.fix, finding.line) == (None, "IMG060", "manual", 1)
    assert "ai_task.generate_image" in finding.suggestion


@pytest.mark.parametrize(
    "text",
    [
        "- action: openai_conversation.generate_content\n  data: {prompt: x}\n",
        "- name: openai_conversation.generate_image\n",
        "- action: light.turn_on\n",
    ],
)
def test_other_actions_are_left_in_peace(text: str) -> None:
    assert run("automations.yaml", text).findings == ()


WEBUI = "IMAGE_GENERATION_ENGINE=openai\nIMAGE_GENERATION_MODEL=dall-e-3\nIMAGE_SIZE=512x512\n"


def test_open_webui_needs_a_version_that_works_so_its_settings_wait_for_a_person() -> None:
    done = run(".env", WEBUI)
    assert done.after is None
    assert [fix for _, fix, _, _ in said(done)] == ["review", "review"]
    assert "0.6.43" in done.findings[0].message
    changed = WEBUI.replace("dall-e-3", NEW).replace("512x512", "1024x1024")
    assert after(".env", WEBUI, unsafe=True) == changed


def test_the_same_name_in_another_program_is_an_ordinary_setting() -> None:
    assert after(".env", "IMAGE_GENERATION_MODEL=dall-e-3\n") == f"IMAGE_GENERATION_MODEL={NEW}\n"
