"""Which expressions are objects of which classes of the project, asked once per expression and not once per class."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from migrator.codemod.flow.origins import Class, Instance, Origin
from migrator.codemod.flow.signatures import is_first_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module


class Holder(NamedTuple):
    """What an expression is an object of: the class around it for ``self``, else every class it is traced to."""

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
        self._owners: dict[ast.expr, ast.ClassDef | None] = {}
        self._partly: dict[ast.expr, tuple[tuple[Origin, ...], Holder]] = {}
        """What was found so far of expressions that are asked about within themselves."""
        self._families: dict[ast.ClassDef, tuple[list[Class], frozenset[ast.ClassDef]]] = {}

    def is_object(self, module: Module, node: ast.expr, cls: Class) -> bool:
        """Whether an expression is an object of ``cls``: its own ``self``, or something traced to it."""
        return self._is_one_of(module, node, cls, self._nodes(cls))

    def _is_one_of(self, module: Module, node: ast.expr, cls: Class, nodes: frozenset[ast.ClassDef]) -> bool:
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
        answered = self._tracer.answers.answered
        for position in tuple(register.open):
            self._settle(register, position, *places[position])
        found = set(register.of_extension.get(cls.node, ()))
        nodes = self._nodes(cls)
        for one in nodes:
            found.update(register.of_class.get(one, ()))
        is_same = self._tracer.answers.answered == answered
        for position in register.open:
            module, node = places[position]
            if is_same and isinstance(node, ast.Attribute):
                # no question was answered since the loop above asked, so asking again would give the same
                if not nodes.isdisjoint(self._sure.get(node.value, ())):
                    found.add(position)
            elif isinstance(node, ast.Attribute) and self._is_one_of(module, node.value, cls, nodes):
                found.add(position)
        return sorted(found)

    def _nodes(self, cls: Class) -> frozenset[ast.ClassDef]:
        family = self._tracer.family(cls)
        known = self._families.get(cls.node)
        if (
            known is None or known[0] is not family
        ):  # a family is looked at while it is still being found, too
            known = self._families[cls.node] = family, frozenset(one.node for one in family)
        return known[1]

    def _holder(self, module: Module, node: ast.expr) -> Holder:
        """What an expression is an object of. It is kept unless it is only part of a question that is open."""
        known = self._holders.get(node)
        if known is not None:
            return known
        if node not in self._owners:
            self._owners[node] = self._owner_of_self(module, node)
        owner = self._owners[node]
        if owner is not None:
            holder = self._holders[node] = Holder(owner)
            return holder
        found, is_whole = self._tracer.answers.unfinished((node, ())), False
        if found is None:
            found, is_whole = self._tracer.whole_origins(module, node)
        partly = self._partly.get(node)
        if partly is not None and partly[0] is found and not is_whole:
            return partly[1]  # nothing new since it was asked the last time
        classes = frozenset(o.node for o in found if isinstance(o, (Instance, Class)))
        holder = Holder(None, classes)
        if is_whole:
            self._holders[node] = holder
        else:
            self._partly[node] = found, holder
            self._sure.setdefault(node, set()).update(classes)
        return holder

    def _owner_of_self(self, module: Module, node: ast.expr) -> ast.ClassDef | None:
        function = module.function(node) if isinstance(node, ast.Name) else None
        if not isinstance(node, ast.Name) or not isinstance(
            function, (ast.FunctionDef, ast.AsyncFunctionDef)
        ):
            return None
        return module.enclosing_class(function) if is_first_parameter(function, node.id) else None
