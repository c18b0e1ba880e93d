"""Calls that stay on openai<1: what that package cannot do any more."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.part import Part
from migrator.codemod.rewrite import Arguments, DropArgument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.legacy import LegacyReader
    from migrator.codemod.sites.site import Site


def limits(context: Context, legacy: LegacyReader, site: Site) -> Iterator[Part]:
    """The findings that stop a call from staying where it is."""
    if site.receiver.provider == "azure":
        yield azure_part(legacy, site)
        return
    if site.endpoint == "edits":
        yield Part(
            "IMG070", "manual", site.module, site.node,
            "openai<1 uploads the picture as application/octet-stream, which the API refuses for GPT Image.",
            context.catalog.rules["IMG070"].suggestion,
        )  # fmt: skip
    modern = legacy.modern_names(site.module)
    if modern:
        yield Part(
            "IMG071", "manual", site.module, site.node,
            f"This file also uses {', '.join(modern)}, which only openai>=1 has; there, this call raises an error "
            "whatever its arguments are.",
            "Run with `--sdk latest`, which rewrites the call.",
        )  # fmt: skip


def azure_part(legacy: LegacyReader, site: Site) -> Part:
    """The finding for a call to Azure: only a person knows the name of a deployment."""
    return Part(
        "IMG070", "manual", site.module, site.node,
        f"This call goes to Azure ({site.receiver.why}), where openai<1 reaches only a service that ended with "
        "DALL-E 2; the name of a deployment is not in the code.",
        f"Create a deployment of a GPT Image model, and call it with openai>=1: {_azure_call(legacy, site)}",
    )  # fmt: skip


def stray_parts(legacy: LegacyReader, site: Site) -> Iterator[Part]:
    """Keywords of other calls of 0.x, which the image methods send to the API."""
    for call in site.calls:
        for keyword in call.call.keywords:
            if keyword.arg is not None and keyword.arg in legacy.calls.stray:
                edit = Arguments(call.module.span(call.call), (DropArgument(keyword.arg),))
                yield Part(
                    "IMG008", "review", call.module, keyword.value,
                    f"The image methods of openai<1 send {keyword.arg} to the API, which does not know it.",
                    "Without it the request is accepted. What it was meant for does not happen, as before.",
                    ((call.module.path, edit),),
                )  # fmt: skip


def _azure_call(legacy: LegacyReader, site: Site) -> str:
    """The call of today, with the settings that the code has; never a key that is written out."""
    values = []
    for name, argument in (
        ("api_base", "azure_endpoint"),
        ("api_version", "api_version"),
        ("api_key", "api_key"),
    ):
        found = [value for _, _, value in legacy.settings(site.module, name) if value is not None]
        here = all(where is site.module for where, _, _ in legacy.settings(site.module, name))
        secret = name == "api_key" and any(_has_text(value) for value in found)
        shown = site.module.source(found[0]) if len(found) == 1 and here and not secret else "…"
        values.append(f"{argument}={shown}")
    method = legacy.calls.successors[site.sdk_method.attr]
    return f'AzureOpenAI({", ".join(values)}).images.{method}(model="<deployment>", …).'


def _has_text(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) or (
        isinstance(value, ast.BoolOp) and any(isinstance(child, ast.Constant) for child in value.values)
    )
