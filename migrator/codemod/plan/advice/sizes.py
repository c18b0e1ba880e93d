"""Layouts that count on the edge of the small pictures that are made no more."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.catalog.model import edges_of
from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.flow.origins import Constant, Unknown
from migrator.codemod.plan.advice.meetings import Meetings
from migrator.codemod.plan.advice.pictures import MEASURES, Pictures, called, place
from migrator.codemod.plan.advice.scene import imports_one_of, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.origins import Step
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import Advice

SIZE = "size"
_SPLITTERS = frozenset({"split", "partition", "rpartition", "rsplit"})


@dataclass(frozen=True, slots=True)
class _Change:
    """A size that grows: as text, and the edges before and after, in pixels."""

    before: str
    after: str

    @property
    def edges(self) -> set[int]:
        """The old width and height."""
        return set(edges_of(self.before) or ())


def advise(scene: Scene) -> Iterator[Advice]:
    """Places that use the old edge length, unless the picture is scaled to it first."""
    rule = scene.rule("size-dependence")
    for move in scene.old_moves:
        changes = list(_changes(scene, move))
        for module, node, change in _places(scene, move, changes):
            width, height = edges_of(change.before) or (0, 0)
            yield scene.advice(
                move,
                rule,
                "manual",
                module,
                node,
                f"The picture was {change.before} and comes as {change.after} now; this counts on the old size.",
                f"Scale the picture down after decoding it: image = image.resize(({width}, {height})).",
            )


def _changes(scene: Scene, move: Move) -> Iterator[_Change]:
    seen: set[str] = set()
    for size, _ in _sizes(scene, move):
        if size in seen:
            continue
        seen.add(size)
        context = scene.context
        found = scene.catalog.translate(move.site.endpoint, SIZE, size, context.target, context.today)
        old, new = edges_of(size), edges_of(found.value or "")
        if found.kind == "replace" and old and new and (new[0] > old[0] or new[1] > old[1]):
            yield _Change(size, found.value or "")


def _sizes(scene: Scene, move: Move) -> Iterator[tuple[str, tuple[Module, ast.expr]]]:
    """The sizes that a site asks for, with the literals that say so."""
    for slot in move.arguments.slots.get(SIZE, ()):
        for leaf in scene.values.sources(slot.module, slot.value).leaves:
            if isinstance(leaf.value, str):
                yield leaf.value, (leaf.module, leaf.node)
        for origin in scene.tracer.origins(slot.module, slot.value):
            if isinstance(origin, Unknown) and isinstance(origin.node, ast.JoinedStr):
                yield from _joined(scene, origin.module, origin.node)


def _joined(
    scene: Scene, module: Module, node: ast.JoinedStr
) -> Iterator[tuple[str, tuple[Module, ast.expr]]]:
    """``f"{width}x{height}"`` with numbers that are known."""
    match node.values:
        case [ast.FormattedValue(value=one), ast.Constant(value="x"), ast.FormattedValue(value=other)]:
            widths, heights = _numbers(scene, module, one), _numbers(scene, module, other)
            for width, where in widths:
                for height, there in heights:
                    yield f"{width}x{height}", where
                    yield f"{width}x{height}", there


def _numbers(scene: Scene, module: Module, node: ast.expr) -> list[tuple[int, tuple[Module, ast.expr]]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return [(node.value, (module, node))]
    return [
        (origin.node.value, (origin.module, origin.node))
        for origin in scene.tracer.origins(module, node)
        if isinstance(origin, Constant) and isinstance(origin.node.value, int)
    ]


def _places(scene: Scene, move: Move, changes: list[_Change]) -> Iterator[tuple[Module, ast.AST, _Change]]:
    """One place per function at which the old size is counted on."""
    # following a value far is not worth it where nothing is laid out
    if not changes or not any(_lays_out(scene, module) for module in _around(scene, move)):
        return
    followed = _followed(scene, move, changes)
    pictures = Pictures(scene, move)
    modules = {module.path: module for module, _ in followed}
    modules.update(pictures.modules)
    modules[move.module.path] = move.module
    settled = any(place(call.module, call.call) in pictures.scaled for call in move.site.calls)
    for _, module in sorted(modules.items()):
        silent = _silent(scene, module, pictures)
        meetings = Meetings(scene, module, pictures)
        seen: set[ast.AST | None] = set()
        calls = list(_layout_calls(scene, module, scales=False))
        for node in (*calls, *_arithmetic(scene, module, pictures), *meetings.calls()):
            function = module.function(node)
            if function in seen:
                continue
            if (settled or function in silent) and not pictures.comes_unscaled(module, node):
                continue
            change = _counts_on(scene, module, node, changes, followed)
            if change is None and isinstance(node, ast.Call):
                if meetings.is_join(node) or meetings.draws_beyond(node, _half(changes)):
                    change = changes[0]
            if change is not None:
                seen.add(function)
                yield module, node, change
        split = _split(module, followed)
        laid_out = any(module.function(call) not in silent for call in calls)
        if laid_out and not settled and not seen and split is not None:
            yield module, split, changes[0]


def _half(changes: list[_Change]) -> int:
    """Half of the longest old edge: what is drawn beyond it is meant for the other end of the picture."""
    return max(edge for change in changes for edge in change.edges) // 2


def _silent(scene: Scene, module: Module, pictures: Pictures) -> set[ast.AST | None]:
    """The functions of a module that get the picture in the size they are made for, or never."""
    scaling = {module.function(call) for call in _layout_calls(scene, module, scales=True)}
    functions = (None, *(node for node in module.names.scopes if not isinstance(node, ast.Module)))
    return {
        function
        for function in functions
        if (module.path, function) in pictures.scaled
        or ((module.path, function) not in pictures.reached and (pictures.scaled or function in scaling))
    }


def _arithmetic(scene: Scene, module: Module, pictures: Pictures) -> Iterator[ast.expr]:
    """Sums, slices and comparisons in functions that have the picture at hand."""
    if not imports_one_of(module, scene.catalog.advice.layout_imports):
        return
    for node in module.parents:
        match node:
            case ast.BinOp(op=ast.Mult() | ast.Add() | ast.Sub() | ast.Div() | ast.FloorDiv()):
                if place(module, node) in pictures.reached:
                    yield node
            case ast.Call(func=ast.Name(id="range")) if place(module, node) in pictures.reached:
                yield node
            case ast.Subscript(slice=index) if any(isinstance(c, ast.Slice) for c in ast.walk(index)):
                if pictures.within(node.value):
                    yield index
            case ast.Compare() if any(
                isinstance(child, ast.Attribute) and child.attr in MEASURES and pictures.within(child.value)
                for child in ast.walk(node)
            ):
                yield node


def _around(scene: Scene, move: Move) -> Iterator[Module]:
    """The module of a site, and those whose text names it."""
    stem = scene.context.index.module_name(move.module).rpartition(".")[2]
    yield from (module for module in scene.modules() if module is move.module or stem in module.file.text)


def _lays_out(scene: Scene, module: Module) -> bool:
    return imports_one_of(module, scene.catalog.advice.layout_imports)


def _split(module: Module, followed: set[tuple[Module, ast.expr]]) -> ast.AST | None:
    """Where a size is taken apart into its edges."""
    nodes = sorted(
        (node for where, node in followed if where is module), key=lambda n: (n.lineno, n.col_offset)
    )
    for node in nodes:
        parent = module.parent(node)
        if isinstance(parent, ast.Attribute) and parent.attr in _SPLITTERS:
            return parent
    return None


def _followed(scene: Scene, move: Move, changes: list[_Change]) -> set[tuple[Module, ast.expr]]:
    """Everywhere the literals of the old sizes come along."""

    def read(state: State, step: Step, node: ast.expr) -> State | None:  # noqa: ARG001 - the walker's form
        return None

    old = {change.before for change in changes}
    starts = [State(where, node, "size") for size, (where, node) in _sizes(scene, move) if size in old]
    trail = Walker(scene.tracer, read, frozenset(), {"size": "size"}).follow(starts)
    return {(state.module, state.node) for state in trail.states if not state.path}


def _layout_calls(scene: Scene, module: Module, *, scales: bool) -> Iterator[ast.Call]:
    """Calls of methods that place or scale pictures, in modules that import a library which does."""
    facts = scene.catalog.advice
    names = facts.layout_scales if scales else facts.layout_places
    calls = [call for call in module.calls if called(call) in names]
    if calls and imports_one_of(module, facts.layout_imports):
        yield from calls


def _counts_on(
    scene: Scene,
    module: Module,
    node: ast.expr,
    changes: list[_Change],
    followed: set[tuple[Module, ast.expr]],
) -> _Change | None:
    """The size that a sum, or the arguments of a call, are made of."""
    parts = [*node.args, *(k.value for k in node.keywords)] if isinstance(node, ast.Call) else [node]
    for part in parts:
        for child in ast.walk(part):
            if not isinstance(child, ast.expr):
                continue
            if (module, child) in followed:
                return changes[0]
            for value in _values(scene, module, child):
                for change in changes:
                    if value and any(value % edge == 0 for edge in change.edges if edge):
                        return change
    return None


def _values(scene: Scene, module: Module, node: ast.expr) -> list[float]:
    """The numbers that an expression can be, or hold as a tuple."""
    if isinstance(node, ast.Constant):
        value = number(node)
        return [] if value is None else [value]
    if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load):
        return []
    found: list[float] = [value for value, _ in _numbers(scene, module, node)]
    for _, made in scene.tracer.definitions(module, node):
        if isinstance(made, (ast.Tuple, ast.List)):
            found.extend(value for one in made.elts if (value := number(one)) is not None)
    return found
