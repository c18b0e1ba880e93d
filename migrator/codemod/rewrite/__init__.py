"""The edit engine: spans of the original text in, the changed text out.

The edits are plain values and cost nothing to import; libcst, which takes longer to import than small runs take
otherwise, is loaded with the first use of the functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    from collections.abc import Iterable, Mapping

    import libcst

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


def apply(text: str, edits: Iterable[Edit]) -> str:
    """:func:`migrator.codemod.rewrite.engine.apply`."""
    from . import engine  # noqa: PLC0415

    return engine.apply(text, edits)


def code(node: libcst.CSTNode) -> str:
    """:func:`migrator.codemod.rewrite.nodes.code`."""
    from . import nodes  # noqa: PLC0415

    return nodes.code(node)


def mapping_literal(mapping: Mapping[str, str], quote: str = '"') -> str:
    """:func:`migrator.codemod.rewrite.nodes.mapping_literal`."""
    from . import nodes  # noqa: PLC0415

    return nodes.mapping_literal(mapping, quote)


def string_literal(value: str, like: str) -> str:
    """:func:`migrator.codemod.rewrite.nodes.string_literal`."""
    from . import nodes  # noqa: PLC0415

    return nodes.string_literal(value, like)
