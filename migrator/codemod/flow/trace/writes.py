"""Writes to attributes by their names as text: ``setattr``, ``__dict__``, ``vars``, ``globals`` and kin."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from migrator.codemod.flow.origins import Class, Origin, Path, ProjectModule, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace.tracer import Tracer
    from migrator.codemod.index.module import Module

WORDS = ("setattr", "__dict__", "vars(", "globals(", "exec(")
"""A file without any of these writes nothing by name."""
_FUNCTIONS = ("vars", "globals", "locals")


class Write(NamedTuple):
    """One write: ``target`` is the object, ``None`` for the module itself; ``key`` is ``None`` where it is computed.

    ``many``: ``value`` is a mapping of names to values.
    """

    module: Module
    node: ast.expr
    target: ast.expr | None
    key: str | None
    value: ast.expr | None
    many: bool = False


class Writes:
    """Knows all such writes in the loaded files, and what they mean for an attribute."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._index = tracer.index
        self._found: dict[str, tuple[Write, ...]] = {}

    def to_objects(self, cls: Class, name: str, path: Path) -> Iterator[Origin]:
        """The values that an attribute of objects of a class gets in this way."""
        for write in self._all(name):
            if write.target is not None and self._tracer.is_instance_expression(
                write.module, write.target, cls
            ):
                yield from self._values(write, name, path)

    def to_module(self, module: Module, name: str, path: Path) -> Iterator[Origin]:
        """The values that a name of a module gets in this way."""
        for write in self._all(name):
            if write.target is None:
                if write.module is module:
                    yield from self._values(write, name, path)
            elif self._is_module(write.module, write.target, module):
                yield from self._values(write, name, path)

    def _is_module(self, where: Module, target: ast.expr, module: Module) -> bool:
        return any(
            isinstance(origin, ProjectModule) and origin.module is module
            for origin in self._tracer.origins(where, target)
        ) or _is_own_name(target, where is module)

    def _values(self, write: Write, name: str, path: Path) -> Iterator[Origin]:
        if write.value is None or (write.key is None and not write.many):
            yield Unknown(write.module, write.node, path)
            return
        steps: Path = (("key", name), *path) if write.many else path
        found = self._tracer.origins(write.module, write.value, steps)
        yield from found or (Unknown(write.module, write.node, path),)

    def _all(self, name: str) -> list[Write]:
        """The writes that may concern an attribute of a name."""
        self._index.load_helpers(WORDS)
        return [
            write
            for module in list(self._index.modules.values())
            for write in self._of(module)
            if write.key in (name, None)
        ]

    def _of(self, module: Module) -> tuple[Write, ...]:
        if module.path not in self._found:
            has_any = any(word in module.file.text for word in WORDS)
            self._found[module.path] = tuple(self._read(module)) if has_any else ()
        return self._found[module.path]

    def _read(self, module: Module) -> Iterator[Write]:
        for reference in (*module.loads.get("setattr", ()), *module.loads.get("__setattr__", ())):
            call = module.parent(reference)
            if isinstance(call, ast.Call) and call.func is reference and len(call.args) == 3:
                target, key, value = call.args
                yield Write(module, call, target, _text(key), value)
        for reference in module.loads.get("__dict__", ()):
            if isinstance(reference, ast.Attribute):
                yield from _into(module, reference, reference.value)
        for stored in module.attribute_stores.get("__dict__", ()):
            statement = module.parent(stored)
            if isinstance(statement, (ast.Assign, ast.AugAssign)):
                yield Write(module, stored, stored.value, None, statement.value, many=True)
        for word in _FUNCTIONS:
            for reference in module.loads.get(word, ()):
                call = module.parent(reference)
                if isinstance(call, ast.Call) and call.func is reference and isinstance(reference, ast.Name):
                    if call.args:
                        yield from _into(module, call, call.args[0])
                    elif word == "globals" or module.function(call) is None:
                        yield from _into(module, call, None)
        for reference in module.loads.get("exec", ()):
            call = module.parent(reference)
            if isinstance(call, ast.Call) and call.func is reference and isinstance(reference, ast.Name):
                yield Write(module, call, None, None, None)


def _into(module: Module, mapping: ast.expr, target: ast.expr | None) -> Iterator[Write]:
    """What is put into the mapping of an object's attributes, also under a name that it got."""
    places: list[ast.expr] = [mapping]
    statement = module.parent(mapping)
    if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and statement.value is mapping:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = {one.id for one in targets if isinstance(one, ast.Name)}
        found = [use for name in names for use in module.loads.get(name, ()) if isinstance(use, ast.Name)]
        places += [use for use in found if any(one.value is mapping for one in module.bindings(use))]
    for place in places:
        yield from _at(module, place, target)


def _at(module: Module, place: ast.expr, target: ast.expr | None) -> Iterator[Write]:
    parent = module.parent(place)
    outer = module.parent(parent) if parent is not None else None
    match parent:
        case ast.Subscript(value=value, ctx=ast.Store()) if value is place:
            assigned = outer.value if isinstance(outer, ast.Assign) else None
            yield Write(module, parent, target, _text(parent.slice), assigned)
        case ast.Attribute(attr="update") if isinstance(outer, ast.Call) and outer.func is parent:
            for argument in outer.args:
                yield Write(module, outer, target, None, argument, many=True)
            for keyword in outer.keywords:
                yield Write(module, outer, target, keyword.arg, keyword.value, many=keyword.arg is None)
        case ast.Attribute(attr="setdefault" | "__setitem__") if (
            isinstance(outer, ast.Call) and outer.func is parent and len(outer.args) == 2
        ):
            yield Write(module, outer, target, _text(outer.args[0]), outer.args[1])
        case ast.Attribute(attr="update" | "__setitem__"):
            yield Write(module, parent, target, None, None)


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_own_name(target: ast.expr, is_same: bool) -> bool:
    """``sys.modules[__name__]``: the module in which it stands."""
    return is_same and any(
        isinstance(child, ast.Name) and child.id == "__name__" for child in ast.walk(target)
    )
