"""The drawing tool of the Responses API: it names a picture model beside the model that talks."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant
from migrator.codemod.plan.advice.edited import Edited
from migrator.codemod.plan.part import Advice, Part
from migrator.codemod.rewrite import Replace, string_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.model import HostedTool
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import Plan
    from migrator.types import Fix

_TYPE, _MODEL = "type", "model"


def hosted_tools(context: Context, plans: list[Plan]) -> Iterator[Advice]:
    """Tools that name a model which is leaving. Their answer is base64 before and after, so the name is all."""
    tool = context.catalog.calls.hosted_tool
    edited = Edited(plans)
    rule = next(one.id for one in context.catalog.rules.values() if one.operation == "set_model")
    for path, module in sorted(context.index.modules.items()):
        if not module.is_test and context.index.project.in_scope(path):
            for node, values in _tools(module, tool):
                part = _part(context, module, node, values, edited, rule)
                if part is not None:
                    yield Advice(part)


def _tools(module: Module, tool: HostedTool) -> Iterator[tuple[ast.expr, dict[str, ast.expr]]]:
    """Mappings and calls that are such a tool, with their values by name."""
    for constant in module.strings:
        if constant.value != tool.type:
            continue
        parent = module.parent(constant)
        values: dict[str, ast.expr] = {}
        if isinstance(parent, ast.Dict):
            for key, value in zip(parent.keys, parent.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    values[key.value] = value
        elif isinstance(parent, ast.keyword) and isinstance(call := module.parent(parent), ast.Call):
            values = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
            parent = call
        if values.get(_TYPE) is constant:
            assert isinstance(parent, (ast.Dict, ast.Call))
            if values.keys() <= {*tool.parameters} or _is_given(tool, module, parent):
                yield parent, values


def _part(
    context: Context,
    module: Module,
    node: ast.expr,
    values: dict[str, ast.expr],
    edited: Edited,
    rule: str,
) -> Part | None:
    model = values.get(_MODEL)
    if model is None:
        return None
    leaving = set(context.catalog.leaving(context.today))
    names = [
        (origin.module, origin.node)
        for origin in context.tracer.origins(module, model)
        if isinstance(origin, Constant) and origin.node.value in leaving
    ]
    names = [(where, name) for where, name in names if not edited.touches(where, name)]
    if not names:
        return None
    where, name = names[0]
    target = context.target.id
    old = " or ".join(dict.fromkeys(str(one.value) for _, one in names))
    draws = f"The tool {context.catalog.calls.hosted_tool.type} draws with {old}"
    message = f"{draws}; {old!r} becomes {target!r}."
    refused = _refused(context, values, str(name.value))
    if refused:
        return Part(
            rule, "manual", module, node,
            f"{draws}, and {target} refuses its {' and '.join(refused)}.",
            f"Name {target}, and change {' and '.join(refused)} for it.",
        )  # fmt: skip
    given = _is_given(context.catalog.calls.hosted_tool, module, node)
    fix: Fix = "safe" if name is model and given and _is_whole(node) else "review"
    edits = tuple(
        (place.path, Replace(place.span(one), string_literal(target, place.source(one))))
        for place, one in names
    )
    return Part(rule, fix, where, name, message, f"Name {target}.", edits)


def _refused(context: Context, values: dict[str, ast.expr], model: str) -> list[str]:
    """The parameters of a tool that the target does not take as they are, or that no tool has."""
    catalog = context.catalog
    taken = context.target.endpoints.get("edits", {})
    before = catalog.models[model].endpoints.get("edits", {})
    refused = []
    for parameter, value in values.items():
        if parameter in {_TYPE, _MODEL}:
            continue
        if isinstance(value, ast.Constant):
            translated = catalog.translate(
                "edits", parameter, value.value, context.target, context.today, source_model=model
            )
            keeps = translated.kind == "keep"
        else:
            keeps = parameter in taken or parameter not in before
        if not keeps or parameter not in catalog.calls.hosted_tool.parameters:
            refused.append(parameter)
    return refused


def _is_whole(node: ast.expr) -> bool:
    """Whether all parameters of a tool are written in it, none unpacked from elsewhere."""
    if isinstance(node, ast.Call):
        return all(keyword.arg for keyword in node.keywords)
    return not isinstance(node, ast.Dict) or None not in node.keys


def _is_given(tool: HostedTool, module: Module, node: ast.expr) -> bool:
    """Whether a tool stands where tools are handed over, and not in a table of models."""
    given = tool.given
    child: ast.AST = node
    parent = module.parent(child)
    while isinstance(parent, (ast.List, ast.Tuple, ast.Set)):
        child, parent = parent, module.parent(parent)
    match parent:
        case ast.keyword(arg=name):
            return name in given
        case ast.Dict(keys=keys, values=values) if child in values:
            key = keys[values.index(child)]
            return isinstance(key, ast.Constant) and key.value in given
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in given
    return False
