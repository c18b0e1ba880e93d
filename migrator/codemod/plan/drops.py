"""Arguments that go: GPT Image models refuse them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.part import FileEdit, Part, Plan
from migrator.codemod.plan.slots import EntrySlot, FieldSlot, KeywordSlot, Slot, StoreSlot
from migrator.codemod.rewrite import Arguments as CallEdit
from migrator.codemod.rewrite import DropArgument, DropEntry, DropStatement, Entries

if TYPE_CHECKING:
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context

_HARMLESS_METHODS = frozenset(
    {
        "get",
        "lower",
        "upper",
        "strip",
        "format",
        "join",
        "replace",
        "choice",
        "keys",
        "values",
        "items",
        "getenv",
    }
)


def drop(context: Context, plan: Plan, slot: Slot, rule: str) -> None:
    """Remove an argument that GPT Image models do not accept."""
    module = slot.module
    edits: list[FileEdit] = []
    match slot:
        case KeywordSlot(call=call):
            edits.append((module.path, CallEdit(module.span(call), (DropArgument(slot.name),))))
        case EntrySlot(display=display):
            edits.append((module.path, Entries(module.span(display), (DropEntry(slot.name),))))
        case StoreSlot(statement=statement):
            edits.append((module.path, DropStatement(module.span(_whole(module, statement)))))
        case FieldSlot(call=call):
            edits.append((module.path, DropStatement(module.span(_whole(module, module.statement(call))))))
    found = context.catalog.rules.get(rule)
    plan.parts.append(
        Part(
            rule,
            "safe",
            module,
            slot.value,
            f"{slot.name} is not accepted by GPT Image models, so it is removed.",
            found.suggestion if found and slot.name == "style" else "",
            edits=tuple(edits),
        )
    )


def lost_effects(context: Context, plan: Plan, slot: Slot, rule: str) -> None:
    """A removed value that does more than being a value."""
    for node in ast.walk(slot.value):
        if isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield)):
            plan.parts.append(
                Part(
                    rule, "manual", slot.module, slot.value,
                    f"{slot.name} would be removed, but its value is also kept or waited for here.",
                    "Take the expression out of the call, then run the tool again.",
                )
            )  # fmt: skip
            return
        if isinstance(node, ast.Call):
            for function in context.tracer.functions(slot.module, node.func):
                if not _is_plain(function.node):
                    plan.parts.append(
                        Part(
                            rule, "review", slot.module, slot.value,
                            f"{slot.name} is removed, so {slot.module.source(node.func)}() is not called any more.",
                            "Make sure that nothing else depends on that call.",
                        )
                    )  # fmt: skip
                    return


def _is_plain(function: ast.AST) -> bool:
    """Whether a function only works out a value: no calls but of methods of what it got, no stores."""
    return not any(
        isinstance(node, (ast.Global, ast.Nonlocal, ast.Delete, ast.With, ast.Yield, ast.Raise))
        or (isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store))
        or (
            isinstance(node, ast.Call)
            and not (isinstance(node.func, ast.Attribute) and node.func.attr in _HARMLESS_METHODS)
        )
        for node in ast.walk(function)
    )


def _whole(module: Module, statement: ast.stmt) -> ast.stmt:
    """The ``if`` around a statement when it guards nothing else: ``if style: kwargs["style"] = style``."""
    parent = module.parent(statement)
    if (
        isinstance(parent, ast.If)
        and parent.body == [statement]
        and not parent.orelse
        and not any(
            isinstance(child, (ast.Call, ast.Await, ast.NamedExpr)) for child in ast.walk(parent.test)
        )
        and not _is_elif(module, parent)
    ):
        return parent
    return statement


def _is_elif(module: Module, node: ast.If) -> bool:
    outer = module.parent(node)
    return isinstance(outer, ast.If) and outer.orelse == [node]
