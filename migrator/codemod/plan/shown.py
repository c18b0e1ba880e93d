"""Showing the picture where a notebook showed its url."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.imports import import_as
from migrator.codemod.rewrite import AddImport, Replace
from migrator.types import Span

if TYPE_CHECKING:
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import FileEdit


def shown_by(module: Module, call: ast.Call, argument: ast.expr, name: str) -> tuple[FileEdit, ...]:
    """Edits that put the class ``name`` (dotted) in the place of what shows ``argument`` now."""
    bound, added = _class(module, name)
    own, inner = module.span(call), module.span(argument)
    return (
        (module.path, Replace(Span(own.start, inner.start), f"{bound}(url=")),
        (module.path, added),
    )


def _class(module: Module, name: str) -> tuple[str, AddImport]:
    """The class as the module calls it, or can call it without taking a name that means something else."""
    home, _, short = name.rpartition(".")
    for bound, bindings in module.names.module.bindings.items():
        node = next(iter(bindings)).node if len(bindings) == 1 else None
        if isinstance(node, ast.alias) and node.name == short:
            statement = module.parents[node]
            if isinstance(statement, ast.ImportFrom) and statement.module == home:
                return bound, AddImport(home, short, node.asname)
    if (
        not any(short in scope.bindings for scope in module.names.scopes.values())
        and short not in module.loads
    ):
        return short, AddImport(home, short)
    bound, added = import_as(module, home)
    # `import a.b` binds a
    return f"{home if added.alias is None else bound}.{short}", added
