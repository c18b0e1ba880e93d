"""Values that are put into a list, a dict or another container."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward.trail import State
from migrator.codemod.flow.origins import Display, Unknown
from migrator.codemod.flow.trace import subscript_step

if TYPE_CHECKING:
    from migrator.codemod.flow.forward.walker import Walker
    from migrator.codemod.flow.origins import Origin, Path
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.scopes import Binding


class Containers:
    """Follows values into containers."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def is_list(self, module: Module, node: ast.expr) -> bool:
        """Whether a container is a list, as ``[None] * count`` is, so that a loop over it gives what it holds."""
        origins = self._walker.tracer.origins(module, node)
        made = [o.node for o in origins if isinstance(o, (Display, Unknown))]
        return bool(origins) and len(made) == len(origins) and all(map(_makes_list, made))

    def gives_keys(self, state: State) -> bool:
        """Whether a value sits in a dict of which a loop gives the keys only."""
        if state.path[:1] == () or state.path[0][0] not in {"key", "index"}:
            return False
        origins = self._walker.tracer.origins(state.module, state.node)
        return bool(origins) and all(map(_is_mapping, origins))

    def put(self, state: State, container: ast.expr, path: Path) -> None:
        """The value is put into a container: go to every use of that."""
        module = state.module
        if len(path) > 6:
            self._walker.event("lost", state, container)
            return
        match container:
            case ast.Name():
                bindings = module.bindings(container)
                if not bindings:
                    self._walker.event("store", state, container)
                for binding in bindings:
                    self._container_binding(state, binding, path)
            case ast.Attribute():
                owners = self._walker.attributes.owners(module, container.value)
                for owner in owners:
                    self._walker.attributes.of_class(state, owner, container.attr, path)
                if not owners:
                    name = self._walker.tracer.qualified(module, container)
                    if name is None or not self._walker.attributes.same_external(state, name, path):
                        self._walker.event("store", state, container, name or "")
            case ast.Subscript(value=value):
                self.put(state, value, (subscript_step(container), *path))
            case _:
                self._walker.event("store", state, container)

    def _container_binding(self, state: State, binding: Binding, path: Path) -> None:
        module = state.module
        for use in binding.uses:
            self._walker.push(State(module, use, state.kind, path))
        if binding.scope is module.names.module:
            self._walker.names.module_level(state, binding, path)
        function = binding.scope.node
        if (
            binding.kind == "parameter"
            and isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
            and binding.node not in (function.args.vararg, function.args.kwarg)
        ):
            self._walker.event("store", state, binding.node, "a container that the caller passed in")
        if binding.kind == "import":
            self._walker.event("store", state, binding.node, "a container of another module")

    def in_dict(
        self, state: State, parent: ast.Dict, keys: list[ast.expr | None], values: list[ast.expr]
    ) -> None:
        """The value is a key or a value of a dict that is written out."""
        for key, value in zip(keys, values, strict=True):
            if value is state.node:
                if key is None:
                    self._walker.move(state, parent)
                else:
                    name = key.value if isinstance(key, ast.Constant) else None
                    self._walker.move(
                        state, parent, (("key", name if isinstance(name, (str, int)) else None), *state.path)
                    )
                return
        self._walker.move(state, parent, (("member", None), *state.path))


def _is_mapping(origin: Origin) -> bool:
    match origin:
        case Display(node=ast.Dict()):
            return True
        case Unknown(node=ast.DictComp(), path=()):
            return True
    return False


def _makes_list(node: ast.AST) -> bool:
    match node:
        case ast.List() | ast.ListComp():
            return True
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return isinstance(left, ast.List) or isinstance(right, ast.List)
    return False
