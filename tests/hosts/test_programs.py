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


SPRING = {
    "model": "dall-e-3",
    "quality": "hd",
    "style": "vivid",
    "response-format": "url",
    "width": "256",
    "height": "256",
}
"""Options of the image model of Spring AI."""


@pytest.mark.parametrize("middle", ["image.options", "image"])
def test_each_image_property_of_spring_ai_is_told_of(middle: str) -> None:
    before = f"spring.ai.openai.{middle}."
    text = "".join(f"{before}{key}={value}\n" for key, value in SPRING.items())
    done = run("application.properties", text)
    assert [(rule, fix, line) for rule, fix, line, _ in said(done)] == [
        ("IMG001", "review", 1),
        ("IMG003", "review", 2),
        ("IMG005", "manual", 3),
        ("IMG006", "manual", 4),
        ("IMG004", "manual", 5),
    ]
    assert "getB64Json()" in done.findings[0].message
    changed = text.replace("dall-e-3", NEW).replace("=hd", "=high")
    assert after("application.properties", text, unsafe=True) == changed


def test_properties_of_spring_ai_in_yaml_and_in_the_environment_are_the_same() -> None:
    options = "".join(f"          {key}: {value}\n" for key, value in SPRING.items())
    nested = f"spring:\n  ai:\n    openai:\n      image:\n        options:\n{options}"
    names = "".join(
        f"SPRING_AI_OPENAI_IMAGE_OPTIONS_{key.upper().replace('-', '_')}={value}\n"
        for key, value in SPRING.items()
    )
    for path, text, first in (("application.yml", nested, 6), (".env", names, 1)):
        done = run(path, text)
        rules = [(one.rule, one.line - first) for one in done.findings]
        assert rules == [("IMG001", 0), ("IMG003", 1), ("IMG005", 2), ("IMG006", 3), ("IMG004", 4)]
        assert "Spring AI reads it" in done.findings[0].message


def test_options_of_spring_ai_without_a_model_are_told_of_for_it_has_one_by_itself() -> None:
    text = "".join(f"spring.ai.openai.image.options.{k}={v}\n" for k, v in SPRING.items() if k != "model")
    done = run("application.properties", text, unsafe=True)
    assert (done.after, [(rule, fix) for rule, fix, _, _ in said(done)]) == (
        None,
        [("IMG003", "manual"), ("IMG005", "manual"), ("IMG006", "manual"), ("IMG004", "manual")],
    )
    assert run("application.properties", "spring.ai.openai.image.options.quality=low\n").findings == ()


def test_options_beside_other_words_are_none_of_spring_ai() -> None:
    assert run("application.properties", "spring.ai.openai.chat.options.style=vivid\n").findings == ()
