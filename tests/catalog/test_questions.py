"""The questions that the codemod and the command line ask of the catalog."""

from __future__ import annotations

import pickle
from datetime import date
from typing import TYPE_CHECKING

import pytest

from migrator.catalog import Catalog, CatalogError, load
from migrator.discover.prefilter import cover

if TYPE_CHECKING:
    from migrator.catalog.model import EndpointName, Model

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


@pytest.fixture(scope="module")
def newest(catalog: Catalog) -> Model:
    return catalog.models[catalog.default_target]


def test_the_default_target_is_alive_without_an_end(catalog: Catalog) -> None:
    assert catalog.default_target == "gpt-image-2.6-flare"
    assert catalog.target(catalog.default_target, TODAY) == (catalog.models["gpt-image-2.6-flare"], None)


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("dall-e-3", "dall-e-3"),
        ("image-alpha-001", "dall-e-2"),
        ("gpt-image-1.5-2025-12-16", "gpt-image-1.5"),
        ("gpt-image-2-2026-04-21", "gpt-image-2"),
    ],
)
def test_a_model_is_found_by_id_alias_and_snapshot(catalog: Catalog, name: str, id: str) -> None:  # noqa: A002
    model = catalog.model(name)
    assert model is not None
    assert model.id == id


@pytest.mark.parametrize("name", ["dalle-3", "DALL-E-3", "dall-e", "", "gpt-image-2.6"])
def test_a_name_that_is_only_similar_is_no_model(catalog: Catalog, name: str) -> None:
    assert catalog.model(name) is None


def test_a_target_with_an_announced_end_is_taken_with_a_warning(catalog: Catalog) -> None:
    model, warning = catalog.target("gpt-image-1.5", TODAY)
    assert model.id == "gpt-image-1.5"
    assert warning is not None
    assert "2026-12-01" in warning
    assert "in 9 days" in warning


def test_the_warning_counts_the_last_day_in_the_singular(catalog: Catalog) -> None:
    assert "in 1 day:" in str(catalog.target("gpt-image-1.5", date(2026, 11, 30))[1])


@pytest.mark.parametrize("day", [date(2026, 12, 1), date(2027, 1, 1)])
def test_a_target_is_refused_from_its_shutdown_on(catalog: Catalog, day: date) -> None:
    with pytest.raises(
        CatalogError, match=r"gpt-image-1\.5 was shut down on 2026-12-01.*Live models: .*flare"
    ):
        catalog.target("gpt-image-1.5", day)


def test_a_dall_e_model_is_never_a_target_even_while_it_lives(catalog: Catalog) -> None:
    with pytest.raises(CatalogError, match="dall-e-3 cannot be a target"):
        catalog.target("dall-e-3", date(2026, 1, 1))


def test_an_unknown_target_gets_a_suggestion_and_the_live_ones(catalog: Catalog) -> None:
    with pytest.raises(
        CatalogError, match=r"unknown target 'gpt-image-2\.6-flair'\. Did you mean 'gpt-image-2\.6-flare'\?"
    ):
        catalog.target("gpt-image-2.6-flair", TODAY)
    with pytest.raises(CatalogError) as caught:
        catalog.target("nothing", TODAY)
    assert "gpt-image-2," in str(caught.value)
    assert "gpt-image-1," not in str(caught.value)


def test_the_end_of_a_model_depends_on_the_provider(catalog: Catalog) -> None:
    day = date(2026, 12, 5)
    assert "gpt-image-1-mini" in catalog.shut_down(day)
    assert "gpt-image-1-mini" not in catalog.shut_down(day, "azure")
    assert catalog.target("gpt-image-1-mini", day, "azure")[0].id == "gpt-image-1-mini"


def test_leaving_and_dead_names(catalog: Catalog) -> None:
    assert set(catalog.shut_down(TODAY)) == {"dall-e-2", "dall-e-3", "image-alpha-001", "gpt-image-1"}
    assert set(catalog.leaving(TODAY)) == {
        *catalog.shut_down(TODAY),
        "gpt-image-1-mini",
        "gpt-image-1.5",
        "gpt-image-1.5-2025-12-16",
        "chatgpt-image-latest",
    }
    assert "dall-e-3" not in catalog.shut_down(date(2026, 5, 11))
    assert "dall-e-3" in catalog.shut_down(date(2026, 5, 12))


KEEP, DROP = ("keep", None, None), ("drop", None)


