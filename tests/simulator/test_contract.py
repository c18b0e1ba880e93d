"""Hostile and odd values: every one is an order or a refusal, never a crash."""

from __future__ import annotations

from datetime import date

import pytest

from migrator.catalog import load
from migrator.simulator.contract import Contract, Order, era_date
from migrator.simulator.errors import RefusedError
from migrator.simulator.intake import Intake, Upload

ODD = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "0x0",
    "1024x1024",
    "99999x16",
    "\u0661x\u0661",
    [],
    [1],
    {},
    {"a": 1},
)


def outcome(contract: Contract, endpoint: str, intake: Intake) -> Order | int:
    try:
        return contract.take(endpoint, intake)
    except RefusedError as refused:
        return refused.refusal.status


@pytest.mark.parametrize("multipart", [False, True])
@pytest.mark.parametrize("endpoint", ["generations", "edits", "variations"])
@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2026, 5, 11), date(2026, 11, 22), date(2027, 1, 1)])
def test_every_odd_value_of_every_parameter_has_an_outcome(endpoint, day, multipart):
    catalog = load()
    contract = Contract(catalog, day)
    seen = set()
    for model in catalog.models.values():
        for name in (*model.endpoints.get(endpoint, {}), "surprise"):
            if name in {"image", "mask", "markup"}:
                continue
            for value in ODD:
                sent = {"model": model.id, "prompt": "p", name: str(value) if multipart else value}
                uploads = [] if endpoint == "generations" else [Upload("image", b"x")]
                result = outcome(contract, endpoint, Intake(sent, uploads, multipart))
                seen.add(result if isinstance(result, int) else "order")
    assert seen <= {"order", 400, 404}
    assert 400 in seen or 404 in seen


def test_an_order_has_every_choice_made():
    order = Contract(load(), date(2026, 11, 22)).take(
        "generations", Intake({"model": "gpt-image-2", "prompt": "p"})
    )
    assert (order.size, order.quality, order.format, order.count) == ("1024x1024", "medium", "png", 1)
    assert not order.stream


def test_free_sizes_are_taken_as_they_are():
    request = Intake({"model": "gpt-image-2.6-flare", "prompt": "p", "size": "1792x1024"})
    order = Contract(load(), date(2026, 11, 22)).take("generations", request)
    assert (order.width, order.height) == (1792, 1024)


def test_the_dalle_era_is_the_last_day_of_dalle_at_each_provider():
    assert era_date(load(), "dalle") == date(2026, 5, 11)
    assert era_date(load(), "dalle", "azure") == date(2026, 2, 17)


def test_a_model_lives_longer_at_azure():
    contract = Contract(load(), date(2026, 12, 2))
    model = contract.find("gpt-image-1-mini")
    assert not contract.alive(model)
    assert contract.alive(model, "azure")


def test_a_snapshot_name_is_its_model():
    contract = Contract(load(), date(2026, 11, 22))
    assert contract.find("gpt-image-2-2026-04-21") is contract.find("gpt-image-2")
