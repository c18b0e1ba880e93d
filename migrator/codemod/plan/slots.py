"""Argument slots: every place in the project that fills one parameter of a call site."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward import Event, State, Walker
from migrator.codemod.flow.origins import Constant, Display, External, Made, Parameter, Unknown
from migrator.codemod.flow.shapes import has_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from migrator.codemod.flow.origins import Origin, Step
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.sites.site import Payload, Site


@dataclass(frozen=True, slots=True)
class KeywordSlot:
    """``name=value`` in a call: the site itself, ``dict(…)``, or a caller that passes keywords through."""

    module: Module
    name: str
    value: ast.expr
    call: ast.Call
    direct: bool
    """Whether the call is one of the site's own."""


@dataclass(frozen=True, slots=True)
class EntrySlot:
    """``"name": value`` in a dict display that is unpacked into the call."""

    module: Module
    name: str
    value: ast.expr
    display: ast.Dict


@dataclass(frozen=True, slots=True)
class StoreSlot:
    """``mapping["name"] = value`` for a mapping that is unpacked into the call."""

    module: Module
    name: str
    value: ast.expr
    statement: ast.Assign


@dataclass(frozen=True, slots=True)
class FieldSlot:
    """``form.add_field("name", value)`` for a form that is the body of a request."""

    module: Module
    name: str
    value: ast.expr
    call: ast.Call


_ITERATED = "its keys are iterated over"

Slot = KeywordSlot | EntrySlot | StoreSlot | FieldSlot


@dataclass(frozen=True, slots=True)
class Spread:
    """A mapping that fills a call of the site: ``**value``, or the body of a request.

    ``why`` says what of it cannot be seen, if anything.
    """

    module: Module
    value: ast.expr
    call: ast.Call
    why: str = ""
    shared: tuple[tuple[str | None, str], ...] = ()
    """What else the mapping is used for: the key that is concerned (``None``: any) and how."""

    def is_shared(self, name: str) -> str:
        """How one key serves something else as well, or an empty text."""
        return next((why for key, why in self.shared if key in (None, name)), "")


@dataclass(slots=True)
class Arguments:
    """Everything that is known about a site's arguments."""

    slots: dict[str, list[Slot]] = field(default_factory=dict)
    spreads: list[Spread] = field(default_factory=list)
    positional: list[tuple[Module, ast.expr]] = field(default_factory=list)

    def add(self, slot: Slot) -> None:
        """Remember one more place."""
        known = self.slots.setdefault(slot.name, [])
        if slot not in known:
            known.append(slot)


