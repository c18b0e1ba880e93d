"""The walk: takes one place after another and asks, by what is around it, where the value goes from there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward.accesses import Accesses
from migrator.codemod.flow.forward.attributes import Attributes
from migrator.codemod.flow.forward.calls import Calls
from migrator.codemod.flow.forward.containers import Containers
from migrator.codemod.flow.forward.entering import Entering
from migrator.codemod.flow.forward.leaving import Leaving
from migrator.codemod.flow.forward.names import Names
from migrator.codemod.flow.forward.passing import Passing
from migrator.codemod.flow.forward.patterns import Patterns
from migrator.codemod.flow.forward.text import Texts
from migrator.codemod.flow.forward.trail import Event, State, Trail, What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from migrator.codemod.flow.origins import Path, Step
    from migrator.codemod.flow.trace import Tracer

_LIMIT = 1500
"""States after which a value counts as lost."""
_ALLOWANCE = 50_000
"""What following one value may cost, in questions to the tracer."""


class Walker:
    """Follows values forward. ``read`` says what an access to a value of some kind gives.

    ``read(state, step, node)`` returns the state of ``node``, or ``None`` where the access is of no interest; it may
    note things on the side. An access that ``read`` does not know is reported when ``kind`` is in ``watched``.
    ``wary``: what is put into an object counts as handed to it, unless that is sure to be a list, dict, set or queue.
    """

    def __init__(
        self,
        tracer: Tracer,
        read: Callable[[State, Step, ast.expr], State | None],
        watched: frozenset[str] = frozenset(),
        text_kinds: dict[str, str] | None = None,
        stop: Callable[[State, ast.AST | None], bool] | None = None,
        limit: int = _LIMIT,
        *,
        wary: bool = False,
    ) -> None:
        self.tracer = tracer
        self.index = tracer.index
        self.read = read
        self.watched = watched
        self.text_kinds = text_kinds or {}
        self._stop = stop
        self._limit = limit
        self.wary = wary
        self.trail = Trail()
        self._todo: list[State] = []
        self._allowance = 0
        self._said: set[Event] = set()
        self.accesses = Accesses(self)
        self.calls = Calls(self)
        self.passing = Passing(self)
        self.entering = Entering(self)
        self.leaving = Leaving(self)
        self.names = Names(self)
        self.attributes = Attributes(self)
        self.containers = Containers(self)
        self.patterns = Patterns(self)
        self.text = Texts(self)

    def follow(self, states: Iterable[State]) -> Trail:
        """Follow values to all their ends."""
        start = list(states)
        for state in start:
            self.push(state)
        self._allowance = self.tracer.work + _ALLOWANCE
        while self._todo:
            state = self._todo.pop()
            crowded = len(self.trail.states) > self._limit
            if crowded or self.is_spent():
                # what was met so far is only a part, so nothing but the loss itself is worth saying
                self.trail.events = []
                self._said.clear()
                why = (
                    "too many places can get it" if crowded else "the project is too large to look everywhere"
                )
                self.event("lost", start[0], None, why)
                break
            self._step(state)
        return self.trail

    def is_spent(self) -> bool:
        """Whether this walk has cost what it may; :meth:`follow` then ends it and says so."""
        return self.tracer.work > self._allowance

    def push(self, state: State) -> None:
        """Go on from a place, unless the walk was there."""
        if len(state.path) > 6:
            self.event("lost", state, None, "it is nested too deeply")
            return
        if state not in self.trail.states:
            self.trail.states.add(state)
            self._todo.append(state)

    def put_back(self, state: State) -> None:
        """Keep a place for which there was no more time to be looked at, so that the walk does not count as over."""
        self._todo.append(state)

    def event(self, what: What, state: State, parent: ast.AST | None, detail: str = "") -> None:
        """Note an end of the path, once."""
        event = Event(what, state, parent, detail)
        if event not in self._said:
            self._said.add(event)
            self.trail.events.append(event)

    def move(self, state: State, node: ast.expr, path: Path | None = None, kind: str | None = None) -> None:
        """Go on from another expression of the same module, with the same value unless ``path`` or ``kind`` differ."""
        self.push(State(state.module, node, kind or state.kind, state.path if path is None else path))

    def read_value(self, state: State, step: Step, parent: ast.expr) -> None:
        """Ask the reader what an access to the value itself gives."""
        found = self.read(state, step, parent)
        if found is not None:
            self.push(found)
        elif state.kind in self.watched:
            self.event("access", state, parent)

    def _step(self, state: State) -> None:
        module, node, path = state.module, state.node, state.path
        parent = module.parent(node)
        if self._stop is not None and self._stop(state, parent):
            return
        match parent:
            case ast.Attribute(value=value) if value is node:
                self.accesses.attribute(state, parent)
            case ast.Subscript(value=value) if value is node:
                self.accesses.subscript(state, parent)
            case ast.Subscript():
                self.event("key", state, parent)
            case ast.Call():
                self.calls.in_call(state, parent, None)
            case ast.keyword(arg=name):
                call = module.parent(parent)
                if isinstance(call, ast.Call):
                    self.calls.in_call(state, call, name or "**")
                else:
                    self.event("lost", state, parent)
            case ast.Starred():
                self.calls.starred(state, parent)
            case ast.Await():
                self.move(state, parent)
            case ast.NamedExpr(target=target):
                self.move(state, parent)
                self.names.bound(state, target, path)
            case ast.IfExp(test=test):
                if test is node:
                    self.event("truth", state, parent)
                else:
                    self.move(state, parent)
            case ast.BoolOp(values=values, op=op):
                if values[-1] is not node and isinstance(op, ast.And):
                    self.event("truth", state, parent)
                else:
                    self.move(state, parent)
            case ast.UnaryOp(op=ast.Not()) | ast.If() | ast.While() | ast.Assert():
                self.event("truth", state, parent)
            case ast.Compare():
                self._compare(state, parent)
            case ast.Assign(targets=targets):
                for target in targets:
                    self.names.assign(state, target)
            case ast.AnnAssign(target=target):
                self.names.assign(state, target)
            case ast.AugAssign(target=target, op=op):
                self.text.augment(state, target, op)
            case ast.Return():
                self.leaving.returned(state, ())
            case ast.Yield():
                self.leaving.returned(state, (("index", None),))
            case ast.YieldFrom():
                self.leaving.returned(state, ())
            case ast.Lambda():
                self.move(state, parent, (("call", None), *path))
            case ast.Dict(keys=keys, values=values):
                self.containers.in_dict(state, parent, keys, values)
            case ast.List() | ast.Set():
                self.move(state, parent, (("index", None), *path))
            case ast.Tuple(elts=elts):
                self.move(state, parent, (("index", elts.index(node)), *path))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                self.move(state, parent, (("index", None), *path))
            case ast.DictComp(value=value):
                if value is node:
                    self.move(state, parent, (("key", None), *path))
                else:
                    self.move(state, parent, (("member", None), *path))
            case ast.comprehension(iter=iterated, target=target):
                if iterated is node:
                    self.names.iterate(state, target)
                else:
                    self.event("truth", state, parent)
            case ast.For(iter=iterated, target=target) | ast.AsyncFor(iter=iterated, target=target):
                if iterated is node:
                    self.names.iterate(state, target)
            case ast.withitem(optional_vars=target):
                if target is not None:
                    self.names.assign(state, target)
            case ast.FormattedValue():
                self.text.formatted(state, parent)
            case ast.BinOp():
                self.text.operate(state, parent)
            case ast.Expr():
                self.event("discard", state, parent)
            case ast.Raise():
                self.event("discard", state, parent)
            case ast.Match():
                self.patterns.matched(state, parent)
            case ast.Slice():
                self.event("operate", state, parent)
            case ast.arguments():
                self.entering.default(state, parent)
            case ast.match_case() | ast.MatchValue():
                self.event("compare", state, parent)
            case _:
                self.event("lost", state, parent)

    def _compare(self, state: State, parent: ast.Compare) -> None:
        nothing = all(
            isinstance(c, ast.Constant) and c.value is None
            for c in (parent.left, *parent.comparators)
            if c is not state.node
        )
        if nothing and all(isinstance(op, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)) for op in parent.ops):
            self.event("truth", state, parent)
        else:
            self.event("compare", state, parent)
