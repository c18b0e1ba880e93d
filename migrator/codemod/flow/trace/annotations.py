"""What annotations say about a value whose makers are out of sight."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, External, Instance, Origin, Parameter, Path
from migrator.codemod.flow.shapes import annotation_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace.tracer import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.scopes import Binding


class Annotations:
    """Traces values by their types alone."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def declared(self, module: Module, node: ast.AST) -> ast.expr | None:
        """The annotation beside an assignment target, ``int`` in ``x: int``."""
        parent = module.parent(node)
        return parent.annotation if isinstance(parent, ast.AnnAssign) and parent.target is node else None

    def typed(self, module: Module, annotation: ast.expr, binding: Binding, path: Path) -> Iterator[Origin]:
        """A value known by its annotation only."""
        for name in annotation_types(annotation):
            for origin in self._tracer.origins(module, name):
                if isinstance(origin, Class):
                    yield from self._tracer.classes.of_instance(Instance(origin.module, origin.node), path)
                    return
                if isinstance(origin, External) and not origin.name.startswith(("builtins.", "typing.")):
                    yield Parameter(module, binding, annotation=origin.name, path=path)
                    return
        yield Parameter(module, binding, path=path)

    def returned(self, module: Module, annotation: ast.expr, path: Path) -> Iterator[Origin]:
        """A value that a function gives, known by the annotation of the function only."""
        for name in annotation_types(annotation):
            for origin in self._tracer.origins(module, name):
                if isinstance(origin, Class):
                    yield from self._tracer.classes.of_instance(Instance(origin.module, origin.node), path)
                elif isinstance(origin, External):
                    yield External(f"{origin.name}.?")
