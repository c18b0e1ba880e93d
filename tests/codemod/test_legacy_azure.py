"""Calls of openai<1 to Azure: moved to a client of today with ``--unsafe``, where the code says which resource it is."""

from __future__ import annotations

import pytest

from tests.codemod.support import rewrite

_SETTINGS = """import os
import openai

openai.api_type = "azure"
openai.api_base = os.environ["BASE"]
openai.api_version = "2023-06-01-preview"
openai.api_key = os.environ["KEY"]

"""
_CALL = 'r = openai.Image.create(prompt="p", engine="art")\nprint(r["data"][0]["b64_json"])\n'


def test_azure_is_never_moved_without_a_look() -> None:
    done = rewrite(_SETTINGS + _CALL, sdk="latest")
    assert done.changed == {}
    assert {one.fix for one in done.of("IMG021")} == {"review"}


def test_settings_get_their_new_names_and_the_deployment_keeps_its_own() -> None:
    text = rewrite(_SETTINGS + _CALL, sdk="latest", unsafe=True).text
    assert 'openai.azure_endpoint = os.environ["BASE"]' in text
    assert 'openai.api_type = "azure"' in text
    assert 'r = openai.images.generate(prompt="p", model="art")' in text
    assert "r.data[0].b64_json" in text


def test_a_version_without_gpt_image_is_replaced_and_named() -> None:
    done = rewrite(_SETTINGS + _CALL, sdk="latest", unsafe=True)
    assert 'openai.api_version = "2025-04-01-preview"' in done.text
    assert any("2023-06-01-preview" in one.message for one in done.of("IMG021"))


@pytest.mark.parametrize(
    "version", ['os.environ["VERSION"]', '"2025-04-01-preview"', '"2026-01-01"', '"preview"']
)
def test_a_version_that_may_have_gpt_image_stays(version: str) -> None:
    text = (_SETTINGS + _CALL).replace('"2023-06-01-preview"', version)
    assert f"openai.api_version = {version}" in rewrite(text, sdk="latest", unsafe=True).text


def test_a_version_that_other_code_reads_is_only_named() -> None:
    done = rewrite(_SETTINGS + _CALL + "search(openai.api_version)\n", sdk="latest", unsafe=True)
    assert 'openai.api_version = "2023-06-01-preview"' in done.text
    assert any("2025-04-01-preview" in one.suggestion for one in done.of("IMG021"))


def test_a_call_without_a_deployment_gets_the_name_of_a_model_that_azure_offers() -> None:
    done = rewrite(_SETTINGS + _CALL.replace(', engine="art"', ""), sdk="latest", unsafe=True)
    assert 'openai.images.generate(model="gpt-image-2.5-flare", prompt="p")' in done.text
    assert any("names no deployment" in one.message for one in done.of("IMG021"))


@pytest.mark.parametrize(
    ("call", "client"),
    [
        (
            "create(api_key=key, ",
            "AzureOpenAI(azure_endpoint=openai.azure_endpoint, api_version=openai.api_version, "
            "api_key=key or openai.api_key)",
        ),
        (
            'create(api_base="https://eu.example", ',
            'AzureOpenAI(azure_endpoint="https://eu.example", api_version=openai.api_version, api_key=openai.api_key)',
        ),
        (
            'create(api_type="azure", api_version="2023-08-01-preview", ',
            'AzureOpenAI(azure_endpoint=openai.azure_endpoint, api_version="2025-04-01-preview", api_key=openai.api_key)',
        ),
        (
            'create(api_type="azure_ad", ',
            "AzureOpenAI(azure_endpoint=openai.azure_endpoint, api_version=openai.api_version, "
            "azure_ad_token=openai.api_key)",
        ),
        (
            "acreate(",
            "AsyncAzureOpenAI(azure_endpoint=openai.azure_endpoint, api_version=openai.api_version, "
            "api_key=openai.api_key)",
        ),
    ],
)
def test_what_the_module_cannot_know_goes_to_a_client_of_its_own(call: str, client: str) -> None:
    text = _SETTINGS + _CALL.replace("create(", call)
    done = rewrite(text, sdk="latest", unsafe=True)
    assert f"openai.{client}.images.generate(prompt=" in done.text


