"""Calls of openai<1: what stops them from staying where they are, and their way to the current package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.codemod.plan.legacy.answer import answer_parts
from migrator.codemod.plan.legacy.azure import azure_parts
from migrator.codemod.plan.legacy.call import call_parts
from migrator.codemod.plan.legacy.keep import hidden_parts, limits, stray_parts, unknown_parts
from migrator.codemod.plan.legacy.names import name_parts
from migrator.codemod.plan.legacy.pins import pins
from migrator.codemod.plan.legacy.surroundings import obstacles

if TYPE_CHECKING:
    from migrator.codemod.plan.answer.model import Answer
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import Part, Plan
    from migrator.codemod.sites.legacy import LegacyReader
    from migrator.codemod.sites.site import Site

__all__ = ["gate", "pins", "plan"]


def gate(context: Context, legacy: LegacyReader, site: Site) -> list[Part]:
    """What stops a call as a whole, before its arguments are looked at."""
    found = obstacles if context.sdk == "latest" else limits
    return [*found(context, legacy, site), *hidden_parts(context, site)]


def plan(context: Context, legacy: LegacyReader, site: Site, planned: Plan, answer: Answer) -> None:
    """Add what a call of openai<1 needs beyond an acceptable request and a readable answer."""
    if context.sdk == "latest":
        planned.parts.extend(unknown_parts(context, site))
        planned.parts.extend(call_parts(context, legacy, site))
        planned.parts.extend(answer_parts(context, answer))
        planned.parts.extend(name_parts(context, legacy, site))
        if site.receiver.provider == "azure":
            planned.parts.extend(azure_parts(context, legacy, site))
    else:
        planned.parts.extend(stray_parts(context, legacy, site))
