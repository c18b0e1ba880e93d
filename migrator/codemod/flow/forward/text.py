"""Values that become part of a text, or take part in an operation."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward.names import bindings_of
from migrator.codemod.flow.forward.trail import State

if TYPE_CHECKING:
    from migrator.codemod.flow.forward.walker import Walker


class Texts:
    """Follows values through operators and formatting."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def formatted(self, state: State, parent: ast.FormattedValue) -> None:
        """The value stands in an f-string."""
        joined = state.module.parent(parent)
        if isinstance(joined, ast.JoinedStr):
            self.to_text(state, joined)

    def to_text(self, state: State, node: ast.expr) -> None:
        """The value becomes part of the text that ``node`` makes."""
        kind = self._walker.text_kinds.get(state.kind)
        if kind is None:
            self._walker.event("operate", state, node)
        else:
            self._walker.push(State(state.module, node, kind, ()))

    def operate(self, state: State, parent: ast.BinOp) -> None:
        """The value is an operand."""
        if (
            isinstance(parent.op, (ast.Add, ast.Mod))
            and not state.path
            and state.kind in self._walker.text_kinds
        ):
            self.to_text(state, parent)
        elif (isinstance(parent.op, (ast.Add, ast.BitOr)) and state.path) or (
            isinstance(parent.op, ast.BitOr) and state.kind == "mapping"
        ):
            self._walker.move(state, parent)
        elif isinstance(parent.op, ast.Mod) and state.kind in self._walker.text_kinds:
            self.to_text(state, parent)
        else:
            self._walker.event("operate", state, parent)

    def augment(self, state: State, target: ast.expr, op: ast.operator) -> None:
        """The value is added to a target in place."""
        if not isinstance(op, ast.Add):
            self._walker.event("operate", state, target)
            return
        kind = state.kind if state.path else self._walker.text_kinds.get(state.kind)
        if kind is None:
            self._walker.event("operate", state, target)
            return
        moved = State(state.module, state.node, kind, state.path)
        if isinstance(target, ast.Name):
            for binding in bindings_of(state.module, target):
                self._walker.names.uses(state.module, binding, kind, state.path)
        else:
            self._walker.names.assign(moved, target)
