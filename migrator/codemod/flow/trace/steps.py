"""Small questions about accesses and assignment targets, answered from the nodes alone."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.codemod.flow.origins import Path, Step
    from migrator.codemod.index.module import Module


def subscript_step(node: ast.Subscript) -> Step:
    """The access that a subscription makes."""
    index = node.slice
    if (
        isinstance(index, ast.UnaryOp)
        and isinstance(index.op, ast.USub)
        and isinstance(index.operand, ast.Constant)
    ):
        value = index.operand.value
        return ("index", -value) if isinstance(value, int) else ("index", None)
    if isinstance(index, ast.Constant):
        if isinstance(index.value, str):
            return ("key", index.value)
        if isinstance(index.value, int):
            return ("index", index.value)
    return ("index", None)


def is_part(longer: Path, path: Path) -> bool:
    """Whether ``longer`` takes something out and then does what ``path`` does."""
    return len(path) < len(longer) and longer[len(longer) - len(path) :] == path


def may_match(step: Step, wanted: Step) -> bool:
    """Whether an access that was written may be the one that is asked for."""
    return step in (wanted, ("index", None)) or wanted[1] is None


def steps_to(targets: list[ast.expr], wanted: ast.expr) -> Path:
    """The accesses that take the value of one target out of the value that is assigned."""
    for target in targets:
        if target is wanted:
            return ()
        if isinstance(target, (ast.Tuple, ast.List)):
            for position, element in enumerate(target.elts):
                if element is wanted:
                    return (("index", position),)
    return ()


def stem(module: Module) -> str:
    """What a file must name to import a module."""
    parts = module.path.removesuffix(".py").split("/")
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]
