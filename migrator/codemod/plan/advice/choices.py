"""Lists of allowed values that still offer the old words only, while the call translates what is chosen."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, Display, Instance, Made
from migrator.codemod.flow.shapes import is_enum
from migrator.codemod.index.project import ImportedName
from migrator.codemod.plan.advice.edited import Edited
from migrator.codemod.plan.advice.scene import MODEL
from migrator.codemod.plan.values import literal_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import Advice

_COLLECTIONS = frozenset({"builtins.set", "builtins.frozenset", "builtins.tuple", "builtins.list"})


@dataclass(frozen=True, slots=True)
class Offer:
    """A list of words that people or programs choose one parameter from."""

    module: Module
    node: ast.AST
    words: tuple[str, ...]


def advise(scene: Scene) -> Iterator[Advice]:
    """Lists on the way of a parameter that is translated at the call."""
    rule = scene.rule("value-list")
    edited = Edited(scene.plans)
    for move in scene.moves:
        for parameter in guarded(scene, move):
            old = _old_words(scene, move, parameter)
            new = _new_words(scene, move, parameter)
            for offer in offers(scene, move, parameter):
                if not set(offer.words) <= set(old) or edited.touches(offer.module, offer.node):
                    continue
                yield scene.advice(
                    move,
                    rule,
                    "manual",
                    offer.module,
                    offer.node,
                    f"This list offers only the old words for {parameter} ({', '.join(offer.words)}). "
                    "They keep working: they are translated at the call.",
                    f"Offer the new ones as well: {', '.join(new)}.",
                )


def guarded(scene: Scene, move: Move) -> list[str]:
    """The parameters whose old words the plan keeps and translates at the call."""
    nodes = {part.node for part in move.plan.parts if part.rule == scene.rule("guard") and part.edits}
    nodes |= {
        part.node for part in move.plan.parts if part.rule == scene.rule("unseen-arguments") and part.edits
    }
    spread = any(spread.value in nodes for spread in move.arguments.spreads)
    found = []
    for name, slots in move.arguments.slots.items():
        if any(slot.value in nodes for slot in slots) or (spread and _old_words(scene, move, name)):
            found.append(name)
    return found


def _old_words(scene: Scene, move: Move, parameter: str) -> list[str]:
    context = scene.context
    return list(scene.catalog.guard(move.site.endpoint, parameter, context.target, context.today))


def _new_words(scene: Scene, move: Move, parameter: str) -> list[str]:
    target = scene.context.target
    if parameter == MODEL:
        return [target.id]
    known = target.endpoints.get(move.site.endpoint, {}).get(parameter)
    return list(known.values) if known is not None and known.values else list(target.sizes.listed)


def offers(scene: Scene, move: Move, parameter: str) -> Iterator[Offer]:
    """Every list that bounds the values of a parameter on their way to the call."""
    seen: set[ast.AST] = set()
    for offer in _offers(scene, move, parameter):
        if offer.node not in seen and offer.words and not offer.module.is_test:
            seen.add(offer.node)
            yield offer


def _offers(scene: Scene, move: Move, parameter: str) -> Iterator[Offer]:
    way = scene.way_of(move, parameter)
    for module, use in way.uses():
        yield from _validated(scene, module, use)
        if isinstance(use, ast.Attribute):
            yield from _of_parser(scene, module, use)
    for module, binding in way.bindings:
        node = binding.node
        if isinstance(node, ast.arg):
            if node.annotation is not None:
                yield from _annotated(scene, module, node.annotation)
            yield from _decorated(module, binding.scope.node, node.arg)
        parent = module.parent(node)
        if isinstance(parent, ast.AnnAssign):
            yield from _annotated(scene, module, parent.annotation)
    for module, node in way.expressions:
        if isinstance(node, ast.Call) and not scene.tracer.functions(module, node.func):
            yield from _asked(scene, module, node)
    for slot in move.arguments.slots.get(parameter, ()):
        for origin in scene.tracer.origins(slot.module, slot.value):
            if isinstance(origin, Instance) and is_enum(origin.node):
                yield _enumerated(origin.module, origin.node)


def _validated(scene: Scene, module: Module, use: ast.expr) -> Iterator[Offer]:
    """``if quality not in VALID_QUALITIES``."""
    compare = module.parent(use)
    if not (isinstance(compare, ast.Compare) and compare.left is use):
        return
    if not all(isinstance(op, (ast.In, ast.NotIn)) for op in compare.ops):
        return
    for container in compare.comparators:
        for origin in scene.tracer.origins(module, container):
            if isinstance(origin, Made) and origin.name in _COLLECTIONS and origin.node.args:
                inner = origin.node.args[0]
                if isinstance(inner, (ast.Tuple, ast.List, ast.Set)):
                    yield _displayed(origin.module, inner)
            elif isinstance(origin, Display) and not isinstance(origin.node, ast.Dict):
                yield _displayed(origin.module, origin.node)


def _asked(scene: Scene, module: Module, call: ast.Call) -> Iterator[Offer]:
    """``selectbox("Quality", ["standard", "hd"])``: what a person chose from is handed over as a list."""
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        for origin in scene.tracer.origins(module, argument):
            if isinstance(origin, Display) and isinstance(origin.node, (ast.Tuple, ast.List)):
                yield _displayed(origin.module, origin.node)


def parser_calls(scene: Scene, module: Module, use: ast.Attribute) -> Iterator[tuple[Module, ast.Call]]:
    """The ``add_argument`` calls that fill ``args.quality``."""
    for origin in scene.tracer.origins(module, use.value):
        if not isinstance(origin, Made):
            continue
        for call in origin.module.calls:
            if isinstance(call.func, ast.Attribute) and call.func.attr == "add_argument":
                if _destination(call) == use.attr:
                    yield origin.module, call


def _of_parser(scene: Scene, module: Module, use: ast.Attribute) -> Iterator[Offer]:
    for where, call in parser_calls(scene, module, use):
        for keyword in call.keywords:
            if keyword.arg != "choices":
                continue
            for origin in scene.tracer.origins(where, keyword.value):
                if isinstance(origin, Display) and not isinstance(origin.node, ast.Dict):
                    yield _displayed(origin.module, origin.node)


def _destination(call: ast.Call) -> str | None:
    """The attribute that an argument parser stores an option in."""
    for keyword in call.keywords:
        if keyword.arg == "dest" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    names = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    long = next((name for name in names if name.startswith("--")), names[0] if names else None)
    return long.lstrip("-").replace("-", "_") if long else None


def decorator_calls(function: ast.AST, parameter: str) -> Iterator[ast.Call]:
    """The decorators of a function that declare one of its parameters."""
    for decorator in getattr(function, "decorator_list", ()):
        if isinstance(decorator, ast.Call):
            texts = [
                a.value for a in decorator.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
            named = any(text.lstrip("-").replace("-", "_") == parameter for text in texts)
            if named or any(keyword.arg == parameter for keyword in decorator.keywords):
                yield decorator


def _decorated(module: Module, function: ast.AST, parameter: str) -> Iterator[Offer]:
    for decorator in decorator_calls(function, parameter):
        for child in ast.walk(decorator):
            if isinstance(child, (ast.Tuple, ast.List, ast.Set)):
                yield _displayed(module, child)


def _annotated(scene: Scene, module: Module, annotation: ast.expr) -> Iterator[Offer]:
    for where, node in _spelled_out(scene, module, annotation):
        members = literal_members(scene.context, where, node)
        if members and all(isinstance(constant.value, str) for _, constant in members):
            owner, first = members[0]
            yield Offer(owner, owner.parents[first], tuple(str(constant.value) for _, constant in members))
        for origin in scene.tracer.origins(where, node):
            if isinstance(origin, Class) and is_enum(origin.node):
                yield _enumerated(origin.module, origin.node)


def _spelled_out(scene: Scene, module: Module, annotation: ast.expr) -> Iterator[tuple[Module, ast.expr]]:
    """An annotation, and what the aliases in it stand for."""
    todo = [(module, annotation)]
    seen: set[ast.expr] = set()
    while todo:
        where, node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        yield where, node
        for child in ast.walk(node):
            if isinstance(child, ast.Name):
                todo.extend(_named(scene, where, child))


def _named(scene: Scene, module: Module, name: ast.Name) -> Iterator[tuple[Module, ast.expr]]:
    for binding in module.bindings(name):
        if binding.kind == "assign" and binding.value is not None and not binding.steps:
            yield module, binding.value
        elif binding.kind == "import" and isinstance(binding.node, ast.alias):
            found = scene.context.index.imported(module, binding.node)
            if isinstance(found, ImportedName):
                for other in found.module.names.module.bindings.get(found.name, ()):
                    if other.kind == "assign" and other.value is not None and not other.steps:
                        yield found.module, other.value


def _enumerated(module: Module, node: ast.ClassDef) -> Offer:
    values = [s.value for s in node.body if isinstance(s, ast.Assign)]
    words = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
    return Offer(module, node, tuple(words) if len(words) == len(values) else ())


def _displayed(module: Module, node: ast.Tuple | ast.List | ast.Set) -> Offer:
    """A display; one that holds anything but texts offers nothing that is known."""
    words = [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    return Offer(module, node, tuple(words) if len(words) == len(node.elts) else ())
