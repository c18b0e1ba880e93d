"""Attributes and items that are read from a value that is followed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.trace import subscript_step

if TYPE_CHECKING:
    from migrator.codemod.flow.forward.trail import State
    from migrator.codemod.flow.forward.walker import Walker
    from migrator.codemod.flow.origins import Step


_SAME = {"copy", "union", "elements", "__iter__", "tolist", "difference", "intersection"}
"""Methods of containers that give a container with the same content."""

_IN_PLACE = {
    "append", "appendleft", "add", "extend", "extendleft", "insert", "put", "put_nowait", "update", "setdefault",
    "remove", "discard", "clear", "sort", "reverse", "rotate", "index", "count", "keys", "join", "task_done",
    "empty", "full", "qsize", "close", "move_to_end", "get", "pop", "issubset", "issuperset", "isdisjoint",
}  # fmt: skip
"""Methods of containers that give nothing of their content."""

_TEXT_METHODS = {"encode", "decode", "strip", "lstrip", "rstrip", "replace"}


class Accesses:
    """Follows values through reads."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def attribute(self, state: State, parent: ast.Attribute) -> None:
        """An attribute is read from the value, or from what holds it."""
        if not isinstance(parent.ctx, ast.Load):
            return
        path = state.path
        outer = state.module.parent(parent)
        if parent.attr == "result" and isinstance(outer, ast.Call) and outer.func is parent:
            self._walker.move(state, outer)
            return
        if not path:
            self._walker.read_value(state, ("attr", parent.attr), parent)
            return
        first = path[0]
        call = state.module.parent(parent)
        called = isinstance(call, ast.Call) and call.func is parent
        if first == ("attr", parent.attr):
            self._walker.move(state, parent, path[1:])
        elif first[0] == "attr" and parent.attr == "__dict__":
            self._walker.move(state, parent, (("key", first[1]), *path[1:]))
        elif first[0] == "attr" and called and isinstance(call, ast.Call):
            if parent.attr in {
                "model_dump",
                "dict",
                "to_dict",
                "asdict",
                "_asdict",
                "json",
                "model_dump_json",
            }:
                self._walker.move(state, call, (("key", first[1]), *path[1:]))
            elif parent.attr in {"copy", "model_copy", "_replace"}:
                self._walker.move(state, call)
        elif first[0] == "member" and called and isinstance(call, ast.Call):
            if parent.attr == "keys":
                self._walker.move(state, call)
            elif parent.attr == "items":
                self._walker.move(state, call, (("index", None), ("index", 0), *path[1:]))
        elif first[0] in {"key", "index"} and called and isinstance(call, ast.Call):
            self._container_method(state, parent.attr, call)
        elif first[0] == "call" and parent.attr in {"result", "get"}:
            self._walker.move(state, parent)

    def _container_method(self, state: State, name: str, call: ast.Call) -> None:
        first, rest = state.path[0], state.path[1:]
        if name in {"get", "pop", "setdefault"} and first[0] == "key":
            wanted = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
            if first[1] is None or wanted is None or wanted == first[1]:
                self._walker.move(state, call, rest)
        elif name in {"pop", "popleft", "__getitem__", "get", "get_nowait"}:
            self._walker.move(state, call, rest)
        elif name == "values":
            self._walker.move(state, call, (("index", None), *rest))
        elif name == "items":
            self._walker.move(state, call, (("index", None), ("index", 1), *rest))
        elif name == "popitem":
            self._walker.move(state, call, (("index", 1), *rest))
        elif name in _SAME or (state.kind in self._walker.text_kinds.values() and name in _TEXT_METHODS):
            self._walker.move(state, call)
        elif name not in _IN_PLACE:
            self._walker.event("lost", state, call, f".{name}() is not known")

    def subscript(self, state: State, parent: ast.Subscript) -> None:
        """An item or a slice is taken out of the value, or out of what holds it."""
        if not isinstance(parent.ctx, ast.Load):
            return
        if not state.path:
            if isinstance(parent.slice, ast.Slice) and state.kind in self._walker.text_kinds:
                self._walker.text.to_text(state, parent)
            elif isinstance(parent.slice, ast.Slice):
                self._walker.read_value(state, ("attr", "[:]"), parent)
            else:
                self._walker.read_value(state, subscript_step(parent), parent)
            return
        if isinstance(parent.slice, ast.Slice):
            self._walker.move(state, parent)
            return
        step, first = subscript_step(parent), state.path[0]
        if (first[0] == "attr" and step[0] == "key" and step[1] == first[1]) or (
            first[0] in {"key", "index"}
            and (step == first or first[1] is None or step == ("index", None) or _same_end(step, first))
        ):
            self._walker.move(state, parent, state.path[1:])

    def by_name(self, state: State, call: ast.Call) -> None:
        """``getattr(value, name)``: an attribute by a name that must be constant."""
        name = call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], ast.Constant) else None
        if not isinstance(name, str):
            self._walker.event("lost", state, call)
        elif not state.path:
            self._walker.read_value(state, ("attr", name), call)
        elif state.path[0] == ("attr", name):
            self._walker.move(state, call, state.path[1:])


def _same_end(step: Step, first: Step) -> bool:
    """Positions counted from the other end may be the same element."""
    return (
        step[0] == "index" and first[0] == "index"
        and isinstance(step[1], int) and isinstance(first[1], int) and (step[1] < 0) != (first[1] < 0)
    )  # fmt: skip
