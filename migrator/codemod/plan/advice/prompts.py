"""Prompts that are cut, or refused, at the length that a DALL-E model took."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant
from migrator.codemod.plan.advice.scene import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.model import Model
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import Advice

PROMPT = "prompt"
_MARGIN = 0.9
"""People stay a little below a limit; a cut far below it has another reason."""


def advise(scene: Scene) -> Iterator[Advice]:
    """Cuts and length tests on the way of a prompt. Nothing breaks, so the change is a person's."""
    rule = scene.rule("prompt-limit")
    for move in scene.old_moves:
        parameter = scene.context.target.endpoints.get(move.site.endpoint, {}).get(PROMPT)
        if parameter is None or parameter.max_length is None:
            continue
        for module, node, length, model in _places(scene, move):
            yield scene.advice(
                move,
                rule,
                "manual",
                module,
                node,
                f"The prompt is held to {length:g} characters because {model.id} took no more than "
                f"{_limit(model)}; {scene.context.target.id} takes {parameter.max_length}.",
                f"Raise the limit to {parameter.max_length}, or remove it.",
            )


def _places(scene: Scene, move: Move) -> Iterator[tuple[Module, ast.expr, float, Model]]:
    way = scene.way_of(move, PROMPT)
    tests: list[ast.AST] = []
    for module, use in way.uses():
        compare = _length_test(module, use)
        if compare is None:
            continue
        sides = [side for side in (compare.left, *compare.comparators) if not _holds(side, use)]
        for found in _old_limits(scene, module, sides):
            tests.append(_tested(module, compare))
            yield module, compare, *found
            break
    for module, node in way.expressions:
        sides = _cut(scene, module, node)
        for found in _old_limits(scene, module, sides):
            # the test above it says the same thing
            if not any(_is_inside(module, node, test) for test in tests):
                yield module, node, *found
            break


def _length_test(module: Module, use: ast.expr) -> ast.Compare | None:
    """``len(prompt) > 1000`` around a read of the prompt."""
    call = module.parent(use)
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "len"):
        return None
    compare = module.parent(call)
    if isinstance(compare, ast.Compare) and all(
        isinstance(op, (ast.Gt, ast.GtE, ast.Lt, ast.LtE)) for op in compare.ops
    ):
        return compare
    return None


def _cut(scene: Scene, module: Module, node: ast.expr) -> list[ast.expr]:
    """Where a cut gets its length from."""
    match node:
        case ast.Subscript(slice=ast.Slice(lower=lower, upper=ast.expr() as upper, step=None)):
            return [upper] if lower is None or number(lower) == 0 else []
        case ast.Call(func=func, args=args, keywords=keywords):
            if scene.tracer.qualified(module, func) == "textwrap.shorten":
                return [*args[1:2], *(k.value for k in keywords if k.arg == "width")]
    return []


def _old_limits(scene: Scene, module: Module, nodes: list[ast.expr]) -> Iterator[tuple[float, Model]]:
    for node in nodes:
        value = number(node)
        values = [value] if value is not None else [
            found
            for origin in scene.tracer.origins(module, node)
            if isinstance(origin, Constant) and (found := number(origin.node)) is not None
        ]  # fmt: skip
        for length in values:
            for model in scene.catalog.models.values():
                limit = _limit(model)
                if not model.is_target and limit is not None and limit * _MARGIN <= length <= limit:
                    yield length, model


def _limit(model: Model) -> int | None:
    return next((p.max_length for e in model.endpoints.values() for p in (e.get(PROMPT),) if p), None)


def _tested(module: Module, compare: ast.Compare) -> ast.AST:
    """The branch, or the conditional expression, that a test decides about."""
    node: ast.AST = compare
    while isinstance(node, ast.expr) and not isinstance(node, ast.IfExp):
        node = module.parents[node]
    return node


def _is_inside(module: Module, node: ast.AST, outer: ast.AST) -> bool:
    found: ast.AST | None = node
    while found is not None:
        if found is outer:
            return True
        found = module.parent(found)
    return False


def _holds(node: ast.AST, part: ast.AST) -> bool:
    return any(child is part for child in ast.walk(node))
