"""What is behind an import: a module of the project, a name in one, or something from outside."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import External, Origin, Path, ProjectModule
from migrator.codemod.flow.trace.steps import steps_to
from migrator.codemod.index.module import Module, dotted
from migrator.codemod.index.project import ImportedModule, ImportedName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace.tracer import Tracer


class Modules:
    """Traces imports, and names of modules."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._index = tracer.index

    def imported(self, module: Module, alias: ast.alias, path: Path) -> Iterator[Origin]:
        """What an imported name is."""
        found = self._index.imported(module, alias)
        if isinstance(found, ImportedModule):
            yield from self._module(found.module, path)
        elif isinstance(found, ImportedName):
            yield from self.name(found.module, found.name, path)
        else:
            yield from self.external(found.name, path)

    def name(self, module: Module, name: str, path: Path = ()) -> Iterator[Origin]:
        """What a module of the project calls ``name``."""
        bindings = module.names.module.bindings.get(name, ())
        for binding in bindings:
            yield from self._tracer.bindings.origins(module, binding, path)
        for where, target in list(self._index.stores(name)):
            if where is not module and self._stands_for(where, target.value, module):
                statement = where.statement(target)
                if isinstance(statement, ast.Assign):
                    yield from self._tracer.origins(
                        where, statement.value, steps_to(statement.targets, target) + path
                    )
        if not bindings:
            submodule = (
                self._index.find_module(module, name, 1) if module.path.endswith("__init__.py") else None
            )
            if submodule is not None:
                yield from self._module(submodule, path)
            else:
                yield External(f"{self._index.module_name(module)}.{name}")

    def _stands_for(self, where: Module, node: ast.expr, module: Module) -> bool:
        """Whether an expression is a module of the project, by its imports alone."""
        chain = dotted(node)
        if chain is None or not isinstance(node, (ast.Name, ast.Attribute)):
            return False
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or not any(b.kind == "import" for b in where.bindings(root)):
            return False
        return any(
            isinstance(o, ProjectModule) and o.module is module for o in self._tracer.origins(where, node)
        )

    def _module(self, module: Module, path: Path) -> Iterator[Origin]:
        if path and path[0][0] == "attr":
            yield from self.name(module, str(path[0][1]), path[1:])
        else:
            yield ProjectModule(module)

    def external(self, name: str, path: Path) -> Iterator[Origin]:
        """Something from outside the project, as a dotted name as far as ``path`` names attributes."""
        for number, (kind, value) in enumerate(path):
            if kind != "attr":
                yield External(f"{name}.?", path[number:])
                return
            name = f"{name}.{value}"
        yield External(name)
