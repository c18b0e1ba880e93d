"""Calls that stay on openai<1: what that package cannot do any more."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.part import Part
from migrator.codemod.plan.slots import KeywordSlot, SlotReader
from migrator.codemod.rewrite import Arguments, DropArgument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
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


def azure_part(legacy: LegacyReader, site: Site, why: str = "") -> Part:
    """The finding for a call to Azure that cannot stay, or that cannot move because of ``why``."""
    reason = f"It is not moved, because {why}." if why else "the name of a deployment is not in the code."
    return Part(
        "IMG070", "manual", site.module, site.node,
        f"This call goes to Azure ({site.receiver.why}), where openai<1 reaches only a service that ended with "
        f"DALL-E 2{'. ' if why else '; '}{reason}",
        f"Create a deployment of a GPT Image model, and call it with openai>=1: {_azure_call(legacy, site)}",
    )  # fmt: skip


def hidden_parts(context: Context, site: Site) -> Iterator[Part]:
    """Arguments that nobody sees, in a project that speaks of other addresses: they may lead there."""
    unseen = [spread for spread in SlotReader(context.tracer).read(site).spreads if spread.why]
    if not unseen:
        return
    context.index.search("api_type", near=("openai",))
    for module in context.index.modules.values():
        if _speaks_of(module, "api_type"):
            yield Part(
                "IMG022", "review", site.module, site.node,
                f"The keywords of this call come from elsewhere ({unseen[0].why}), and api_type may be one of them.",
                context.catalog.rules["IMG022"].suggestion,
            )  # fmt: skip
            return


def _speaks_of(module: Module, name: str) -> bool:
    """Whether a file has a key, a keyword, a field or a variable of that name."""
    return (
        name in module.loads
        or any(constant.value == name for constant in module.strings)
        or any(keyword.arg == name for call in module.calls for keyword in call.keywords)
        or any(name in scope.bindings for scope in module.names.scopes.values())
    )


def unknown_parts(context: Context, site: Site) -> Iterator[Part]:
    """Keywords that the API never knew: openai<1 sends whatever it is given."""
    catalog = context.catalog
    known = {name for model in catalog.models.values() for name in model.endpoints.get(site.endpoint, {})}
    known |= {*catalog.legacy.options, *catalog.legacy.stray, "model"}
    for name, slots in SlotReader(context.tracer).read(site).slots.items():
        own = [slot for slot in slots if not isinstance(slot, KeywordSlot) or slot.direct]
        if own and name not in known:  # what callers pass through ** may be taken by a function on the way
            yield Part(
                "IMG008", "manual", own[0].module, own[0].value,
                f"The API knows no {name}, and openai<1 sends whatever it is given.",
                "Remove it, or give it the name that the API has for it (n, size, quality), then run the tool again.",
            )  # fmt: skip


def stray_parts(context: Context, legacy: LegacyReader, site: Site) -> Iterator[Part]:
    """Keywords of other calls of 0.x, which the image methods send to the API."""
    yield from unknown_parts(context, site)
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
