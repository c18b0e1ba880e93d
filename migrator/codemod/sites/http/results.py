"""Where the answer of a request appears: at the call, at what sends a prepared request, in callers of helpers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import runner_position
from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.flow.naming import callable_names
from migrator.codemod.sites.http.answers import answer_step

if TYPE_CHECKING:
    from migrator.catalog.http import HttpCalls, Post
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.sites.http.urls import Frame


class ResultReader:
    """Finds the expressions whose value is the answer of a request."""

    def __init__(self, tracer: Tracer, facts: HttpCalls) -> None:
        self.tracer = tracer
        self.facts = facts

    def results(self, module: Module, call: ast.Call, post: Post) -> list[State]:
        """The answers of one call."""
        if post.answer == "call":
            return [State(module, call, "raw")]
        if post.answer == "fetched":
            return self._fetched(module, call)
        found: list[State] = []
        walker = Walker(self.tracer, _request_step, frozenset())
        for event in walker.follow([State(module, call, "request")]).events:
            if event.what != "argument" or not isinstance(event.parent, ast.Call) or event.state.path:
                continue
            where, outer = event.state.module, event.parent
            callee, _ = called(self.tracer, where, outer)
            names = callable_names(self.tracer, where, callee)
            if any(name in self.facts.preparers for name in names):
                inner = walker.follow([State(where, outer, "request")])
                found.extend(
                    State(later.state.module, later.parent, "raw")
                    for later in inner.events
                    if isinstance(later.parent, ast.Call) and _is_send(later.parent)
                )
            elif any(name in self.facts.senders for name in names) or _is_send(outer):
                found.append(State(where, outer, "raw"))
        return list(dict.fromkeys(found))

    def _fetched(self, module: Module, call: ast.Call) -> list[State]:
        """The answer of a connection is fetched from it by a call of its own."""
        if not isinstance(call.func, ast.Attribute):
            return []
        connection = ast.dump(call.func.value)
        wanted = {name.rpartition(".")[2] for name in self.facts.fetchers}
        found = []
        for other in module.calls:
            if (
                isinstance(other.func, ast.Attribute)
                and other.func.attr in wanted
                and ast.dump(other.func.value) == connection
                and module.function(other) is module.function(call)
            ):
                found.append(State(module, other, "raw"))
        return found

    def through(self, results: list[State], frame: Frame) -> list[State]:
        """What the call of a helper gives, when the request is sent inside it."""
        current: Frame | None = frame
        while current is not None:
            function = current.function
            collected: list[State] = []

            def stop(state: State, parent: ast.AST | None, function: ast.AST = function) -> bool:
                if isinstance(parent, ast.Return) and state.module.function(parent) is function:
                    collected.append(state)  # noqa: B023 - used within this turn of the loop only
                    return True
                return False

            Walker(self.tracer, answer_step, frozenset(), {"json": "json"}, stop).follow(results)
            caller = current.caller
            results = [state._replace(module=caller.module, node=caller.call) for state in collected]
            results = list(dict.fromkeys(results))
            current = current.outer
        return results


def called(tracer: Tracer, module: Module, call: ast.Call) -> tuple[ast.expr, int]:
    """The function that a call runs, maybe in a thread, and how many arguments stand before its own."""
    position = runner_position(call, tracer.qualified(module, call.func))
    if position is not None and position < len(call.args):
        return call.args[position], position + 1
    return call.func, 0


def _request_step(state: State, step: Step, node: ast.expr) -> State | None:
    """``request.prepare()`` is the same request."""
    if step == ("attr", "prepare"):
        return State(state.module, node, state.kind, (("call", None),))
    return None


def _is_send(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in {"send", "open", "urlopen"}
