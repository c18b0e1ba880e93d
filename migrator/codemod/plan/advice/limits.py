"""Which time limits a site runs under: of its call, its client, and of whatever waits for it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.sites.site import ArgumentCall

TIMEOUT = "timeout"
_DEPTH = 6
_CALLERS = 2
_RUNNING = {"asyncio.create_task", "asyncio.ensure_future", "asyncio.gather", "asyncio.run"}
"""What hands the limit on to a call inside it; a shield does not."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit that a site runs under. ``client`` is the constructor whose every call obeys it."""

    module: Module
    value: ast.expr
    client: ast.Call | None = None


def limits_of(scene: Scene, move: Move) -> Iterator[Limit]:
    """The nearest limit that the client sets, and every limit of those who wait for the call."""
    slots = move.arguments.slots.get(TIMEOUT, [])
    if slots:
        for slot in slots:
            yield Limit(slot.module, slot.value)
    else:
        copies = list(_copies(scene, move.module, _client(scene, move), _DEPTH))
        yield from copies
        if not copies:
            for module, call in move.site.receiver.made_by:
                for keyword in call.keywords:
                    if keyword.arg == TIMEOUT:
                        yield Limit(module, keyword.value, call)
            yield from _of_module(scene, move)
    for site_call in move.site.calls:
        yield from _waits(scene, site_call)


def _client(scene: Scene, move: Move) -> ast.expr | None:
    """The expression in front of ``.images``."""
    method = move.site.method
    if move.site.dialect == "http" or not isinstance(method, ast.Attribute):
        return None
    node: ast.expr = method.value
    if isinstance(node, ast.Attribute) and node.attr in scene.catalog.calls.wrappers:
        node = node.value
    if isinstance(node, ast.Attribute) and node.attr == scene.catalog.calls.attribute:
        return node.value
    if isinstance(node, ast.Name):
        for binding in move.module.bindings(node):
            if isinstance(binding.value, ast.Attribute):
                return binding.value.value
    return None


def _copies(scene: Scene, module: Module, node: ast.expr | None, depth: int) -> Iterator[Limit]:
    """The limits that ``client.with_options(timeout=…)`` sets on the way to a site."""
    if depth == 0 or node is None:
        return
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in scene.catalog.calls.copies:
            own = [keyword.value for keyword in node.keywords if keyword.arg == TIMEOUT]
            if own:
                yield Limit(module, own[0])
            else:
                yield from _copies(scene, module, value, depth - 1)
        case ast.Name():
            for binding in module.bindings(node):
                if binding.value is not None and not binding.steps:
                    yield from _copies(scene, module, binding.value, depth - 1)
        case ast.Attribute(value=value, attr=attr):
            for origin in scene.tracer.origins(module, value):
                if isinstance(origin, (Class, Instance)):
                    cls = Class(origin.module, origin.node)
                    for where, stored, path in scene.tracer.attribute_stores(cls, attr):
                        if not path:
                            yield from _copies(scene, where, stored, depth - 1)


def _of_module(scene: Scene, move: Move) -> Iterator[Limit]:
    """``openai.timeout = 30`` for calls of the module itself."""
    client = _client(scene, move)
    if client is None or scene.tracer.qualified(move.module, client) not in scene.catalog.calls.modules:
        return
    for target in move.module.attribute_stores.get(TIMEOUT, ()):
        statement = move.module.statement(target)
        name = scene.tracer.qualified(move.module, target.value)
        if name in scene.catalog.calls.modules and isinstance(statement, ast.Assign):
            yield Limit(move.module, statement.value)


def _waits(scene: Scene, site_call: ArgumentCall) -> Iterator[Limit]:
    """What waits for the call, or for a function that makes it, and not for ever."""
    todo: list[tuple[Module, ast.expr, int]] = [(site_call.module, site_call.call, 0)]
    seen: set[ast.expr] = set()
    while todo:
        module, node, level = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        yield from _around(scene, module, node)
        function = module.function(node)
        if level < _CALLERS and isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for caller in scene.tracer.callers(module, function).calls:
                if not caller.module.is_test:
                    todo.append((caller.module, caller.call, level + 1))


def _around(scene: Scene, module: Module, node: ast.expr) -> Iterator[Limit]:
    """The limits in the function around one call."""
    facts = scene.catalog.advice
    todo: list[ast.AST] = [node]
    seen: set[ast.AST] = set()
    while todo:
        child = todo.pop()
        if child in seen:
            continue
        seen.add(child)
        parent = module.parent(child)
        match parent:
            case ast.Await() | ast.Starred() | ast.List() | ast.Tuple():
                todo.append(parent)
            case ast.Call() if child in parent.args:
                name = scene.tracer.qualified(module, parent.func)
                if name in facts.timeout_waits:
                    value = _argument(parent, 1)
                    if value is not None:
                        yield Limit(module, value)
                    todo.append(parent)
                elif name in _RUNNING or _is_loop_method(parent):
                    todo.append(parent)
            case ast.Attribute(attr="result"):
                call = module.parent(parent)
                value = _argument(call, 0) if isinstance(call, ast.Call) and call.func is parent else None
                if value is not None:
                    yield Limit(module, value)
            case ast.Assign(targets=[ast.Name() as target]):
                for binding in module.scope_at(target).bindings.get(target.id, ()):
                    if binding.node is target:
                        todo.extend(binding.uses)
    block = module.parent(node)
    while block is not None and not isinstance(block, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        if isinstance(block, (ast.With, ast.AsyncWith)):
            for item in block.items:
                call = item.context_expr
                if isinstance(call, ast.Call):
                    name = scene.tracer.qualified(module, call.func)
                    value = _argument(call, 0) if name in facts.timeout_contexts else None
                    if value is not None:
                        yield Limit(module, value)
        block = module.parent(block)


def _is_loop_method(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in {"create_task", "run_until_complete"}


def _argument(call: ast.Call, position: int) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg in {TIMEOUT, "delay"}:
            return keyword.value
    return call.args[position] if len(call.args) > position else None
