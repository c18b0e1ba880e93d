"""Settings in the shapes that charts, workflows, tools and proxies give them."""

from __future__ import annotations

import pytest

from tests.hosts.support import TARGET, after, run, said

CHART = """env:
  - name: IMAGE_MODEL
    value: {{ .Values.model | default "dall-e-3" | quote }}
  - name: IMAGE_QUALITY
    value: hd
  - name: FALLBACK_MODEL
    value: dall-e-2
"""


def test_an_action_of_helm_that_yaml_can_read_is_no_mapping() -> None:
    done = run("templates/deployment.yaml", CHART)
    assert said(done) == [("IMG001", "safe", 7, 12), ("IMG040", "manual", 3, 40), ("IMG003", "manual", 5, 12)]
    assert done.after == CHART.replace("dall-e-2", TARGET)


def test_actions_in_quotes_stay_readable() -> None:
    text = 'model: "{{ image_model | default(\'dall-e-3\') }}"\nvalue: "{{ x }}"\n'
    assert said(run("all.yml", text)) == [("IMG040", "manual", 1, 35)]


WORKFLOW = """on:
  workflow_dispatch:
    inputs:
      model:
        default: dall-e-3
        options: [dall-e-3, dall-e-2]
      image_model:
        default: dall-e-3
        type: string
jobs:
  a:
    strategy: {matrix: {model: [dall-e-3, dall-e-2]}}
  b:
    strategy: {matrix: {model: [dall-e-2]}}
"""


def test_each_list_of_a_workflow_is_told_of_and_a_default_without_a_list_is_changed() -> None:
    done = run(".github/workflows/a.yml", WORKFLOW)
    assert sorted((line, rule) for rule, _, line, _ in said(done)) == [
        (5, "IMG041"),
        (8, "IMG001"),
        (12, "IMG041"),
        (14, "IMG041"),
    ]
    assert done.after == WORKFLOW.replace(
        "default: dall-e-3\n        type", f"default: {TARGET}\n        type"
    )


def test_a_model_with_a_list_beside_it_is_told_of_together_with_the_list() -> None:
    text = '[tool.art]\nimage-model = "dall-e-3"\nmodels = ["dall-e-3", "dall-e-2"]\n[tool.b]\nmodels = ["dall-e-2"]\n'
    done = run("pyproject.toml", text, unsafe=True)
    assert (done.after, [line for _, _, line, _ in said(done)]) == (None, [2, 3, 5])
    assert "listed beside it" in done.findings[0].message


@pytest.mark.parametrize("path", ["a.json", "a.json5", "a.toml"])
def test_sides_that_are_numbers_hold_the_model_back(path: str) -> None:
    text = 'model = "dall-e-3"\nwidth = 512\nheight = 512\n'
    if "json" in path:
        text = '{"model": "dall-e-3",\n"width": 512,\n"height": 512}\n'
    done = run(path, text)
    assert [(rule, fix) for rule, fix, _, _ in said(done)] == [("IMG001", "review"), ("IMG004", "manual")]
    assert run(path, text.replace("512", "1024")).after is not None


def test_a_bare_quality_beside_an_image_model_is_told_of() -> None:
    text = '{"ImageModel": "dall-e-3",\n"Quality": "hd"}\n'
    assert [(rule, fix) for rule, fix, _, _ in said(run("a.json", text))] == [
        ("IMG001", "safe"),
        ("IMG003", "manual"),
    ]
    assert run("a.json", '{"ImageModel": "gpt-image-2", "Quality": "hd"}').findings == ()


def test_a_deployment_named_after_a_model_is_told_of() -> None:
    assert said(run("a.json", '{"ImageDeploymentName": "dalle3-prod"}')) == [("IMG040", "manual", 1, 26)]


PROXY = """model_list:
  - model_name: dall-e-3
    litellm_params: {{model: {model}}}
litellm_settings:
  fallbacks: [{{"dall-e-3": ["{other}"]}}]
router_settings: {{model_group_alias: {{art: dall-e-3}}}}
"""


def test_names_that_a_proxy_gives_its_own_entries_are_left_in_peace() -> None:
    assert run("config.yaml", PROXY.format(model=f"openai/{TARGET}", other="flux")).findings == ()
    done = run("config.yaml", PROXY.format(model="openai/dall-e-3", other="dall-e-2"))
    assert [(rule, line) for rule, _, line, _ in said(done)] == [("IMG001", 3), ("IMG041", 5)]


@pytest.mark.parametrize("line", ['{"model": "dall-e-3", "prompt": "x"}', '{"imageModel": "dall-e-2"}'])
def test_lines_that_may_be_arguments_of_requests_are_told_of_once(line: str) -> None:
    done = run("a.jsonl", f'{{"text": "dall-e-3"}}\n{line}\n{line}\n')
    assert [(rule, fix, at) for rule, fix, at, _ in said(done)] == [("IMG040", "manual", 2)]


def test_variables_of_pytest_and_of_kustomize_are_settings_of_their_own() -> None:
    text = "configMapGenerator:\n- literals:\n  - IMAGE_MODEL=dall-e-3\n  - IMAGE_QUALITY=hd\n"
    assert after("kustomization.yaml", text) == text.replace("dall-e-3", TARGET).replace("=hd", "=high")
