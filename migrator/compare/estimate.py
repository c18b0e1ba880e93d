"""What a task will cost, from the rules alone, and what it did cost, from the usage of its answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from migrator.catalog import pricing
from migrator.catalog.likely import likely_price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.catalog import Catalog
    from migrator.catalog.model import Model
    from migrator.compare.requests import Request
    from migrator.compare.sources.base import Column

Certainty = Literal["known", "likely", "unknown"]
_PIXELS_PER_TOKEN = 32 * 32
_LETTERS_PER_TOKEN = 4
_DETAILS = {"text_tokens": "text_in", "image_tokens": "image_in"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """USD for one task. ``likely``: priced like another model or at the dearest choice, as ``note`` says."""

    usd: float | None
    certainty: Certainty
    note: str = ""


def estimate(
    catalog: Catalog, column: Column, request: Request, prompt: str, pixels: int, share: float = 1.0
) -> Estimate:
    """The cost of one picture. ``pixels`` are those of all inputs; ``share`` is 1, or that of a batch."""
    if not column.live or request.refused:
        return Estimate(0.0, "known")
    if column.price_usd is not None:
        return Estimate(column.price_usd * share, "known")
    model = column.facts
    if model is None or model.price is None:
        return Estimate(None, "unknown", f"the rules know no price of {column.model}")
    quality, size = request.parameters.get("quality"), request.parameters.get("size")
    output, note = likely_price(catalog, model, quality, size)
    if output is None:
        return Estimate(None, "unknown", note)
    rates = model.price.per_million
    text = math.ceil(len(prompt) / _LETTERS_PER_TOKEN) * rates.get("text_in", 0.0)
    seen = math.ceil(pixels / _PIXELS_PER_TOKEN) * rates.get("image_in", 0.0)
    whole = output + (text + seen) / pricing.MILLION
    return Estimate(whole * share, "likely" if note else "known", note)


def measured(model: Model | None, usage: Mapping[str, Any] | None, share: float = 1.0) -> float | None:
    """USD of an answer by its ``usage``; ``None`` where the rules or the answer do not say enough."""
    if model is None or model.price is None or not usage:
        return None
    rates = model.price.per_million
    made = _count(usage, "output_tokens")
    if made is None or "image_out" not in rates:
        return None
    total = made * rates["image_out"]
    details = usage.get("output_tokens_details")
    text = _count(details, "text_tokens") if isinstance(details, dict) else None
    if text and "text_out" in rates:
        total -= text * (rates["image_out"] - rates["text_out"])
    details = usage.get("input_tokens_details")
    if isinstance(details, dict):
        total += sum((_count(details, key) or 0) * rates.get(rate, 0.0) for key, rate in _DETAILS.items())
    else:
        total += (_count(usage, "input_tokens") or 0) * rates.get("text_in", 0.0)
    return total * share / pricing.MILLION


def _count(usage: Mapping[str, Any], key: str) -> int | None:
    value = usage.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None
