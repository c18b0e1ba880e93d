"""Which way code takes when a picture holds base64: what is never reached then, and what is sure to use it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.codemod.plan.answer.presence import Picture

_BOUNDS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Module)
LOOKS = frozenset(
    {
        "bool", "callable", "hasattr", "hash", "isinstance", "len", "print", "type",
        "adler32", "blake2b", "blake2s", "crc32", "md5", "sha1", "sha224", "sha256", "sha384", "sha512",
    }
)  # fmt: skip
"""Functions that make no picture of base64: they look at it, or make a number of it."""
LOGS = frozenset({"debug", "info", "warning", "error", "exception", "log", "critical"})
_MISSING = frozenset({"KeyError", "AttributeError", "TypeError"})


def turned_away(picture: Picture, node: ast.AST) -> ast.AST | None:
    """The test (or ``try``) because of which a node is never reached, or ``None`` where it can be."""
    module = picture.module
    child, parent = node, module.parent(node)
    while parent is not None:
        if _closes(picture, parent, child):
            return parent
        for block in blocks(parent):
            if child in block:
                for earlier in block[: block.index(child)]:
                    if isinstance(earlier, ast.If) and (way := branch(picture, earlier)) is not None:
                        if leaves(picture, way):
                            return earlier
        if isinstance(parent, _BOUNDS):
            return None
        child, parent = parent, module.parent(parent)
    return None


def _closes(picture: Picture, parent: ast.AST, child: ast.AST) -> bool:
    """Whether a node leads past one of its parts."""
    match parent:
        case ast.If() | ast.IfExp() | ast.While():
            if child is parent.test:
                return False
            truth = picture.truth(parent.test)
            body = parent.body if isinstance(parent.body, list) else [parent.body]
            return truth is not None and (child in body) is not truth
        case ast.BoolOp(op=op, values=values) if isinstance(child, ast.expr):
            stops = isinstance(op, ast.Or)
            return any(picture.truth(one) is stops for one in values[: values.index(child)])
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            if child in parent.generators:
                return False
            return any(picture.truth(test) is False for one in parent.generators for test in one.ifs)
        case ast.Try(body=body, handlers=handlers) if child in handlers:
            assert isinstance(child, ast.ExceptHandler)
            return _says_missing(child) and sure(picture, body)
    return False


def _says_missing(handler: ast.ExceptHandler) -> bool:
    """Whether a handler is there for what is not in a picture."""
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(isinstance(name, ast.Name) and name.id in _MISSING for name in names)


def branch(picture: Picture, test: ast.If) -> list[ast.stmt] | None:
    """The branch that is taken, as far as the picture settles it."""
    truth = picture.truth(test.test)
    return None if truth is None else test.body if truth else test.orelse


def blocks(node: ast.AST | None) -> list[list[ast.stmt]]:
    """The lists of statements of a compound statement."""
    found = (getattr(node, name, None) for name in ("body", "orelse", "finalbody"))
    return [one for one in found if isinstance(one, list)]


def leaves(picture: Picture, block: Sequence[ast.stmt]) -> bool:
    """Whether a block never comes to its end."""
    for statement in block:
        match statement:
            case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
                return True
            case ast.If(body=body, orelse=orelse):
                way = branch(picture, statement)
                ways = [body, orelse] if way is None else [way]
                if all(leaves(picture, one) for one in ways):
                    return True
            case ast.With(body=body) | ast.AsyncWith(body=body):
                if leaves(picture, body):
                    return True
            case ast.Try(body=body, handlers=handlers, finalbody=last):
                tried = leaves(picture, body) and all(leaves(picture, one.body) for one in handlers)
                if tried or leaves(picture, last):
                    return True
    return False


def is_sure(picture: Picture, node: ast.AST) -> bool:
    """Whether code is reached whenever its function runs, as far as tests of it go."""
    module = picture.module
    child, parent = node, module.parent(node)
    while parent is not None and not isinstance(parent, _BOUNDS):
        match parent:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) if child is not test:
                return False
            case ast.BoolOp(values=values) if child is not values[0]:
                return False
            case ast.ExceptHandler() | ast.match_case() | ast.comprehension():
                return False
        child, parent = parent, module.parent(parent)
        if isinstance(child, ast.stmt) and _is_behind_a_way_out(picture, parent, child):
            return False
    return True


def _is_behind_a_way_out(picture: Picture, parent: ast.AST | None, statement: ast.stmt) -> bool:
    for block in blocks(parent):
        if statement in block:
            return any(
                isinstance(one, ast.If) and (leaves(picture, one.body) or leaves(picture, one.orelse))
                for one in block[: block.index(statement)]
            )
    return False


def copes(picture: Picture, node: ast.AST) -> bool:
    """Whether the code around a node is sure to use the picture's base64."""
    module = picture.module
    child, parent = node, module.parent(node)
    while parent is not None:
        if isinstance(child, ast.expr) and not isinstance(parent, ast.expr) and uses(picture, child):
            return True
        for block in blocks(parent):
            if child in block and not _closes(picture, parent, child) and sure(picture, block):
                return turned_away(picture, parent) is None
        if isinstance(parent, _BOUNDS):
            return isinstance(parent, ast.Lambda) and uses(picture, parent.body)
        child, parent = parent, module.parent(parent)
    return False


