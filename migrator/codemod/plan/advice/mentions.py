"""Retired names that are left in the modules of migrated sites, outside of any call that was found."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.advice.choices import decorator_calls, guarded, offers, parser_calls
from migrator.codemod.plan.advice.edited import Edited
from migrator.codemod.plan.advice.scene import MODEL, imported_from
from migrator.codemod.plan.slots import SlotReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import Advice, Part


def advise(scene: Scene, others: list[Part]) -> Iterator[Advice]:
    """Every statement that still names a retired model as a plain text. ``others`` are findings made before."""
    reader = _Mentions(scene, others)
    rule = scene.rule("mention")
    for module, statement, names, move in reader.places():
        node = names[0]
        words = list(dict.fromkeys(str(name.value) for name in names))
        named = f"{words[0]} is" if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]} are"
        yield scene.advice(
            move,
            rule,
            "manual",
            module,
            node,
            f"{named} named here and {'reaches' if len(words) == 1 else 'reach'} no call that was found"
            + (": nothing can be equal to it any more." if isinstance(statement, ast.Compare) else "."),
            f"If it is used for calls, shown or stored, name {scene.context.target.id} instead; "
            "if it only tells history, leave it.",
        )


class _Mentions:
    def __init__(self, scene: Scene, others: list[Part]) -> None:
        self.scene = scene
        self.names = set(scene.catalog.leaving(scene.context.today))
        self.edited = Edited(scene.plans)
        self.spoken: dict[str, list[ast.AST]] = {}
        for part in others:
            self.spoken.setdefault(part.module.path, []).append(part.node)
        self.kept: set[ast.AST] = set()
        """Literals that reach a call: the plan of that call deals with them."""
        self.open: set[ast.AST] = set()
        """Reads of the model's name on the way to a call: what they are compared with still arrives."""
        for move in scene.moves:
            self._collect(move)
        for plan in scene.plans:
            # what reaches a call that is left alone is spoken of there
            for slot in SlotReader(scene.tracer).read(plan.site).slots.get(MODEL, ()):
                self.kept.update(node for _, node in scene.way(slot.module, slot.value).expressions)
                self.kept.update(leaf.node for leaf in scene.values.sources(slot.module, slot.value).leaves)

    def _collect(self, move: Move) -> None:
        way = self.scene.way_of(move, MODEL)
        self.open.update(node for _, node in way.uses())
        if MODEL in guarded(self.scene, move):
            for offer in offers(self.scene, move, MODEL):
                self.kept.update(ast.walk(offer.node))
        for module, use in way.uses():
            if isinstance(use, ast.Attribute):
                for _, call in parser_calls(self.scene, module, use):
                    self.kept.update(ast.walk(call))
        for _, binding in way.bindings:
            if isinstance(binding.node, ast.arg):
                for call in decorator_calls(binding.scope.node, binding.name):
                    self.kept.update(ast.walk(call))

    def places(self) -> Iterator[tuple[Module, ast.AST, list[ast.Constant], Move]]:
        """Groups of literals that stand in one comparison, display or statement."""
        groups: dict[ast.AST, tuple[Module, list[ast.Constant], Move]] = {}
        for module, move, only in self._modules():
            for constant in module.strings:
                if constant.value in self.names and self._counts(module, constant, only):
                    place = self._place(module, constant)
                    groups.setdefault(place, (module, [], move))[1].append(constant)
        for place, (module, constants, move) in groups.items():
            yield module, place, constants, move

    def _modules(self) -> Iterator[tuple[Module, Move, set[str] | None]]:
        """The modules of the moves, and the names that they import from others."""
        own: dict[str, Move] = {}
        for move in self.scene.moves:
            own.setdefault(move.module.path, move)
        imported: dict[str, tuple[Module, Move, set[str]]] = {}
        for move in own.values():
            yield move.module, move, None
            for module, name in imported_from(self.scene, move.module):
                if module.path not in own and not module.is_test:
                    imported.setdefault(module.path, (module, move, set()))[2].add(name)
        yield from imported.values()

    def _counts(self, module: Module, constant: ast.Constant, only: set[str] | None) -> bool:
        if constant in self.kept or self.edited.touches(module, constant):
            return False
        if only is not None and not self._defines(module, constant, only):
            return False
        return not (
            self._is_spoken_of(module, constant)
            or self._is_translation(module, constant)
            or self._is_kept_test(module, constant)
            or isinstance(module.parent(constant), ast.Expr)
        )

    def _defines(self, module: Module, constant: ast.Constant, names: set[str]) -> bool:
        """Whether a literal belongs to the value of one of these names of a module."""
        statement = module.statement(constant)
        if not isinstance(module.parent(statement), ast.Module):
            return False
        targets = (
            statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        )
        return any(isinstance(target, ast.Name) and target.id in names for target in targets)

    def _is_spoken_of(self, module: Module, constant: ast.Constant) -> bool:
        nodes = self.spoken.get(module.path, ())
        return any(_around(module, constant, node) for node in nodes)

    def _is_translation(self, module: Module, constant: ast.Constant) -> bool:
        """``{"old name": "live name"}``: a table from old names to live ones."""
        table = module.parent(constant)
        if not isinstance(table, ast.Dict) or constant not in table.keys:
            return False
        value = table.values[table.keys.index(constant)]
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            return False
        model = self.scene.catalog.model(value.value)
        return model is not None and not model.is_leaving(self.scene.context.today)

    def _is_kept_test(self, module: Module, constant: ast.Constant) -> bool:
        """A comparison, case or look-up with a name that still arrives, so it works as before."""
        node: ast.AST = constant
        parent = module.parent(node)
        while isinstance(
            parent, (ast.Tuple, ast.List, ast.Set, ast.MatchValue, ast.MatchSequence, ast.MatchOr)
        ):
            node, parent = parent, module.parent(parent)
        match parent:
            case ast.Compare():
                return any(self._arrives(module, side) for side in (parent.left, *parent.comparators))
            case ast.match_case():
                subject = module.parents[parent]
                assert isinstance(subject, ast.Match)
                whole = subject.subject
                sides = whole.elts if isinstance(whole, ast.Tuple) else [whole]
                return any(self._arrives(module, side) for side in sides)
            case ast.Dict() if node in parent.keys:
                return any(self._arrives(where, key) for where, key in self._keys_asked(module, parent))
            case ast.Call(func=ast.Attribute(attr="startswith", value=value)):
                return self._arrives(module, value)
        return False

    def _arrives(self, module: Module, node: ast.expr) -> bool:
        if node in self.open or any(child in self.open for child in ast.walk(node)):
            return True
        if isinstance(node, ast.Constant):
            return False
        if isinstance(node, ast.Attribute):
            # an option of a parser that still offers the old word
            if any(call in self.kept for _, call in parser_calls(self.scene, module, node)):
                return True
        sources = self.scene.values.sources(module, node)
        return any(
            leaf.node in self.kept and not self.edited.touches(leaf.module, leaf.node)
            for leaf in sources.leaves
        )

    def _keys_asked(self, module: Module, table: ast.Dict) -> Iterator[tuple[Module, ast.expr]]:
        """The keys that a table is asked for, in its place or by its name."""
        todo: list[tuple[Module, ast.expr]] = [(module, table)]
        parent = module.parent(table)
        if isinstance(parent, ast.Assign):
            todo = []
            for target in parent.targets:
                if isinstance(target, ast.Name):
                    todo.extend(
                        (where, reference)
                        for where, reference in self.scene.context.index.references(target.id)
                        if not where.is_test
                    )
        for where, node in todo:
            outer = where.parent(node)
            if isinstance(outer, ast.Subscript) and outer.value is node:
                yield where, outer.slice
            elif isinstance(outer, ast.Attribute) and outer.attr == "get":
                call = where.parent(outer)
                if isinstance(call, ast.Call) and call.args:
                    yield where, call.args[0]
            elif isinstance(outer, ast.Compare) and outer.left is not node:
                yield where, outer.left

    def _place(self, module: Module, constant: ast.Constant) -> ast.AST:
        """What one finding speaks of: the comparison, or else the whole statement."""
        node: ast.AST = constant
        while not isinstance(node, (ast.Compare, ast.stmt)):
            node = module.parents[node]
        return node


def _around(module: Module, node: ast.AST, outer: ast.AST) -> bool:
    """Whether ``outer`` is a node or stands around it; of a branch or a loop only the head counts."""
    match outer:
        case ast.If(test=test, orelse=orelse):
            rest = orelse if len(orelse) == 1 and isinstance(orelse[0], ast.If) else []
            return any(_around(module, node, part) for part in (test, *rest))
        case ast.For(iter=head) | ast.AsyncFor(iter=head):
            return _around(module, node, head)
    found: ast.AST | None = node
    while found is not None and found is not outer:
        found = module.parent(found)
    return found is outer
