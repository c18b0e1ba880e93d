"""What the advice is about: the sites that are being moved, and the code that is tied to them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from migrator.codemod.index.project import ImportedModule
from migrator.codemod.plan.advice.way import Way, way_back
from migrator.codemod.plan.part import Advice, Part, worst
from migrator.codemod.plan.slots import Arguments, EntrySlot, FieldSlot, KeywordSlot, SlotReader
from migrator.codemod.plan.values import ValueReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.model import Model
    from migrator.codemod.index.module import FunctionDef, Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import FileEdit, Plan
    from migrator.codemod.sites.site import Site
    from migrator.types import Fix

_CALLERS = 3
"""How many calls away from a site a function still counts as one that makes pictures."""
_FUNCTIONS = 200
MODEL = "model"


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """A site that is being moved. ``models`` are those of the DALL-E family that it can have named."""

    plan: Plan
    arguments: Arguments
    models: tuple[Model, ...]

    @property
    def site(self) -> Site:
        """The site itself."""
        return self.plan.site

    @property
    def module(self) -> Module:
        """Where the site stands."""
        return self.plan.site.module


class Scene:
    """The moves of one run, and answers about what belongs to them."""

    def __init__(self, context: Context, plans: list[Plan]) -> None:
        self.context = context
        self.catalog = context.catalog
        self.tracer = context.tracer
        self.plans = plans
        self.values = ValueReader(context)
        self.moves = [move for plan in plans if (move := self._move(plan)) is not None]
        # code that belongs to several sites belongs to one that is certain to be migrated
        self.moves.sort(key=lambda move: move.plan.fix != "safe")
        self.old_moves = [move for move in self.moves if move.models]
        """Those that leave the DALL-E family: what the code around them believes has changed as well."""
        self._ways: dict[ast.expr, Way] = {}
        self._imports: dict[tuple[str, str], bool] = {}

    def _move(self, plan: Plan) -> Move | None:
        site = plan.site
        if plan.fix == "manual" or not plan.edits or site.receiver.provider == "foreign":
            return None
        if site.module.is_test:
            return None
        arguments = SlotReader(self.tracer).read(site)
        return Move(plan, arguments, tuple(self._old_models(site, arguments)))

    def _old_models(self, site: Site, arguments: Arguments) -> list[Model]:
        family = [m for m in self.catalog.models.values() if not m.is_target and site.endpoint in m.endpoints]
        slots = arguments.slots.get(MODEL, [])
        named: list[Model] = []
        unknown = not any(isinstance(slot, (KeywordSlot, EntrySlot, FieldSlot)) for slot in slots)
        for slot in slots:
            sources = self.values.sources(slot.module, slot.value)
            for leaf in sources.leaves:
                model = self.catalog.model(leaf.value) if isinstance(leaf.value, str) else None
                if model is None:
                    unknown = True
                elif model not in named:
                    named.append(model)
            unknown = unknown or bool(sources.outside and not sources.leaves)
        old = [model for model in named if model in family]
        return old or (family if unknown and not named else [])

    # what advice is made of

    def advice(
        self,
        move: Move,
        rule: str,
        fix: Fix,
        module: Module,
        node: ast.AST,
        message: str,
        suggestion: str,
        edits: tuple[FileEdit, ...] = (),
    ) -> Advice:
        """One finding that belongs to a move: its edits wait for a person where those of the site do."""
        if edits:
            fix = worst(fix, move.plan.fix)
        return Advice(Part(rule, fix, module, node, message, suggestion, edits), move.site)

    def rule(self, handler: str) -> str:
        """The id of the rule that a kind of advice serves."""
        found = self.catalog.rule_for(handler)
        assert found is not None, handler
        return found.id

    # modules and functions

    @cached_property
    def sites(self) -> dict[str, Move]:
        """The modules in which a site leaves the DALL-E family, by path."""
        found: dict[str, Move] = {}
        for move in self.old_moves:
            for call in move.site.calls:
                found.setdefault(call.module.path, move)
            found.setdefault(move.module.path, move)
        return found

    def modules(self) -> list[Module]:
        """Every module that was read, the project's tests aside."""
        return [m for _, m in sorted(self.context.index.modules.items()) if not m.is_test]

    def move_at(self, module: Module, node: ast.AST) -> Move | None:
        """The move that code belongs to: it stands in a module with a site, or in a function that reaches one."""
        move = self.sites.get(module.path)
        if move is not None:
            return move
        function = module.function(node)
        while function is not None:
            if function in self.functions:
                return self.functions[function]
            function = module.function(function)
        return None

    @cached_property
    def functions(self) -> dict[ast.AST, Move]:
        """Functions that hold a site, call into one, or are handed an error by one that does."""
        found: dict[ast.AST, Move] = {}
        todo: list[tuple[Module, ast.AST, Move, int]] = []

        def add(module: Module, node: ast.AST, move: Move, level: int) -> None:
            function = module.function(node)
            while function is not None:
                if function not in found and len(found) < _FUNCTIONS:
                    found[function] = move
                    todo.append((module, function, move, level))
                function = module.function(function)

        for move in self.old_moves:
            for call in move.site.calls:
                add(call.module, call.call, move, 0)
        while todo:
            module, function, move, level = todo.pop(0)
            if level >= _CALLERS or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            for caller in self.tracer.callers(module, function).calls:
                if not caller.module.is_test:
                    add(caller.module, caller.call, move, level + 1)
        for node, move in list(self._error_readers(found)):
            found.setdefault(node, move)
        return found

    def _error_readers(self, functions: dict[ast.AST, Move]) -> Iterator[tuple[FunctionDef, Move]]:
        """Functions of the project that an except-handler passes its error to."""
        for module in self.modules():
            for call in module.calls:
                handler = _handler_around(module, call)
                if handler is None or handler.name is None:
                    continue
                move = self.sites.get(module.path) or functions.get(module.function(handler) or module.tree)
                if move is None or not any(_names(argument, handler.name) for argument in call.args):
                    continue
                for function in self.tracer.functions(module, call.func):
                    if isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        yield function.node, move

    def near(self, module: Module) -> Move | None:
        """The move whose module is this one, imports it, is imported by it, or meets it in a third one."""
        if module.is_test:
            return None
        own = next((move for move in self.moves if move.module is module), None)
        if own is not None:
            return own
        for move in self.moves:
            if self.knows(move.module, module) or self.knows(module, move.module):
                return move
        for move in self.moves:
            for other in self._third_modules(module, move.module):
                if self.knows(other, module) and self.knows(other, move.module):
                    return move
        return None

    def _third_modules(self, one: Module, two: Module) -> Iterator[Module]:
        """The modules whose text names both of two modules."""
        stems = [self.context.index.module_name(module).rpartition(".")[2] for module in (one, two)]
        project = self.context.index.project
        for file in (*project.candidates(), *project.related([stems[0].encode()], [stems[1].encode()])):
            if all(stem in file.text for stem in stems) and not file.is_test:
                found = self.context.index.add(file)
                if found is not None:
                    yield found

    def knows(self, module: Module, other: Module) -> bool:
        """Whether a module imports another one, or something out of it."""
        key = (module.path, other.path)
        if key not in self._imports:
            self._imports[key] = self._finds(module, other)
        return self._imports[key]

    def _finds(self, module: Module, other: Module) -> bool:
        index = self.context.index
        stem = index.module_name(other).rpartition(".")[2]
        if stem not in module.file.text:
            return False
        for alias in import_aliases(module):
            statement = module.parents[alias]
            if isinstance(statement, ast.Import):
                if stem in alias.name.split(".") and index.find_module(module, alias.name, 0) is other:
                    return True
            elif isinstance(statement, ast.ImportFrom) and (
                alias.name == stem or (statement.module or "").rpartition(".")[2] == stem
            ):
                found = index.imported(module, alias)
                if getattr(found, "module", None) is other:
                    return True
        return False

    # values

    def way(self, module: Module, node: ast.expr) -> Way:
        """Where the value of an argument came through."""
        if node not in self._ways:
            self._ways[node] = way_back(self.tracer, module, node)
        return self._ways[node]

    def way_of(self, move: Move, parameter: str) -> Way:
        """Where the values of one parameter of a site came through."""
        whole = Way()
        for slot in move.arguments.slots.get(parameter, ()):
            whole.add(self.way(slot.module, slot.value))
        return whole


