"""Findings beside the call sites: code around them that was written for the old models."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import Advice, Plan


def advise(context: Context, plans: list[Plan]) -> list[Advice]:
    """What else in the project has to be looked at, each with a fix of its own where there is one."""
    del context, plans
    return []
