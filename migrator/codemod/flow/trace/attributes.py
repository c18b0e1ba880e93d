"""Which values an attribute can hold, over all objects of a class."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, Origin, Path, Unknown
from migrator.codemod.flow.shapes import has_fields
from migrator.codemod.flow.trace.steps import steps_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace.tracer import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.scopes import Binding


class Attributes:
    """Traces attributes."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._index = tracer.index

    def origins(self, cls: Class, name: str, path: Path) -> Iterator[Origin]:
        """The values of one attribute over all objects of a class and its bases."""
        yield from self._tracer.answers.ask(
            (cls.node, name, path),
            lambda: self._origins(cls, name, path),
            Unknown(cls.module, cls.node, (("attr", name), *path)),
        )

    def _origins(self, cls: Class, name: str, path: Path) -> Iterator[Origin]:
        produced = False
        for module, value, steps in self.stores(cls, name):
            produced = True
            yield from self._tracer.origins(module, value, steps + path)
        for owner in (*self._tracer.families.family(cls), *self._tracer.families.subclasses(cls)):
            scope = owner.module.names.scopes.get(owner.node)
            yield from self._tracer.writes.to_objects(owner, name, path)
            if scope is not None and name in scope.bindings and self._tracer.fields.are_validated(owner):
                yield Unknown(owner.module, owner.node, (("attr", name), *path))
            for binding in scope.bindings.get(name, ()) if scope else ():
                if binding.kind in {"function", "class"} or binding.value is not None:
                    produced = True
                    yield from self._field_default(owner, binding, path)
            if self._tracer.fields.are_listed(owner):
                for origin in self._tracer.fields.origins(owner, name, path):
                    produced = True
                    yield origin
            if scope is not None and not produced and name in scope.bindings:
                for binding in scope.bindings[name]:
                    annotation = self._tracer.annotations.declared(owner.module, binding.node)
                    if annotation is not None:
                        produced = True
                        yield from self._tracer.annotations.typed(owner.module, annotation, binding, path)
        if not produced:
            yield Unknown(cls.module, cls.node, (("attr", name), *path))

    def _field_default(self, owner: Class, binding: Binding, path: Path) -> Iterator[Origin]:
        value = binding.value
        if isinstance(value, ast.Call) and has_fields(owner.node):
            found = False
            for keyword in value.keywords:
                if keyword.arg == "default":
                    found = True
                    yield from self._tracer.origins(owner.module, keyword.value, path)
                elif keyword.arg in {"default_factory", "factory"}:
                    found = True
                    yield from self._tracer.origins(owner.module, keyword.value, (("call", None), *path))
            name = self._tracer.names.qualified(owner.module, value.func) or ""
            if not found and name.rpartition(".")[2] in {"Field", "field", "ib", "attrib", "Factory"}:
                if value.args:
                    yield from self._tracer.origins(owner.module, value.args[0], path)
                return
            if found:
                return
        yield from self._tracer.bindings.origins(owner.module, binding, path)

    def stores(self, cls: Class, name: str) -> Iterator[tuple[Module, ast.expr, Path]]:
        """Assignments to ``self.name`` in the class, and to ``object.name`` where the object is of the class."""
        for module, target in self._tracer.objects.stores(cls, name):
            statement = module.statement(target)
            if isinstance(statement, ast.Assign):
                yield module, statement.value, steps_to(statement.targets, target)
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                yield module, statement.value, ()
            elif isinstance(statement, (ast.With, ast.AsyncWith)):
                for item in statement.items:
                    if item.optional_vars is target:
                        yield module, item.context_expr, ()