def sure(picture: Picture, block: Iterable[ast.stmt]) -> bool:
    """Whether a block is sure to do something with the base64. What a loop goes over is taken to be there."""
    for statement in block:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                continue
            case ast.If(test=test, body=body, orelse=orelse):
                if uses(picture, test, tested=True):
                    return True
                way = branch(picture, statement)
                if way is None:
                    if sure(picture, body) and sure(picture, orelse):
                        return True
                    continue
                if sure(picture, way):
                    return True
                if leaves(picture, way):
                    return False
            case ast.For(iter=first, body=body) | ast.AsyncFor(iter=first, body=body):
                if uses(picture, first) or sure(picture, body):
                    return True
            case ast.While(test=test, body=body):
                if picture.truth(test) is not False and sure(picture, body):
                    return True
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                if any(uses(picture, item.context_expr) for item in items) or sure(picture, body):
                    return True
            case ast.Try(body=body, orelse=orelse, finalbody=last):
                if sure(picture, [*body, *orelse]) or sure(picture, last):
                    return True
            case ast.Match(subject=subject, cases=cases):
                if uses(picture, subject, tested=True) or all(sure(picture, one.body) for one in cases):
                    return True
            case ast.Assign(targets=[ast.Name()], value=value) if picture.is_base64(value):
                continue  # the name is used further down, or it is not
            case ast.Raise() | ast.Assert() | ast.Continue() | ast.Break():
                return False
            case ast.Return(value=value):
                return value is not None and uses(picture, value)
            case _:
                if any(
                    uses(picture, one) for one in ast.iter_child_nodes(statement) if isinstance(one, ast.expr)
                ):
                    return True
    return False


def uses(picture: Picture, node: ast.AST, *, tested: bool = False) -> bool:
    """Whether an expression is sure to do something with the base64. ``tested``: only its truth is asked for."""
    if isinstance(node, ast.expr) and (picture.is_base64(node) or picture.is_this(node)):
        return not tested
    match node:
        case ast.BoolOp(op=op, values=values):
            return _first_used(picture, values, tested=tested, stops=isinstance(op, ast.Or))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            truth = picture.truth(test)
            ways = [body, orelse] if truth is None else [body if truth else orelse]
            return uses(picture, test, tested=True) or all(uses(picture, one, tested=tested) for one in ways)
        case ast.UnaryOp(op=ast.Not()) | ast.Compare():
            return any(uses(picture, one, tested=True) for one in ast.iter_child_nodes(node))
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in LOOKS | LOGS:
            return False
        case ast.Subscript(slice=ast.Slice(upper=ast.Constant(value=int()))):
            return False  # the beginning of a text is for people
        case ast.Lambda():
            return False
        case ast.Attribute() | ast.Subscript():
            return not picture.same(node.value) and uses(picture, node.value)
        case ast.Call(func=ast.Attribute(value=value, attr="get" | "pop" | "setdefault")) if picture.same(
            value
        ):
            return False
    return any(uses(picture, one) for one in ast.iter_child_nodes(node))


def _first_used(picture: Picture, values: list[ast.expr], *, tested: bool, stops: bool) -> bool:
    """Whether the value of ``a or b``, ``a and b`` is sure to be made of the base64."""
    for position, value in enumerate(values):
        truth = picture.truth(value)
        if truth is stops or position == len(values) - 1:
            return uses(picture, value, tested=tested)
        if uses(picture, value, tested=True):
            return True
        if truth is None:
            return False
    return False
