"""The answer: a dict with attributes in 0.x, an object with attributes only in the current SDK."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.part import Part
from migrator.codemod.rewrite import Replace
from migrator.types import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.forward import Event, State
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.model import Answer
    from migrator.codemod.plan.context import Context

_OBJECTS = frozenset({"response", "image"})
_FIELDS = frozenset(
    {"background", "b64_json", "created", "data", "revised_prompt", "size", "quality", "url", "usage"}
)
_GETTERS = frozenset({"get"})
_LOGGERS = frozenset({"print", "pprint", "debug", "info", "warning", "error", "exception", "log"})
_DICTS = frozenset(
    {"builtins.dict", "builtins.vars", "builtins.list", "builtins.sorted", "copy.copy", "copy.deepcopy"}
)
_ADVICE = "Read the fields by attribute (answer.data[0].b64_json), then run the tool again."


def tail(module: Module, value: ast.expr, node: ast.expr, text: str) -> Replace | None:
    """What follows ``value`` in ``node``, brackets around the value aside, becomes ``text``."""
    start, end = module.span(value).end, module.span(node).end
    between = module.file.text[start:end]
    skipped = len(between) - len(between.lstrip(" \t)"))
    if not between[skipped:].startswith((".", "[")):
        return None
    return Replace(Span(start + skipped, end), text)


def read_as(module: Module, node: ast.expr, text: str) -> Replace | None:
    """The edit after which a read of a field, in whatever way it was written, ends in ``text``."""
    match node:
        case (
            ast.Subscript(value=value)
            | ast.Attribute(value=value)
            | ast.Call(func=ast.Attribute(value=value))
        ):
            return tail(module, value, node, text)
    return None


def answer_parts(context: Context, answer: Answer) -> Iterator[Part]:
    """The parts that turn every read of the answer into one by attribute."""
    reads = {id(read.node) for read in answer.reads}
    for state, step, node in answer.accesses:
        if state.kind not in _OBJECTS:
            continue
        found = _access(state, step, node)
        if found is None:
            continue
        place, value, name = found
        edit = tail(state.module, value, place, f".{name}") if name in _FIELDS else None
        if edit is None:
            yield _lost(state.module, place, f"{state.module.source(place)!r} has no counterpart there")
        elif id(place) not in reads:  # a url is read as something else anyway
            yield Part(
                "IMG071", "safe", state.module, place,
                f"{name} is read by attribute.", edits=((state.module.path, edit),),
            )  # fmt: skip
    yield from _uses(context, answer)


def _access(state: State, step: Step, node: ast.expr) -> tuple[ast.expr, ast.expr, str] | None:
    """The expression that reads, what it reads from, and the field; ``None`` where it may stay as it is."""
    kind, name = step
    match node:
        case ast.Subscript(value=value):
            return node, value, str(name)
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[ast.Constant(value=key), *_]):
            return node, value, str(key) if attr in _GETTERS else attr
        case ast.Attribute(value=value) if name in _GETTERS:
            call = state.module.parent(node)
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                return call, value, str(call.args[0].value)
            return node, value, str(name)
        case ast.Attribute(value=value) if name not in _FIELDS:
            return node, value, str(name)
        case ast.Call() if kind == "call":
            return node, node.func, str(name)
    return None


def _uses(context: Context, answer: Answer) -> Iterator[Part]:
    assert answer.trail is not None
    for event in answer.trail.events:
        if event.state.kind in _OBJECTS and not event.state.path and not _is_harmless(event):
            yield _lost(
                event.state.module, event.parent or event.state.node, "it is used as a dict, or leaves"
            )
    for state in sorted(answer.trail.states, key=lambda s: (s.module.path, s.node.lineno, s.node.col_offset)):
        if state.kind not in _OBJECTS or state.path:
            continue
        module, node = state.module, state.node
        parent = module.parent(node)
        if (
            isinstance(parent, ast.Subscript)
            and parent.value is node
            and not isinstance(parent.ctx, ast.Load)
        ):
            yield _lost(module, parent, "something is stored in it")
        if isinstance(node, ast.Call) and context.tracer.qualified(module, node.func) in _DICTS:
            yield _lost(module, node, "it is made a dict")


def _is_harmless(event: Event) -> bool:
    match event.what:
        case "truth" | "discard":
            return True
        case "access":
            return isinstance(event.parent, (ast.Attribute, ast.Subscript))  # those are looked at one by one
        case "operate":
            return isinstance(event.parent, ast.JoinedStr)
        case "argument" if isinstance(event.parent, ast.Call):
            func = event.parent.func
            return (func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")) in _LOGGERS
    return False


def _lost(module: Module, node: ast.AST, why: str) -> Part:
    return Part(
        "IMG071", "manual", module, node if hasattr(node, "lineno") else module.tree,
        f"The answer of the current SDK is an object and no dict: {why}.",
        _ADVICE,
    )  # fmt: skip
