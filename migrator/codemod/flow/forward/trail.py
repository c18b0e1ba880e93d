"""What is followed and what is met on the way: a value at a place, an end of its path, and all of a walk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import ast

    from migrator.codemod.flow.origins import Path
    from migrator.codemod.index.module import Module

What = Literal[
    "argument",  # passed to a callable from outside the project; node is the argument, parent the call
    "access",  # an attribute or item is read from it; parent is the attribute or subscript
    "truth",  # only tested
    "compare",  # compared; parent is the comparison
    "discard",  # dropped
    "return",  # leaves through a function that others may call
    "store",  # put somewhere that cannot be followed
    "key",  # used as a key of a dict or a subscript
    "operate",  # takes part in an operation that has no meaning for it
    "lost",  # cannot be followed
]


class State(NamedTuple):
    """A value of some kind that sits at ``path`` inside the value of ``node``."""

    module: Module
    node: ast.expr
    kind: str
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to a value and ends the path on which it was followed."""

    what: What
    state: State
    parent: ast.AST | None = None
    detail: str = ""


@dataclass(slots=True)
class Trail:
    """Everything that one walk met."""

    events: list[Event] = field(default_factory=list)
    states: set[State] = field(default_factory=set)
    annotations: set[tuple[Module, ast.expr]] = field(default_factory=set)
    """Annotations of parameters and fields that the value passes through."""
