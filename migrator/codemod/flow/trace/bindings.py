"""Where the value of a name comes from: one binding of it, whatever statement made that."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, Function, Instance, Origin, Path, Unknown
from migrator.codemod.flow.trace.steps import is_part, may_match, subscript_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace.tracer import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.scopes import Binding

_UNROLLED = 1
"""How often a value may be taken out of itself."""


class Bindings:
    """Traces names."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._unrolled: dict[Binding, list[tuple[int, Path]]] = {}

    def origins(self, module: Module, binding: Binding, path: Path) -> Iterator[Origin]:
        """Everything that a name can be because of one of its bindings."""
        if len(path) > 6:
            return
        # a walker of trees calls itself with parts of what it got: parts of parts of parts are left alone
        key = (binding, path)
        around = self._unrolled.setdefault(binding, [])
        known = None if around else self._tracer.answers.known(key)
        if known is not None:
            yield from known
            return
        inner = [place for place, part in around if is_part(path, part)]
        if len(inner) >= _UNROLLED:
            self._tracer.answers.run_into(inner[0])
            return
        around.append((self._tracer.answers.open_questions, path))
        try:
            found = self._tracer.answers.ask(
                key,
                lambda: self._bound(module, binding, path),
                Unknown(module, binding.node, path),
            )
        finally:
            around.pop()
        yield from found

    def _bound(self, module: Module, binding: Binding, path: Path) -> Iterator[Origin]:
        node = binding.node
        match binding.kind:
            case "import":
                assert isinstance(node, ast.alias)
                yield from self._tracer.modules.imported(module, node, path)
            case "function" if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from self._tracer.bodies.function(
                    Function(module, node, module.enclosing_class(node)), path
                )
            case "class" if isinstance(node, ast.ClassDef):
                yield from self._tracer.classes.of_class(Class(module, node), path)
            case "parameter" if isinstance(node, ast.arg):
                yield from self._tracer.bodies.parameter(module, binding, node, path)
            case "except" if isinstance(node, ast.ExceptHandler) and node.type is not None:
                for kind in node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]:
                    for origin in self._tracer.origins(module, kind):
                        if isinstance(origin, Class):
                            yield from self._tracer.classes.of_instance(
                                Instance(origin.module, origin.node), path
                            )
                        else:
                            yield Unknown(module, node, path)
            case _ if binding.value is not None:
                steps: Path = tuple(("index", step) for step in binding.steps)
                yield from self._tracer.origins(module, binding.value, steps + path)
                yield from self._stores(module, binding, path)
            case _:
                annotation = self._tracer.annotations.declared(module, node)
                if annotation is not None:
                    yield from self._tracer.annotations.typed(module, annotation, binding, path)
                else:
                    yield Unknown(module, node, path)

    def _stores(self, module: Module, binding: Binding, path: Path) -> Iterator[Origin]:
        """Values put into a container after it was made: ``name[key] = value``."""
        if not path or path[0][0] not in {"key", "index"}:
            return
        for use in binding.uses:
            parent = module.parent(use)
            if (
                isinstance(parent, ast.Subscript)
                and parent.value is use
                and isinstance(parent.ctx, ast.Store)
            ):
                step = subscript_step(parent)
                assign = module.parent(parent)
                if may_match(step, path[0]) and isinstance(assign, ast.Assign):
                    yield from self._tracer.origins(module, assign.value, path[1:])