@pytest.mark.parametrize(
    ("target", "endpoint", "parameter", "value", "expected"),
    [
        (
            "gpt-image-2.6-flare",
            "generations",
            "model",
            "dall-e-3",
            ("replace", "gpt-image-2.6-flare", "IMG001"),
        ),
        (
            "gpt-image-2.6-flare",
            "edits",
            "model",
            "gpt-image-1.5",
            ("replace", "gpt-image-2.6-flare", "IMG001"),
        ),
        ("gpt-image-1.5", "edits", "model", "gpt-image-1-mini", ("replace", "gpt-image-1.5", "IMG001")),
        ("gpt-image-1.5", "edits", "model", "gpt-image-1.5-2025-12-16", KEEP),
        ("gpt-image-2.6-flare", "generations", "model", "gpt-image-2", KEEP),
        ("gpt-image-2.6-flare", "generations", "model", "sdxl-turbo", ("unknown", None, None)),
        ("gpt-image-2.6-flare", "generations", "model", 7, ("unknown", None, None)),
        ("gpt-image-2.6-flare", "generations", "model", None, ("replace", "gpt-image-2.6-flare", "IMG002")),
        ("gpt-image-2.6-flare", "generations", "quality", "standard", ("replace", "medium", "IMG003")),
        ("gpt-image-2.6-flare", "generations", "quality", "hd", ("replace", "high", "IMG003")),
        ("gpt-image-2.6-flare", "generations", "quality", "max", KEEP),
        ("gpt-image-2", "generations", "quality", "max", ("replace", "high", "IMG003")),
        ("gpt-image-1.5", "edits", "quality", "xhigh", ("replace", "high", "IMG003")),
        ("gpt-image-2", "generations", "quality", "ultra", ("unknown", "auto", "IMG003")),
        ("gpt-image-2", "generations", "quality", None, KEEP),
        ("gpt-image-2", "generations", "size", "1792x1024", KEEP),
        ("gpt-image-1.5", "generations", "size", "1792x1024", ("replace", "1536x1024", "IMG004")),
        ("gpt-image-1.5", "generations", "size", "1024x1792", ("replace", "1024x1536", "IMG004")),
        ("gpt-image-2", "generations", "size", "256x256", ("replace", "1024x1024", "IMG004")),
        ("gpt-image-2", "edits", "size", "512x512", ("replace", "1024x1024", "IMG004")),
        ("gpt-image-2", "generations", "size", "2048x2048", KEEP),
        ("gpt-image-1.5", "generations", "size", "2048x2048", ("unknown", "auto", "IMG004")),
        ("gpt-image-2", "generations", "size", "1080x1920", ("unknown", "auto", "IMG004")),
        ("gpt-image-2", "generations", "size", "big", ("unknown", "auto", "IMG004")),
        ("gpt-image-2", "generations", "style", "vivid", (*DROP, "IMG005")),
        ("gpt-image-1.5", "edits", "response_format", "url", (*DROP, "IMG006")),
        ("gpt-image-2", "generations", "response_format", None, (*DROP, "IMG006")),
        ("gpt-image-2", "edits", "input_fidelity", "high", (*DROP, "IMG007")),
        ("gpt-image-1.5", "edits", "input_fidelity", "high", KEEP),
        ("gpt-image-1.5", "generations", "input_fidelity", "high", (*DROP, "IMG007")),
        ("gpt-image-2", "generations", "n", 4, KEEP),
        ("gpt-image-2", "generations", "n", 40, ("unknown", None, "IMG008")),
        ("gpt-image-2", "generations", "complexity", "low", ("unknown", None, "IMG008")),
        ("gpt-image-2", "generations", "background", "blurred", ("unknown", None, "IMG008")),
        ("gpt-image-2", "generations", "stream", True, KEEP),
        ("gpt-image-2", "generations", "user", "u-1", KEEP),
        ("gpt-image-2", "generations", "timeout", 30, KEEP),
        ("gpt-image-2", "generations", "extra_headers", None, KEEP),
    ],
)
def test_what_becomes_of_an_argument(
    catalog: Catalog,
    target: str,
    endpoint: EndpointName,
    parameter: str,
    value: object,
    expected: tuple[object, ...],
) -> None:
    found = catalog.translate(endpoint, parameter, value, catalog.models[target], TODAY)
    assert (found.kind, found.value, found.rule) == expected


def test_every_value_that_a_translation_yields_is_accepted_by_every_target(catalog: Catalog) -> None:
    old = {
        "quality": ["standard", "hd", "xhigh", "max", "best"],
        "size": ["256x256", "512x512", "1792x1024", "9x9"],
    }
    endpoints: list[EndpointName] = ["generations", "edits"]
    checked = 0
    for target in catalog.models.values():
        for endpoint in endpoints if target.is_target else []:
            for parameter, values in old.items():
                for value in values:
                    found = catalog.translate(endpoint, parameter, value, target, TODAY)
                    if found.value is not None:
                        request = {"prompt": "x", "image": b"x", parameter: found.value}
                        request.pop("image" if endpoint == "generations" else "", None)
                        assert catalog.problems(endpoint, target, request, date(2026, 9, 1)) == []
                        checked += 1
    assert checked > 60


def test_a_call_must_spell_out_its_model(catalog: Catalog, newest: Model) -> None:
    assert [(key, one.value) for key, one in catalog.required("edits", newest).items()] == [
        ("model", newest.id)
    ]
    assert catalog.required("variations", newest) == {}


