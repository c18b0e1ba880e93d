"""Calls that name no model: the old default is shut down, so each gets one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.context import literal
from migrator.codemod.plan.nameless import nameless
from migrator.codemod.plan.part import FileEdit, Part, Plan
from migrator.codemod.plan.payloads import model_entries
from migrator.codemod.plan.renames import MODEL
from migrator.codemod.plan.slots import Arguments, EntrySlot, FieldSlot, KeywordSlot, StoreSlot
from migrator.codemod.rewrite import AddArgument, AddEntry, Entries
from migrator.codemod.rewrite import Arguments as CallEdit

if TYPE_CHECKING:
    from migrator.catalog.model import Model
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.slots import Slot
    from migrator.codemod.sites.site import Site


class ModelNamer:
    """Gives calls without a model the target."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def model_present(self, site: Site, plan: Plan, found: Arguments, target: Model) -> None:
        """A call without a model gets one."""
        if site.receiver.provider == "azure" and not found.slots.get(MODEL):
            return
        slots = found.slots.get(MODEL, [])
        if any(isinstance(slot, (KeywordSlot, EntrySlot, FieldSlot)) for slot in slots):
            plan.parts.extend(self._named_roots(site, found, target))
            for module, call in self._without_model(found):
                added: FileEdit = (
                    module.path,
                    CallEdit(module.span(call), (AddArgument(MODEL, literal(target.id, module)),)),
                )
                plan.parts.append(Part("IMG002", "safe", module, call, self._missing(site), edits=(added,)))
            return
        if found.spreads and slots and isinstance(slots[0], StoreSlot):
            plan.parts.extend(self._named_roots(site, found, target))
            return
        first = site.calls[0]
        code = literal(target.id, first.module)
        if site.dialect == "http":
            entries = model_entries(self.context.tracer, site, found, code)
            if entries:
                plan.parts.append(
                    Part("IMG002", "safe", first.module, first.call, self._missing(site), edits=entries)
                )
                plan.after[MODEL] = target.id
            elif not slots and any(payload.form == "fields" for payload in site.payloads):
                plan.parts.append(
                    Part("IMG002", "manual", first.module, first.call, self._missing(site),
                         f"Add the field model={target.id} to the form by hand.")
                )  # fmt: skip
            return
        edit = (first.module.path, CallEdit(first.module.span(first.call), (AddArgument(MODEL, code),)))
        plan.parts.append(
            Part("IMG002", "safe", first.module, first.call, self._missing(site), edits=(edit,))
        )
        plan.after[MODEL] = target.id

    def _missing(self, site: Site) -> str:
        del site
        return "The call names no model. The old default is shut down, so the model is spelled out."

    def always_has_model(self, found: Arguments) -> bool:
        """Whether every way to the call names a model."""
        named = any(isinstance(slot, (KeywordSlot, EntrySlot)) for slot in found.slots.get(MODEL, ()))
        return named and not self._without_model(found) and not nameless(self.context.tracer, found)

    def _named_roots(self, site: Site, found: Arguments, target: Model) -> list[Part]:
        if site.receiver.provider == "azure":
            return []
        roots = nameless(self.context.tracer, found)
        return [self._named_root(site, module, node, target) for module, node in roots]

    def _named_root(self, site: Site, module: Module, node: ast.Dict | ast.Call, target: Model) -> Part:
        """A mapping that gets its model on some ways only holds one from the start."""
        code, span = literal(target.id, module), module.span(node)
        if isinstance(node, ast.Dict):
            edit: FileEdit = (module.path, Entries(span, (AddEntry(MODEL, code),)))
        elif not node.args and all(keyword.arg is not None for keyword in node.keywords):
            edit = (module.path, CallEdit(span, (AddArgument(MODEL, code),)))
        else:
            return Part(
                "IMG002", "manual", module, node, self._missing(site),
                f"Put model={code} into this mapping where nothing else does.",
            )  # fmt: skip
        return Part("IMG002", "safe", module, node, self._missing(site), edits=(edit,))

    def _without_model(self, found: Arguments) -> list[tuple[Module, ast.Call]]:
        """Calls of a function that passes its ``**kwargs`` on, that name no model themselves."""
        lacking: list[tuple[Module, ast.Call]] = []
        for spread in found.spreads:
            function = spread.module.function(spread.value)
            kwarg = (
                function.args.kwarg if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
            )
            if kwarg is None or not isinstance(spread.value, ast.Name) or spread.value.id != kwarg.arg:
                continue
            assert function is not None
            if len(spread.module.scope_at(spread.value).bindings.get(kwarg.arg, ())) > 1 or any(
                not isinstance(slot, KeywordSlot) or slot.direct for slot in found.slots.get(MODEL, ())
            ):
                continue
            if any(_fills(slot, function, kwarg.arg) for slot in found.slots.get(MODEL, ())):
                continue
            for caller in self.context.tracer.callers(spread.module, function).calls:
                names = {keyword.arg for keyword in caller.call.keywords}
                starred = any(isinstance(argument, ast.Starred) for argument in caller.call.args)
                if caller.certain and not names & {MODEL, None} and not starred and not caller.shift:
                    lacking.append((caller.module, caller.call))
        return lacking


def _fills(slot: Slot, function: ast.AST, name: str) -> bool:
    """``kwargs.setdefault("model", …)`` as a statement of the function itself: it runs whatever was passed."""
    match slot:
        case KeywordSlot(module=module, call=ast.Call(func=ast.Attribute(value=ast.Name(id=found))) as call):
            return found == name and module.parent(module.statement(call)) is function
    return False
