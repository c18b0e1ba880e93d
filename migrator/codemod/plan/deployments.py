"""Calls to Azure that have nothing to change but the deployment that they name, which no rewrite can know."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrator.codemod.plan.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import Plan


def retired_deployment(context: Context, plan: Plan) -> Part | None:
    """The finding for an Azure call that names a deployment after a model which is gone, or is about to be."""
    site = plan.site
    if site.receiver.provider != "azure":
        return None
    old = [_plain(name) for name in context.catalog.leaving(context.today, "azure")]
    for name in _names(plan):
        if any(model in _plain(name) for model in old):
            return Part(
                "IMG021", "review", site.module, site.node,
                f"This call goes to the Azure deployment {name!r}, named after a model that is retired.",
                context.catalog.rules["IMG021"].suggestion,
            )  # fmt: skip
    return None


def _names(plan: Plan) -> Iterator[str]:
    model = plan.before.get("model")
    if isinstance(model, str):
        yield model
    for _, call in plan.site.receiver.made_by:
        for keyword in call.keywords:
            if keyword.arg == "azure_deployment" and isinstance(keyword.value, ast.Constant):
                yield str(keyword.value.value)


def _plain(name: str) -> str:
    """A name without what people leave out when they name a deployment."""
    return re.sub(r"[\W_]", "", name).lower()
