"""What an access to a class or to one of its objects gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, Instance, Origin, Path, Unknown
from migrator.codemod.flow.shapes import field_names, has_fields, is_enum, is_named_tuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace.tracer import Tracer


class Classes:
    """Traces accesses to classes and objects."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def of_class(self, cls: Class, path: Path) -> Iterator[Origin]:
        """What an access to a class gives: a member of an enum, an attribute, or an object."""
        if not path:
            yield cls
            return
        kind, name = path[0]
        if kind == "call":
            yield from self.of_instance(Instance(cls.module, cls.node), path[1:])
        elif kind == "attr" and isinstance(name, str):
            if is_enum(cls.node) and len(path) > 1 and path[1] == ("attr", "value"):
                yield from self._class_values(cls, name, path[2:])
            else:
                yield from self._tracer.attributes.origins(cls, name, path[1:])
        elif kind == "key" and isinstance(name, str) and is_enum(cls.node):
            yield from self._class_values(cls, name, tuple(s for s in path[1:] if s != ("attr", "value")))
        else:
            yield Instance(cls.module, cls.node)

    def _class_values(self, cls: Class, name: str, path: Path) -> Iterator[Origin]:
        scope = cls.module.names.scopes.get(cls.node)
        for binding in scope.bindings.get(name, ()) if scope else ():
            yield from self._tracer.bindings.origins(cls.module, binding, path)

    def of_instance(self, instance: Instance, path: Path) -> Iterator[Origin]:
        """What an access to an object of a class gives."""
        if not path:
            yield instance
            return
        kind, name = path[0]
        cls = Class(instance.module, instance.node)
        if kind == "attr" and isinstance(name, str):
            if is_enum(instance.node) and name == "value":
                scope = instance.module.names.scopes.get(instance.node)
                for bindings in (scope.bindings if scope else {}).values():
                    for binding in bindings:
                        if binding.kind == "assign":
                            yield from self._tracer.bindings.origins(instance.module, binding, path[1:])
                return
            yield from self._tracer.attributes.origins(cls, name, path[1:])
        elif kind == "key" and isinstance(name, str) and has_fields(instance.node):
            yield from self._tracer.attributes.origins(cls, name, path[1:])
        elif kind == "index" and isinstance(name, int) and is_named_tuple(instance.node):
            for field in field_names(instance.node)[name : name + 1]:
                yield from self._tracer.attributes.origins(cls, field, path[1:])
        else:
            yield Unknown(instance.module, instance.node, path)
