"""What a picture probably costs where the rules hold no price of just that picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.catalog import pricing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.model import Model
    from migrator.catalog.queries import Catalog


def likely_price(catalog: Catalog, model: Model, quality: object, size: object) -> tuple[float | None, str]:
    """USD of one picture, output only, and why that is only likely or not known ("" when it is certain).

    Where the model chooses, the dearest choice counts; where its provider publishes no table, that of the newest model
    with one, at the model's own price per token. Missing ``quality`` or ``size`` mean the model's default.
    """
    words = [str(value) if value is not None else None for value in (quality, size)]
    if "auto" not in words:
        exact = catalog.estimate(model, *words)
        if exact is not None and None not in words:
            return exact, ""
    qualities, sizes = _choices(model, "quality", words[0]), _choices(model, "size", words[1])
    found = [price for q in qualities for s in sizes if (price := catalog.estimate(model, q, s)) is not None]
    chosen = len(qualities) > 1 or len(sizes) > 1
    dearest = "the model chooses quality or size, so the dearest is assumed" if chosen else ""
    if found:
        return max(found), dearest
    rate = model.price.per_million.get("image_out") if model.price else None
    for other in sorted(catalog.models.values(), key=lambda one: one.released, reverse=True):
        counts = list(_counts(other, qualities, sizes))
        if counts and rate is not None:
            why = f"no table of {model.id} is published, so it is priced like {other.id}"
            return max(counts) * rate / pricing.MILLION, "; ".join(filter(None, (why, dearest)))
    return None, f"no price of {model.id} at quality {words[0] or 'auto'} is published"


def _counts(model: Model, qualities: list[str], sizes: list[str]) -> Iterator[int]:
    for quality in qualities:
        for size in sizes:
            count = pricing.output_tokens(model, quality, size)
            if count is not None:
                yield count


def _choices(model: Model, name: str, value: str | None) -> list[str]:
    """The values that ``value`` can come to mean: itself, or all when the model chooses."""
    parameter = model.endpoints.get("generations", {}).get(name)
    if value is None:
        default = parameter.default if parameter else None
        value = str(default) if default is not None else model.sizes.default if name == "size" else None
    if value not in (None, "auto"):
        return [str(value)]
    if name == "size":
        return [size for size in model.sizes.listed if size != "auto"]
    # without a listed value the prices themselves name the only one
    named = [one for one in parameter.values if one != "auto"] if parameter else []
    return named or sorted({key.partition(" ")[0] for key in (model.price.per_image if model.price else {})})
