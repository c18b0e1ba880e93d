"""Readings that several requests share: what is read there must fit every answer that can come."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.signatures import arguments_for
from migrator.codemod.plan.part import Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.scopes import Binding
    from migrator.codemod.plan.answer.model import Answer

_KINDS = frozenset({"raw", "response", "data", "image", "json"})
_ANSWERING = frozenset(
    {"post", "request", "get", "json", "urlopen", "loads", "load", "read", "text", "send", "getresponse"}
)


def mixed_parts(tracer: Tracer, answer: Answer, known: Collection[ast.AST]) -> Iterator[Part]:
    """A finding where a name that holds the answer of a site can also hold that of another request.

    ``known`` are the expressions that hold answers of any site that moves, or of one that is dead in any case.
    """
    if answer.site.dialect != "http" or answer.trail is None or not answer.reads:
        return
    seen: set[Binding] = set()
    states = sorted(answer.trail.states, key=lambda s: (s.module.path, s.node.lineno, s.node.col_offset))
    for state in states:
        if state.kind not in _KINDS or state.path or not isinstance(state.node, ast.Name):
            continue
        for binding in state.module.bindings(state.node):
            if binding in seen:
                continue
            seen.add(binding)
            for module, value in _values(tracer, state.module, binding):
                if not any(node in known for node in ast.walk(value)):
                    yield Part(
                        "IMG027", "manual", state.module, state.node,
                        "The same code also reads the answer of another request "
                        f"({module.path}:{value.lineno}), which would not fit any more.",
                        "Read the two answers apart, then run the tool again.",
                    )  # fmt: skip
                    return


def _values(tracer: Tracer, module: Module, binding: Binding) -> Iterator[tuple[Module, ast.expr]]:
    """What a name is given that can be the answer of a request."""
    function = binding.scope.node
    if binding.kind == "parameter" and isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for caller in tracer.callers(module, function).calls:
            if caller.module.is_test:
                continue
            for value, path in arguments_for(function, binding.name, caller):
                if not path and not isinstance(value, (ast.Constant, ast.Dict, ast.List)):
                    yield caller.module, value
    elif binding.value is not None and _answers(binding.value):
        yield module, binding.value


def _answers(value: ast.expr) -> bool:
    """Whether an expression calls something that requests are made or read with."""
    return any(
        isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr in _ANSWERING)
            or (isinstance(node.func, ast.Name) and node.func.id in _ANSWERING)
        )
        for node in ast.walk(value)
    )
