"""Mappings of arguments that hold a model on some ways only: put in under a condition, or in one of two branches."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Display, Made
from migrator.codemod.plan.renames import MODEL
from migrator.codemod.plan.slots import EntrySlot, KeywordSlot, StoreSlot, united

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.origins import Origin
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.slots import Arguments, Slot, Spread

_FILLING = frozenset({"update", "setdefault"})


def nameless(tracer: Tracer, found: Arguments) -> list[tuple[Module, ast.Dict | ast.Call]]:
    """The mappings of a call that names a model somewhere, which can reach the call without one."""
    slots = found.slots.get(MODEL, [])
    if any(isinstance(slot, KeywordSlot) and slot.direct for slot in slots):
        return []
    lacking: list[tuple[Module, ast.Dict | ast.Call]] = []
    for spread in found.spreads:
        if sum(keyword.arg is None for keyword in spread.call.keywords) > 1 and _is_unpacked(spread):
            continue  # one of several: the model may come with another, and not twice
        for origin in tracer.origins(spread.module, spread.value):
            mapping = _mapping(origin)
            both = united(origin)
            if both is not None:
                mapping = _nameless_side(tracer, *both, slots)
            if mapping is not None and mapping not in lacking and not _names(tracer, *mapping, slots):
                lacking.append(mapping)
    return lacking


def _nameless_side(
    tracer: Tracer, module: Module, both: ast.BinOp, slots: list[Slot]
) -> tuple[Module, ast.Dict | ast.Call] | None:
    """``one | other``: the mapping that has to hold a model, where neither side always does."""
    if any(_always_names(tracer, module, side, slots) for side in (both.left, both.right)):
        return None
    sides = (_mapping(origin) for origin in tracer.origins(module, both.left))
    return next((side for side in sides if side is not None), None)


def _is_unpacked(spread: Spread) -> bool:
    return any(keyword.arg is None and keyword.value is spread.value for keyword in spread.call.keywords)


def _mapping(origin: Origin) -> tuple[Module, ast.Dict | ast.Call] | None:
    match origin:
        case Display(module=module, node=ast.Dict() as node):
            return module, node
        case Made(module=module, node=made, name="builtins.dict", path=()):
            return module, made
    return None


def _names(tracer: Tracer, module: Module, node: ast.Dict | ast.Call, slots: list[Slot]) -> bool:
    """Whether a mapping always holds a model: as written, or put in by a statement that always runs."""
    inner: list[ast.expr] = []
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                inner.append(value)
            elif not isinstance(key, ast.Constant) or key.value == MODEL:
                return True  # a computed key may be the one
    else:
        inner = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg is None)]
        if any(keyword.arg == MODEL for keyword in node.keywords):
            return True
    if any(_always_names(tracer, module, value, slots) for value in inner):
        return True
    return any(_fills(tracer, slot, module, node) for slot in slots)


def _always_names(tracer: Tracer, module: Module, value: ast.expr, slots: list[Slot]) -> bool:
    """Whether everything that a ``**`` value can be holds a model; what is not seen counts as if it did."""
    mappings = [_mapping(origin) for origin in tracer.origins(module, value)]
    return all(mapping is None or _names(tracer, *mapping, slots) for mapping in mappings)


def _fills(tracer: Tracer, slot: Slot, module: Module, node: ast.Dict | ast.Call) -> bool:
    """Whether a slot is put into this mapping later, by a statement that runs wherever the mapping was made."""
    for receiver in _receivers(slot):
        if not isinstance(receiver, ast.Name):
            return True  # an attribute or an item: when it is filled cannot be told
        filling = slot.module.parent(slot.module.statement(receiver))
        for binding in slot.module.bindings(receiver):
            made = binding.value
            if made is None or (module, node) not in map(_mapping, tracer.origins(slot.module, made)):
                continue
            around = slot.module.parent(slot.module.statement(made))
            while around is not None:
                if around is filling:
                    return True
                around = slot.module.parent(around)
    return False


def _receivers(slot: Slot) -> Iterator[ast.expr]:
    """The mapping that a slot is put into after it was made."""
    match slot:
        case StoreSlot(statement=statement):
            for target in statement.targets:
                if isinstance(target, ast.Subscript):
                    yield target.value
        case KeywordSlot(call=ast.Call(func=ast.Attribute(value=value, attr=attr))) if attr in _FILLING:
            yield value
        case EntrySlot(module=module, display=display):
            call = module.parent(display)
            match call:
                case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _FILLING:
                    yield value
