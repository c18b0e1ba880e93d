"""What people choose: targets, forms of a url, comments that silence, rules that are (not) wanted."""

from __future__ import annotations

from datetime import date

import pytest

from migrator.catalog import CatalogError
from tests.codemod.support import rewrite

_TOP = "from openai import OpenAI\nimport requests\n\nclient = OpenAI()\n"
_CALL = 'client.images.generate(model="dall-e-3", prompt="p", quality="hd", size="1792x1024", style="vivid")'
_LEAVES = _TOP + f"def make():\n    return {_CALL}.data[0].url\n"


@pytest.mark.parametrize(
    ("target", "size"),
    [
        ("gpt-image-2.6-flare", "1792x1024"),
        ("gpt-image-2.6-sunburst", "1792x1024"),
        ("gpt-image-2", "1792x1024"),
        ("gpt-image-1.5", "1536x1024"),
    ],
)
def test_each_target_gets_its_own_name_size_and_quality(target: str, size: str) -> None:
    done = rewrite(_TOP + _CALL + "\n", target=target)
    assert f'generate(model="{target}", prompt="p", quality="high", size="{size}")' in done.text


def test_a_target_that_dies_soon_is_taken_with_a_warning() -> None:
    (warning,) = rewrite(_TOP + _CALL + "\n", target="gpt-image-1.5").report.warnings
    assert "2026-12-01" in warning


def test_a_target_that_is_dead_or_unknown_is_refused() -> None:
    with pytest.raises(CatalogError, match="shut down on 2026-12-01"):
        rewrite(_TOP, target="gpt-image-1.5", today=date(2026, 12, 2))
    with pytest.raises(CatalogError, match="unknown target"):
        rewrite(_TOP, target="gpt-image-99")
    with pytest.raises(CatalogError, match="cannot be a target"):
        rewrite(_TOP, target="dall-e-3")


def test_an_older_gpt_image_model_needs_only_another_name() -> None:
    done = rewrite(
        _TOP + 'client.images.generate(model="gpt-image-1", prompt="p", quality="low", moderation="low")\n'
    )
    assert 'model="gpt-image-2.6-flare", prompt="p", quality="low", moderation="low"' in done.text


def test_a_url_that_leaves_becomes_a_data_uri_only_when_asked() -> None:
    done = rewrite(_LEAVES)
    assert done.changed == {}
    assert "IMG012" in {one.rule for one in done.left}
    assert "data:image/png;base64," in rewrite(_LEAVES, unsafe=True).text


@pytest.mark.parametrize(
    ("choice", "proof"), [("data-uri", "data:image/png;base64,"), ("file", "_save_image(")]
)
def test_a_url_that_leaves_needs_no_review_once_a_person_has_chosen_its_form(choice: str, proof: str) -> None:
    done = rewrite(_LEAVES, url_as=choice, url_chosen=True)
    assert proof in done.text
    assert {one.fix for one in done.findings if one.rule == "IMG012"} == {"safe"}


@pytest.mark.parametrize(
    "way",
    [
        "TOOLS = {}\ndef tool(f):\n    TOOLS[f.__name__] = f\n    return f\n@tool\n",
        "def fetch(tools):\n    return requests.get(getattr(tools, 'make')()).content\n",
    ],
    ids=["a registry of the project", "a name in a text"],
)
def test_a_choice_settles_nothing_that_the_project_may_still_get(way: str) -> None:
    program = _LEAVES.replace("def make", f"{way}def make")
    done = rewrite(program, url_chosen=True)
    assert done.changed == {}
    assert "IMG012" in {one.rule for one in done.left}


def test_choosing_review_leaves_what_leaves() -> None:
    assert rewrite(_LEAVES, url_as="review", url_chosen=True).changed == {}


def test_a_url_in_a_store_out_of_sight_is_reviewed_whatever_was_chosen() -> None:
    stored = _TOP + f"def keep(row):\n    row.picture = {_CALL}.data[0].url\n"
    assert rewrite(stored, url_chosen=True).changed == {}


def test_a_url_that_leaves_can_become_a_path() -> None:
    done = rewrite(_LEAVES, unsafe=True, url_as="file", url_folder="art")
    assert "_save_image(" in done.text
    assert '"art"' in done.text
    assert "data:image" not in done.text


