"""From texts to calls: which calls get a text that names an endpoint."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward import State, Walker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.http import HttpCalls
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module


class Reach:
    """Follows the texts of a module that name an endpoint."""

    def __init__(self, tracer: Tracer, facts: HttpCalls) -> None:
        self.tracer = tracer
        self.facts = facts
        self._paths = re.compile("|".join(re.escape(path) for path in facts.endpoints))

    def calls(self, module: Module) -> Iterator[tuple[Module, ast.Call, State]]:
        """The calls that get a text which names an endpoint."""
        for constant in module.strings:
            text = str(constant.value)
            if not self._paths.search(text) or "\n" in text.strip():
                continue
            parent = module.parent(constant)
            start: ast.expr = parent if isinstance(parent, ast.JoinedStr) else constant
            todo = [State(module, start, "url")]
            seen: set[ast.expr] = set()
            while todo:
                state = todo.pop()
                if state.node in seen:
                    continue
                seen.add(state.node)
                trail = Walker(self.tracer, _text_step, frozenset(), {"url": "url"}).follow([state])
                for event in trail.events:
                    node = event.parent
                    if event.what == "argument" and isinstance(node, ast.Call):
                        where = event.state.module
                        if self.tracer.qualified(where, node.func) in self.facts.joins:
                            todo.append(State(where, node, "url"))
                        else:
                            yield where, node, event.state
                    elif event.what == "operate" and isinstance(node, ast.BinOp):
                        todo.append(State(event.state.module, node, "url"))


def _text_step(state: State, step: Step, node: ast.expr) -> State | None:
    if step[0] == "attr" and step[1] in {
        "strip",
        "rstrip",
        "lstrip",
        "format",
        "replace",
        "encode",
        "joinpath",
    }:
        return State(state.module, node, state.kind, (("call", None),))
    return None
