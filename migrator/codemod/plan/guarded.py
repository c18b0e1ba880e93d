"""Values that are translated where they enter the call, because they cannot change where they are made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from migrator.codemod.plan import helpers
from migrator.codemod.plan.context import is_simple, literal, mapping
from migrator.codemod.plan.part import FileEdit, Part
from migrator.codemod.plan.renames import MODEL, Need
from migrator.codemod.rewrite import AddHelper, Around

if TYPE_CHECKING:
    from migrator.catalog.model import Model
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.slots import Slot
    from migrator.codemod.plan.values import Sources, ValueReader
    from migrator.codemod.sites.site import Site

_WIDTH = 100
"""Columns up to which a guard is written in place."""


class Guard:
    """Translates values at the call."""

    def __init__(self, context: Context, values: ValueReader) -> None:
        self.context = context
        self.catalog = context.catalog
        self.values = values

    def values_of(self, site: Site, name: str, target: Model, models: Sources) -> dict[str, str]:
        """Old values that can still arrive; only those that the site's own models ever took."""
        guard = dict(self.catalog.guard(site.endpoint, name, target, self.context.today))
        if name == MODEL:
            guard = {old: new for old, new in guard.items() if old in self.catalog.models}
            # a name that works for some weeks more is translated where the code itself speaks of it
            text = site.module.file.text
            for old in self.catalog.leaving(self.context.today):
                if (
                    old in self.catalog.models
                    and old != target.id
                    and (f'"{old}"' in text or f"'{old}'" in text)
                ):
                    guard[old] = target.id
        if name == MODEL or models.outside or not models.leaves:
            return guard
        known = [self.catalog.model(str(leaf.value)) for leaf in models.leaves]
        accepted: set[str] = set()
        for model in known:
            parameter = model.endpoints.get(site.endpoint, {}).get(name) if model else None
            if model is None or parameter is None:
                return guard
            accepted.update(old for old in guard if model.accepts(parameter, old))
        return {old: new for old, new in guard.items() if old in accepted}

    def why(self, name: str, need: Need, kept: bool) -> str:
        """Why values are mapped at the call and not where they are made."""
        if need.sources.outside:
            return f"The {name} can also come from outside ({need.sources.outside[0]}), so old values are mapped here."
        if kept:
            for leaf, _ in need.changes:
                uses = self.values.uses(leaf, name)
                if uses.others:
                    return f"The {name} also serves something else ({uses.others[0]}), so it is mapped at the call only."
        return f"The {name} is mapped at the call."

    def part(self, name: str, slot: Slot, module: Module, values: dict[Any, str], why: str) -> Part:
        """Translate a value where it enters the call: in place if that is short, else by a small function."""
        node = slot.value
        span = module.span(node)
        edits: list[FileEdit] = []
        values = dict(values)
        nothing = values.pop(None, None)
        inner_after = f" or {literal(nothing, module)}" if nothing else ""
        before, after = "", inner_after
        if values:
            before, after = f"{mapping(values, module)}.get(", f", {module.source(node)})"
            text = module.file.text
            line = text[max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1 : span.end]
            if nothing or not is_simple(node) or len(line) + len(before) + len(after) > _WIDTH:
                full = {**self._full_guard(name), **values}
                helper_name, code = helpers.placed(
                    module, helpers.value_helper_name(name), helpers.value_helper(name, full)
                )
                before, after = f"{helper_name}(", f"{inner_after})"
                edits.append((module.path, AddHelper(code)))
        if nothing and isinstance(node, (ast.IfExp, ast.Lambda, ast.NamedExpr)):
            before, after = before + "(", ")" + after
        edits.append((module.path, Around(span, span, before, after)))
        return Part("IMG024", "safe", module, node, why, edits=tuple(edits))

    def _full_guard(self, name: str) -> dict[Any, str]:
        """Everything that a helper for this parameter translates, so that all its uses in a module share it."""
        guard = self.catalog.guard("generations", name, self.context.target, self.context.today)
        return {old: new for old, new in guard.items() if name != MODEL or old in self.catalog.models}
