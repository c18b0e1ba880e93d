"""Conditionals whose branches become one value: ``"512x512" if small else "256x256"``."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.codemod.rewrite import Replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from migrator.codemod.plan.part import Part

_MANY = object()


def collapsed(parts: Sequence[Part]) -> list[Part]:
    """The same parts, where a conditional of which all branches become one value is replaced as a whole.

    Only where its test can be left out: names, attributes and constants, and comparisons of these.
    """
    found = list(parts)
    new = {part.node: ast.literal_eval(edit.text) for part in parts if (edit := _replaced(part)) is not None}
    done: set[ast.AST] = set()
    for position, part in enumerate(parts):
        edit = _replaced(part)
        whole = None if edit is None else _whole(part, new)
        if edit is None or whole is None:
            continue
        first = whole not in done
        done.add(whole)
        found[position] = _with(part, edit, Replace(part.module.span(whole), edit.text) if first else None)
    return found


def _whole(part: Part, new: Mapping[ast.AST, object]) -> ast.IfExp | None:
    """The largest conditional around a literal that comes to one value."""
    child, found = part.node, None
    while isinstance(parent := part.module.parent(child), ast.IfExp) and child is not parent.test:
        if _outcome(parent, new) is _MANY:
            break
        child = found = parent
    return found


def _outcome(node: ast.expr, new: Mapping[ast.AST, object]) -> object:
    """The one value of an expression after the change, or ``_MANY``."""
    match node:
        case ast.Constant(value=value):
            return new.get(node, value)
        case ast.IfExp(test=test, body=body, orelse=orelse) if _is_pure(test):
            one, other = _outcome(body, new), _outcome(orelse, new)
            return one if type(one) is type(other) and one == other else _MANY
    return _MANY


def _replaced(part: Part) -> Replace | None:
    """The edit that exchanges the literal of a part."""
    if not isinstance(part.node, ast.Constant):
        return None
    span = part.module.span(part.node)
    return next((edit for _, edit in part.edits if isinstance(edit, Replace) and edit.span == span), None)


def _with(part: Part, old: Replace, new: Replace | None) -> Part:
    edits = [(path, new if edit is old else edit) for path, edit in part.edits]
    return replace(part, edits=tuple((path, edit) for path, edit in edits if edit is not None))


def _is_pure(test: ast.expr) -> bool:
    match test:
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute(value=value):
            return _is_pure(value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _is_pure(operand)
        case ast.BoolOp(values=values):
            return all(map(_is_pure, values))
        case ast.Compare(left=left, comparators=comparators):
            return all(map(_is_pure, (left, *comparators)))
    return False
