"""Urls that are read only where an answer holds no base64: with a GPT Image model that is never so."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.codemod.index.module import Module

_FIELD = "b64_json"
_LEAVING = (ast.Return, ast.Continue, ast.Break)


def is_fallback(module: Module, read: ast.expr) -> bool:
    """Whether ``image.url`` stands where ``image.b64_json`` was found empty."""
    picture = _holder(read, "url")
    return picture is not None and stands_without_base64(module, read, picture)


def stands_without_base64(module: Module, node: ast.expr, picture: ast.expr) -> bool:
    """Whether a node is only reached where a picture was found to hold no base64."""
    wanted = ast.dump(picture)
    child: ast.AST = node
    parent = module.parent(child)
    while parent is not None and not isinstance(
        parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    ):
        match parent:
            case ast.IfExp(test=test, body=body, orelse=orelse) if orelse is child:
                if _has(module, test, wanted) and _uses(module, [body], wanted):
                    return True
            case ast.If(test=test, body=branch, orelse=orelse) if child in orelse:
                if _has(module, test, wanted) and _uses(module, branch, wanted):
                    return True
        child, parent = parent, module.parent(parent)
        if isinstance(child, ast.stmt) and parent is not None and _left_before(module, parent, child, wanted):
            return True
    return False


def _left_before(module: Module, parent: ast.AST, statement: ast.stmt, wanted: str) -> bool:
    """Whether an earlier statement of the same block leaves it when there is base64."""
    for block in ("body", "orelse", "finalbody"):
        statements = getattr(parent, block, None)
        if not isinstance(statements, list) or statement not in statements:
            continue
        for earlier in statements[: statements.index(statement)]:
            match earlier:
                case ast.If(test=test, body=[*_, last] as branch, orelse=[]) if isinstance(last, _LEAVING):
                    if _has(module, test, wanted) and _uses(module, branch, wanted):
                        return True
    return False


def _has(module: Module, test: ast.expr, wanted: str) -> bool:
    """Whether a test is true as soon as the picture holds base64."""
    match test:
        case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return _has(module, left, wanted)
        case ast.NamedExpr(value=value):
            return _has(module, value, wanted)
        case ast.Name():
            bindings = list(module.bindings(test))
            made = bindings[0].value if len(bindings) == 1 else None
            return made is not None and not isinstance(made, ast.Name) and _has(module, made, wanted)
    holder = _holder(test, _FIELD)
    return holder is not None and ast.dump(holder) == wanted


def _uses(module: Module, branch: Sequence[ast.AST], wanted: str) -> bool:
    """Whether a branch does something with the base64, rather than refusing it."""
    return any(
        _has(module, child, wanted)
        for part in branch
        for child in ast.walk(part)
        if isinstance(child, (ast.Name, ast.Attribute, ast.Subscript, ast.Call))
        and isinstance(getattr(child, "ctx", None), (ast.Load, type(None)))
    )


def _holder(node: ast.expr, name: str) -> ast.expr | None:
    """The picture of which a field is read, as an attribute, by key, with ``get`` or ``getattr``."""
    match node:
        case ast.Attribute(value=value, attr=attr) if attr == name:
            return value
        case ast.Subscript(value=value, slice=ast.Constant(value=key)) if key == name:
            return value
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(value=key), *_]) if (
            key == name
        ):
            return value
        case ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value=key), *_]) if key == name:
            return value
    return None
