"""Where the base64 of a picture goes that came as a url so far: to code that decodes it, or that takes it for an address."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import runner_position
from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.plan.answer.follow import stops_at_helper
from migrator.codemod.plan.answer.model import B64, Misuse
from migrator.codemod.plan.answer.prefixes import is_for_addresses
from migrator.codemod.plan.answer.presence import Picture
from migrator.codemod.plan.answer.ways import is_sure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.codemod.flow.forward import Event
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.consumers import ConsumerTable
    from migrator.codemod.plan.context import Context

_LIMIT = 400
"""Places after which base64 counts as out of sight."""
_DECODERS = frozenset({"b64decode", "standard_b64decode", "urlsafe_b64decode", "decodebytes", "a2b_base64"})
_FILES = frozenset({"builtins.open", "io.open", "pathlib.Path", "pathlib.PurePath", "aiofiles.open"})
_SAME_TEXT = frozenset({"strip", "rstrip", "lstrip", "encode", "decode"})
_HARMLESS = frozenset({"truth", "discard", "compare", "key"})


@dataclass(slots=True)
class Fate:
    """What becomes of base64. ``seen``: it is known what every place that gets it does."""

    seen: bool = True
    decoded: bool = False
    misuses: list[Misuse] = field(default_factory=list)


class InlineReader:
    """Follows the base64 of pictures; answers are remembered."""

    def __init__(self, context: Context, consumers: ConsumerTable) -> None:
        self.context = context
        self.consumers = consumers
        self._fates: dict[ast.expr, Fate] = {}

    def is_told_apart(self, module: Module, nodes: Iterable[ast.expr], *, tagged: bool) -> bool:
        """Whether all that gets base64 is seen to decode it, although a url takes the same way.

        ``tagged``: something beside the value says what it is, so that code under a test may be for the other form.
        """
        fates = [self._fate(module, node) for node in nodes]
        return all(
            fate.seen
            and fate.decoded
            and (tagged or not fate.misuses)
            and not any(is_sure(Picture(one.module, one.node), one.node) for one in fate.misuses)
            for fate in fates
        )

    def misuses(self, module: Module, node: ast.expr) -> list[Misuse]:
        """The places that are sure to take base64 for something else. Code that tells forms apart decodes it, too."""
        fate = self._fate(module, node)
        function = module.function(node)
        return [
            one
            for one in fate.misuses
            if not fate.decoded
            or (
                one.module is module
                and module.function(one.node) is function
                and is_sure(Picture(module, node), one.node)
            )
        ]

    def _fate(self, module: Module, node: ast.expr) -> Fate:
        if node in self._fates:
            return self._fates[node]

        def passes(state: State, step: Step, node: ast.expr) -> State | None:
            if step[0] == "attr" and step[1] in _SAME_TEXT:
                return State(state.module, node, state.kind, (("call", None),))
            return None

        walker = Walker(
            self.context.tracer,
            passes,
            frozenset({B64, "text"}),
            {B64: "text", "text": "text"},
            stops_at_helper,
            _LIMIT,
        )
        fate = self._fates[node] = Fate()
        for event in walker.follow([State(module, node, B64)]).events:
            self._note(fate, event)
        return fate

    def _note(self, fate: Fate, event: Event) -> None:
        state = event.state
        if event.what in _HARMLESS or (state.kind == B64 and is_for_addresses(state.module, state.node)):
            return
        call = event.parent
        if event.what == "access" and getattr(call, "attr", "") == "startswith":
            return
        if event.what != "argument" or not isinstance(call, ast.Call) or state.path:
            fate.seen = False
            return
        callee, shift = self._runner(state.module, call)
        if getattr(callee, "attr", getattr(callee, "id", "")) in _DECODERS:
            fate.decoded = True
            return
        consumer = self.consumers.find(state.module, call, state.node, callee, shift)
        if consumer is not None and consumer.role == "log":
            return
        fetches = consumer is not None and consumer.role == "download"
        if state.kind != B64 and consumer is not None and "data-uri" in consumer.accepts:
            fate.seen = False
            return
        first = call.args[shift : shift + 1] == [state.node]
        if fetches or (first and self.context.tracer.qualified(state.module, callee) in _FILES):
            fate.misuses.append(Misuse(state.module, call, state.module.source(callee)))
        else:
            fate.seen = False

    def _runner(self, module: Module, call: ast.Call) -> tuple[ast.expr, int]:
        """The callable that really gets the arguments of a call, and where they start."""
        position = runner_position(call, self.context.tracer.qualified(module, call.func))
        if position is not None and position < len(call.args):
            return call.args[position], position + 1
        return call.func, 0
