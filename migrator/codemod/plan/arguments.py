"""Planning the request: what happens to every argument of a call site."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from migrator.codemod.flow.trace import is_enum
from migrator.codemod.plan import helpers
from migrator.codemod.plan.context import is_simple, literal, mapping
from migrator.codemod.plan.families import prefix_tests, without_dropped
from migrator.codemod.plan.forms import choices_edit
from migrator.codemod.plan.json_text import text_parts
from migrator.codemod.plan.part import FileEdit, Part, Plan
from migrator.codemod.plan.payloads import model_entries
from migrator.codemod.plan.slots import (
    Arguments,
    EntrySlot,
    FieldSlot,
    KeywordSlot,
    Slot,
    SlotReader,
    Spread,
    StoreSlot,
)
from migrator.codemod.plan.values import Leaf, Sources, ValueReader, compared_constants, literal_members
from migrator.codemod.rewrite import (
    AddArgument,
    AddEntry,
    AddHelper,
    Around,
    DropArgument,
    DropEntry,
    DropStatement,
    Entries,
    Replace,
    string_literal,
)
from migrator.codemod.rewrite import Arguments as CallEdit

if TYPE_CHECKING:
    from collections.abc import Collection

    from migrator.catalog.model import Model, Translation
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.site import Site

MODEL = "model"
_WIDTH = 100
"""Columns up to which a guard is written in place."""
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
_SDK_OPTIONS = frozenset({"extra_headers", "extra_query", "extra_body", "timeout"})


@dataclass(slots=True)
class _Need:
    """What one slot needs for one parameter."""

    slot: Slot
    sources: Sources
    changes: list[tuple[Leaf, Translation]] = field(default_factory=list)


class ArgumentPlanner:
    """Plans the arguments of sites. Keeps what it learned about values between sites."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.catalog = context.catalog
        self.slots = SlotReader(context.tracer, context.site_bodies)
        self.values = ValueReader(context)

    def plan(self, site: Site, plan: Plan) -> None:
        """Add the parts that make the request acceptable."""
        found = self.slots.read(site)
        if site.dialect == "sdk" and found.positional:
            plan.parts.append(
                Part(
                    "IMG027",
                    "manual",
                    *found.positional[0],
                    "The image methods take keyword arguments only; this call passes one by position.",
                    "Name the arguments, then run the tool again.",
                )
            )
            return
        models = self._models(site, found)
        target = self._target(models)
        wrapped = self._wrap_spreads(site, plan, found, target)
        for name, all_slots in found.slots.items():
            slots = [slot for slot in all_slots if not wrapped or _is_direct(slot)]
            if site.dialect == "legacy" and name in self._options(site):
                continue  # no part of the request, and maybe a key
            self._record(plan.before, name, all_slots)
            if name in self._options(site):
                self._record(plan.after, name, all_slots)
                continue
            if site.dialect == "http" and name == "stream" and not all(_is_off(slot) for slot in all_slots):
                plan.parts.append(
                    Part(
                        "IMG027", "manual", all_slots[0].module, all_slots[0].value,
                        "The request asks for a stream of events, which this tool does not follow.",
                        "Check the events that the code reads, and change the model by hand.",
                    )
                )  # fmt: skip
                continue
            if self._is_unknown(site, name, target):
                plan.parts.append(
                    Part(
                        "IMG008", "manual", all_slots[0].module, all_slots[0].value,
                        f"{name} is no argument of the Images API, which refuses what it does not know.",
                        "Remove it, or use the argument that was meant, then run the tool again.",
                    )
                )  # fmt: skip
                continue
            self._parameter(site, plan, name, slots, target, models)
        if not wrapped:
            self._model_present(site, plan, found, target)
        if site.receiver.provider != "azure" and MODEL not in plan.after:
            plan.after[MODEL] = target.id
        plan.parts.extend(text_parts(self.context, site, plan))
        plan.parts[:] = without_dropped(plan.parts)

    def _options(self, site: Site) -> Collection[str]:
        """Keywords that the package keeps for itself."""
        legacy = self.catalog.legacy
        return {*legacy.options, *legacy.stray} if site.dialect == "legacy" else _SDK_OPTIONS

    # the model

    def _models(self, site: Site, found: Arguments) -> Sources:
        """Everything that can be the model of a site."""
        merged = Sources()
        for slot in found.slots.get(MODEL, ()):
            sources = self.values.sources(slot.module, slot.value)
            merged.leaves.extend(leaf for leaf in sources.leaves if leaf not in merged.leaves)
            merged.outside.extend(sources.outside)
        for spread in found.spreads:
            if spread.why:
                merged.outside.append(spread.why)
        del site
        return merged

    def _target(self, models: Sources) -> Model:
        """The model whose rules the call must obey: its own where that one lives on, else the target."""
        names = [str(leaf.value) for leaf in models.leaves if leaf.value is not None]
        known = [self.catalog.model(name) for name in names]
        only = known[0] if known else None
        if only is not None and all(model is only for model in known) and not models.outside:
            return self.context.target if only.is_leaving(self.context.today) else only
        return self.context.target

    def _model_present(self, site: Site, plan: Plan, found: Arguments, target: Model) -> None:
        """A call without a model gets one."""
        if site.receiver.provider == "azure" and not found.slots.get(MODEL):
            return
        slots = found.slots.get(MODEL, [])
        if any(isinstance(slot, (KeywordSlot, EntrySlot, FieldSlot)) for slot in slots):
            for module, call in self._without_model(found):
                added: FileEdit = (
                    module.path,
                    CallEdit(module.span(call), (AddArgument(MODEL, literal(target.id, module)),)),
                )
                plan.parts.append(Part("IMG002", "safe", module, call, self._missing(site), edits=(added,)))
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
        if slots and isinstance(slots[0], StoreSlot):
            displays = [
                s for all_slots in found.slots.values() for s in all_slots if isinstance(s, EntrySlot)
            ]
            if displays:
                display = displays[0]
                edit: FileEdit = (
                    display.module.path,
                    Entries(display.module.span(display.display), (AddEntry(MODEL, code),)),
                )
                plan.parts.append(
                    Part(
                        "IMG002", "safe", display.module, display.display, self._missing(site), edits=(edit,)
                    )
                )
            return
        edit = (first.module.path, CallEdit(first.module.span(first.call), (AddArgument(MODEL, code),)))
        plan.parts.append(
            Part("IMG002", "safe", first.module, first.call, self._missing(site), edits=(edit,))
        )
        plan.after[MODEL] = target.id

    def _missing(self, site: Site) -> str:
        del site
        return "The call names no model. The old default is shut down, so the model is spelled out."

    # mappings that are unpacked into the call

    def _wrap_spreads(self, site: Site, plan: Plan, found: Arguments, target: Model) -> bool:
        """Put a translating helper around ``**`` values that cannot be changed where they are made."""
        opaque = [s for s in found.spreads if (s.why or s.shared) and not _is_wrapped(s)]
        if any(_is_wrapped(s) for s in found.spreads):
            return True
        if not opaque:
            return False
        needs_work = [s for s in opaque if s.why] or [
            s for s in opaque if self._spread_needs_work(site, found, target)
        ]
        if not needs_work:
            return False
        dropped = self.catalog.dropped(site.endpoint, target)
        guards = {
            name: self.catalog.guard(site.endpoint, name, target, self.context.today)
            for name in (MODEL, "quality", "size")
        }
        if site.receiver.provider == "azure":
            guards.pop(MODEL)
        helper = helpers.arguments_helper(dropped, guards)
        has_model = any(_is_direct(slot) for slot in found.slots.get(MODEL, ()))
        for spread in opaque:
            module, value = spread.module, spread.value
            span = module.span(value)
            helper_name, code = helpers.placed(module, helpers.ARGUMENTS, helper)
            before, after = f"{helper_name}(", ")"
            if not has_model and site.receiver.provider != "azure" and not self._always_has_model(found):
                before = f"{helper_name}({{{literal(MODEL, module)}: {literal(target.id, module)}, **"
                after = "})"
                if isinstance(value, (ast.IfExp, ast.BoolOp, ast.Lambda, ast.NamedExpr, ast.Compare)):
                    before, after = before + "(", ")" + after
            edits: tuple[FileEdit, ...] = (
                (module.path, Around(span, span, before, after)),
                (module.path, AddHelper(code)),
            )
            reason = spread.why or spread.shared[0][1]
            plan.parts.append(
                Part(
                    "IMG026" if spread.why else "IMG024",
                    "safe",
                    module,
                    value,
                    f"Not all of ** can be changed where it is made ({reason}), so it is translated at the call.",
                    edits=edits,
                )
            )
        return True

    def _always_has_model(self, found: Arguments) -> bool:
        named = any(isinstance(slot, (KeywordSlot, EntrySlot)) for slot in found.slots.get(MODEL, ()))
        return named and not self._without_model(found)

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
                isinstance(slot, (EntrySlot, StoreSlot, FieldSlot)) or slot.direct
                for slot in found.slots.get(MODEL, ())
            ):
                continue
            for caller in self.context.tracer.callers(spread.module, function).calls:
                names = {keyword.arg for keyword in caller.call.keywords}
                starred = any(isinstance(argument, ast.Starred) for argument in caller.call.args)
                if not names & {MODEL, None} and not starred and not caller.shift:
                    lacking.append((caller.module, caller.call))
        return lacking

    def _spread_needs_work(self, site: Site, found: Arguments, target: Model) -> bool:
        """Whether keys of a shared mapping would have to be dropped or values mapped."""
        for name, slots in found.slots.items():
            hidden = [slot for slot in slots if not _is_direct(slot)]
            if not hidden or name in self._options(site) or not any(s.is_shared(name) for s in found.spreads):
                continue
            if name in self.catalog.dropped(site.endpoint, target):
                return True
            for slot in hidden:
                need = self._need(site, name, slot, target, Sources())
                if need.changes and not (name == MODEL and site.receiver.provider == "azure"):
                    return True
        return False

    # one parameter

    def _parameter(
        self, site: Site, plan: Plan, name: str, slots: list[Slot], target: Model, models: Sources
    ) -> None:
        if name == MODEL and site.receiver.provider == "azure":
            self._record(plan.after, name, slots)
            return
        if name in self.catalog.dropped(site.endpoint, target):
            rule = (
                self.catalog.translate(site.endpoint, name, "", target, self.context.today).rule or "IMG008"
            )
            for slot in slots:
                self._drop(plan, slot, rule)
                self._lost_effects(plan, slot, rule)
            return
        needs = [self._need(site, name, slot, target, models) for slot in slots]
        for need in needs:
            refused = [
                t for _, t in need.changes if t.kind == "drop" or (t.kind == "unknown" and t.value is None)
            ]
            if refused and name != MODEL:
                plan.parts.append(
                    Part(
                        refused[0].rule or "IMG008",
                        "manual",
                        need.slot.module,
                        need.slot.value,
                        f"{target.id} does not take this {name}, and there is no rule for what to use instead.",
                        self._suggestion(refused[0].rule or "IMG008"),
                    )
                )
                return
            if name == MODEL and any(t.kind == "unknown" for _, t in need.changes):
                if all(self.catalog.model(str(leaf.value)) is None for leaf in models.leaves):
                    self._unknown_model(plan, need)
                    return
                # a model of somebody else, in a call that also serves OpenAI's: it goes on as it is
                need.changes = [(leaf, t) for leaf, t in need.changes if t.kind != "unknown"]
        for need in needs:
            self._settle(site, plan, name, need, target, models)
        self._record_after(plan, name, needs, slots)

    def _is_unknown(self, site: Site, name: str, target: Model) -> bool:
        """Whether an argument that nobody knows reaches the API; the SDK would not let it through."""
        if site.dialect != "http" or site.receiver.provider == "foreign":
            return False
        known = self.catalog.takes(site.endpoint, name, target)
        return not known and name not in self.catalog.dropped(site.endpoint, target)

    def _unknown_model(self, plan: Plan, need: _Need) -> None:
        names = sorted({str(leaf.value) for leaf, t in need.changes if t.kind == "unknown"})
        plan.parts.append(
            Part(
                "IMG025",
                "manual",
                need.slot.module,
                need.slot.value,
                f"The model {', '.join(names)} is not an image model of OpenAI that the rules know.",
                "If it is a deployment or an alias of your own, check what it stands for; "
                "if it is new, add it with --rules.",
            )
        )

    def _need(self, site: Site, name: str, slot: Slot, target: Model, models: Sources) -> _Need:
        need = _Need(slot, self.values.sources(slot.module, slot.value))
        source_model = next((str(leaf.value) for leaf in models.leaves if leaf.value), None)
        for leaf in need.sources.leaves:
            found = self.catalog.translate(
                site.endpoint, name, leaf.value, target, self.context.today, source_model=source_model
            )
            if found.kind != "keep" and leaf.value != "" and not isinstance(leaf.value, bool):
                need.changes.append((leaf, found))
        return need

    def _settle(self, site: Site, plan: Plan, name: str, need: _Need, target: Model, models: Sources) -> None:
        slot, module = need.slot, need.slot.module
        rule = next((t.rule for _, t in need.changes if t.rule), None) or self._rule_of(name)
        if len(need.sources.leaves) == 1 and need.sources.leaves[0].node is slot.value and _is_direct(slot):
            for leaf, translation in need.changes:
                plan.parts.append(self._literal_part(name, leaf, translation, rule))
            return
        guard = self._guard(site, name, target, models)
        renames = self._family_renames(need, rule) if name == MODEL else None
        if renames is None:
            renames = self._renames(name, need, rule)
            if renames is not None and need.sources.outside and self._is_constrained(name, need):
                renames = None
        if renames is not None:
            plan.parts.extend(renames)
            for leaf, _ in need.changes:
                if leaf.value is not None:
                    plan.needs.update(self.values.uses(leaf, name).sites)
        left: dict[Any, str] = {
            leaf.value: t.value for leaf, t in need.changes if leaf.value is None and t.value
        }
        if renames is None:
            left.update({leaf.value: t.value for leaf, t in need.changes if t.value is not None})
        if need.sources.outside and not need.sources.guarded:
            for old, new in guard.items():
                left.setdefault(old, new)
        if left:
            why = self._why_guarded(name, need, renames is None)
            plan.parts.append(self._guard_part(name, slot, module, left, why))

    def _is_constrained(self, name: str, need: _Need) -> bool:
        """Whether values from outside meet comparisons or value lists in the old words."""
        return any(
            self.values.uses(leaf, name).compares or self.values.uses(leaf, name).annotations
            for leaf, _ in need.changes
        )

    def _guard(self, site: Site, name: str, target: Model, models: Sources) -> dict[str, str]:
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

    def _why_guarded(self, name: str, need: _Need, kept: bool) -> str:
        if need.sources.outside:
            return f"The {name} can also come from outside ({need.sources.outside[0]}), so old values are mapped here."
        if kept:
            for leaf, _ in need.changes:
                uses = self.values.uses(leaf, name)
                if uses.others:
                    return f"The {name} also serves something else ({uses.others[0]}), so it is mapped at the call only."
        return f"The {name} is mapped at the call."

    # edits

    def _literal_part(self, name: str, leaf: Leaf, translation: Translation, rule: str) -> Part:
        module, node = leaf.module, leaf.node
        if translation.value is None:
            return Part(rule, "manual", module, node, f"The value of {name} has no counterpart.", "")
        unknown = translation.kind == "unknown"
        if isinstance(node.value, str):
            text = string_literal(translation.value, module.source(node))
        else:
            text = literal(translation.value, module)
        edits: list[FileEdit] = [(module.path, Replace(module.span(node), text))]
        choices = choices_edit(module, node, lambda value: self._new_name(name, value))
        if choices is not None:
            edits.append(choices)
        return Part(
            rule,
            "review" if unknown else "safe",
            module,
            node,
            (
                f"{name}={node.value!r} was never valid; {translation.value!r} is the nearest that works."
                if unknown
                else f"{name} {node.value!r} becomes {translation.value!r}."
            ),
            self._suggestion(rule) if unknown else "",
            tuple(edits),
        )

    def _new_name(self, name: str, value: str) -> str | None:
        """What a value of DALL-E is called now, where there is one word for it."""
        found = self._translate(name, value)
        return str(found.value) if found is not None and found.kind == "replace" and found.value else None

    def _guard_part(self, name: str, slot: Slot, module: Module, values: dict[Any, str], why: str) -> Part:
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

    def _renames(self, name: str, need: _Need, rule: str) -> list[Part] | None:
        """Parts that change the literals where they stand, or ``None`` if that could change something else."""
        parts: list[Part] = []
        if any(t.value is None or t.kind != "replace" for _, t in need.changes):
            return None
        for leaf, translation in need.changes:
            if leaf.value is None:
                continue
            uses = self.values.uses(leaf, name)
            if uses.others or not uses.sites or self._would_merge_members(name, leaf):
                return None
            closed = self._compare_edits(name, uses.compares, uses.annotations, need)
            if closed is None:
                return None
            parts.append(self._literal_part(name, leaf, translation, rule))
            parts.extend(closed)
        return parts

    def _family_renames(self, need: _Need, rule: str) -> list[Part] | None:
        """Parts that change names of GPT Image where they stand, and comparisons with them into prefix tests."""
        leaves = [leaf for leaf, translation in need.changes if leaf.value is not None and translation.value]
        uses = [self.values.uses(leaf, MODEL) for leaf in leaves]
        if any(one.others or one.annotations or not one.sites for one in uses):
            return None
        if any(self._would_merge_members(MODEL, leaf) for leaf in leaves):
            return None
        compares = list({id(one[1]): one for use in uses for one in use.compares}.values())
        sure = not need.sources.outside and all(isinstance(leaf.value, str) for leaf in need.sources.leaves)
        tests = prefix_tests(self.context, compares, leaves, sure=sure)
        if tests is None:
            return None
        changed = {id(leaf): found for leaf, found in need.changes}
        return [*(self._literal_part(MODEL, leaf, changed[id(leaf)], rule) for leaf in leaves), *tests]

    def _would_merge_members(self, name: str, leaf: Leaf) -> bool:
        """Whether two members of an enumeration would become one: an alias that nobody asked for."""
        owner = leaf.module.parent(leaf.module.statement(leaf.node))
        if not (isinstance(owner, ast.ClassDef) and is_enum(owner)):
            return False
        values: list[Any] = []
        for statement in owner.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
                found = self._translate(name, statement.value.value)
                kept = found is None or found.kind != "replace"
                values.append(statement.value.value if kept or found is None else found.value)
        return len(set(values)) < len(values)

    def _compare_edits(
        self,
        name: str,
        compares: list[tuple[Module, ast.Compare, ast.expr]],
        annotations: list[tuple[Module, ast.expr]],
        need: _Need,
    ) -> list[Part] | None:
        """Comparisons and value lists that speak of the old values change with them, if that loses nothing."""
        if not compares and not annotations:
            return []
        words: list[tuple[Module, ast.Constant]] = []
        for module, compare, side in compares:
            constants = compared_constants(compare, side)
            inside = self.values.sources(module, side)
            if constants is None or inside.outside:
                return None
            words.extend((module, constant) for constant in constants)
        for module, annotation in annotations:
            words.extend(literal_members(self.context, module, annotation))
        values = {constant.value for _, constant in words} | {leaf.value for leaf in need.sources.leaves}
        translated: dict[Any, Any] = {}
        for value in values:
            known = next((t for leaf, t in need.changes if leaf.value == value), None)
            found = known or self._translate(name, value)
            if found is None or found.kind not in {"keep", "replace"}:
                return None
            translated[value] = found.value if found.kind == "replace" else value
        if len(set(map(str, translated.values()))) < len(translated):
            return None
        return [
            Part(
                "IMG041",
                "safe",
                module,
                constant,
                f"This list or comparison follows the new values: {constant.value!r} becomes "
                f"{translated[constant.value]!r}.",
                edits=(
                    (
                        module.path,
                        Replace(
                            module.span(constant),
                            string_literal(translated[constant.value], module.source(constant)),
                        ),
                    ),
                ),
            )
            for module, constant in words
            if translated[constant.value] != constant.value
        ]

    def _translate(self, name: str, value: Any) -> Translation | None:
        if not isinstance(value, str):
            return None
        return self.catalog.translate("generations", name, value, self.context.target, self.context.today)

    def _drop(self, plan: Plan, slot: Slot, rule: str) -> None:
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
                edits.append(
                    (module.path, DropStatement(module.span(_whole(module, module.statement(call)))))
                )
        found = self.catalog.rules.get(rule)
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

    def _lost_effects(self, plan: Plan, slot: Slot, rule: str) -> None:
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
                for function in self.context.tracer.functions(slot.module, node.func):
                    if not _is_plain(function.node):
                        plan.parts.append(
                            Part(
                                rule, "review", slot.module, slot.value,
                                f"{slot.name} is removed, so {slot.module.source(node.func)}() is not called any more.",
                                "Make sure that nothing else depends on that call.",
                            )
                        )  # fmt: skip
                        return

    def _rule_of(self, name: str) -> str:
        for rule in self.catalog.rules.values():
            if rule.parameter == name and rule.operation in {"map_value", "map_size", "set_model"}:
                return rule.id
        return "IMG024"

    def _suggestion(self, rule: str) -> str:
        found = self.catalog.rules.get(rule)
        return found.suggestion if found else ""

    # what the request was and will be

    def _record(self, into: dict[str, Any], name: str, slots: list[Slot]) -> None:
        values: list[Any] = []
        for slot in slots:
            if isinstance(slot.value, ast.Constant):
                value: Any = slot.value.value
            else:
                sources = self.values.sources(slot.module, slot.value)
                known = {leaf.value for leaf in sources.leaves}
                value = known.pop() if len(known) == 1 and not sources.outside else _code(slot)
            if value not in values:
                values.append(value)
        into[name] = (
            values[0] if len(values) == 1 else {"code": " | ".join(_code(slot)["code"] for slot in slots)}
        )

    def _record_after(self, plan: Plan, name: str, needs: list[_Need], slots: list[Slot]) -> None:
        values: list[Any] = []
        for need in needs:
            replaced = {leaf.value: t.value for leaf, t in need.changes}
            known = {replaced.get(leaf.value, leaf.value) for leaf in need.sources.leaves}
            value = known.pop() if len(known) == 1 and not need.sources.outside else _code(need.slot)
            if value not in values:
                values.append(value)
        if values:
            plan.after[name] = values[0] if len(values) == 1 else {"code": _code(slots[0])["code"]}


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


def _code(slot: Slot) -> dict[str, str]:
    return {"code": slot.module.source(slot.value)}


def _is_direct(slot: Slot) -> bool:
    return isinstance(slot, KeywordSlot) and slot.direct


def _is_off(slot: Slot) -> bool:
    return isinstance(slot.value, ast.Constant) and not slot.value.value


def _is_wrapped(spread: Spread) -> bool:
    """Whether the value is already translated by this tool's helper."""
    return helpers.calls_own(spread.module, spread.value)


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
