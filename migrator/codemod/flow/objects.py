"""Which expressions are objects of which classes of the project, asked once per expression and not once per class."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, Instance
from migrator.codemod.flow.signatures import is_first_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module


@dataclass(frozen=True, slots=True)
class Holder:
    """What an expression is an object of: the class around it for ``self``, else every class it is traced to."""

    module: Module
    owner: ast.ClassDef | None
    classes: frozenset[ast.ClassDef] = frozenset()


@dataclass(slots=True)
class _Register:
    """The places where an attribute of one name is used, as positions in the index's list, by class of the object."""

    seen: int = 0
    of_class: dict[ast.ClassDef, list[int]] = field(default_factory=dict)
    """Objects of the class itself: they are objects of its extensions, too."""
    of_extension: dict[ast.ClassDef, list[int]] = field(default_factory=dict)
    """``self`` within an extension of the class."""
    open: list[int] = field(default_factory=list)
    """Objects that were asked about within a question about themselves: they are looked at each time."""


class Objects:
    """Answers which attribute accesses are made on objects of a class; grows with the files that are loaded."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._index = tracer.index
        self._holders: dict[ast.expr, Holder] = {}
        self._sure: dict[ast.expr, set[ast.ClassDef]] = {}
        self._stores: dict[str, _Register] = {}
        self._reads: dict[str, _Register] = {}

    def is_object(self, module: Module, node: ast.expr, cls: Class) -> bool:
        """Whether an expression is an object of ``cls``: its own ``self``, or something traced to it."""
        nodes = self._nodes(cls)
        if not nodes.isdisjoint(self._sure.get(node, ())):
            return True
        holder = self._holder(module, node)
        if holder.owner is None:
            return not nodes.isdisjoint(holder.classes)
        # a base or an extension of the class handles its objects, a sister does not
        return holder.owner in nodes or cls.node in self._nodes(Class(module, holder.owner))

    def stores(self, cls: Class, name: str) -> list[tuple[Module, ast.Attribute]]:
        """Assignments to the attribute ``name`` of objects of a class."""
        register = self._stores.setdefault(name, _Register())
        places = self._index.stores(name)
        self._register(register, places, lambda: False)
        return [places[position] for position in self._positions(register, places, cls)]

    def reads(
        self, cls: Class, name: str, is_spent: Callable[[], bool]
    ) -> list[tuple[Module, ast.Attribute]]:
        """Reads of the attribute ``name`` of objects of a class in the loaded files, as far as ``is_spent`` lets it."""
        register = self._reads.setdefault(name, _Register())
        places = self._index.uses_of(name)
        self._register(register, places, is_spent)
        found = [places[position] for position in self._positions(register, places, cls)]
        return [(module, node) for module, node in found if isinstance(node, ast.Attribute)]

    def _register(
        self,
        register: _Register,
        places: Sequence[tuple[Module, ast.Name | ast.Attribute]],
        is_spent: Callable[[], bool],
    ) -> None:
        """Note the objects of all places that are new since the last time."""
        while register.seen < len(places) and not is_spent():
            position = register.seen
            register.seen += 1
            # until its object is known, a question inside this one has to ask for it itself
            register.open.append(position)
            self._settle(register, position, *places[position])

    def _settle(
        self, register: _Register, position: int, module: Module, node: ast.Name | ast.Attribute
    ) -> None:
        if not isinstance(node, ast.Attribute):
            register.open.remove(position)
            return
        holder = self._holder(module, node.value)
        if node.value not in self._holders or position not in register.open:
            return
        register.open.remove(position)
        if holder.owner is None:
            for one in holder.classes:
                register.of_class.setdefault(one, []).append(position)
            return
        register.of_class.setdefault(holder.owner, []).append(position)
        for base in self._nodes(Class(module, holder.owner)) - {holder.owner}:
            register.of_extension.setdefault(base, []).append(position)

    def _positions(
        self, register: _Register, places: Sequence[tuple[Module, ast.Name | ast.Attribute]], cls: Class
    ) -> list[int]:
        for position in tuple(register.open):
            self._settle(register, position, *places[position])
        found = set(register.of_extension.get(cls.node, ()))
        for one in self._nodes(cls):
            found.update(register.of_class.get(one, ()))
        for position in register.open:
            module, node = places[position]
            if isinstance(node, ast.Attribute) and self.is_object(module, node.value, cls):
                found.add(position)
        return sorted(found)

    def _nodes(self, cls: Class) -> frozenset[ast.ClassDef]:
        return frozenset(one.node for one in self._tracer.family(cls))

    def _holder(self, module: Module, node: ast.expr) -> Holder:
        """What an expression is an object of. It is kept unless it is only part of a question that is open."""
        known = self._holders.get(node)
        if known is not None:
            return known
        owner = self._owner_of_self(module, node)
        if owner is not None:
            holder = self._holders[node] = Holder(module, owner)
            return holder
        origins, is_whole = self._tracer.whole_origins(module, node)
        holder = Holder(module, None, frozenset(o.node for o in origins if isinstance(o, (Instance, Class))))
        if is_whole:
            self._holders[node] = holder
        else:
            self._sure.setdefault(node, set()).update(holder.classes)
        return holder

    def _owner_of_self(self, module: Module, node: ast.expr) -> ast.ClassDef | None:
        function = module.function(node) if isinstance(node, ast.Name) else None
        if not isinstance(node, ast.Name) or not isinstance(
            function, (ast.FunctionDef, ast.AsyncFunctionDef)
        ):
            return None
        return module.enclosing_class(function) if is_first_parameter(function, node.id) else None
