"""Settings that hold the address of the Images API, and options beside a model."""

from __future__ import annotations

import pytest

from tests.hosts.support import after, run, said

_URL = "https://api.openai.com/v1/images/generations"


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (".env", f"KEY=x\nIMAGE_API_URL={_URL}\n", 2),
        ("api.yaml", f"endpoints:\n  image: {_URL}\n", 2),
        ("api.json", '{"edit": "https://api.openai.com/v1/images/edits/"}', 1),
        (
            "api.toml",
            'url = "https://acme.openai.azure.com/openai/deployments/d/images/generations?api-version=1"\n',
            1,
        ),
    ],
)
def test_an_address_that_no_found_request_reads_is_reported(path: str, text: str, line: int) -> None:
    assert [(rule, fix, at) for rule, fix, at, _ in said(run(path, text))] == [("IMG048", "manual", line)]
    assert after(path, text) == text


def test_an_address_that_a_found_request_reads_is_spoken_of_there() -> None:
    text = f"IMAGE_API_URL={_URL}\n"
    assert said(run(".env", text, ("IMAGE_API_URL", "url"))) == []
    assert said(run(".env", text, ("OTHER_URL", "url"))) != []


@pytest.mark.parametrize(
    "text",
    [
        "url: https://api.openai.com/v1/chat/completions\n",
        "url: http://localhost:8080/v1/images/generations\n",
        "url: https://api.x.ai/v1/images/generations\n",
        "path: /v1/images/generations\n",
    ],
)
def test_other_addresses_are_nobodys_business(text: str) -> None:
    assert said(run("api.yaml", text)) == []


def test_a_recorded_request_is_no_setting() -> None:
    assert said(run("tests/data/answers/a.yaml", f"request:\n  uri: {_URL}\n")) == []


def test_options_beside_a_model_go_with_it() -> None:
    text = '{"model": "dall-e-3", "options": {"dalleQuality": "hd"}, "video": {"quality": "hd"}}'
    done = after("flow.json", text)
    assert '"dalleQuality": "high"' in done
    assert '"video": {"quality": "hd"}' in done


def test_a_nested_style_holds_the_model_back() -> None:
    text = "model: dall-e-3\noptions:\n  style: vivid\n"
    assert after("c.yaml", text) == text
    assert {rule for rule, *_ in said(run("c.yaml", text))} == {"IMG001", "IMG005"}


def test_options_with_a_model_of_their_own_are_left_to_it() -> None:
    text = "model: dall-e-3\noptions:\n  model: sora\n  quality: hd\n"
    assert "quality: hd" in after("c.yaml", text)
