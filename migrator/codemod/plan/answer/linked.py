"""Downloads that may meet a url after it was out of sight."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan import helpers
from migrator.codemod.plan.downloads import Download, teaching
from migrator.codemod.plan.part import Part

if TYPE_CHECKING:
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.model import Read
    from migrator.codemod.plan.consumers import ConsumerTable
    from migrator.codemod.plan.context import Context


def linked(context: Context, consumers: ConsumerTable, read: Read) -> list[Part]:
    """Downloads that may meet the url later: they read a key or attribute of the name that it was kept under."""
    assert read.trail is not None
    names = {value for state in read.trail.states for _, value in state.path if isinstance(value, str)}
    if not names or context.url_as == "review":
        return []
    context.index.search(*sorted(names))
    reached = {end.node for end in read.ends}
    parts: list[Part] = []
    for path in sorted(context.index.modules):
        module = context.index.modules[path]
        for call in module.calls:
            if call in reached:
                continue
            for argument in call.args[:1]:
                if _kept_name(module, argument) not in names:
                    continue
                consumer = consumers.find(module, call, argument)
                if consumer is None or consumer.role != "download" or _stands_in_helper(module, call):
                    continue
                facts = context.catalog.downloads
                library = facts.form(consumers.names(module, call.func))
                edits = teaching(
                    facts,
                    Download(module, call, argument, library, awaited=False),
                    context.url_as,
                    context.picture,
                )
                if edits is not None:
                    parts.append(
                        Part(
                            "IMG014",
                            "safe",
                            module,
                            call,
                            f"{module.source(call.func)}() may get the picture from here on, so it learns to read "
                            "a data: URI; ordinary urls are fetched as before.",
                            edits=edits,
                        )
                    )
    return parts


def answered(read: Read) -> bool:
    """Whether the url is shown under a key, as in the JSON of a web page: another program may read it there."""
    shown = {end.node for end in read.ends if end.rule == "IMG011"}
    return any(
        any(kind == "key" for kind, _ in state.path)
        and (state.node in shown or state.module.parent(state.node) in shown)
        for state in (read.trail.states if read.trail is not None else ())
    )


def _stands_in_helper(module: Module, call: ast.Call) -> bool:
    """Whether a call stands inside one of this tool's own helpers."""
    function = module.function(call)
    return helpers.is_own(module, getattr(function, "name", ""))


def _kept_name(module: Module, node: ast.expr) -> str | None:
    """The key or attribute under which a value was kept, one assignment away at most."""
    if isinstance(node, ast.Name):
        bindings = module.bindings(node)
        if len(bindings) == 1:
            value = next(iter(bindings)).value
            return (
                _kept_name(module, value) if value is not None and not isinstance(value, ast.Name) else None
            )
        return None
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return node.slice.value if isinstance(node.slice.value, str) else None
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and node.args
    ):
        key = node.args[0]
        return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
    return None
