"""Whether a place that uses a name means one function or class of the project."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import (
    Class,
    External,
    Function,
    Instance,
    Made,
    Origin,
    Parameter,
    ProjectModule,
    Unknown,
)
from migrator.codemod.index.module import Module, dotted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.codemod.flow.trace.tracer import Tracer
    from migrator.codemod.index.scopes import Binding

_ANYTHING = (
    "importlib.",
    "pickle.",
    "builtins.vars",
    "builtins.globals",
    "builtins.getattr",
    "builtins.next",
)
"""What gives objects of any class."""
_SHORT = 5
_COMMON = frozenset({"generate", "execute"})
"""Names of methods that many packages have, so that being alone in the project says nothing."""


class References:
    """Tells references to a function from other uses of its name."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._index = tracer.index

    def refers(
        self,
        where: Module,
        reference: ast.Name | ast.Attribute,
        module: Module,
        node: ast.AST,
        owner: ast.ClassDef | None,
        name: str,
    ) -> bool:
        """Whether a reference is sure to be to this function, or to one that overrides it."""
        target = owner if name == "__init__" and owner is not None else node
        if isinstance(reference, ast.Name):
            if owner is not None and target is node:
                return False
            bindings = where.bindings(reference)
            source = self._index.star_imported(where, reference.id) if not bindings else None
            if source is not None:
                where, bindings = source, frozenset(source.names.module.bindings[reference.id])
            return any(
                binding.node is target
                or (binding.kind == "import" and self._import_reaches(where, binding, target))
                for binding in bindings
            )
        if self._is_module_attribute(where, reference, target):
            return True
        if owner is None or target is not node:
            return False
        receivers = self._tracer.origins(where, reference.value)
        for origin in receivers:
            if isinstance(origin, (Instance, Class)):
                classes = [c.node for c in self._tracer.families.family(Class(origin.module, origin.node))]
                if owner in classes and self._overrides(origin, name, owner) is False:
                    return True
                if any(owner is base.node for base in self._subclass_family(origin, owner, module)):
                    return True
        return False

    def is_likely(self, where: Module, reference: ast.Name | ast.Attribute, name: str) -> bool:
        """Whether a method is taken for the only one of its name, as its object is not known."""
        if isinstance(reference, ast.Name) or len(name) <= _SHORT or name in _COMMON:
            return False
        receivers = self._tracer.origins(where, reference.value)
        if any(isinstance(o, (Instance, Class, ProjectModule, External, Made)) for o in receivers):
            return False
        return len(self._index.methods(name)) == 1

    def is_unknown(self, where: Module, reference: ast.Name | ast.Attribute) -> bool:
        """Whether nothing is known of the object whose attribute this is, so that it can be of any class."""
        if isinstance(reference, ast.Name) or reference.attr.startswith("__"):
            return False
        return all(map(_says_nothing, self._tracer.origins(where, reference.value)))

    def is_looked_up(self, name: str) -> bool:
        """Whether code gets a method by its name, as text, from an object of which nothing is known."""
        for module in self._index.modules.values():
            if module.is_test:
                continue
            for call, text in module.lookups.get(name, ()):
                match call:
                    case ast.Call(func=ast.Name(id="getattr"), args=[receiver, second, *_]) if second is text:
                        origins = self._tracer.origins(module, receiver)
                        if not any(isinstance(o, (External, Made, ProjectModule)) for o in origins):
                            return True
                    case ast.Call(func=func) if (
                        getattr(func, "attr", getattr(func, "id", "")) == "methodcaller"
                    ):
                        return True
        return False

    def _subclass_family(self, origin: Instance | Class, owner: ast.ClassDef, module: Module) -> list[Class]:
        """A method may run on an object known only by a base class that the owner extends."""
        family = self._tracer.families.family(Class(module, owner))
        return [Class(module, owner)] if any(c.node is origin.node for c in family[1:]) else []

    def _overrides(self, origin: Instance | Class, name: str, owner: ast.ClassDef) -> bool:
        for cls in self._tracer.families.family(Class(origin.module, origin.node)):
            if cls.node is owner:
                return False
            scope = cls.module.names.scopes.get(cls.node)
            if scope is not None and name in scope.bindings:
                return True
        return True

    def _import_reaches(self, where: Module, binding: Binding, target: ast.AST) -> bool:
        if not isinstance(binding.node, ast.alias):
            return False
        return any(
            isinstance(origin, (Function, Class)) and origin.node is target
            for origin in self._tracer.modules.imported(where, binding.node, ())
        )

    def _is_module_attribute(self, where: Module, reference: ast.Attribute, target: ast.AST) -> bool:
        chain = dotted(reference)
        if chain is None:
            return False
        return any(
            isinstance(origin, (Function, Class)) and origin.node is target
            for origin in self._chain_origins(where, reference)
        )

    def _chain_origins(self, where: Module, reference: ast.Attribute) -> Iterable[Origin]:
        root: ast.expr = reference
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and any(b.kind == "import" for b in where.bindings(root)):
            return self._tracer.origins(where, reference)
        return ()

    def is_harmless(self, where: Module, reference: ast.expr) -> bool:
        """References that do not call: annotations, ``isinstance`` tests, exports by name, base classes."""
        child: ast.AST = reference
        parent = where.parent(child)
        while parent is not None and not isinstance(parent, ast.stmt):
            if isinstance(parent, ast.arg):
                return True
            if isinstance(parent, ast.Call) and self._tracer.names.qualified(where, parent.func) in {
                "builtins.isinstance",
                "builtins.issubclass",
            }:
                return True
            if isinstance(parent, ast.Attribute) and parent.attr in {"__name__", "__doc__"}:
                return True
            child, parent = parent, where.parent(parent)
        if isinstance(parent, ast.AnnAssign) and parent.annotation is child:
            return True
        if isinstance(parent, ast.ClassDef):
            return True
        return isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) and parent.returns is child


def _says_nothing(origin: Origin) -> bool:
    match origin:
        case Parameter(annotation=annotation):
            return annotation is None
        case Unknown():
            return True
        case External(name=name) | Made(name=name):
            return name.startswith(_ANYTHING)
    return False
