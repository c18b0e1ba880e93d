"""How a value leaves a function: to all that call it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward.trail import State
from migrator.codemod.flow.origins import Class, Path
from migrator.codemod.flow.signatures import decorator_names, is_static

if TYPE_CHECKING:
    from migrator.codemod.flow.forward.walker import Walker
    from migrator.codemod.flow.trace import Caller
    from migrator.codemod.index.module import FunctionDef


class Leaving:
    """Follows values out of functions."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker
        self._decorators: set[ast.AST] = set()

    def returned(self, state: State, wrap: Path) -> None:
        """The value is returned or yielded, inside ``wrap``: go to every call of the function."""
        module = state.module
        function = module.function(state.node)
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._walker.event("lost", state, function)
            return
        if module.function(function) in self._decorators:
            return  # what a wrapper returns is followed from the function that it wraps
        path = wrap + state.path
        self._wrapped(state, function, path)
        if any(name in {"contextmanager", "asynccontextmanager"} for name in decorator_names(function)):
            path = state.path
        if any(name in {"property", "cached_property"} for name in decorator_names(function)):
            owner = module.enclosing_class(function)
            if owner is not None:
                self._walker.attributes.of_class(state, Class(module, owner), function.name, path)
                return
        callers = self._walker.tracer.callers(module, function)
        for caller in (*callers.calls, *callers.possible):
            self._returned_to(state, caller, path)
        if callers.is_open or not callers.calls:
            self._walker.event("return", state, function, callers.why)

    def _wrapped(self, state: State, function: FunctionDef, path: Path) -> None:
        """Decorators of the project call the function and get the value first."""
        for decorator in function.decorator_list:
            for origin in self._walker.tracer.functions(state.module, decorator):
                arguments = origin.node.args
                positional = [*arguments.posonlyargs, *arguments.args]
                if origin.owner is not None and not is_static(origin.node):
                    positional = positional[1:]
                if positional:
                    self._decorators.add(origin.node)
                    self._walker.entering.parameter(
                        origin, positional[0].arg, state.kind, (("call", None), *path)
                    )

    def _returned_to(self, state: State, caller: Caller, path: Path) -> None:
        name = self._walker.tracer.qualified(caller.module, caller.call.func)
        if caller.shift and name == "functools.partial":
            path = (("call", None), *path)
        if caller.each:
            path = (("index", None), *path)
        self._walker.push(State(caller.module, caller.call, state.kind, path))
