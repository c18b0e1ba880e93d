"""The dotted names that a callable can go by, through imports and through what its receiver is."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import External, Made, Parameter

if TYPE_CHECKING:
    from migrator.codemod.flow.origins import Path
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module


def callable_names(tracer: Tracer, module: Module, func: ast.expr) -> list[str]:
    """The written name of a callable, and the methods of everything that its receiver can be."""
    found: list[str] = []
    qualified = tracer.qualified(module, func)
    if qualified is not None:
        found.append(qualified)
    if isinstance(func, ast.Attribute):
        for origin in tracer.origins(module, func.value):
            name = None
            match origin:
                case Made(name=made, path=path):
                    name = _with_attributes(made, path)
                case Parameter(annotation=str(annotation), path=path):
                    name = _with_attributes(annotation, path)
                case External(name=external):
                    name = external.removesuffix(".?")
            if name is not None:
                found.append(f"{name}.{func.attr}")
    return list(dict.fromkeys(found))


def _with_attributes(name: str, path: Path) -> str:
    return ".".join([name, *(str(value) for kind, value in path if kind == "attr")])
