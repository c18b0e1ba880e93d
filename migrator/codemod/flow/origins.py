"""What a value can turn out to be when it is traced back to where it was made.

Named tuples, because they are hashed by the million; no two kinds have the same number of fields with the same content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import ast

    from migrator.codemod.index.module import FunctionDef, Module
    from migrator.codemod.index.scopes import Binding

StepKind = Literal["attr", "key", "index", "call", "member"]
Step = tuple[StepKind, "str | int | None"]
"""One access: attribute, string key, position (``None``: any element), result of a call, or key of a mapping."""
Path = tuple[Step, ...]


class Constant(NamedTuple):
    """A literal in the source."""

    module: Module
    node: ast.Constant


class Display(NamedTuple):
    """A list, tuple, set or dict written out in the source."""

    module: Module
    node: ast.Dict | ast.List | ast.Tuple | ast.Set


class Function(NamedTuple):
    """A function of the project. ``owner`` is its class when it is a method."""

    module: Module
    node: FunctionDef | ast.Lambda
    owner: ast.ClassDef | None = None


class Class(NamedTuple):
    """A class of the project."""

    module: Module
    node: ast.ClassDef


class Instance(NamedTuple):
    """An object of a class of the project. ``call`` made it, where that is known."""

    module: Module
    node: ast.ClassDef
    call: ast.Call | None = None


class ProjectModule(NamedTuple):
    """A module of the project."""

    module: Module


class External(NamedTuple):
    """A dotted name from outside the project, such as ``os.environ``, with what was taken out of it."""

    name: str
    path: Path = ()


class Made(NamedTuple):
    """The result of calling something from outside the project, with what was taken out of it."""

    module: Module
    node: ast.Call
    name: str
    path: Path = ()


class Parameter(NamedTuple):
    """A parameter that callers outside our sight may fill. ``annotation`` is its external type, if it has one."""

    module: Module
    binding: Binding
    annotation: str | None = None
    path: Path = ()


class Unknown(NamedTuple):
    """Anything else: an expression that is computed, or that cannot be followed."""

    module: Module
    node: ast.AST
    path: Path = ()


class Mark(NamedTuple):
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
