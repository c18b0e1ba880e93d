"""What a run says about prices: one line, for calls that leave the quality to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.catalog.likely import likely_price

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from migrator.catalog.model import Model
    from migrator.catalog.queries import Catalog
    from migrator.codemod.plan.part import Plan

_QUALITY = "quality"
_NOTABLE = 2.0
"""How many times the old price is worth a line."""


def quality_note(catalog: Catalog, target: Model, plans: Iterable[Plan], today: date) -> str:
    """How much dearer pictures can get where calls name no quality, or an empty text. ``plans`` are the moved calls."""
    ratios: list[float] = []
    for plan in plans:
        if _QUALITY in plan.after or plan.after.get("model") != target.id or not plan.parts:
            continue
        size, named = plan.before.get("size"), plan.before.get("model")
        if not isinstance(size, (str, type(None))) or not isinstance(named, (str, type(None))):
            continue
        # without a model it was the cheapest one
        sources = [one for one in catalog.models.values() if one.returns_url and named in (None, one.id)]
        old = min(
            (price for one in sources if (price := likely_price(catalog, one, None, size)[0])), default=None
        )
        usual = sources[0].sizes.default if sources else None
        new, _ = likely_price(catalog, target, None, plan.after.get("size", usual))
        if old and new:
            ratios.append(new / old)
    if not ratios or max(ratios) < _NOTABLE:
        return ""
    standard = next((str(one) for one in _old_words(catalog) if one), "")
    found = catalog.translate("generations", _QUALITY, standard, target, today)
    calls = "1 call names" if len(ratios) == 1 else f"{len(ratios)} calls name"
    return (
        f"{calls} no quality, so {target.id} chooses it: a picture can cost up to {max(ratios):.0f} times what it did. "
        f'quality="{found.value}" sets a limit.'
    )


def _old_words(catalog: Catalog) -> Iterable[object]:
    """The default qualities of models that answered with a url."""
    for model in catalog.models.values():
        parameter = model.endpoints.get("generations", {}).get(_QUALITY) if model.returns_url else None
        if parameter is not None:
            yield parameter.default