def test_a_guard_holds_the_old_values_that_the_target_refuses(catalog: Catalog, newest: Model) -> None:
    assert catalog.guard("generations", "quality", newest, TODAY) == {"standard": "medium", "hd": "high"}
    assert catalog.guard("generations", "size", newest, TODAY) == {
        "256x256": "1024x1024",
        "512x512": "1024x1024",
    }
    older = catalog.models["gpt-image-1.5"]
    assert catalog.guard("edits", "size", older, TODAY)["1792x1024"] == "1536x1024"
    assert catalog.guard("generations", "background", newest, TODAY) == {}
    assert catalog.guard("generations", "nonsense", newest, TODAY) == {}


def test_a_guard_of_the_model_holds_only_the_names_that_are_dead_today(
    catalog: Catalog, newest: Model
) -> None:
    guard = catalog.guard("generations", "model", newest, TODAY)
    assert guard == dict.fromkeys(["dall-e-2", "dall-e-3", "gpt-image-1", "image-alpha-001"], newest.id)
    assert "gpt-image-1.5" in catalog.guard("generations", "model", newest, date(2026, 12, 1))


def test_the_parameters_that_older_models_took_and_the_target_refuses(
    catalog: Catalog, newest: Model
) -> None:
    assert catalog.dropped("generations", newest) == ("style", "response_format")
    assert catalog.dropped("edits", newest) == ("response_format", "input_fidelity")
    assert catalog.dropped("edits", catalog.models["gpt-image-1.5"]) == ("response_format",)


@pytest.mark.parametrize(
    ("model", "quality", "size", "usd"),
    [
        ("dall-e-2", None, "512x512", 0.018),
        ("dall-e-3", "hd", "1792x1024", 0.120),
        ("dall-e-3", None, None, 0.040),
        ("gpt-image-1.5", "medium", "1024x1536", 0.05),
        ("gpt-image-2", "high", "1024x1024", 0.211),
        ("gpt-image-2", "medium", "1792x1024", 0.03729),
        ("gpt-image-2", "low", "3840x2160", 0.01113),
        ("gpt-image-2", "auto", "1024x1024", None),
        ("gpt-image-2", "high", None, None),
        ("gpt-image-2", "high", "100x100", None),
        ("gpt-image-2.6-flare", "high", "1024x1024", None),
    ],
)
def test_the_price_of_one_picture(
    catalog: Catalog, model: str, quality: str | None, size: str | None, usd: float | None
) -> None:
    found = catalog.estimate(catalog.models[model], quality, size)
    assert found == (None if usd is None else pytest.approx(usd, abs=1e-6))


def test_the_token_formula_gives_the_published_prices(catalog: Catalog) -> None:
    model = catalog.models["gpt-image-2"]
    assert model.price is not None
    from migrator.catalog.pricing import output_tokens

    for key, usd in model.price.per_image.items():
        quality, size = key.split()
        tokens = output_tokens(model, quality, size)
        assert tokens is not None
        assert tokens * model.price.per_million["image_out"] / 1e6 == pytest.approx(usd, abs=0.0006)


def test_the_nearest_size_keeps_the_shape(catalog: Catalog) -> None:
    older = catalog.models["gpt-image-1.5"]
    assert catalog.nearest_size("1080x1920", older) == "1024x1536"
    assert catalog.nearest_size("800x800", older) == "1024x1024"
    assert catalog.nearest_size("wide", older) is None


def test_few_needles_cover_every_leaving_name_and_every_call(catalog: Catalog) -> None:
    needles = catalog.needles()
    assert len(needles) <= 32
    assert len(cover(needles)) <= 7, "each piece costs a pass over every file"
    assert list(needles) == sorted(needles, key=lambda needle: (-len(needle), needle))
    calls = [
        "client.images.generate(",
        "images = client.images\n",
        "client.images\\\n  .edit(",
        "images.generate(",
        "openai.Image.create_edit(",
        "call = ai.Image.acreate\n",
        "from openai import Image as Drawing\n",
        "https://api.openai.com/v1/images/generations",
    ]
    for text in (*catalog.leaving(TODAY), *calls, 'f"dall-e-{version}"'):
        assert any(needle in text.encode() for needle in needles), text
    assert not any(needle in b"from PIL import Image\nImage.open(path)" for needle in needles)


def test_the_catalog_travels_to_other_processes(catalog: Catalog) -> None:
    assert pickle.loads(pickle.dumps(catalog)) == catalog


def test_an_error_body_is_rendered_by_its_id(catalog: Catalog) -> None:
    body = catalog.problem("model_not_found", "model", model="dall-e-3")
    assert (body.status, body.code) == (404, "model_not_found")
    with pytest.raises(
        CatalogError, match=r"knows? no error 'model_not_fond'\. Did you mean 'model_not_found'\?"
    ):
        catalog.problem("model_not_fond")
    with pytest.raises(CatalogError, match="needs 'model' to be told"):
        catalog.problem("model_not_found")
