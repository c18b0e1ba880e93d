"""Small questions about classes and annotations, answered from the nodes alone."""

from __future__ import annotations

import ast

from migrator.codemod.flow.signatures import decorator_names
from migrator.codemod.index.module import dotted

_FIELD_BASES = ("BaseModel", "BaseSettings", "NamedTuple", "TypedDict", "SQLModel", "Struct")
_ENUM_BASES = ("Enum", "StrEnum", "IntEnum")
_VALIDATED_BASES = ("BaseModel", "BaseSettings", "SQLModel", "Struct")


def is_enum(node: ast.ClassDef) -> bool:
    """Whether a class is an enumeration, by the names of its bases."""
    return any((dotted(base) or ("",))[-1] in _ENUM_BASES for base in node.bases)


def has_fields(node: ast.ClassDef) -> bool:
    """Whether the class body lists fields that the constructor takes: dataclasses, attrs, pydantic and kin."""
    if any(
        name in {"dataclass", "define", "frozen", "mutable", "s", "attrs"} for name in decorator_names(node)
    ):
        return True
    return any((dotted(base) or ("",))[-1] in _FIELD_BASES for base in node.bases)


def is_named_tuple(node: ast.ClassDef) -> bool:
    """Whether objects of a class are tuples, whose fields have positions too."""
    return any((dotted(base) or ("",))[-1] == "NamedTuple" for base in node.bases)


def is_validated(node: ast.ClassDef) -> bool:
    """Whether objects of a class are usually made from outside data: requests, settings files, the environment."""
    return any((dotted(base) or ("",))[-1] in _VALIDATED_BASES for base in node.bases)


def field_names(node: ast.ClassDef) -> list[str]:
    """The fields that the constructor of a dataclass-like class takes by position, in order."""
    found: list[str] = []
    for statement in node.body:
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        kind = _last_name(statement.annotation)
        if kind == "KW_ONLY":
            break
        if kind != "ClassVar" and not _is_left_out(statement.value):
            found.append(statement.target.id)
    return found


def _last_name(annotation: ast.expr) -> str:
    target = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return (dotted(target) or ("",))[-1]


def _is_left_out(default: ast.expr | None) -> bool:
    """``field(init=False)``: the constructor does not take it."""
    return isinstance(default, ast.Call) and any(
        keyword.arg == "init" and isinstance(keyword.value, ast.Constant) and not keyword.value.value
        for keyword in default.keywords
    )


def annotation_types(annotation: ast.expr) -> list[ast.expr]:
    """The names inside an annotation, through ``Optional``, ``|``, ``Annotated`` and quotes are not followed."""
    match annotation:
        case ast.Name() | ast.Attribute():
            return [annotation]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return annotation_types(left) + annotation_types(right)
        case ast.Subscript(value=value, slice=inner) if (dotted(value) or ("",))[-1] in {
            "Optional", "Union", "Annotated", "Final", "ClassVar",
        }:  # fmt: skip
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return [name for part in parts for name in annotation_types(part)]
    return []
