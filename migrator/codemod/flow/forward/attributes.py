"""Values that are stored in an attribute: every read of it, on any object of the class."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward.trail import State
from migrator.codemod.flow.origins import Class, Function, Instance, Parameter, Path, Unknown
from migrator.codemod.flow.signatures import decorator_names
from migrator.codemod.flow.trace import subscript_step
from migrator.codemod.index.project import place_of

if TYPE_CHECKING:
    from migrator.codemod.flow.forward.walker import Walker
    from migrator.codemod.index.module import Module


class Attributes:
    """Follows values into attributes and out again."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def store(self, state: State, target: ast.Attribute) -> None:
        """The value is assigned to an attribute."""
        module = state.module
        owners = self.owners(module, target.value)
        if not owners:
            name = self._walker.tracer.qualified(module, target)
            if name is None or not self.same_external(state, name, state.path):
                self._walker.event("store", state, target, name or "")
            return
        for owner in owners:
            self.of_class(state, owner, target.attr, state.path)

    def owners(self, module: Module, node: ast.expr) -> list[Class]:
        """The classes of the project that an expression can be an object of."""
        found: list[Class] = []
        if isinstance(node, ast.Name):
            function = module.function(node)
            while function is not None:
                owner = module.enclosing_class(function)
                positional = [*function.args.posonlyargs, *function.args.args]
                if owner is not None and positional and positional[0].arg == node.id:
                    return [Class(module, owner)]
                function = module.function(function)
        for origin in self._walker.tracer.origins(module, node):
            if isinstance(origin, (Instance, Class)):
                cls = Class(origin.module, origin.node)
                if cls not in found:
                    found.append(cls)
        return found

    def of_class(self, state: State, cls: Class, name: str, path: Path) -> None:
        """The value sits in an attribute of objects of a class: go to every read of that attribute."""
        scope = cls.module.names.scopes.get(cls.node)
        for binding in scope.bindings.get(name, ()) if scope else ():
            declared = cls.module.parent(binding.node)
            if isinstance(declared, ast.AnnAssign):
                self._walker.trail.annotations.add((cls.module, declared.annotation))
            setter = binding.node
            if isinstance(setter, ast.FunctionDef) and "setter" in decorator_names(setter):
                for argument in setter.args.args[1:2]:
                    self._walker.entering.parameter(
                        Function(cls.module, setter, cls.node), argument.arg, state.kind, path
                    )
        references = self._walker.index.references(name, (cls.node.name,))
        read = self._walker.tracer.reads_of(cls, name, self._walker.is_spent)
        if self._is_set_here_only(name, cls):
            known = {reference for _, reference in read}
            read += [
                (module, reference)
                for module, reference in references
                if isinstance(reference, ast.Attribute)
                and reference not in known
                and not self._walker.is_spent()
                and self._may_be_object(module, reference)
            ]
        for module, reference in sorted(read, key=place_of):
            self._walker.push(State(module, reference, state.kind, path))
        if self._walker.is_spent():
            self._walker.put_back(state)  # so that the walk is not over, and its end is said to be a loss
            return
        matched = self._walker.patterns.of_class(state, cls, name, path)
        if not references and not matched and not name.startswith("_"):
            self._walker.event("store", state, state.module.parent(state.node), f"nothing here reads .{name}")

    def _may_be_object(self, module: Module, reference: ast.Attribute) -> bool:
        """Whether an attribute is read from an object of unknown class."""
        if not isinstance(reference.ctx, ast.Load) or module.is_test:
            return False
        origins = self._walker.tracer.origins(module, reference.value)
        return not any(
            not isinstance(o, (Unknown, Parameter)) or getattr(o, "annotation", None) for o in origins
        )

    def _is_set_here_only(self, name: str, cls: Class) -> bool:
        """Whether no class but this one and its bases sets an attribute of a name, so that any read may mean it."""
        family: set[ast.ClassDef | None] = {one.node for one in self._walker.tracer.family(cls)}
        return all(
            isinstance(target.value, ast.Name) and where.method_class(target) in family
            for where, target in self._walker.index.stores(name)
        )

    def same_external(self, state: State, name: str, path: Path) -> bool:
        """``st.session_state.url = …`` is read again as the same dotted name, or by key. Whether a read was found."""
        base, _, last = name.rpartition(".")
        found = False
        for module, reference in self._walker.index.references(last):
            if (
                isinstance(reference, ast.Attribute)
                and self._walker.tracer.qualified(module, reference) == name
            ):
                stored = isinstance(module.parent(reference), ast.Attribute) and self._only_fills(
                    module, reference
                )
                found = found or not stored
                self._walker.push(State(module, reference, state.kind, path))
        for module, reference in self._walker.index.references(base.rpartition(".")[2]):
            parent = module.parent(reference)
            if (
                isinstance(parent, ast.Subscript)
                and parent.value is reference
                and isinstance(parent.ctx, ast.Load)
                and subscript_step(parent) == ("key", last)
                and self._walker.tracer.qualified(module, reference) == base
            ):
                found = True
                self._walker.push(State(module, parent, state.kind, path))
        return found and not name.startswith("os.")

    def _only_fills(self, module: Module, reference: ast.expr) -> bool:
        """Whether a container is only mentioned to put something in."""
        parent = module.parent(reference)
        return isinstance(parent, ast.Attribute) and parent.attr in {
            "append",
            "add",
            "extend",
            "insert",
            "update",
        }
