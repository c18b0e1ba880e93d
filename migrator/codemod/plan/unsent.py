"""Bodies of requests that reach no call which was found: better said than passed over."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.flow.origins import Constant, Display
from migrator.codemod.plan.slots import EntrySlot, SlotReader
from migrator.codemod.sites.site import Receiver, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.origins import Step
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context

_LEAST = {"model", "prompt"}


def unsent(context: Context, sites: list[Site], dismissed: list[tuple[Module, ast.Call]]) -> list[Site]:
    """Sites with trouble for requests whose sending was not found, beside the ``sites`` that were.

    ``dismissed`` are calls that send such requests to somebody else.
    """
    catalog = context.catalog
    known = {
        parameter
        for model in catalog.models.values()
        for end in model.endpoints.values()
        for parameter in end
    }
    busy = {site.module.path for site in sites}  # what is left in their files is spoken of there
    lost = [
        (module, node)
        for path, module in sorted(context.index.modules.items())
        if path not in busy and not module.is_test
        for node in _bodies(context, module, known)
    ]
    sent = _sent(context, sites) | _arguments(context, dismissed) if lost else set()
    found = []
    for module, node in lost:
        if node not in sent and _leaves(context, module, node):
            site = Site(module, node, "generations", Receiver("openai"), dialect="http")
            site.trouble.append((node, "what sends this body of a request was not found"))
            found.append(site)
    return found


def _sent(context: Context, sites: list[Site]) -> set[ast.Dict]:
    """The displays that carry arguments of these sites."""
    reader = SlotReader(context.tracer)
    slots = [slot for site in sites for found in reader.read(site).slots.values() for slot in found]
    return {slot.display for slot in slots if isinstance(slot, EntrySlot)}


def _arguments(context: Context, calls: list[tuple[Module, ast.Call]]) -> set[ast.Dict]:
    """The displays that these calls get."""
    return {
        origin.node
        for module, call in calls
        for value in (*call.args, *(keyword.value for keyword in call.keywords))
        for origin in context.tracer.origins(module, value)
        if isinstance(origin, Display) and isinstance(origin.node, ast.Dict)
    }


def _leaves(context: Context, module: Module, node: ast.Dict) -> bool:
    """Whether a mapping is handed to anything but code of the project that only reads it, as a server does."""
    trail = Walker(context.tracer, _no_reads).follow([State(module, node, "mapping")])
    return any(event.what in {"argument", "store", "return", "lost"} for event in trail.events)


def _no_reads(state: State, step: Step, node: ast.expr) -> State | None:
    """What single keys are read for is of no interest."""
    del state, step, node
    return None


def _bodies(context: Context, module: Module, known: set[str]) -> Iterator[ast.Dict]:
    """Mappings that name a model and a prompt, and nothing that the API does not take."""
    for constant in module.strings:
        display = module.parent(constant)
        if constant.value != "model" or not isinstance(display, ast.Dict) or constant not in display.keys:
            continue
        keys = {key.value if isinstance(key, ast.Constant) else "" for key in display.keys if key is not None}
        value = display.values[display.keys.index(constant)]
        if keys >= _LEAST and keys <= known and _is_picture_model(context, module, value):
            yield display


def _is_picture_model(context: Context, module: Module, value: ast.expr) -> bool:
    return any(
        isinstance(origin, Constant) and context.catalog.model(str(origin.node.value)) is not None
        for origin in context.tracer.origins(module, value)
    )
