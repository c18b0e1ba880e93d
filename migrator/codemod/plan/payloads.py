"""Edits of request bodies that a call site without the SDK needs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Display, Made
from migrator.codemod.plan.context import literal
from migrator.codemod.plan.slots import StoreSlot
from migrator.codemod.rewrite import AddArgument, AddEntry, Entries, InsertAfter
from migrator.codemod.rewrite import Arguments as CallEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import FileEdit
    from migrator.codemod.plan.slots import Arguments
    from migrator.codemod.sites.site import Form, Site

_MODEL = "model"


def model_entries(tracer: Tracer, site: Site, found: Arguments, code: str) -> tuple[FileEdit, ...]:
    """Edits that put the model into the body of a request that names none, or only sometimes names one."""
    stores = [slot for slot in found.slots.get(_MODEL, ()) if isinstance(slot, StoreSlot)]
    if any(_always_runs(slot) for slot in stores):
        return ()
    edits: list[FileEdit] = list(_field_added(tracer, site, code))
    roots = list(_roots(tracer, site))
    plain = [root for root in roots if root[2] != "files"]
    for module, node, form in plain or roots:
        value = f"(None, {code})" if form == "files" else code
        span = module.span(node)
        if isinstance(node, ast.Dict):
            edits.append((module.path, Entries(span, (AddEntry(_MODEL, value),))))
        else:
            edits.append((module.path, CallEdit(span, (AddArgument(_MODEL, value),))))
    return tuple(edits)


def _field_added(tracer: Tracer, site: Site, code: str) -> Iterator[FileEdit]:
    """``form.add_field("model", …)`` behind the statement that makes the form."""
    for payload in site.payloads:
        if payload.form != "fields":
            continue
        for origin in tracer.origins(payload.module, payload.node):
            if not isinstance(origin, Made):
                continue
            module = origin.module
            statement = module.statement(origin.node)
            name = _target(statement, origin.node)
            adder = next((one.call.func for one in payload.fields if one.call is not origin.node), None)
            if name is not None and isinstance(adder, ast.Attribute):
                line = f"{name}.{adder.attr}({literal(_MODEL, module)}, {code})"
                yield module.path, InsertAfter(module.span(statement), (line,))


def _target(statement: ast.AST, value: ast.expr) -> str | None:
    """The name that a statement gives to a value."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=found) if found is value:
            return name
        case ast.AnnAssign(target=ast.Name(id=name), value=found) if found is value:
            return name
    return None


def _roots(tracer: Tracer, site: Site) -> Iterator[tuple[Module, ast.Dict | ast.Call, Form]]:
    for payload in site.payloads:
        for origin in tracer.origins(payload.module, payload.node):
            match origin:
                case Display(module=module, node=ast.Dict() as node):
                    yield module, node, payload.form
                case Made(module=module, node=made, name="builtins.dict", path=()):
                    yield module, made, payload.form


def _always_runs(slot: StoreSlot) -> bool:
    """Whether a store stands in the same block as the mapping that it fills."""
    target = slot.statement.targets[0]
    if not (isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)):
        return False
    bindings = slot.module.bindings(target.value)
    return all(
        slot.module.parent(slot.module.statement(binding.node)) is slot.module.parent(slot.statement)
        for binding in bindings
        if binding.value is not None
    ) and any(binding.value is not None for binding in bindings)


def prompt_of(site: Site, tracer: Tracer) -> Iterator[tuple[Module, ast.expr]]:
    """The values of ``prompt`` in the bodies of a request."""
    for module, node, _ in _roots(tracer, site):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "prompt":
                    yield module, value
        else:
            for keyword in node.keywords:
                if keyword.arg == "prompt":
                    yield module, keyword.value
