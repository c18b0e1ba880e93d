"""Values that get a name: assignments, loops, and modules that import the name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward.trail import State
from migrator.codemod.flow.origins import Class, Path, Step
from migrator.codemod.flow.trace import subscript_step
from migrator.codemod.index.module import Module, dotted
from migrator.codemod.index.project import ImportedName

if TYPE_CHECKING:
    from migrator.codemod.flow.forward.walker import Walker
    from migrator.codemod.index.scopes import Binding, Scope


class Names:
    """Follows values to all uses of their names."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def assign(self, state: State, target: ast.expr) -> None:
        """The value is assigned to a target, whatever that is."""
        match target:
            case ast.Name():
                self.bound(state, target, state.path)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                for position, element in enumerate(elts):
                    inner = element.value if isinstance(element, ast.Starred) else element
                    many: Path = (("index", None),) if isinstance(element, ast.Starred) else ()
                    if not state.path:
                        found = self._walker.read(state, ("index", position), state.node)
                        if found is not None:
                            self._assign_inner(found._replace(path=many + found.path), inner)
                    elif state.path[0] == ("index", None) or _falls_to(state.path[0], position, elts):
                        self._assign_inner(state._replace(path=many + state.path[1:]), inner)
                if state.path and state.path[0][0] == "attr":
                    self._taken_apart(state, target)
            case ast.Attribute():
                self._walker.attributes.store(state, target)
            case ast.Subscript(value=value, slice=ast.Slice()):
                self._walker.containers.store(state, value, state.path)
            case ast.Subscript(value=value):
                step = subscript_step(target)
                if step == ("index", None) and not self._walker.containers.is_list(state.module, value):
                    step = ("key", None)
                self._walker.containers.store(state, value, (step, *state.path))
            case ast.Starred(value=value):
                self.assign(state, value)
            case _:
                self._walker.event("lost", state, target)

    def _taken_apart(self, state: State, target: ast.expr) -> None:
        """An object is taken apart by position: a named tuple is followed by position too, of others nothing is known."""
        rest = state.path[1:]
        for other in self._walker.trail.states:
            if other.node is state.node and other.path[len(other.path) - len(rest) :] == rest:
                before = other.path[: len(other.path) - len(rest)]
                if before and before[-1][0] == "index" and before[-1][1] is not None:
                    return
        self._walker.event("lost", state, target)

    def _assign_inner(self, state: State, target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.bound(state, target, state.path)
        else:
            self.assign(state, target)

    def bound(self, state: State, target: ast.expr, path: Path) -> None:
        """The value gets a name: go to every use of it."""
        if not isinstance(target, ast.Name):
            return
        for binding in bindings_of(state.module, target):
            for use in binding.uses:
                self._walker.push(State(state.module, use, state.kind, path))
            if binding.scope is state.module.names.module:
                self.module_level(state, binding, path)
            if isinstance(binding.scope.node, ast.ClassDef):
                annotated = state.module.parent(target)
                if isinstance(annotated, ast.AnnAssign):
                    self._walker.trail.annotations.add((state.module, annotated.annotation))
                self._walker.attributes.of_class(
                    state, Class(state.module, binding.scope.node), binding.name, path
                )

    def module_level(self, state: State, binding: Binding, path: Path) -> None:
        """A module-level name is also read by modules that import it."""
        near = (state.module.path.rpartition("/")[2][:-3],)
        references = self._walker.index.references(binding.name, near)
        for alias in self._walker.index.aliases(binding.name):
            references = [*references, *self._walker.index.references(alias, near)]
        for module, reference in references:
            if module is state.module:
                continue
            if isinstance(reference, ast.Name):
                if module.star_imports and not module.bindings(reference):
                    if self._walker.index.star_imported(module, reference.id) is state.module:
                        self._walker.push(State(module, reference, state.kind, path))
                for other in module.bindings(reference):
                    if self._is_import_of(module, other, state.module, binding.name):
                        self._walker.push(State(module, reference, state.kind, path))
            elif self._names_module(module, reference.value, state.module):
                self._walker.push(State(module, reference, state.kind, path))

    def _is_import_of(self, module: Module, binding: Binding, wanted: Module, name: str) -> bool:
        """Whether a name is imported from a module, directly or through others that pass it on."""
        for _ in range(6):
            if binding.kind != "import" or not isinstance(binding.node, ast.alias):
                return False
            found = self._walker.index.imported(module, binding.node)
            if not isinstance(found, ImportedName):
                return False
            if found.module is wanted:
                return found.name == name
            onward = found.module.names.module.bindings.get(found.name, ())
            if len(onward) != 1:
                return False
            module, binding = found.module, onward[0]
        return False

    def _names_module(self, module: Module, node: ast.expr, wanted: Module) -> bool:
        chain = dotted(node)
        if chain is None:
            return False
        return any(
            getattr(o, "module", None) is wanted and type(o).__name__ == "ProjectModule"
            for o in self._walker.tracer.origins(module, node)
        )

    def iterate(self, state: State, target: ast.expr) -> None:
        """The value is looped over: its elements get the name of the target."""
        if state.path:
            if self._walker.containers.gives_keys(state):
                return
            if state.path[0][0] in {"index", "member"}:
                self._assign_inner(State(state.module, state.node, state.kind, state.path[1:]), target)
            elif state.path[0][0] == "key" and len(state.path) == 1:
                return
            return
        found = self._walker.read(state, ("index", None), state.node)
        if found is not None:
            self._assign_inner(State(found.module, found.node, found.kind, found.path), target)
        elif state.kind in self._walker.watched:
            self._walker.event("access", state, state.module.parent(state.node))

    def uses(self, module: Module, binding: Binding, kind: str, path: Path) -> None:
        """Go to every use of one binding of a name."""
        for use in binding.uses:
            self._walker.push(State(module, use, kind, path))


def _falls_to(step: Step, position: int, targets: list[ast.expr]) -> bool:
    """Whether an element that is known by its position is given to the target at ``position``."""
    starred = next((i for i, one in enumerate(targets) if isinstance(one, ast.Starred)), len(targets))
    if step[0] != "index" or not isinstance(step[1], int):
        return False
    if position < starred:
        return step[1] == position
    return step[1] >= starred or step[1] < 0


def bindings_of(module: Module, target: ast.Name) -> list[Binding]:
    """The bindings that a name as assignment target makes."""
    found = []
    for scope in (module.scope_at(target), *_comprehension_scopes(module, target), module.names.module):
        for binding in scope.bindings.get(target.id, ()):
            if (binding.node is target or module.parent(target) is binding.node) and binding not in found:
                found.append(binding)
    if not found:
        for scope in module.names.scopes.values():
            for binding in scope.bindings.get(target.id, ()):
                if binding.node is target or (
                    isinstance(binding.node, ast.AugAssign) and binding.node.target is target
                ):
                    found.append(binding)
    return found


def _comprehension_scopes(module: Module, node: ast.AST) -> list[Scope]:
    scopes: list[Scope] = []
    parent = module.parent(node)
    while parent is not None and not isinstance(parent, ast.stmt):
        scope = module.names.scopes.get(parent)
        if scope is not None:
            scopes.append(scope)
        parent = module.parent(parent)
    return scopes
