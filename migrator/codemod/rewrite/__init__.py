"""The edit engine: spans of the original text in, the changed text out.

The edits are plain values and cost nothing to import; libcst is loaded with the first use of the functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.codemod.offsets import Offsets

from .edits import (
    AddArgument,
    AddElement,
    AddEntry,
    AddHelper,
    AddImport,
    ArgumentChange,
    Arguments,
    Around,
    DropArgument,
    DropElement,
    DropEntry,
    DropImport,
    DropPosition,
    DropStatement,
    Edit,
    EditConflict,
    ElementChange,
    Elements,
    Entries,
    EntryChange,
    InsertAfter,
    InsertBefore,
    RenameArgument,
    Replace,
    ReplaceStatement,
    SetArgument,
    SetEntry,
    Unwrap,
)

if TYPE_CHECKING:
    from .engine import apply
    from .nodes import code, mapping_literal, string_literal

__all__ = [
    "AddArgument",
    "AddElement",
    "AddEntry",
    "AddHelper",
    "AddImport",
    "ArgumentChange",
    "Arguments",
    "Around",
    "DropArgument",
    "DropElement",
    "DropEntry",
    "DropImport",
    "DropPosition",
    "DropStatement",
    "Edit",
    "EditConflict",
    "ElementChange",
    "Elements",
    "Entries",
    "EntryChange",
    "InsertAfter",
    "InsertBefore",
    "Offsets",
    "RenameArgument",
    "Replace",
    "ReplaceStatement",
    "SetArgument",
    "SetEntry",
    "Unwrap",
    "apply",
    "code",
    "mapping_literal",
    "string_literal",
]

_LAZY = {"apply": "engine", "code": "nodes", "mapping_literal": "nodes", "string_literal": "nodes"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415 - libcst takes longer to import than small runs take

    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
