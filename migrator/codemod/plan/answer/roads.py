"""Where a value goes from the place where it is read, within one function."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.codemod.index.module import Module

Road = tuple[object, ...]
_DEPTH = 4
_SAYS = frozenset({"print", "debug", "info", "warning", "error", "exception", "log", "critical"})


def roads(module: Module, node: ast.expr, depth: int = _DEPTH) -> frozenset[Road]:
    """What takes a value as it is: a ``return``, a place that is assigned, an argument, an element.

    Equal roads mean the same receiver. Tests take nothing.
    """
    value, parent = _whole(module, node)
    match parent:
        case ast.Return() | ast.Yield():
            return frozenset({("return", module.function(parent))})
        case ast.Assign(targets=[ast.Name() as target]) | ast.AnnAssign(target=ast.Name() as target):
            found: set[Road] = {("name", target.id)}
            for binding in module.scope_at(target).bindings.get(target.id, ()) if depth else ():
                if binding.node is target:
                    for use in binding.uses:
                        found |= roads(module, use, depth - 1)
            return frozenset(found)
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return frozenset({("place", ast.dump(target))})
        case ast.Assign(targets=[*targets]) if targets:
            return frozenset(("place", ast.dump(target)) for target in targets)
        case ast.Call(func=func, args=args) if value in args and not _says(func):
            return frozenset({("argument", ast.dump(func), args.index(value))})
        case ast.keyword(arg=name):
            call = module.parent(parent)
            return frozenset({("argument", ast.dump(call.func), name)} if isinstance(call, ast.Call) else ())
        case ast.Dict(keys=keys, values=values):
            key = keys[values.index(value)] if value in values else None
            return frozenset({("key", ast.dump(key))} if key is not None else ())
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
            return frozenset({("element", parent)})
    return frozenset()


def only_tested(module: Module, node: ast.expr, is_spared: Callable[[ast.expr], bool]) -> bool:
    """Whether code only asks if a value is there. ``is_spared`` tells of uses that do not count."""
    parent = module.parent(node)
    match parent:
        case ast.If() | ast.While() | ast.Assert() | ast.Compare() | ast.UnaryOp():
            return True
        case ast.IfExp(test=test) if test is node:
            return True
        case ast.comprehension(ifs=ifs) if node in ifs:
            return True
        case ast.Call(func=ast.Name(id="bool")):
            return True
        case ast.BoolOp(values=values):
            return values[-1] is not node or only_tested(module, parent, is_spared)
        case ast.NamedExpr(target=target):
            return _uses_tested(module, target, is_spared) and only_tested(module, parent, is_spared)
        case ast.Assign(targets=[ast.Name() as target]):
            return _uses_tested(module, target, is_spared)
        case ast.Tuple(elts=elts):
            outer = module.parent(parent)
            match outer:
                case ast.Assign(targets=[ast.Tuple(elts=names)]) if outer.value is parent:
                    name = names[elts.index(node)] if len(names) == len(elts) else None
                    return isinstance(name, ast.Name) and _uses_tested(module, name, is_spared)
    return False


def _uses_tested(module: Module, target: ast.Name, is_spared: Callable[[ast.expr], bool]) -> bool:
    for binding in module.scope_at(target).bindings.get(target.id, ()):
        if binding.node is target:
            return bool(binding.uses) and all(
                is_spared(use) or only_tested(module, use, is_spared) for use in binding.uses
            )
    return False


def _whole(module: Module, node: ast.expr) -> tuple[ast.expr, ast.AST | None]:
    """The expression that hands a value on as it is, and what takes it."""
    while True:
        parent = module.parent(node)
        match parent:
            case ast.BoolOp(op=ast.Or()) | ast.NamedExpr() | ast.Await():
                node = parent
            case ast.IfExp(test=test) if test is not node:
                node = parent
            case _:
                return node, parent


def _says(func: ast.expr) -> bool:
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return name in _SAYS
