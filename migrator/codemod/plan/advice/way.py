"""The way back: every expression and name that a value of a call came through, cuts and formatting included.

The tracer answers where a value was made; this keeps what stands in between.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, Instance
from migrator.codemod.flow.signatures import (
    arguments_for,
    default_of,
    is_static,
    returned_values,
)
from migrator.codemod.flow.trace import Caller
from migrator.codemod.index.project import ImportedName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.scopes import Binding

_LIMIT = 400
_TEXT_METHODS = frozenset(
    {
        "strip", "lstrip", "rstrip", "replace", "format", "join", "removeprefix", "removesuffix", "lower", "upper",
        "title", "capitalize", "encode", "decode", "translate", "copy",
    }
)  # fmt: skip
Frames = "tuple[tuple[ast.AST, Caller], ...]"


@dataclass(slots=True)
class Way:
    """What a value came through, in no order that means anything."""

    expressions: list[tuple[Module, ast.expr]] = field(default_factory=list)
    bindings: list[tuple[Module, Binding]] = field(default_factory=list)

    def add(self, other: Way) -> None:
        """Take in what another way has."""
        self.expressions.extend(item for item in other.expressions if item not in self.expressions)
        self.bindings.extend(item for item in other.bindings if item not in self.bindings)

    def uses(self) -> Iterator[tuple[Module, ast.expr]]:
        """Every place where the value is read: the names on the way, wherever they stand, and the attributes."""
        for module, binding in self.bindings:
            for use in binding.uses:
                yield module, use
        for module, node in self.expressions:
            if isinstance(node, ast.Attribute):
                yield module, node


@dataclass(frozen=True, slots=True)
class _Stop:
    """A place on the way. ``frames`` are the calls through which its function was entered, innermost last."""

    module: Module
    node: ast.expr
    frames: tuple[tuple[ast.AST, Caller], ...] = ()


def way_back(tracer: Tracer, module: Module, node: ast.expr) -> Way:
    """Everything on the way of one value, across functions and modules of the project."""
    found = Way()
    todo = [_Stop(module, node)]
    seen: set[_Stop] = set()
    while todo and len(seen) < _LIMIT:
        stop = todo.pop()
        if stop in seen:
            continue
        seen.add(stop)
        if (stop.module, stop.node) not in found.expressions:
            found.expressions.append((stop.module, stop.node))
        todo.extend(_before(tracer, found, stop))
    return found


def _before(tracer: Tracer, found: Way, stop: _Stop) -> Iterator[_Stop]:
    module, frames = stop.module, stop.frames
    match stop.node:
        case ast.Name():
            for binding in module.bindings(stop.node):
                if (module, binding) not in found.bindings:
                    found.bindings.append((module, binding))
                yield from _bound(tracer, module, binding, frames)
        case ast.Attribute(value=value, attr=attr):
            yield from _attribute(tracer, found, module, stop.node)
            if attr == "value":
                # of a member of an enumeration
                yield _Stop(module, value, frames)
        case ast.Subscript(value=value) if isinstance(stop.node.slice, ast.Slice):
            yield _Stop(module, value, frames)
        case ast.Await(value=value) | ast.NamedExpr(value=value) | ast.Starred(value=value):
            yield _Stop(module, value, frames)
        case ast.IfExp(body=body, orelse=orelse):
            yield _Stop(module, body, frames)
            yield _Stop(module, orelse, frames)
        case ast.BoolOp(values=values):
            for value in values:
                yield _Stop(module, value, frames)
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
            yield _Stop(module, left, frames)
            yield _Stop(module, right, frames)
        case ast.JoinedStr(values=values):
            for value in values:
                if isinstance(value, ast.FormattedValue):
                    yield _Stop(module, value.value, frames)
        case ast.Tuple(elts=elts):
            for value in elts:
                yield _Stop(module, value, frames)
        case ast.Call():
            yield from _called(tracer, stop, stop.node)


def _bound(
    tracer: Tracer, module: Module, binding: Binding, frames: tuple[tuple[ast.AST, Caller], ...]
) -> Iterator[_Stop]:
    if binding.kind == "parameter":
        function = binding.scope.node
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return
        default = default_of(function, binding.name)
        if default is not None:
            yield _Stop(module, default)
        entered = next((caller for node, caller in reversed(frames) if node is function), None)
        callers = [entered] if entered is not None else tracer.callers(module, function).calls
        for caller in callers:
            if entered is None and caller.module.is_test:
                continue
            for argument, path in arguments_for(function, binding.name, caller):
                if not path:
                    yield _Stop(caller.module, argument, frames[:-1] if entered is not None else ())
    elif binding.kind == "import" and isinstance(binding.node, ast.alias):
        imported = tracer.index.imported(module, binding.node)
        if isinstance(imported, ImportedName):
            owner = imported.module
            for other in owner.names.module.bindings.get(imported.name, ()):
                # a name that is only passed on is not worth the risk of a circle
                if other.value is not None:
                    yield _Stop(owner, other.value)
    elif binding.value is not None:
        yield _Stop(module, binding.value, frames)


def _attribute(tracer: Tracer, found: Way, module: Module, node: ast.Attribute) -> Iterator[_Stop]:
    for origin in tracer.origins(module, node.value):
        if not isinstance(origin, (Instance, Class)):
            continue
        for cls in tracer.family(Class(origin.module, origin.node)):
            scope = cls.module.names.scopes.get(cls.node)
            for binding in scope.bindings.get(node.attr, ()) if scope else ():
                if (cls.module, binding) not in found.bindings:
                    found.bindings.append((cls.module, binding))
                if binding.value is not None:
                    yield _Stop(cls.module, binding.value)
            for where, value, path in tracer.attribute_stores(cls, node.attr):
                if not path:
                    yield _Stop(where, value)
            for caller in tracer.constructions(cls):
                for where, argument, path in tracer.fields.given(cls, caller.module, caller.call, node.attr):
                    if not path:
                        yield _Stop(where, argument)


def _called(tracer: Tracer, stop: _Stop, call: ast.Call) -> Iterator[_Stop]:
    module, frames = stop.module, stop.frames
    name = tracer.qualified(module, call.func)
    if name == "typing.cast" and call.args:
        yield _Stop(module, call.args[-1], frames)
        return
    if name in {"builtins.str", "textwrap.shorten"} and call.args:
        yield _Stop(module, call.args[0], frames)
        return
    functions = tracer.functions(module, call.func)
    for function in functions:
        if isinstance(function.node, ast.Lambda):
            continue
        implicit = int(function.owner is not None and not is_static(function.node))
        inner = (*frames, (function.node, Caller(module, call, 0, implicit)))
        if len(inner) < 6:
            for value in returned_values(function.node):
                yield _Stop(function.module, value, inner)
    if not functions and isinstance(call.func, ast.Attribute) and call.func.attr in _TEXT_METHODS:
        # what any other method makes of a value is another value
        yield _Stop(module, call.func.value, frames)
        for argument in call.args:
            yield _Stop(module, argument, frames)
