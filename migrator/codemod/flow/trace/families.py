"""Which classes of the project extend which."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class
from migrator.codemod.flow.trace.steps import stem

if TYPE_CHECKING:
    from migrator.codemod.flow.trace.tracer import Tracer


class Families:
    """Answers about bases and extensions of classes; answers are remembered."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._index = tracer.index
        self._families: dict[ast.AST, list[Class]] = {}
        self._subclasses: dict[ast.AST, list[Class]] = {}

    def family(self, cls: Class) -> list[Class]:
        """A class and its bases within the project, nearest first."""
        if cls.node not in self._families:
            self._families[cls.node] = [cls]
            self._families[cls.node] = self._find_family(cls)
        return self._families[cls.node]

    def _find_family(self, cls: Class) -> list[Class]:
        found = [cls]
        for current in found:
            for base in current.node.bases:
                for origin in self._tracer.origins(current.module, base):
                    if isinstance(origin, Class) and origin not in found and len(found) < 20:
                        found.append(origin)
        return found

    def subclasses(self, cls: Class) -> list[Class]:
        """The classes of the project that extend a class, directly or not."""
        if cls.node in self._subclasses:
            return self._subclasses[cls.node]
        found: list[Class] = []
        self._subclasses[cls.node] = found
        for module, reference in self._index.references(cls.node.name, (stem(cls.module),)):
            child = module.parent(reference)
            if isinstance(child, ast.ClassDef) and reference in child.bases and child is not cls.node:
                if any(
                    isinstance(o, Class) and o.node is cls.node
                    for o in self._tracer.origins(module, reference)
                ):
                    found.append(Class(module, child))
        for child_class in list(found):
            found.extend(c for c in self.subclasses(child_class) if c not in found)
        return found
