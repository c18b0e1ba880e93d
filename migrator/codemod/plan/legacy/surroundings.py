"""What around a call stands against the current SDK: one program runs on one version of it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.legacy.azure import resource
from migrator.codemod.plan.legacy.keep import azure_part
from migrator.codemod.plan.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.legacy import LegacyReader
    from migrator.codemod.sites.site import Site


def obstacles(context: Context, legacy: LegacyReader, site: Site) -> Iterator[Part]:
    """The findings that stop a call from moving to the current SDK."""
    if site.receiver.provider == "azure":
        found = resource(context, legacy, site)
        if isinstance(found, str):
            yield azure_part(legacy, site, found)
            return
    others = []
    for module in legacy.connected(site.module):
        names = legacy.other_resources(module)
        if names:
            where = "" if module is site.module else f" in {module.path}"
            others.append(f"{', '.join(names)}{where}")
    if others:
        yield Part(
            "IMG072", "manual", site.module, site.node,
            f"openai>=1 has no {'; '.join(others)}. The whole file must move before this call can.",
            "Move what is named here to the current client first, or use `--sdk keep`.",
        )  # fmt: skip
    for name, successor in legacy.calls.settings.items():
        if not successor:
            stores = [(module, target) for module, target, _ in legacy.settings(site.module, name)]
            for module, target in [*stores, *_reads(legacy, site, name)]:
                yield Part(
                    "IMG072", "manual", module, target,
                    f"openai.{name} has no counterpart in openai>=1, which ignores it.",
                    "Give the current client what it needs in its constructor, or use `--sdk keep`.",
                )  # fmt: skip


def _reads(legacy: LegacyReader, site: Site, name: str) -> Iterator[tuple[Module, ast.Attribute]]:
    """Uses of a setting without an assignment: ``openai.aiosession.set(session)``."""
    for module in legacy.connected(site.module):
        for node in module.loads.get(name, ()):
            if isinstance(node, ast.Attribute) and legacy.is_package(module, node.value):
                yield module, node
