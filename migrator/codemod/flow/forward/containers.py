"""Values that are put into a list, a dict or another container."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward.trail import State
from migrator.codemod.flow.origins import Display, Unknown
from migrator.codemod.flow.plain import is_kept, receiver
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
        self._within: list[ast.expr] = []
        """Places that are being filled, so that names that stand for each other come to an end."""

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

    def store(self, state: State, container: ast.expr, path: Path) -> None:
        """The value is assigned to an item: of a container, or of an object that may do anything with it."""
        other = self.receiver(state, container, item=True)
        if other is not None:
            self._walker.event("store", state, container, f"an item of {other}")
        for owner in self._walker.attributes.owners(state.module, container):
            self._walker.entering.item(state, owner)
        self.put(state, container, path, told=other is not None)

    def receiver(self, state: State, container: ast.expr, *, item: bool = False) -> str | None:
        """What a value is put into, in words, where that may be no container and the walk asks for it."""
        if not self._walker.wary:
            return None
        return receiver(self._walker.tracer, state.module, container, item=item)

    def is_kept(self, module: Module, container: ast.expr) -> bool:
        """Whether a container sits in a place outside the project into which the project itself puts one."""
        return is_kept(self._walker.tracer, module, container)

    def put(self, state: State, container: ast.expr, path: Path, *, told: bool = False) -> None:
        """The value is put into a container: go to every use of that. ``told``: it is said already that it leaves."""
        module = state.module
        if len(path) > 6:
            self._walker.event("lost", state, container)
            return
        match container:
            case ast.Name():
                bindings = module.bindings(container)
                if not bindings:
                    self._leaves(state, container, "", told=told)
                for binding in bindings:
                    self._container_binding(state, binding, path, told=told)
            case ast.Attribute():
                owners = self._walker.attributes.owners(module, container.value)
                for owner in owners:
                    self._walker.attributes.of_class(state, owner, container.attr, path)
                if not owners:
                    name = self._walker.tracer.qualified(module, container)
                    if name is None or not self._walker.attributes.same_external(state, name, path):
                        self._leaves(state, container, name or "", told=told)
            case ast.Subscript(value=value):
                self.put(state, value, (subscript_step(container), *path), told=told)
            case ast.Call(func=ast.Attribute(value=value, attr="setdefault" | "get"), args=[key, *_]):
                given = key.value if isinstance(key, ast.Constant) else None
                step = given if isinstance(given, (str, int)) else None
                self.put(state, value, (("key", step), *path), told=told)
            case _:
                self._leaves(state, container, "", told=told)

    def _leaves(self, state: State, node: ast.AST, detail: str, *, told: bool) -> None:
        if not told:
            self._walker.event("store", state, node, detail)

    def _container_binding(self, state: State, binding: Binding, path: Path, *, told: bool) -> None:
        module = state.module
        for use in binding.uses:
            self._walker.push(State(module, use, state.kind, path))
        place = None if binding.steps else _place(binding.value)
        if place is not None and place not in self._within:
            self._within.append(place)  # the name stands for a container that sits somewhere else
            try:
                self.put(state, place, path, told=told)
            finally:
                self._within.pop()
        if binding.scope is module.names.module:
            self._walker.names.module_level(state, binding, path)
        function = binding.scope.node
        if (
            binding.kind == "parameter"
            and isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
            and binding.node not in (function.args.vararg, function.args.kwarg)
        ):
            self._leaves(state, binding.node, "a container that the caller passed in", told=told)
        if binding.kind == "import":
            self._leaves(state, binding.node, "a container of another module", told=told)

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


def _place(value: ast.expr | None) -> ast.expr | None:
    """The place from which a name gets a container that is kept there."""
    match value:
        case ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call(func=ast.Attribute(attr="setdefault")):
            return value
    return None


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
