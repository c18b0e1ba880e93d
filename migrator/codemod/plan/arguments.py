"""Planning the request: what happens to every argument of a call site."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from migrator.codemod.plan import helpers
from migrator.codemod.plan.collapse import collapsed
from migrator.codemod.plan.context import literal
from migrator.codemod.plan.drops import drop, lost_effects
from migrator.codemod.plan.families import without_dropped
from migrator.codemod.plan.guarded import Guard
from migrator.codemod.plan.json_text import text_parts
from migrator.codemod.plan.named import ModelNamer
from migrator.codemod.plan.part import FileEdit, Part, Plan
from migrator.codemod.plan.renames import MODEL, Need, Renamer
from migrator.codemod.plan.slots import (
    Arguments,
    KeywordSlot,
    Slot,
    SlotReader,
    Spread,
)
from migrator.codemod.plan.values import Sources, ValueReader
from migrator.codemod.rewrite import (
    AddHelper,
    Around,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from migrator.catalog.model import Model
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.site import Site

_SDK_OPTIONS = frozenset({"extra_headers", "extra_query", "extra_body", "timeout"})


class ArgumentPlanner:
    """Plans the arguments of sites. Keeps what it learned about values between sites."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.catalog = context.catalog
        self.slots = SlotReader(context.tracer, context.site_bodies)
        self.values = ValueReader(context)
        self.renamer = Renamer(context, self.values)
        self.namer = ModelNamer(context)
        self.guard = Guard(context, self.values)

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
            self.namer.model_present(site, plan, found, target)
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
            if not has_model and site.receiver.provider != "azure" and not self.namer.always_has_model(found):
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
                    f"The arguments behind ** cannot all be changed where they are written ({reason}),"
                    " so a small function translates them at the call.",
                    edits=edits,
                )
            )
        return True

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
                drop(self.context, plan, slot, rule)
                lost_effects(self.context, plan, slot, rule)
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

    def _unknown_model(self, plan: Plan, need: Need) -> None:
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

    def _need(self, site: Site, name: str, slot: Slot, target: Model, models: Sources) -> Need:
        need = Need(slot, self.values.sources(slot.module, slot.value))
        source_model = next((str(leaf.value) for leaf in models.leaves if leaf.value), None)
        for leaf in need.sources.leaves:
            found = self.catalog.translate(
                site.endpoint, name, leaf.value, target, self.context.today, source_model=source_model
            )
            if found.kind != "keep" and leaf.value != "" and not isinstance(leaf.value, bool):
                need.changes.append((leaf, found))
        return need

    def _settle(self, site: Site, plan: Plan, name: str, need: Need, target: Model, models: Sources) -> None:
        slot, module = need.slot, need.slot.module
        rule = next((t.rule for _, t in need.changes if t.rule), None) or self._rule_of(name)
        if len(need.sources.leaves) == 1 and need.sources.leaves[0].node is slot.value and _is_direct(slot):
            for leaf, translation in need.changes:
                plan.parts.append(self.renamer.literal_part(name, leaf, translation, rule))
            return
        guard = self._guard(site, name, target, models)
        renames = self.renamer.family_renames(need, rule) if name == MODEL else None
        if renames is None:
            renames = self.renamer.renames(name, need, rule)
            if renames is not None and need.sources.outside and self._is_constrained(name, need):
                renames = None
        if renames is not None:
            plan.parts.extend(collapsed(renames))
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
            why = self.guard.why(name, need, renames is None)
            plan.parts.append(self.guard.part(name, slot, module, left, why))

    def _is_constrained(self, name: str, need: Need) -> bool:
        """Whether values from outside meet comparisons or value lists in the old words."""
        return any(
            self.values.uses(leaf, name).compares or self.values.uses(leaf, name).annotations
            for leaf, _ in need.changes
        )

    def _rule_of(self, name: str) -> str:
        for rule in self.catalog.rules.values():
            if rule.parameter == name and rule.operation in {"map_value", "map_size", "set_model"}:
                return rule.id
        return "IMG024"

    def _suggestion(self, rule: str) -> str:
        found = self.catalog.rules.get(rule)
        return found.suggestion if found else ""

    def _guard(self, site: Site, name: str, target: Model, models: Sources) -> dict[str, str]:
        """Old values that can still arrive at a call."""
        return self.guard.values_of(site, name, target, models)

    # what the request was and will be

    def _record(self, into: dict[str, Any], name: str, slots: list[Slot]) -> None:
        values: list[Any] = []
        for slot in slots:
            if isinstance(slot.value, ast.Constant):
                value: Any = slot.value.value
            else:
                sources = self.values.sources(slot.module, slot.value)
                known = {leaf.value for leaf in sources.leaves}
                value = _sent(slot, known.pop()) if len(known) == 1 and not sources.outside else _code(slot)
            if value not in values:
                values.append(value)
        into[name] = (
            values[0] if len(values) == 1 else {"code": " | ".join(_code(slot)["code"] for slot in slots)}
        )

    def _record_after(self, plan: Plan, name: str, needs: list[Need], slots: list[Slot]) -> None:
        values: list[Any] = []
        for need in needs:
            replaced = {leaf.value: t.value for leaf, t in need.changes}
            known = {replaced.get(leaf.value, leaf.value) for leaf in need.sources.leaves}
            value = (
                _sent(need.slot, known.pop())
                if len(known) == 1 and not need.sources.outside
                else _code(need.slot)
            )
            if value not in values:
                values.append(value)
        if values:
            plan.after[name] = values[0] if len(values) == 1 else {"code": _code(slots[0])["code"]}


def _sent(slot: Slot, value: Any) -> Any:
    """A value as it is sent: ``str(user_id)`` makes a text of a number."""
    match slot.value:
        case ast.Call(func=ast.Name(id="str")) if isinstance(value, (int, float)):
            return str(value)
    return value


def _code(slot: Slot) -> dict[str, str]:
    return {"code": slot.module.source(slot.value)}


def _is_direct(slot: Slot) -> bool:
    return isinstance(slot, KeywordSlot) and slot.direct


def _is_off(slot: Slot) -> bool:
    return isinstance(slot.value, ast.Constant) and not slot.value.value


def _is_wrapped(spread: Spread) -> bool:
    """Whether the value is already translated by this tool's helper."""
    return helpers.calls_own(spread.module, spread.value)