def import_aliases(module: Module) -> Iterator[ast.alias]:
    """Every name of every import of a module."""
    for scope in module.names.scopes.values():
        for bindings in scope.bindings.values():
            for binding in bindings:
                if binding.kind == "import" and isinstance(binding.node, ast.alias):
                    yield binding.node


def imports_one_of(module: Module, packages: tuple[str, ...]) -> bool:
    """Whether a module imports one of these packages, or something of it."""
    for alias in import_aliases(module):
        statement = module.parents[alias]
        name = statement.module or "" if isinstance(statement, ast.ImportFrom) else alias.name
        if name.partition(".")[0] in packages:
            return True
    return False


def imported_from(scene: Scene, module: Module) -> Iterator[tuple[Module, str]]:
    """The names that a module takes out of other modules of the project."""
    for alias in import_aliases(module):
        found = scene.context.index.imported(module, alias)
        if isinstance(found, ImportedModule):
            bound = alias.asname or alias.name.partition(".")[0]
            for parent in module.loads.get(bound, ()):
                outer = module.parent(parent)
                if isinstance(outer, ast.Attribute):
                    yield found.module, outer.attr
        elif (owner := getattr(found, "module", None)) is not None:
            yield owner, alias.name


def exact(module: Module, node: ast.expr) -> bool:
    """Whether the text of a node can be edited: positions inside f-strings may be wrong."""
    parent = module.parent(node)
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.JoinedStr):
            return module.offsets.is_exact(node)
        parent = module.parent(parent)
    return True


def number(node: ast.AST) -> float | None:
    """The value of a number that is written out, as in ``30``, ``2 * 60`` or ``30.0``."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.BinOp(left=left, op=op, right=right):
            one, other = number(left), number(right)
            if one is None or other is None:
                return None
            if isinstance(op, ast.Mult):
                return one * other
            if isinstance(op, ast.Add):
                return one + other
    return None


def _handler_around(module: Module, node: ast.AST) -> ast.ExceptHandler | None:
    parent = module.parent(node)
    while parent is not None and not isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        if isinstance(parent, ast.ExceptHandler):
            return parent
        parent = module.parent(parent)
    return None


def _names(node: ast.AST, name: str) -> bool:
    return any(isinstance(child, ast.Name) and child.id == name for child in ast.walk(node))
