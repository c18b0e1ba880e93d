"""Which names from outside the project expressions stand for, by imports and plain aliases alone."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.index.module import Module, dotted
from migrator.codemod.index.project import ExternalName, ImportedName

if TYPE_CHECKING:
    from migrator.codemod.index.project import ProjectIndex
    from migrator.codemod.index.scopes import Binding


class Names:
    """Answers about names, without looking at data flow."""

    def __init__(self, index: ProjectIndex) -> None:
        self._index = index
        self._qualifying: set[Binding] = set()

    def qualified(self, module: Module, node: ast.expr) -> str | None:
        """The dotted external name of an expression, ``requests.get`` for ``get`` after a from-import.

        Cheap: looks at imports and plain aliases only, never at data flow.
        """
        match node:
            case ast.Name():
                names = {self.qualified_binding(module, binding) for binding in module.bindings(node)}
                if not names and not module.bindings(node):
                    source = self._index.star_imported(module, node.id) if module.star_imports else None
                    if source is not None:
                        bindings = source.names.module.bindings[node.id]
                        found = {self.qualified_binding(source, binding) for binding in bindings}
                        return found.pop() if len(found) == 1 else None
                    return f"builtins.{node.id}"
                return names.pop() if len(names) == 1 else None
            case ast.Attribute(value=value, attr=attr):
                base = self.qualified(module, value)
                return None if base is None else f"{base}.{attr}"
        return None

    def definitions(self, module: Module, node: ast.expr) -> list[tuple[Module, ast.expr]]:
        """The expressions that a name is bound to, in this module or where it is imported from."""
        if not isinstance(node, ast.Name):
            return []
        found: list[tuple[Module, ast.expr]] = []
        for binding in module.bindings(node):
            where, bindings = module, [binding]
            if binding.kind == "import" and isinstance(binding.node, ast.alias):
                imported = self._index.imported(module, binding.node)
                if not isinstance(imported, ImportedName):
                    continue
                where = imported.module
                bindings = where.names.module.bindings.get(imported.name, [])
            found.extend((where, one.value) for one in bindings if one.value is not None and not one.steps)
        return found

    def qualified_binding(self, module: Module, binding: Binding) -> str | None:
        """The dotted external name that a binding stands for."""
        if binding in self._qualifying:
            return None
        self._qualifying.add(binding)
        try:
            return self._qualified_anew(module, binding)
        finally:
            self._qualifying.discard(binding)

    def _qualified_anew(self, module: Module, binding: Binding) -> str | None:
        if binding.kind == "import" and isinstance(binding.node, ast.alias):
            found = self._index.imported(module, binding.node)
            if isinstance(found, ExternalName):
                return found.name
            if isinstance(found, ImportedName):
                inner = [
                    self.qualified_binding(found.module, other)
                    for other in found.module.names.module.bindings.get(found.name, ())
                ]
                return inner[0] if len(inner) == 1 else None
            return None
        if binding.kind == "assign" and not binding.steps and binding.value is not None:
            if isinstance(binding.value, (ast.Name, ast.Attribute)) and not self._mentions(binding):
                return self.qualified(module, binding.value)
        return None

    def _mentions(self, binding: Binding) -> bool:
        """Whether a binding is made from its own name, as in ``x = x.y``."""
        chain = dotted(binding.value) if binding.value is not None else None
        return chain is not None and chain[0] == binding.name
