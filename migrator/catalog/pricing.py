"""What a picture costs, as far as the rules know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from migrator.catalog.model import edges_of

if TYPE_CHECKING:
    from migrator.catalog.model import Model, TokenFormula

MILLION = 1_000_000


def price_per_picture(model: Model, quality: str | None, size: str | None) -> float | None:
    """USD for one picture, output only. Missing quality or size mean the model's default."""
    if model.price is None:
        return None
    generations = model.endpoints.get("generations", {})
    if quality is None:
        # a model without the parameter has one quality only, and its table names it
        default = generations["quality"].default if "quality" in generations else None
        named = {key.partition(" ")[0] for key in model.price.per_image}
        only = named.pop() if len(named) == 1 else None
        quality = str(default) if default is not None else only
        if quality is None:
            return None
    key = f"{quality} {size or model.sizes.default}"
    if key in model.price.per_image:
        return model.price.per_image[key]
    tokens, rate = (
        output_tokens(model, quality, size or model.sizes.default),
        model.price.per_million.get("image_out"),
    )
    return None if tokens is None or rate is None else tokens * rate / MILLION


def output_tokens(model: Model, quality: str, size: str) -> int | None:
    """Image output tokens of one picture; ``None`` where neither a table nor a formula is known."""
    known = model.output_tokens.get(f"{quality} {size}")
    if known is not None or model.token_formula is None or not model.sizes.accepts(size):
        return known
    return _by_formula(model.token_formula, quality, size)


def _by_formula(formula: TokenFormula, quality: str, size: str) -> int | None:
    factor, edges = formula.factor.get(quality), edges_of(size)
    if factor is None or edges is None:
        return None
    long, short = max(edges), min(edges)
    steps = round(factor * short / long)
    return math.ceil(factor * steps * (formula.offset + long * short) / formula.divisor)
