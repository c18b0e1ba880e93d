"""Findings beside the call sites: code around them that was written for the old models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.codemod.plan.advice import (
    choices,
    counts,
    mentions,
    moderation,
    prices,
    project_tests,
    prompts,
    shown,
    sizes,
    timeouts,
)
from migrator.codemod.plan.advice.scene import Scene

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator

    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import Advice, Plan

_KINDS: tuple[Callable[[Scene], Iterator[Advice]], ...] = (
    moderation.advise,
    timeouts.advise,
    prompts.advise,
    choices.advise,
    prices.advise,
    sizes.advise,
    counts.advise,
    shown.advise,
)


def advise(context: Context, plans: list[Plan]) -> list[Advice]:
    """What else in the project has to be looked at, each with a fix of its own where there is one.

    Only code that evidence ties to a site which is being moved: a run that moves nothing advises nothing.
    """
    scene = Scene(context, plans)
    if not scene.moves:
        return []
    found: list[Advice] = []
    seen: set[ast.AST] = set()
    for kind in _KINDS:
        for advice in kind(scene):
            if advice.part.node not in seen:
                seen.add(advice.part.node)
                found.append(advice)
    # a name that another finding speaks of already needs no second one
    found.extend(mentions.advise(scene, [advice.part for advice in found]))
    # last: it loads files that belong to no site
    found.extend(project_tests.advise(scene))
    in_scope = context.index.project.in_scope
    return sorted((advice for advice in found if in_scope(advice.part.module.path)), key=_position)


def _position(advice: Advice) -> tuple[str, int, int, str]:
    node = advice.part.node
    return (
        advice.part.module.path,
        getattr(node, "lineno", 0),
        getattr(node, "col_offset", 0),
        advice.part.rule,
    )
