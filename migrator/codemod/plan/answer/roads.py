"""Where a value goes from the place where it is read, within one function."""

from __future__ import annotations

import ast
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.codemod.index.module import Module

Road = tuple[object, ...]


class Tags(frozenset[str]):
    """Constants beside a value, by which code can tell what it is: ``"inline", base64``, ``Source("inline", base64)``."""


_DEPTH = 4
_SAYS = frozenset({"print", "debug", "info", "warning", "error", "exception", "log", "critical"})
_LOOKS = frozenset({"all", "any", "bool", "hash", "id", "isinstance", "len", "type"})
_TEXTS = frozenset(
    {
        "decode",
        "encode",
        "format",
        "join",
        "lstrip",
        "removeprefix",
        "removesuffix",
        "replace",
        "rstrip",
        "strip",
    }
)
"""Methods of a text that give it in another shape."""
_TESTS = (
    ast.If,
    ast.While,
    ast.Assert,
    ast.Compare,
    ast.Match,
    ast.Expr,
    ast.Raise,
    ast.UnaryOp,
    ast.Subscript,
)


def roads(module: Module, node: ast.expr, depth: int = _DEPTH) -> frozenset[Road]:
    """What takes a value: a ``return``, a place that is assigned, an argument, an element, and how it is wrapped.

    Equal roads mean the same receiver, which gets the value in the same shape. Tests, logs and errors take nothing.
    What is not known is a receiver of its own, so that two values of one expression always have the same.
    """
    parent = module.parent(node)
    match parent:
        case ast.BoolOp(op=op, values=values):
            return roads(module, parent, depth) if isinstance(op, ast.Or) or values[-1] is node else _none()
        case ast.IfExp(test=test):
            return roads(module, parent, depth) if test is not node else _none()
        case ast.Await() | ast.Starred():
            return roads(module, parent, depth)
        case ast.NamedExpr(target=target):
            return roads(module, parent, depth) | _named(module, target, depth)
        case ast.Return() | ast.Yield() | ast.YieldFrom():
            return frozenset({("return", module.function(parent))})
        case ast.Lambda():
            return frozenset({("return", parent)})
        case ast.Assign(targets=targets):
            return frozenset[Road]().union(*(_placed(module, target, depth) for target in targets))
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return _placed(module, target, depth)
        case ast.Call() if node in parent.args:
            return _passed(module, parent, parent.args.index(node))
        case ast.keyword(arg=name):
            call = module.parent(parent)
            return _passed(module, call, name) if isinstance(call, ast.Call) else _none()
        case ast.Dict(keys=keys, values=values):
            key = keys[values.index(node)] if node in values else None
            return frozenset({("key", ast.dump(key), _tags(values, keys))} if key is not None else ())
        case ast.Tuple() | ast.List() | ast.Set():
            return _contained(module, parent, node, depth)
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
            return frozenset({("element", parent)})
        case ast.FormattedValue():
            text = module.parent(parent)
            return _shaped(module, text, node, depth) if isinstance(text, ast.JoinedStr) else _none()
        case ast.BinOp():
            return _shaped(module, parent, node, depth)
        case ast.Attribute(attr=attr):
            call = module.parent(parent)
            called = isinstance(call, ast.Call) and call.func is parent and attr in _TEXTS
            return _shaped(module, call, node, depth) if called and isinstance(call, ast.Call) else _none()
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            return frozenset({("element", parent)} if parent.iter is node else ())
    return _none() if parent is None or isinstance(parent, _TESTS) else frozenset({("unknown", parent)})


def untagged(found: frozenset[Road]) -> frozenset[Road]:
    """The same roads without what stands beside the value."""
    return frozenset(tuple(step for step in road if not isinstance(step, Tags)) for road in found)


def _none() -> frozenset[Road]:
    return frozenset()


def _passed(module: Module, call: ast.Call, place: int | str | None) -> frozenset[Road]:
    if _says(module, call):
        return _none()
    tags = Tags(_tags(call.args) | _tags([one.value for one in call.keywords]))
    return frozenset({("argument", ast.dump(call.func), place, tags)})


def _placed(module: Module, target: ast.expr, depth: int) -> frozenset[Road]:
    if isinstance(target, ast.Name):
        return _named(module, target, depth)
    return frozenset({("place", ast.dump(target))})


def _named(module: Module, target: ast.Name, depth: int) -> frozenset[Road]:
    """A name, and where it is used."""
    found: set[Road] = {("name", target.id)}
    for binding in module.scope_at(target).bindings.get(target.id, ()) if depth else ():
        if binding.node is target:
            for use in binding.uses:
                found |= roads(module, use, depth - 1)
    return frozenset(found)


def _contained(
    module: Module, container: ast.Tuple | ast.List | ast.Set, node: ast.expr, depth: int
) -> frozenset[Road]:
    """A place in a tuple, which a name of ``a, b = x, y`` may take; lists and sets are gone through."""
    place = container.elts.index(node) if isinstance(container, ast.Tuple) else None
    outer = module.parent(container)
    match outer:
        case ast.Assign(targets=[ast.Tuple(elts=names)]) if place is not None and len(names) == len(
            container.elts
        ):
            return _placed(module, names[place], depth)
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            place = None
        case ast.Subscript(value=value) if value is container:  # one of several, by a number that is computed
            return frozenset(("in", None, *road) for road in roads(module, outer, depth))
    tags = Tags() if place is None else _tags(container.elts)
    return frozenset(("in", place, tags, *road) for road in roads(module, container, depth))


def _tags(values: list[ast.expr], keys: Sequence[ast.expr | None] = ()) -> Tags:
    """The constants of a tuple or mapping, with where they stand."""
    return Tags(
        f"{ast.dump(key) if key is not None else position} {value.value!r}"
        for position, (value, key) in enumerate(zip_longest(values, keys))
        if isinstance(value, ast.Constant)
    )


def _shaped(module: Module, text: ast.expr, node: ast.expr, depth: int) -> frozenset[Road]:
    """What takes a text that is made with a value: texts that differ in nothing else have the same receiver."""
    shape = ast.dump(text).replace(ast.dump(node), "")
    return frozenset(("text", shape, *road) for road in roads(module, text, depth))


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


def _says(module: Module, call: ast.Call) -> bool:
    """Whether a call only tells people, or looks at its arguments."""
    func = call.func
    if isinstance(func, ast.Name):
        return func.id in _SAYS | _LOOKS or isinstance(module.parent(call), ast.Raise)
    return (isinstance(func, ast.Attribute) and func.attr in _SAYS) or isinstance(
        module.parent(call), ast.Raise
    )
