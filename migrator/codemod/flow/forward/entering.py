"""How an argument becomes a parameter of a function, or a field of an object."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, Function, Path
from migrator.codemod.flow.shapes import has_fields, is_named_tuple
from migrator.codemod.flow.signatures import decorator_names, is_static

if TYPE_CHECKING:
    from migrator.codemod.flow.forward.trail import State
    from migrator.codemod.flow.forward.walker import Walker
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module


class Entering:
    """Follows values into functions and constructions."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def enter(
        self,
        state: State,
        call: ast.Call,
        function: Function,
        keyword: str | None,
        shift: int,
        callee: ast.expr,
    ) -> None:
        """The value is an argument of a call of a function of the project."""
        node = function.node
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
        keyword_names = {*names, *(a.arg for a in node.args.kwonlyargs)}
        if keyword == "**":
            self._spread(state, function, keyword_names)
            return
        if keyword is not None:
            if keyword in keyword_names:
                self.parameter(function, keyword, state.kind, state.path)
            elif node.args.kwarg is not None:
                self.parameter(function, node.args.kwarg.arg, state.kind, (("key", keyword), *state.path))
            return
        if state.node not in call.args:
            return
        position = call.args.index(state.node) - shift
        if position < 0:
            if state.path and state.path[0][0] == "call":
                self._walker.move(state, call, state.path[1:])
            return
        if (
            function.owner is not None
            and not is_static(node)
            and not _through_class(self._walker.tracer, state.module, callee)
        ) or (
            function.owner is not None
            and not isinstance(node, ast.Lambda)
            and "classmethod" in decorator_names(node)
        ):
            position += 1
        if position < len(names):
            self.parameter(function, names[position], state.kind, state.path)
        elif node.args.vararg is not None:
            offset = position - len(names)
            self.parameter(function, node.args.vararg.arg, state.kind, (("index", offset), *state.path))

    def _spread(self, state: State, function: Function, names: set[str]) -> None:
        """``f(**mapping)``: keys of the mapping become parameters."""
        if state.path and state.path[0][0] == "key":
            key = state.path[0][1]
            if isinstance(key, str) and key in names:
                self.parameter(function, key, state.kind, state.path[1:])
                return
        if function.node.args.kwarg is not None:
            self.parameter(function, function.node.args.kwarg.arg, state.kind, state.path)

    def method(self, state: State, call: ast.Call, cls: Class, name: str, keyword: str | None) -> bool:
        """The value is an argument of a call that runs the method ``name`` of a class. Whether there is one."""
        for owner in self._walker.tracer.family(cls):
            scope = owner.module.names.scopes.get(owner.node)
            for binding in scope.bindings.get(name, ()) if scope else ():
                if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    function = Function(owner.module, binding.node, owner.node)
                    self.enter(state, call, function, keyword, 0, ast.Name(id="self", ctx=ast.Load()))
                    return True
        return False

    def item(self, state: State, cls: Class) -> None:
        """The value is assigned to an item of an object of a class, which may have a method for that."""
        for owner in self._walker.tracer.family(cls):
            scope = owner.module.names.scopes.get(owner.node)
            for binding in scope.bindings.get("__setitem__", ()) if scope else ():
                if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    function = Function(owner.module, binding.node, owner.node)
                    for argument in [*binding.node.args.posonlyargs, *binding.node.args.args][2:3]:
                        self.parameter(function, argument.arg, state.kind, state.path)
                    return

    def construct(self, state: State, call: ast.Call, cls: Class, keyword: str | None) -> None:
        """The value is an argument of a call that makes an object of a class."""
        if self.method(state, call, cls, "__init__", keyword):
            return
        for owner in self._walker.tracer.family(cls):
            if has_fields(owner.node):
                names = self._walker.tracer.fields.order(cls)
                field_name = keyword
                if keyword is None and state.node in call.args:
                    position = call.args.index(state.node)
                    field_name = names[position] if position < len(names) else None
                if field_name == "**" and state.path and state.path[0][0] == "key":
                    key = state.path[0][1]
                    self._walker.attributes.of_class(state, owner, str(key), state.path[1:])
                    self._walker.move(state, call, (("attr", key), *state.path[1:]))
                    return
                if field_name is not None:
                    self._walker.attributes.of_class(state, owner, field_name, state.path)
                    self._walker.move(state, call, (("attr", field_name), *state.path))
                    if field_name in names and is_named_tuple(owner.node):
                        position = names.index(field_name)
                        self._walker.move(state, call, (("index", position), *state.path))
                    return
        if keyword is not None and keyword != "**":
            self._walker.move(state, call, (("attr", keyword), *state.path))
        self._walker.event("argument", state, call, keyword or "")

    def parameter(self, function: Function, name: str, kind: str, path: Path) -> None:
        """The value sits in a parameter: go to every use of it."""
        scope = function.module.names.scopes.get(function.node)
        for binding in scope.bindings.get(name, ()) if scope else ():
            if binding.kind == "parameter":
                if isinstance(binding.node, ast.arg) and binding.node.annotation is not None:
                    self._walker.trail.annotations.add((function.module, binding.node.annotation))
                self._walker.names.uses(function.module, binding, kind, path)

    def element(self, state: State, call: ast.Call, function: Function, name: str) -> None:
        """An element of the value sits in a parameter, as ``map`` passes it."""
        inner: State | None = state._replace(path=state.path[1:])
        if not state.path:
            inner = self._walker.read(state, ("index", None), call)
        if inner is not None:
            self.parameter(function, name, inner.kind, inner.path)

    def default(self, state: State, arguments: ast.arguments) -> None:
        """The value is the default of a parameter."""
        node = state.module.parent(arguments)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return
        positional = [*arguments.posonlyargs, *arguments.args]
        named: list[tuple[ast.arg, ast.expr | None]] = [
            *zip(reversed(positional), reversed(arguments.defaults), strict=False),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        for argument, default in named:
            if default is state.node:
                self.parameter(Function(state.module, node), argument.arg, state.kind, state.path)


def _through_class(tracer: Tracer, module: Module, callee: ast.expr) -> bool:
    """Whether a method is called on the class itself, so that the object is the first argument."""
    if not isinstance(callee, ast.Attribute):
        return False
    origins = tracer.origins(module, callee.value)
    return bool(origins) and all(isinstance(origin, Class) for origin in origins)
