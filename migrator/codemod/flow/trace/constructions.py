"""Constructions that do not name the class: through extensions of it, ``super()``, ``cls`` and ``type(self)``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class
from migrator.codemod.flow.signatures import decorator_names, is_first_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace.tracer import Tracer
    from migrator.codemod.index.module import Module

_CONSTRUCTOR = "__init__"


def made_by_own_name(cls: Class) -> Iterator[ast.Call]:
    """``cls(…)``, ``type(self)(…)`` and ``self.__class__(…)`` within the body of a class."""
    for call in cls.module.calls:
        match call.func:
            case ast.Name(id=name):
                needs = "classmethod"
            case ast.Call(func=ast.Name(id="type"), args=[ast.Name(id=name)]):
                needs = ""
            case ast.Attribute(value=ast.Name(id=name), attr="__class__"):
                needs = ""
            case _:
                continue
        function = cls.module.function(call)
        if (
            isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
            and is_first_parameter(function, name)
            and cls.module.enclosing_class(function) is cls.node
            and (not needs or needs in decorator_names(function))
        ):
            yield call


def of_constructor(tracer: Tracer, cls: Class) -> Iterator[tuple[Module, ast.Call, int]]:
    """Further calls that reach the constructor that a class defines, and how many parameters they do not write."""
    for base in tracer.family(cls):
        yield from ((base.module, call, 1) for call in made_by_own_name(base))
    for child in tracer.families.subclasses(cls):
        if _runs(tracer, child, cls):
            yield from ((child.module, call, 1) for call in made_by_own_name(child))
            for caller in tracer.constructions(child):
                yield caller.module, caller.call, 1
        yield from _handed_up(tracer, child, cls)


def _runs(tracer: Tracer, child: Class, cls: Class) -> bool:
    """Whether objects of ``child`` are made by the constructor of ``cls``."""
    for one in tracer.family(child):
        if one.node is cls.node:
            return True
        if _defines(one):
            return False
    return False


def _handed_up(tracer: Tracer, child: Class, cls: Class) -> Iterator[tuple[Module, ast.Call, int]]:
    """``super().__init__(…)`` and ``Base.__init__(self, …)`` in an extension of a class."""
    for reference in child.module.loads.get(_CONSTRUCTOR, ()):
        call = child.module.parent(reference)
        if not (isinstance(reference, ast.Attribute) and isinstance(call, ast.Call)):
            continue
        if call.func is not reference or child.module.method_class(reference) is not child.node:
            continue
        match reference.value:
            case ast.Call(func=ast.Name(id="super")):
                above = next((one for one in tracer.family(child)[1:] if _defines(one)), None)
                if above is None or above.node is cls.node:
                    yield child.module, call, 1
            case named if any(
                isinstance(origin, Class) and origin.node is cls.node
                for origin in tracer.origins(child.module, named)
            ):
                yield child.module, call, 0


def _defines(cls: Class) -> bool:
    scope = cls.module.names.scopes.get(cls.node)
    return scope is not None and _CONSTRUCTOR in scope.bindings