def test_a_url_that_leaves_can_be_left_to_a_person() -> None:
    shown = _TOP + "import streamlit as st\n" + f"st.image({_CALL}.data[0].url)\n"
    assert rewrite(shown).changed
    assert rewrite(shown, url_as="review").changed == {}
    local = _TOP + f"print(requests.get({_CALL}.data[0].url).content)\n"
    assert rewrite(local, url_as="review").changed


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(
            "client.images.generate(model='dall-e-3', prompt='p')  # migrator: ignore\n", id="behind the call"
        ),
        pytest.param(
            "client.images.generate(  # migrator: ignore\n    model='dall-e-3',\n    prompt='p',\n)\n",
            id="on its first line",
        ),
        pytest.param(
            "client.images.generate(\n    model='dall-e-3',\n    prompt='p',\n)  # migrator:ignore\n",
            id="on its last line",
        ),
    ],
)
def test_a_bare_comment_silences_the_whole_site(place: str) -> None:
    done = rewrite(_TOP + place)
    assert done.changed == {}
    assert not [one for one in done.findings if one.site]


def test_a_comment_with_a_rule_keeps_the_site_whole_and_unchanged() -> None:
    done = rewrite(_TOP + _CALL + "  # migrator: ignore[IMG005]\n")
    assert done.changed == {}
    assert "IMG005" not in done.rules()
    assert "IMG001" in done.rules()


@pytest.mark.parametrize("comment", ["ignore", "ignore[IMG010]"])
def test_a_line_that_a_comment_keeps_is_no_part_of_another_ones_change(comment: str) -> None:
    source = _TOP + (
        f"urls = [one.url for one in {_CALL}.data]\n"
        f"pictures = [requests.get(url).content for url in urls]  # migrator: {comment}\n"
    )
    done = rewrite(source)
    assert done.changed == {}
    assert "IMG001" in done.rules()
    assert not any(one.applied for one in done.findings)
    done = rewrite(source.replace("]  # migrator", "]\nx = 1  # migrator"))
    assert [site.migrated for site in done.sites] == [True]


def test_a_comment_for_another_rule_silences_nothing() -> None:
    done = rewrite(_TOP + _CALL + "  # migrator: ignore[IMG030, img017]\n")
    assert [site.migrated for site in done.sites] == [True]


def test_an_import_that_a_comment_keeps_stays_when_nothing_uses_it() -> None:
    source = _TOP.replace("import requests", "import requests  # migrator: ignore")
    done = rewrite(source + f"print(requests.get({_CALL}.data[0].url).content)\n")
    assert [site.migrated for site in done.sites] == [True]
    assert "import requests  # migrator: ignore\n" in done.text


def test_a_comment_elsewhere_silences_nothing() -> None:
    done = rewrite(_TOP + "x = 1  # migrator: ignore\n" + _CALL + "\n")
    assert [site.migrated for site in done.sites] == [True]


def test_ignored_rules_are_not_applied_and_not_reported() -> None:
    source = _TOP + _CALL + "\n" + 'client.images.generate(model="dall-e-3", prompt="q")\n'
    done = rewrite(source, ignore=("IMG005",))
    assert [site.migrated for site in done.sites] == [False, True]
    assert "IMG005" not in done.rules()


def test_selected_rules_are_the_only_ones_reported() -> None:
    assert rewrite(_TOP + _CALL + "\n", select=("IMG005",)).rules() <= {"IMG005"}
    assert rewrite(_TOP + _CALL + "\n", select=("IMG00",)).changed


def test_the_report_tells_a_number_as_the_text_that_is_sent() -> None:
    done = rewrite(
        "from openai import OpenAI\n\n\ndef draw(user):\n"
        '    return OpenAI().images.generate(model="dall-e-3", prompt="a", user=str(user)).data[0].b64_json\n\n\ndraw(1)\n'
    )
    (request,) = (one.request for one in done.findings if one.request is not None)
    assert (request.before["user"], request.after["user"]) == ("1", "1")


def test_the_report_tells_the_request_before_and_after() -> None:
    done = rewrite(_TOP + "p = input()\n" + _CALL.replace('"p"', "p") + "\n")
    (request,) = [one.request for one in done.findings if one.request]
    assert request.before == {
        "model": "dall-e-3", "prompt": {"code": "p"}, "quality": "hd", "size": "1792x1024", "style": "vivid",
    }  # fmt: skip
    assert request.after == {
        "model": "gpt-image-2.6-flare", "prompt": {"code": "p"}, "quality": "high", "size": "1792x1024",
    }  # fmt: skip
