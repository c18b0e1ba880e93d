"""What a value can turn out to be when it is traced back to where it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import ast

    from migrator.codemod.index.module import FunctionDef, Module
    from migrator.codemod.index.scopes import Binding

StepKind = Literal["attr", "key", "index", "call", "member"]
Step = tuple[StepKind, "str | int | None"]
"""One access: attribute, string key, position (``None``: any element), result of a call, or key of a mapping."""
Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal in the source."""

    module: Module
    node: ast.Constant


@dataclass(frozen=True, slots=True)
class Display:
    """A list, tuple, set or dict written out in the source."""

    module: Module
    node: ast.Dict | ast.List | ast.Tuple | ast.Set


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the project. ``owner`` is its class when it is a method."""

    module: Module
    node: FunctionDef | ast.Lambda
    owner: ast.ClassDef | None = None


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the project."""

    module: Module
    node: ast.ClassDef


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of the project. ``call`` made it, where that is known."""

    module: Module
    node: ast.ClassDef
    call: ast.Call | None = None


@dataclass(frozen=True, slots=True)
class ProjectModule:
    """A module of the project."""

    module: Module


@dataclass(frozen=True, slots=True)
class External:
    """A dotted name from outside the project, such as ``os.environ``, with what was taken out of it."""

    name: str
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Made:
    """The result of calling something from outside the project, with what was taken out of it."""

    module: Module
    node: ast.Call
    name: str
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that callers outside our sight may fill. ``annotation`` is its external type, if it has one."""

    module: Module
    binding: Binding
    annotation: str | None = None
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything else: an expression that is computed, or that cannot be followed."""

    module: Module
    node: ast.AST
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """An expression at which the question said to stop."""

    module: Module
    node: ast.expr


Origin = (
    Mark
    | Constant
    | Display
    | Function
    | Class
    | Instance
    | ProjectModule
    | External
    | Made
    | Parameter
    | Unknown
)
