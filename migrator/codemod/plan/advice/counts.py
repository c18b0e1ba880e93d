"""One picture per call: what DALL-E 3 forced code to do, and GPT Image models do not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.advice.scene import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import Advice

COUNT = "n"
_LOOPS = (ast.For, ast.AsyncFor, ast.ListComp, ast.GeneratorExp)


def advise(scene: Scene) -> Iterator[Advice]:
    """Clamps of ``n`` behind a test for the model, and loops that call once per picture."""
    rule = scene.rule("single-picture")
    for move in scene.old_moves:
        single = _single(move)
        most = _most(scene, move)
        if not single or most is None or most < 2:
            continue
        names = ", ".join(single)
        for module, node in _clamps(scene, move, single):
            yield scene.advice(
                move, rule, "manual", module, node,
                f"n is held at 1 for {names}; {scene.context.target.id} makes up to {most} pictures per call.",
                "Remove the limit if more pictures are wanted, and read every entry of response.data.",
            )  # fmt: skip
        if len(single) == len(move.models):
            for module, node in _loops(move):
                yield scene.advice(
                    move, rule, "manual", module, node,
                    f"This calls once per picture, as {names} needed; "
                    f"{scene.context.target.id} makes up to {most} pictures per call.",
                    "One call with n set to the number of pictures does the same; read every entry of response.data.",
                )  # fmt: skip


def _single(move: Move) -> list[str]:
    """The names of the site's models that make one picture per call."""
    return [
        model.id
        for model in move.models
        if (p := model.endpoints.get(move.site.endpoint, {}).get(COUNT)) is not None and p.maximum == 1
    ]


def _most(scene: Scene, move: Move) -> int | None:
    parameter = scene.context.target.endpoints.get(move.site.endpoint, {}).get(COUNT)
    return parameter.maximum if parameter is not None else None


def _clamps(scene: Scene, move: Move, single: list[str]) -> Iterator[tuple[Module, ast.AST]]:
    for slot in move.arguments.slots.get(COUNT, ()):
        way = scene.way(slot.module, slot.value)
        for module, node in way.expressions:
            if number(node) != 1:
                continue
            branch = _branch(module, node)
            if branch is not None and _tests_for(branch.test, single):
                yield module, branch


def _branch(module: Module, node: ast.expr) -> ast.If | ast.IfExp | None:
    """The branch in which a value is chosen."""
    parent = module.parent(node)
    if isinstance(parent, ast.IfExp):
        return parent
    outer = module.parent(module.statement(node))
    return outer if isinstance(outer, ast.If) else None


def _tests_for(test: ast.expr, names: list[str]) -> bool:
    return any(isinstance(child, ast.Constant) and child.value in names for child in ast.walk(test))


def _loops(move: Move) -> Iterator[tuple[Module, ast.AST]]:
    counts = [number(slot.value) for slot in move.arguments.slots.get(COUNT, ())]
    if any(count != 1 for count in counts) or move.arguments.spreads:
        return
    for site_call in move.site.calls:
        module, call = site_call.module, site_call.call
        loop = _loop(module, call)
        if loop is None or not _counts_only(loop):
            continue
        names = _bound_in(loop)
        if any(isinstance(child, ast.Name) and child.id in names for child in ast.walk(call)):
            continue
        if isinstance(loop, (ast.For, ast.AsyncFor)) and not _collects(loop):
            continue
        yield module, loop


def _loop(module: Module, node: ast.AST) -> ast.For | ast.AsyncFor | ast.ListComp | ast.GeneratorExp | None:
    parent = module.parent(node)
    while parent is not None and not isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        if isinstance(parent, _LOOPS):
            return parent
        parent = module.parent(parent)
    return None


def _counts_only(loop: ast.For | ast.AsyncFor | ast.ListComp | ast.GeneratorExp) -> bool:
    """Whether a loop runs over ``range(…)`` of one argument."""
    iterated = loop.iter if isinstance(loop, (ast.For, ast.AsyncFor)) else loop.generators[0].iter
    return (
        isinstance(iterated, ast.Call)
        and isinstance(iterated.func, ast.Name)
        and iterated.func.id == "range"
        and len(iterated.args) == 1
        and number(iterated.args[0]) != 1
    )


def _bound_in(loop: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _collects(loop: ast.For | ast.AsyncFor) -> bool:
    """Whether a loop gathers what it makes. One that can end early, or catches errors, tries again instead."""
    inside = [child for statement in loop.body for child in ast.walk(statement)]
    if any(isinstance(child, (ast.Break, ast.Return, ast.Try)) for child in inside):
        return False
    return any(
        isinstance(child, (ast.Yield, ast.Attribute))
        and (isinstance(child, ast.Yield) or child.attr in {"append", "extend", "add"})
        for child in inside
    )
