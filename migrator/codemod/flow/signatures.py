"""Small questions about functions and their parameters, answered from their definition alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.codemod.index.module import FunctionDef


def is_first_parameter(function: FunctionDef, name: str) -> bool:
    """Whether a function calls its first parameter ``name``, as a method does with ``self``."""
    positional = [*function.args.posonlyargs, *function.args.args]
    return bool(positional) and positional[0].arg == name
