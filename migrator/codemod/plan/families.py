"""Comparisons that tell GPT Image from other models by one of its names: they become tests of the beginning."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant, Display
from migrator.codemod.plan.context import literal
from migrator.codemod.plan.part import Part
from migrator.codemod.rewrite import DropStatement, Replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.values import Leaf
    from migrator.types import Fix

Compared = tuple["Module", ast.Compare, ast.expr]
"""A comparison, and the side of it on which the model stands."""
_PLAIN = (
    ast.If,
    ast.While,
    ast.IfExp,
    ast.BoolOp,
    ast.Assign,
    ast.AnnAssign,
    ast.Return,
    ast.keyword,
    ast.Assert,
)


def prefix_tests(
    context: Context, compares: Sequence[Compared], leaves: Sequence[Leaf], *, sure: bool
) -> list[Part] | None:
    """Parts that turn ``model == "name"`` into a test that later names pass too; ``None`` where that is not it.

    ``leaves`` are the names that are about to become the target's. ``sure`` says that nothing but text can arrive.
    The comparison must tell the family from others: where two comparisons tell members of it apart, each name
    means something of its own. What the names decide must stay as it was; where a name of the family changes
    sides, a person looks.
    """
    prefix = context.catalog.shared_prefix(context.target)
    if not prefix or not compares or not all(str(leaf.value).startswith(prefix) for leaf in leaves):
        return None
    found: list[tuple[Compared, frozenset[str]]] = []
    for compared in compares:
        names = _names(context, *compared)
        if names is None:
            return None
        members = {name for name in names if name.startswith(prefix)}
        if not members:
            continue  # other models: the family was not among them before, and is not now
        if members != names or not isinstance(compared[0].parent(compared[1]), _PLAIN):
            return None
        found.append((compared, frozenset(members)))
    if any(not one & other for _, one in found for _, other in found):
        return None
    fix: Fix = "safe" if all(leaf.value in names for leaf in leaves for _, names in found) else "review"
    rule = context.catalog.rule_for("family-test")
    parts = []
    for (module, compare, side), family in found:
        text = module.source(side)
        if not sure:
            text = f"({text} or {literal('', module)})"
        elif not isinstance(side, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
            text = f"({text})"
        negated = isinstance(compare.ops[0], (ast.NotEq, ast.NotIn))
        code = f"{'not ' if negated else ''}{text}.startswith({literal(prefix, module)})"
        parts.append(
            Part(
                rule.id if rule else "IMG061", fix, module, compare,
                f"This tells GPT Image from other models by {_listed(family)}; later names pass as well now.",
                "" if fix == "safe" else "A model that took the other branch before takes this one now. Check both.",
                edits=((module.path, Replace(module.span(compare), code)),),
            )
        )  # fmt: skip
    return parts


def without_dropped(parts: list[Part]) -> list[Part]:
    """The same parts without tests that stand in a statement which another part removes."""
    dropped = [
        (path, edit.span) for part in parts for path, edit in part.edits if isinstance(edit, DropStatement)
    ]

    def goes(part: Part) -> bool:
        own = part.module.span(part.node)
        return isinstance(part.node, ast.Compare) and any(
            path == part.module.path and own in span for path, span in dropped
        )

    return [part for part in parts if not goes(part)]


def _names(context: Context, module: Module, compare: ast.Compare, side: ast.expr) -> set[str] | None:
    """The texts that a value is compared with, through names of lists; ``None`` if anything else is there."""
    if len(compare.ops) != 1 or not isinstance(compare.ops[0], (ast.Eq, ast.NotEq, ast.In, ast.NotIn)):
        return None
    other = compare.comparators[0] if compare.left is side else compare.left
    if isinstance(compare.ops[0], (ast.In, ast.NotIn)) and compare.left is not side:
        return None
    names: set[str] = set()
    for origin in context.tracer.origins(module, other):
        nodes: list[ast.expr]
        if isinstance(origin, Constant):
            nodes = [origin.node]
        elif isinstance(origin, Display) and not isinstance(origin.node, ast.Dict):
            nodes = list(origin.node.elts)
        else:
            return None
        for node in nodes:
            values = [
                one.node.value
                for one in context.tracer.origins(origin.module, node)
                if isinstance(one, Constant)
            ]
            if not values or not all(isinstance(value, str) for value in values):
                return None
            names.update(str(value) for value in values)
    return names or None


def _listed(names: frozenset[str]) -> str:
    return "its name" if len(names) == 1 else "a list of names"
