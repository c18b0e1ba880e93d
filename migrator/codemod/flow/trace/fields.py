"""What objects of dataclasses and kin get for their fields: by constructions, and by copies with changes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, Origin, Path, Unknown
from migrator.codemod.flow.shapes import field_names, has_fields, is_validated
from migrator.codemod.flow.trace.constructions import of_constructor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace.tracer import Tracer
    from migrator.codemod.index.module import Module

Given = tuple["Module", ast.expr, Path]
"""An expression that fills a field, and the accesses that take the value of the field out of it."""

_COPIERS = {
    "dataclasses.replace", "copy.replace", "attrs.evolve", "attrs.assoc", "attr.evolve", "attr.assoc",
    "pydantic.dataclasses.replace", "msgspec.structs.replace",
}  # fmt: skip
_COPYING_METHODS = ("_replace", "__replace__", "model_copy", "copy")
_DESCRIPTIONS = frozenset(
    {"_fields", "_field_defaults", "_asdict", "model_fields", "mro", "model_json_schema"}
)
"""What tells of a class and makes no object of it."""


class Fields:
    """Traces fields of objects whose class lists them."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._index = tracer.index
        self._order: dict[ast.ClassDef, list[str]] = {}

    def are_listed(self, cls: Class) -> bool:
        """Whether a class or one of its bases lists fields that the constructor takes."""
        return any(has_fields(one.node) for one in self._tracer.family(cls))

    def are_validated(self, cls: Class) -> bool:
        """Whether objects of a class are usually made from outside data."""
        return any(is_validated(one.node) for one in self._tracer.family(cls))

    def origins(self, cls: Class, name: str, path: Path) -> Iterator[Origin]:
        """The values that a field gets when objects of exactly this class are made or copied."""
        for module, value, steps in (*self._constructed(cls, name), *self._copied(cls, name)):
            for origin in self._tracer.origins(module, value, steps + path):
                if not (steps and _is_absent(origin)):
                    yield origin
        if self._is_made_elsewhere(cls):
            yield Unknown(cls.module, cls.node, (("attr", name), *path))

    def _constructed(self, cls: Class, name: str) -> Iterator[Given]:
        calls = [(caller.module, caller.call, caller.shift) for caller in self._tracer.constructions(cls)]
        calls.extend((module, call, 0) for module, call, _ in of_constructor(self._tracer, cls))
        for module, call, shift in calls:
            yield from self.given(cls, module, call, name, shift)

    def given(self, cls: Class, module: Module, call: ast.Call, name: str, shift: int = 0) -> Iterator[Given]:
        """What a construction passes for a field, by name, by position, or within something unpacked."""
        for keyword in call.keywords:
            if keyword.arg == name:
                yield module, keyword.value, ()
                return
        order = self.order(cls)
        wanted = order.index(name) if name in order else -1
        for position, argument in enumerate(call.args[shift:]):
            if isinstance(argument, ast.Starred) and position <= wanted:
                yield module, argument.value, (("index", wanted - position),)
                return
            if position == wanted:
                yield module, argument, ()
                return
        for keyword in call.keywords:
            if keyword.arg is None:
                yield module, keyword.value, (("key", name),)

    def order(self, cls: Class) -> list[str]:
        """The fields in the order of the constructor: those of bases come first."""
        if cls.node not in self._order:
            family = reversed(self._tracer.family(cls))
            self._order[cls.node] = list(
                dict.fromkeys(
                    name for one in family if has_fields(one.node) for name in field_names(one.node)
                )
            )
        return self._order[cls.node]

    def _copied(self, cls: Class, name: str) -> Iterator[Given]:
        """``replace(job, quality=…)`` and kin, for every object of the class."""
        for word in {one.rpartition(".")[2] for one in _COPIERS}:
            for alias in (word, *self._index.aliases(word)):
                for module, reference in list(self._index.uses_of(alias)):
                    call = module.parent(reference)
                    if not (isinstance(call, ast.Call) and call.func is reference and call.args):
                        continue
                    if self._tracer.names.qualified(module, reference) not in _COPIERS:
                        continue
                    if self._tracer.is_instance_expression(module, call.args[0], cls):
                        yield from _changed(module, call.keywords, name)
        for word in _COPYING_METHODS:
            for module, reference in list(self._index.uses_of(word)):
                call = module.parent(reference)
                if not (isinstance(reference, ast.Attribute) and isinstance(call, ast.Call)):
                    continue
                if call.func is not reference or not call.keywords:
                    continue
                if self._tracer.is_instance_expression(module, reference.value, cls):
                    if word.endswith("copy"):
                        updates = [one.value for one in call.keywords if one.arg == "update"]
                        yield from ((module, update, (("key", name),)) for update in updates)
                    else:
                        yield from _changed(module, call.keywords, name)

    def _is_made_elsewhere(self, cls: Class) -> bool:
        """Whether others make objects of a class: it is handed on, or has a method from outside that makes them."""
        callers = self._tracer.callers(cls.module, cls.node)
        if callers.is_open:
            return True
        known: set[str] = set(_DESCRIPTIONS)
        for one in self._tracer.family(cls):
            scope = one.module.names.scopes.get(one.node)
            known.update(scope.bindings if scope else ())
        for module, reference in self._index.uses_of(cls.node.name):
            maker = module.parent(reference)
            if (
                isinstance(maker, ast.Attribute)
                and maker.value is reference
                and maker.attr not in known
                and not maker.attr.startswith("__")
                and self._tracer.is_instance_expression(module, reference, cls)
            ):
                return True
        return False


def _changed(module: Module, keywords: list[ast.keyword], name: str) -> Iterator[Given]:
    for keyword in keywords:
        if keyword.arg == name:
            yield module, keyword.value, ()
        elif keyword.arg is None:
            yield module, keyword.value, (("key", name),)


def _is_absent(origin: Origin) -> bool:
    """Whether a mapping that is written out simply has no such key."""
    return (
        isinstance(origin, Unknown)
        and isinstance(origin.node, ast.Dict)
        and bool(origin.path)
        and origin.path[0][0] == "key"
    )
