"""Values that cross the border of a function: what it returns, and what its callers pass for a parameter."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import (
    Class,
    Constant,
    Display,
    Function,
    Instance,
    Origin,
    Parameter,
    Path,
    Unknown,
)
from migrator.codemod.flow.signatures import (
    arguments_for,
    decorator_names,
    default_of,
    is_first_parameter,
    is_property,
    is_static,
    returned_values,
    yielded_values,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace.tracer import Tracer
    from migrator.codemod.index.module import FunctionDef, Module
    from migrator.codemod.index.scopes import Binding


class Bodies:
    """Traces into functions and out of their parameters."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._index = tracer.index
        self._results: dict[FunctionDef, tuple[list[ast.expr], list[ast.expr]]] = {}
        """What functions return and what they yield: asked again for every path."""

    def function(self, function: Function, path: Path) -> Iterator[Origin]:
        """What an access to a function gives: the function, or what a call of it returns."""
        if is_property(function.node):
            yield from self._returned(function, path)
            return
        if not path:
            yield function
            return
        if path[0][0] != "call":
            yield Unknown(function.module, function.node, path)
            return
        yield from self._returned(function, path[1:])

    def _returned(self, function: Function, path: Path) -> Iterator[Origin]:
        node = function.node
        if isinstance(node, ast.Lambda):
            yield from self._tracer.origins(function.module, node.body, path)
            return
        produced = False
        if self._is_exchanged(function):
            produced = True
            yield Unknown(function.module, node, path)
        if node not in self._results:
            self._results[node] = returned_values(node), yielded_values(node)
        returned, yielded = self._results[node]
        for value in returned:
            for origin in self._tracer.origins(function.module, value, path):
                produced = True
                yield origin
        for value in yielded:
            inner = path[1:] if path and path[0][0] == "index" else path
            for origin in self._tracer.origins(function.module, value, inner):
                produced = True
                yield origin
        if not produced and node.returns is not None:
            yield from self._tracer.annotations.returned(function.module, node.returns, path)

    def _is_exchanged(self, function: Function) -> bool:
        """Whether a decorator of the project gives callers something else than what the function returns."""
        assert not isinstance(function.node, ast.Lambda)
        for decorator in function.node.decorator_list:
            for outer in self._tracer.functions(function.module, decorator):
                arguments = [*outer.node.args.posonlyargs, *outer.node.args.args]
                for wrapper in self._tracer.bodies.function(outer, (("call", None),)):
                    if isinstance(wrapper, Function) and not isinstance(wrapper.node, ast.Lambda):
                        for value in returned_values(wrapper.node):
                            if not self._is_result_of(wrapper.module, value, arguments):
                                return True
        return False

    def _is_result_of(self, module: Module, value: ast.expr, parameters: list[ast.arg]) -> bool:
        """Whether a value is nothing but what a call of one of these parameters gives."""
        return all(
            (isinstance(o, Constant) and o.node.value is None)
            or (isinstance(o, Parameter) and o.binding.node in parameters and o.path[:1] == (("call", None),))
            for o in self._tracer.origins(module, value)
        )

    def parameter(self, module: Module, binding: Binding, node: ast.arg, path: Path) -> Iterator[Origin]:
        """What callers pass for a parameter; the parameter itself where others may call, too."""
        function = binding.scope.node
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            default = default_of(function, node.arg) if isinstance(function, ast.Lambda) else None
            if default is not None:
                yield from self._tracer.origins(module, default, path)
            yield Parameter(module, binding, path=path)
            return
        owner = module.enclosing_class(function)
        if owner is not None and is_first_parameter(function, node.arg) and not is_static(function):
            if "classmethod" in decorator_names(function):
                yield from self._tracer.classes.of_class(Class(module, owner), path)
            else:
                yield from self._tracer.classes.of_instance(Instance(module, owner), path)
            return
        callers = self._tracer.caller_search.callers(module, function)
        default = default_of(function, node.arg)
        produced = False
        if default is not None and not (isinstance(default, ast.Constant) and default.value is None and path):
            produced = True
            yield from self._tracer.origins(module, default, path)
        foreign = False
        for caller in callers.calls:
            for argument, extra in arguments_for(function, node.arg, caller):
                produced = True
                found = self._tracer.origins(caller.module, argument, extra + path)
                for origin in found:
                    if caller.certain or not _is_written(origin):
                        yield origin
                    else:
                        foreign = True  # another object may want it as it is
        if foreign or any(
            not isinstance(argument, ast.Constant) or isinstance(argument.value, str)
            for caller in callers.possible
            for argument, _ in arguments_for(function, node.arg, caller)
        ):
            yield Parameter(module, binding, path=path)
        if callers.is_open or not produced or self._is_published(module, function, owner):
            if node.annotation is not None:
                yield from self._tracer.annotations.typed(module, node.annotation, binding, path)
            else:
                yield Parameter(module, binding, path=path)

    def _is_published(self, module: Module, function: FunctionDef, owner: ast.ClassDef | None) -> bool:
        """Whether a function is part of what an installable package offers."""
        names = [function.name] if function.name != "__init__" else []
        names += [owner.name] if owner is not None else []
        if any(name.startswith("_") for name in names) or module.function(function) is not None:
            return False
        return self._index.is_published(module)


def _is_written(origin: Origin) -> bool:
    """Whether a value is a text or a collection that stands in the source, where it could be changed."""
    return isinstance(origin, Display) or (
        isinstance(origin, Constant) and isinstance(origin.node.value, str)
    )