def test_settings_that_a_function_makes_are_read_when_the_call_is_made() -> None:
    body = "".join(f"    {line}\n" for line in _SETTINGS.splitlines()[3:] if line)
    text = f"import os\nimport openai\n\n\ndef connect():\n{body}\n\n{_CALL}"
    done = rewrite(text, sdk="latest", unsafe=True)
    assert "openai.AzureOpenAI(azure_endpoint=openai.azure_endpoint, " in done.text


def test_settings_of_another_module_are_renamed_there() -> None:
    files = {"config.py": _SETTINGS, "art.py": f"import config\nimport openai\n\n{_CALL}"}
    done = rewrite(files, sdk="latest", unsafe=True)
    assert "openai.azure_endpoint = " in done.changed["config.py"]
    assert "openai.images.generate(" in done.changed["art.py"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('openai.api_base = os.environ["BASE"]\n', "", "openai.api_base is not set"),
        ('openai.api_key = os.environ["KEY"]\n', "", "openai.api_key is not set"),
        ("openai.api_version = ", "if OLD:\n    openai.api_version = ", "under a condition"),
        ("openai.api_key = ", "openai.api_key = OTHER\nopenai.api_key = ", "in more than one place"),
        ("openai.api_key = ", "openai.api_key += ", "plain assignment"),
        ('openai.api_type = "azure"', 'openai.api_type = os.getenv("TYPE", "azure")', "not one constant"),
        ('(prompt="p", ', '(prompt="p", **options, ', "unpacked"),
        (
            "print(r",
            'openai.Image.create(prompt="q", api_type="open_ai")\nprint(r',
            "settings of its own, in app.py:10",
        ),
    ],
)
def test_where_the_resource_is_not_seen_the_call_is_left_to_a_person(old: str, new: str, why: str) -> None:
    text = _SETTINGS + _CALL
    assert old in text
    done = rewrite(text.replace(old, new, 1), sdk="latest", unsafe=True)
    assert any(why in one.message for one in done.of("IMG070"))
    assert "openai.Image.create(prompt=" in done.text
    assert "azure_endpoint" not in done.text


@pytest.mark.parametrize("sdk", ["keep", "latest"])
def test_the_model_of_a_call_to_azure_is_a_deployment_whatever_its_name(sdk: str) -> None:
    done = rewrite(_SETTINGS + _CALL.replace("engine=", "model="), sdk=sdk, unsafe=True)
    assert len(done.sites) == 1
    assert ('openai.images.generate(prompt="p", model="art")' in done.text) == (sdk == "latest")


def test_two_names_for_one_deployment_are_left_to_a_person() -> None:
    text = _SETTINGS + _CALL.replace("engine=", 'model="m", engine=')
    done = rewrite(text, sdk="latest", unsafe=True)
    assert done.changed == {}
    assert any("both given" in one.message for one in done.of("IMG071"))


def test_an_edit_on_azure_is_left_to_a_person() -> None:
    call = 'openai.Image.create_edit(image=open("a.png", "rb"), prompt="p")\n'
    done = rewrite(_SETTINGS + call, sdk="latest", unsafe=True)
    assert [one.fix for one in done.of("IMG070")] == ["manual"]
    assert done.changed == {}


def test_an_error_without_a_successor_keeps_the_call_where_it_is() -> None:
    text = (
        _SETTINGS
        + f"try:\n    {_CALL.splitlines()[0]}\nexcept openai.error.InvalidAPIType:\n    raise SystemExit(1)\n"
    )
    done = rewrite(text, sdk="latest", unsafe=True)
    assert done.changed == {}
    assert any("InvalidAPIType" in one.message for one in done.of("IMG072"))
