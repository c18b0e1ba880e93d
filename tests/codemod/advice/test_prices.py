"""Costs that are worked out from the prices of the old models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Migrate

SITE = """
from openai import OpenAI

client = OpenAI()


def draw(prompt, quality="standard", size="1024x1024"):
    return client.images.generate(model="dall-e-3", prompt=prompt, quality=quality, size=size).data[0].b64_json


"""

PRICED = {
    "a table by model": 'COSTS = {"dall-e-2": 0.02, "dall-e-3": 0.04}',
    "a table by model and size": 'T = {("dall-e-3", "1024x1024"): 0.04, ("dall-e-3", "1792x1024"): 0.08}',
    "a table in a table": 'T = {"dall-e-3": {"standard": {"1024x1024": 0.04}, "hd": {"1024x1024": 0.08}}}',
    "a table by quality": 'T = {"standard": 0.04, "hd": 0.08}',
    "a table by size": 'T = {"256x256": 0.016, "512x512": 0.018}',
    "credits by quality": 'CREDITS = {"standard": 2, "hd": 5}',
    "an entry with words": 'MODELS = {"dall-e-3": {"price": 0.05, "label": "DALL-E 3"}}',
    "a key with more in it": 'image_prices = {"dall-e-3:hd": 7, "dall-e-3:standard": 4}',
    "a conditional": 'def f(quality):\n    cost = 0.07 if quality == "hd" else 0.03\n    return cost',
    "a conditional of known prices": 'def f(quality):\n    return 0.08 if quality == "hd" else 0.04',
    "a conditional of sums": 'BASE = 3\n\n\ndef price(quality):\n    return BASE * 2 if quality == "hd" else BASE',
    "branches": 'def f(size):\n    if size == "1024x1024":\n        return 0.04\n    elif size == "512x512":\n'
    "        return 0.018\n    return 0.08",
    "cases": 'def price_of(model):\n    match model:\n        case "dall-e-3":\n            return 4\n'
    "        case _:\n            return 1",
}


@pytest.mark.parametrize("case", PRICED)
def test_old_prices_are_pointed_out_once(migrated: Migrate, case: str) -> None:
    done = migrated(SITE + PRICED[case] + "\n")
    (finding,) = done.of("IMG033")
    assert (finding.fix, finding.applied) == ("manual", False)
    assert "IMG040" not in done.advice()


@pytest.mark.parametrize(
    "text",
    [
        # no money, the new model is there already, the new words are there already, no figures
        'LABELS = {"standard": "plain", "hd": "fine"}',
        'PIXELS = {"1024x1024": 1048576, "512x512": 262144}',
        'WEIGHTS = {"standard": 1, "hd": 2}',
        'COSTS = {"gpt-4o": 0.01, "gpt-4": 0.04}',
        'PRICES = {"low": 0.01, "medium": 0.04, "high": 0.17, "standard": 0.04, "hd": 0.17}',
        'def retries(quality):\n    return 5 if quality == "hd" else 3',
        'def label(quality):\n    cost = "high" if quality == "hd" else "low"\n    return cost',
    ],
)
def test_tables_and_branches_about_something_else_are_no_finding(migrated: Migrate, text: str) -> None:
    assert migrated(SITE + text + "\n").of("IMG033") == []


FIGURES = {
    "a constant": ("COST_PER_IMAGE = 0.04", ""),
    "a sum beside the call": ("", "cost = 0.04 * n\n    print(cost)"),
    "an entry beside the call": ("", 'record = {"cost_usd": 0.08}\n    print(record)'),
}
FIGURE_SITE = """
from openai import OpenAI

{head}
RATE = 0.04
IMAGE_SCALE = 0.08


def draw(prompt, n=1):
    {body}
    blur = 0.02
    return OpenAI().images.generate(model="dall-e-3", prompt=prompt, n=n).data[0].b64_json, blur
"""


@pytest.mark.parametrize("case", FIGURES)
def test_a_single_old_price_of_a_picture_is_pointed_out(migrated: Migrate, case: str) -> None:
    head, body = FIGURES[case]
    assert len(migrated(FIGURE_SITE.format(head=head, body=body)).of("IMG033")) == 1
    assert migrated(FIGURE_SITE.format(head="", body="")).of("IMG033") == []


def test_a_table_that_has_the_target_is_kept_up_already(migrated: Migrate) -> None:
    done = migrated(SITE + 'COSTS = {"dall-e-3": 0.04, "gpt-image-2.6-flare": 0.05}\n')
    assert done.of("IMG033") == []


def test_a_target_with_known_prices_has_them_in_the_suggestion(migrated: Migrate) -> None:
    text = SITE + 'COSTS = {"dall-e-2": 0.02, "dall-e-3": 0.04}\n'
    (finding,) = migrated(text, target="gpt-image-2").of("IMG033")
    assert "high about $0.211 (was hd)" in finding.suggestion
    assert "medium about $0.053 (was standard)" in finding.suggestion
    (finding,) = migrated(text).of("IMG033")
    assert "$30 per million tokens" in finding.suggestion


def test_a_table_counts_where_a_module_of_the_site_or_of_both_imports_it(migrated: Migrate) -> None:
    table = 'PRICES = {"dall-e-2": 0.02, "dall-e-3": 0.04}\n'
    painter = {"painter.py": SITE}
    done = migrated({**painter, "costs.py": table, "app.py": "import painter\nfrom costs import PRICES\n"})
    assert [f.path for f in done.of("IMG033")] == ["costs.py"]
    done = migrated({"painter.py": "from costs import PRICES\n" + SITE, "costs.py": table})
    assert [f.path for f in done.of("IMG033")] == ["costs.py"]
    assert migrated({**painter, "registry.py": table}).of("IMG033") == []
    assert migrated({**painter, "tests/test_costs.py": "import painter\n" + table}).of("IMG033") == []


def test_a_table_of_live_models_says_nothing_about_a_swap_of_the_name(migrated: Migrate) -> None:
    done = migrated(
        SITE.replace("dall-e-3", "gpt-image-1").replace('"standard"', '"high"')
        + 'COSTS = {"gpt-image-1": 0.04}\n'
    )
    assert [f.message for f in done.of("IMG033")] == [
        "This table has prices for gpt-image-1 and none for gpt-image-2.6-flare."
    ]
