"""Calls of openai<1 that stay on it: what that package cannot do any more."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.legacy import LegacyReader
    from migrator.codemod.sites.site import Site


def limits(context: Context, legacy: LegacyReader, site: Site) -> Iterator[Part]:
    """The findings that stop a call from staying where it is."""
    rules = context.catalog.rules
    if site.receiver.provider == "azure":
        yield Part(
            "IMG070", "manual", site.module, site.node,
            f"This call goes to Azure ({site.receiver.why}), where openai<1 reaches only a service that ended with "
            "DALL-E 2; the name of a deployment is not in the code.",
            "Create a deployment of a GPT Image model, and call it with openai>=1: "
            f'{_azure_call(legacy, site)}',
        )  # fmt: skip
        return
    if site.endpoint == "edits":
        yield Part(
            "IMG070", "manual", site.module, site.node,
            "openai<1 uploads the picture as application/octet-stream, which the API refuses for GPT Image.",
            rules["IMG070"].suggestion,
        )  # fmt: skip
    modern = legacy.modern_names(site.module)
    if modern:
        yield Part(
            "IMG071", "manual", site.module, site.node,
            f"This file also uses {', '.join(modern)}, which only openai>=1 has; there, this call raises an error "
            "whatever its arguments are.",
            "Run with `--sdk latest`, which rewrites the call.",
        )  # fmt: skip


def _azure_call(legacy: LegacyReader, site: Site) -> str:
    """The call of today, with the settings that the code has."""
    values = []
    for name, argument in (
        ("api_base", "azure_endpoint"),
        ("api_version", "api_version"),
        ("api_key", "api_key"),
    ):
        found = [value for _, _, value in legacy.settings(site.module, name) if value is not None]
        secret = name == "api_key" and any(isinstance(value, ast.Constant) for value in found)
        known = len(found) == 1 and _is_in(site, legacy, name) and not secret
        shown = site.module.source(found[0]) if known else "…"
        values.append(f"{argument}={shown}")
    method = legacy.calls.successors[site.method.attr]
    return f'AzureOpenAI({", ".join(values)}).images.{method}(model="<deployment>", …).'


def _is_in(site: Site, legacy: LegacyReader, name: str) -> bool:
    return all(where is site.module for where, _, _ in legacy.settings(site.module, name))
