"""Values passed to functions and classes of the project, and to methods of containers and strings."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import runner_position
from migrator.codemod.flow.origins import Class, Display, Function, Instance, Made

if TYPE_CHECKING:
    from migrator.codemod.flow.forward.trail import State
    from migrator.codemod.flow.forward.walker import Walker
    from migrator.codemod.flow.origins import Path
    from migrator.codemod.index.module import Module

_PASSING_METHODS = {"run_until_complete", "create_task"}

_TEXT_TAKERS = {"join", "format", "format_map", "replace", "substitute", "safe_substitute"}


class Passing:
    """Finds out what a call that is not known by name does with an argument."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def pass_on(self, state: State, call: ast.Call, keyword: str | None, name: str | None) -> None:
        """The value is an argument of a call that is not known by its name."""
        module = state.module
        if isinstance(call.func, ast.Attribute):
            if self._method(state, call, call.func, keyword, name):
                return
        if call.args and call.args[0] is not state.node and self._walker.tracer.runs_callable(module, call):
            self._walker.event("argument", state, call, keyword or "")
            return
        position = runner_position(call, name)
        callee: ast.expr = call.func
        shift = 0
        if position is not None and len(call.args) > position:
            callee, shift = call.args[position], position + 1
        known = False
        for origin in self._walker.tracer.origins(module, callee):
            if isinstance(origin, Function):
                known = True
                self._walker.entering.enter(state, call, origin, keyword, shift, callee)
            elif isinstance(origin, (Class, Instance)):
                known = True
                cls = Class(origin.module, origin.node)
                if isinstance(origin, Instance):
                    self._walker.entering.method(state, call, cls, "__call__", keyword)
                else:
                    self._walker.entering.construct(state, call, cls, keyword)
            elif isinstance(origin, Made):
                known = self._into_named_tuple(state, call, origin, keyword) or known
        if not known and isinstance(callee, ast.Attribute):
            for function in self._named_methods(callee, call):
                known = True
                self._walker.entering.enter(state, call, function, keyword, shift, callee)
        if not known:
            self._walker.event("argument", state, call, keyword or "")

    def _into_named_tuple(self, state: State, call: ast.Call, origin: Made, keyword: str | None) -> bool:
        """``Result = namedtuple("Result", "prompt url")``: the value sits in a field of the tuple."""
        if not origin.name.endswith("amedtuple") and not origin.name.endswith("NamedTuple"):
            return False
        names = named_tuple_fields(origin.node)
        name: str | None = keyword
        if keyword is None and state.node in call.args and call.args.index(state.node) < len(names):
            name = names[call.args.index(state.node)]
        if name is None:
            return False
        self._walker.move(state, call, (("attr", name), *state.path))
        if name in names:
            self._walker.move(state, call, (("index", names.index(name)), *state.path))
        return True

    def _named_methods(self, callee: ast.Attribute, call: ast.Call) -> list[Function]:
        """Methods of the project that a call may mean although its object is not known."""
        found = []
        methods = self._walker.index.methods(callee.attr)
        if len(methods) > 1:
            return []
        for other, owner, node in methods:
            callers = self._walker.tracer.callers(other, node)
            if any(caller.call is call for caller in callers.calls):
                found.append(Function(other, node, owner))
        return found

    def _method(
        self, state: State, call: ast.Call, func: ast.Attribute, keyword: str | None, name: str | None
    ) -> bool:
        """Methods of builtin containers and strings that take the value in."""
        step = self._put_at(state, call, func, keyword, name)
        if step is not None:
            if self._walker.wary and self._walker.tracer.functions(state.module, func):
                return False  # a method of the project that is called like one of a container
            other = self._walker.containers.receiver(state, func.value)
            self._walker.containers.put(state, func.value, step, told=other is not None)
            if func.attr == "setdefault":
                self._walker.move(state, call)
            return other is None
        if func.attr in _TEXT_TAKERS and state.kind in self._walker.text_kinds:
            if not self._walker.tracer.functions(state.module, func):
                self._walker.text.to_text(state, call)
                return True
        if (
            func.attr in _PASSING_METHODS
            and name is None
            and not self._walker.tracer.functions(state.module, func)
        ):
            self._walker.move(state, call)
            return True
        return False

    def _put_at(
        self, state: State, call: ast.Call, func: ast.Attribute, keyword: str | None, name: str | None
    ) -> Path | None:
        """Where in a container a method puts the value; ``None`` where it is no such method."""
        path = state.path
        match func.attr:
            case "append" | "add" | "appendleft" | "put" | "put_nowait" if len(call.args) == 1:
                kept = self._walker.containers.is_kept
                if name is None or name.startswith("builtins.") or kept(state.module, func.value):
                    return (("index", None), *path)
            case "insert" if len(call.args) == 2 and call.args[1] is state.node:
                return (("index", None), *path)
            case "extend":
                return path
            case "update" if self._is_mapping(state.module, func.value):
                return path if keyword in {None, "**"} else (("key", keyword), *path)
            case "setdefault" if len(call.args) == 2 and call.args[1] is state.node:
                key = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
                return (("key", key if isinstance(key, str) else None), *path)
        return None

    def _is_mapping(self, module: Module, node: ast.expr) -> bool:
        origins = self._walker.tracer.origins(module, node)
        return any(isinstance(o, Display) and isinstance(o.node, ast.Dict) for o in origins) or not origins


def named_tuple_fields(call: ast.Call) -> list[str]:
    """The fields that a call of ``namedtuple`` names."""
    if len(call.args) < 2:
        return []
    given = call.args[1]
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return given.value.replace(",", " ").split()
    names: list[str] = []
    for element in given.elts if isinstance(given, (ast.List, ast.Tuple)) else []:
        first = element.elts[0] if isinstance(element, ast.Tuple) and element.elts else element
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            names.append(first.value)
    return names
