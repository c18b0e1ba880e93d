"""Whether a text can also come from outside: from callers out of sight, a request, a file, the keyboard."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import External, Made, Parameter, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.origins import Origin
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module


def stranger(module: Module, node: ast.expr, marked: Tracer) -> str | None:
    """Something from outside that a place gets, in words; ``None`` where all of it is the program's own.

    The urls of pictures, at which ``marked`` stops, and what begins with a text of the program are its own.
    """
    return next((_named(one) for one in _origins(module, node, marked) if _is_foreign(one)), None)


def _origins(module: Module, node: ast.expr, marked: Tracer) -> Iterator[Origin]:
    """Where a text comes from. The parameter of a property's setter gets what is assigned to the property."""
    for origin in marked.origins(module, node):
        name = _set_property(origin) if isinstance(origin, Parameter) else None
        if name is None:
            yield origin
            continue
        marked.index.search(name)
        for _, other in sorted(marked.index.modules.items()):
            for store in other.attribute_stores.get(name, ()):
                assignment = other.parent(store)
                if isinstance(assignment, ast.Assign):
                    yield from marked.origins(other, assignment.value)
                elif not other.is_test:
                    yield origin


def _set_property(parameter: Parameter) -> str | None:
    """The property whose setter has a parameter."""
    function = parameter.binding.scope.node
    for decorator in getattr(function, "decorator_list", ()):
        match decorator:
            case ast.Attribute(value=ast.Name(id=name), attr="setter"):
                return name
    return None


def _is_foreign(origin: Origin) -> bool:
    """Whether a value can be anything: callers, requests and files fill it."""
    match origin:
        case Parameter() | External() | Made():
            return True
        case Unknown(node=ast.JoinedStr(values=[ast.Constant(value=str(text)), *_])):
            return not text
        case Unknown(node=ast.BinOp(left=ast.Constant(value=str(text)))):
            return not text
        case Unknown():
            return True
    return False


def _named(origin: Origin) -> str:
    match origin:
        case Parameter(binding=binding):
            return f"the parameter {binding.name}"
        case External(name=name) | Made(name=name):
            return name.removeprefix("builtins.").removesuffix(".?")
        case Unknown(module=module, node=ast.expr() as node):
            return module.source(node).partition("\n")[0]
    return "a value"