class SlotReader:
    """Collects the slots of a site."""

    def __init__(self, tracer: Tracer, bodies: Mapping[ast.expr, Site] | None = None) -> None:
        self.tracer = tracer
        self._bodies = bodies or {}
        self._carriers: frozenset[ast.Call] = frozenset()

    def read(self, site: Site) -> Arguments:
        """All arguments of a site, through ``**`` mappings and keyword parameters."""
        found = Arguments()
        self._carriers = frozenset(call for payload in site.payloads for call in payload.carriers)
        if site.dialect == "http":
            self._requested(found, site)
            return found
        for argument_call in site.calls:
            given = argument_call.call.args[argument_call.shift :]
            found.positional.extend((argument_call.module, argument) for argument in given)
            for keyword in argument_call.call.keywords:
                if keyword.arg in argument_call.own:
                    continue
                if keyword.arg is not None:
                    found.add(
                        KeywordSlot(
                            argument_call.module, keyword.arg, keyword.value, argument_call.call, direct=True
                        )
                    )
                else:
                    found.spreads.append(
                        self._spread(found, argument_call.module, keyword.value, argument_call.call)
                    )
        return found

    def _requested(self, found: Arguments, site: Site) -> None:
        """The arguments of a request: what is in its bodies, and how long it may take."""
        for argument_call in (*site.calls, *site.senders):
            for keyword in argument_call.call.keywords:
                if keyword.arg == "timeout":
                    found.add(
                        KeywordSlot(
                            argument_call.module, "timeout", keyword.value, argument_call.call, direct=True
                        )
                    )
        for payload in site.payloads:
            if payload.form == "text":
                continue  # its entries are no expressions
            if payload.form == "fields":
                self._fields(found, payload, site.calls[0].call)
            elif payload.form == "files":
                self._parts(found, payload, site.calls[0].call)
            else:
                found.spreads.append(self._spread(found, payload.module, payload.node, site.calls[0].call))

    def _parts(self, found: Arguments, payload: Payload, call: ast.Call) -> None:
        """The parts of a form: plain fields are written as ``(None, value)``."""
        for slot in self._mapping(payload.module, payload.node, call, [], [], set()):
            match slot.value:
                case ast.Tuple(elts=[ast.Constant(value=None), value, *_]):
                    found.add(replace(slot, value=value))
                case _:
                    found.add(slot)

    def _fields(self, found: Arguments, payload: Payload, call: ast.Call) -> None:
        """What is added to a form, one by one or out of a mapping."""
        for one in payload.fields:
            if one.name:
                found.add(FieldSlot(one.module, one.name, one.value, one.call))
                continue
            spread = self._spread(found, one.module, one.value, call)
            loop = {(None, _ITERATED), (None, ".items() reads it")}  # that is how its fields get in
            shared = tuple(use for use in spread.shared if use not in loop)
            found.spreads.append(replace(spread, shared=shared))

    def _spread(self, found: Arguments, module: Module, value: ast.expr, call: ast.Call) -> Spread:
        why: list[str] = []
        shared: list[tuple[str | None, str]] = []
        for slot in self._mapping(module, value, call, why, shared, set()):
            found.add(slot)
        return Spread(module, value, call, "; ".join(dict.fromkeys(why)), tuple(dict.fromkeys(shared)))

    def _mapping(
        self,
        module: Module,
        node: ast.expr,
        call: ast.Call,
        why: list[str],
        shared: list[tuple[str | None, str]],
        seen: set[ast.AST],
    ) -> Iterator[Slot]:
        origins = self.tracer.origins(module, node)
        if not origins:
            why.append("the mapping's origin was not found")
        for origin in origins:
            if isinstance(origin, Display) and isinstance(origin.node, ast.Dict):
                if origin.node in seen:
                    continue
                seen.add(origin.node)
                yield from self._display(origin.module, origin.node, call, why, shared, seen)
            elif isinstance(origin, Made) and origin.name == "builtins.dict" and not origin.path:
                if origin.node in seen:
                    continue
                seen.add(origin.node)
                yield from self._dict_call(origin.module, origin.node, call, why, shared, seen)
            elif isinstance(origin, Parameter) and not origin.path:
                yield from self._keyword_parameter(origin, call, why, shared, seen)
            elif isinstance(origin, Constant) and origin.node.value is None:
                continue
            elif (both := united(origin)) is not None:
                where, union = both
                for side in (union.left, union.right):
                    yield from self._mapping(where, side, call, why, shared, seen)
            else:
                why.append(_unseen(origin))

    def _display(
        self,
        module: Module,
        node: ast.Dict,
        call: ast.Call,
        why: list[str],
        shared: list[tuple[str | None, str]],
        seen: set[ast.AST],
    ) -> Iterator[Slot]:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                yield from self._mapping(module, value, call, why, shared, seen)
            elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield EntrySlot(module, key.value, value, node)
            else:
                why.append("a key of the mapping is computed")
        yield from self._later(module, node, call, why, shared, seen)

    def _dict_call(
        self,
        module: Module,
        node: ast.Call,
        call: ast.Call,
        why: list[str],
        shared: list[tuple[str | None, str]],
        seen: set[ast.AST],
    ) -> Iterator[Slot]:
        for argument in node.args:
            yield from self._mapping(module, argument, call, why, shared, seen)
        for keyword in node.keywords:
            if keyword.arg is None:
                yield from self._mapping(module, keyword.value, call, why, shared, seen)
            else:
                yield KeywordSlot(module, keyword.arg, keyword.value, node, direct=False)
        yield from self._later(module, node, call, why, shared, seen)

    def _keyword_parameter(
        self,
        origin: Parameter,
        call: ast.Call,
        why: list[str],
        shared: list[tuple[str | None, str]],
        seen: set[ast.AST],
    ) -> Iterator[Slot]:
        """``**kwargs`` of a function: what callers pass beyond its named parameters."""
        node, function = origin.binding.node, origin.binding.scope.node
        if (
            not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
            or function.args.kwarg is not node
        ):
            why.append("the mapping is a parameter that callers outside our sight fill")
            return
        if node in seen:
            return
        seen.add(node)
        named = {a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
        callers = self.tracer.callers(origin.module, function)
        if callers.is_open:
            why.append(f"callers outside our sight pass keywords: {callers.why}")
        certain = [caller for caller in callers.calls if caller.certain]
        extra = any({k.arg for k in caller.call.keywords} - named for caller in callers.possible)
        if extra or len(certain) < len(callers.calls):
            why.append(f"objects of unknown class have a method {function.name}, which may be this one")
        for caller in certain:
            for keyword in caller.call.keywords:
                if keyword.arg is None:
                    yield from self._mapping(caller.module, keyword.value, call, why, shared, seen)
                elif keyword.arg not in named:
                    yield KeywordSlot(caller.module, keyword.arg, keyword.value, caller.call, direct=False)
        yield from self._later(origin.module, node, call, why, shared, seen)

    def _later(
        self,
        module: Module,
        node: ast.AST,
        call: ast.Call,
        why: list[str],
        shared: list[tuple[str | None, str]],
        seen: set[ast.AST],
    ) -> Iterator[Slot]:
        """Keys that are put into the mapping after it was made, and what else it is used for."""
        walker = Walker(self.tracer, _no_reads, frozenset({"mapping"}))
        start: list[State] = []
        if isinstance(node, ast.expr):
            start.append(State(module, node, "mapping"))
        elif isinstance(node, ast.arg):
            scope = module.names.scopes.get(module.parents[module.parents[node]])
            for binding in scope.bindings.get(node.arg, ()) if scope else ():
                start.extend(State(module, use, "mapping") for use in binding.uses)
        trail = walker.follow(start)
        for state in sorted(trail.states, key=lambda s: (s.module.path, s.node.lineno, s.node.col_offset)):
            if state.path:
                continue
            yield from self._stored(state, call, why, shared, seen)
        for event in trail.events:
            reason = self._other_use(event, call)
            if reason:
                shared.append((None, reason))

    def _stored(
        self,
        state: State,
        call: ast.Call,
        why: list[str],
        shared: list[tuple[str | None, str]],
        seen: set[ast.AST],
    ) -> Iterator[Slot]:
        parent = state.module.parent(state.node)
        if isinstance(parent, ast.Subscript) and parent.value is state.node:
            statement = state.module.parent(parent)
            if isinstance(parent.ctx, ast.Store) and isinstance(statement, ast.Assign):
                if isinstance(parent.slice, ast.Constant) and isinstance(parent.slice.value, str):
                    yield StoreSlot(state.module, parent.slice.value, statement.value, statement)
                else:
                    why.append("a key of the mapping is computed")
            elif isinstance(parent.ctx, ast.Load):
                name = parent.slice.value if isinstance(parent.slice, ast.Constant) else "?"
                shared.append(
                    (name if isinstance(name, str) and name != "?" else None, f"its key {name!r} is read too")
                )
            elif isinstance(parent.ctx, ast.Del):
                shared.append((None, "a key of it is deleted"))
        elif isinstance(parent, ast.Attribute):
            outer = state.module.parent(parent)
            if not (isinstance(outer, ast.Call) and outer.func is parent):
                return
            if parent.attr == "update":
                for argument in outer.args:
                    yield from self._mapping(state.module, argument, call, why, shared, seen)
                for keyword in outer.keywords:
                    if keyword.arg is None:
                        yield from self._mapping(state.module, keyword.value, call, why, shared, seen)
                    else:
                        yield KeywordSlot(state.module, keyword.arg, keyword.value, outer, direct=False)
            elif (
                parent.attr == "setdefault"
                and len(outer.args) == 2
                and isinstance(outer.args[0], ast.Constant)
            ):
                key = outer.args[0].value
                if isinstance(key, str):
                    yield KeywordSlot(state.module, key, outer.args[1], outer, direct=False)
            elif parent.attr in {"get", "pop"} and outer.args and isinstance(outer.args[0], ast.Constant):
                shared.append((str(outer.args[0].value), f".{parent.attr}() reads it"))
            elif parent.attr not in {"copy"}:
                shared.append((None, f".{parent.attr}() reads it"))
        elif isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
            shared.append((None, _ITERATED))
        elif isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.BitOr):
            other = parent.right if parent.left is state.node else parent.left
            yield from self._mapping(state.module, other, call, why, shared, seen)

    def _other_use(self, event: Event, call: ast.Call) -> str:
        if event.state.path:
            return ""
        match event.what:
            case "argument":
                if event.state.node in self._bodies:
                    return ""
                if event.parent is call or event.parent in self._carriers:
                    return ""
                name = _called(event.parent)
                return "" if name in _LOGGING else f"{name}() receives it too"
            case "return":
                return "it is returned to callers outside our sight"
            case "store":
                return "it is stored"
            case "compare" | "operate" | "key":
                return "it is compared or combined"
            case "lost":
                return "it cannot be followed everywhere"
        return ""


def united(origin: Origin) -> tuple[Module, ast.BinOp] | None:
    """``one | other``: a mapping made of two, and where."""
    match origin:
        case Unknown(module=module, node=ast.BinOp(op=ast.BitOr()) as both, path=()):
            return module, both
    return None


def _no_reads(state: State, step: Step, node: ast.expr) -> State | None:
    """Reads of single keys are found by looking at the states."""
    del state, step, node
    return None


_LOGGING = {"print", "debug", "info", "warning", "error", "log", "pprint", "exception", "len"}


def _called(node: ast.AST | None) -> str:
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            return node.func.attr
        if isinstance(node.func, ast.Name):
            return node.func.id
    return "?"


def _unseen(origin: object) -> str:
    match origin:
        case Made(name=name):
            return f"the mapping is made by {name}"
        case External(name=name):
            return f"the mapping comes from {name}"
        case Unknown(node=node) if isinstance(node, ast.ClassDef) and has_fields(node):
            return f"the mapping is made from {node.name}"
        case Unknown(node=node) if isinstance(node, ast.DictComp):
            return "the mapping is computed"
    return "the mapping is made in a way that cannot be followed"
