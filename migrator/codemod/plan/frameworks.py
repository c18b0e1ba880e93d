"""Planning a request that another package makes: whether its version works, and with which arguments."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.catalog.model import SizeRule
from migrator.codemod.plan.arguments import ArgumentPlanner
from migrator.codemod.plan.context import literal
from migrator.codemod.plan.part import Part
from migrator.codemod.plan.renames import MODEL
from migrator.codemod.plan.slots import Arguments, KeywordSlot, Spread
from migrator.codemod.rewrite import AddArgument, SetArgument
from migrator.codemod.rewrite import Arguments as CallEdit
from migrator.codemod.sites.frameworks import constants_given
from migrator.discover.pins import Pins

if TYPE_CHECKING:
    from migrator.catalog.frameworks import Framework, FrameworkVersion
    from migrator.catalog.model import Model
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import Plan
    from migrator.codemod.plan.values import Sources
    from migrator.codemod.sites.site import Site
    from migrator.discover.pins import Pin


class FrameworkPlanner:
    """Plans the sites of frameworks. Reads the project's pins once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.pins = Pins(context.index.project)
        rule = context.catalog.rule_for("framework")
        self.rule = rule.id if rule is not None else "IMG060"

    def plan(self, site: Site, plan: Plan) -> None:
        """Add what has to be said of the package's version, and the edits of the arguments where it works."""
        framework = site.framework
        assert framework is not None
        pin = next((p for p in (self.pins.of(n, site.module.path) for n in framework.packages) if p), None)
        met = framework.met(pin.range if pin else None)
        # the first entry is what a project gets that does not say otherwise
        working = [one for one in met if one.fix != "manual"] if met and met[0].fix != "manual" else []
        if not working:
            self._no_version(plan, framework, met, pin)
            return
        for node, why in site.trouble:
            self._add(
                plan, "manual", f"{framework.title} is used in a way that is not understood: {why}.", "", node
            )
        if not site.calls:
            return
        version = working[0]
        chosen = _Arguments(self._variant(framework, version), framework, version, working)
        chosen.plan(site, plan)
        changed = any(part.edits for part in plan.parts)
        sure = len(working) == len(met) and not self._is_open(framework, pin)
        if not changed and plan.fix != "manual":
            return
        if plan.fix != "manual" and not sure:
            self._add(
                plan, "review",
                f"{framework.title}: these arguments are right from {framework.packages[0]} {version.text} on, and "
                f"which version runs is not certain ({_said(pin, framework)}).",
                f"Pin {framework.packages[0]}{version.text}, then run the migrator again.",
            )  # fmt: skip
        elif version.fix == "review":
            self._add(plan, "review", f"{framework.title}: {version.why}", version.suggestion)

    def _is_open(self, framework: Framework, pin: Pin | None) -> bool:
        """Whether versions can be meant of which the rules say nothing, or that are older than any that was read."""
        if pin is None:
            return any(one.range.low != () for one in framework.versions)
        return not any(one.range.low <= pin.range.low for one in framework.versions)

    def _no_version(
        self, plan: Plan, framework: Framework, met: tuple[FrameworkVersion, ...], pin: Pin | None
    ) -> None:
        if not met:
            newest = next((one for one in framework.versions if one.fix != "manual"), framework.versions[0])
            self._add(
                plan, "manual",
                f"{framework.title}: what this version does with GPT Image is not known ({_said(pin, framework)}).",
                f"{framework.packages[0]} {newest.text} is known: {newest.why}",
            )  # fmt: skip
            return
        version = met[0]
        suggestion = version.suggestion
        if version.example:
            suggestion += "\n" + version.example.replace("{target}", self.context.target.id)
        self._add(
            plan, "manual", f"{framework.title}: {version.why}{self._places(plan.site, framework)}",
            suggestion.replace("{target}", self.context.target.id),
        )  # fmt: skip

    def _places(self, site: Site, framework: Framework) -> str:
        """Where the tables that a loader is given name a model which is leaving."""
        if framework.kind != "loader" or not site.calls:
            return ""
        leaving = set(self.context.catalog.leaving(self.context.today))
        named = [
            f"{one.node.value} ({one.module.path}:{one.node.lineno})"
            for one in constants_given(self.context.tracer, site.module, site.calls[0].call)
            if isinstance(one.node.value, str) and one.node.value.rpartition("/")[2] in leaving
        ]
        return f" It is given {', '.join(dict.fromkeys(named))}." if named else ""

    def _variant(self, framework: Framework, version: FrameworkVersion) -> Context:
        """The context with a target that is named and limited as the framework needs it."""
        target = self.context.target
        if version.sizes:
            sizes = SizeRule(version.sizes, target.sizes.default, refusal=target.sizes.refusal)
            target = replace(target, sizes=sizes)
        if framework.prefix:
            target = replace(target, id=framework.prefix + target.id)
        return replace(self.context, target=target)

    def _add(self, plan: Plan, fix: str, message: str, suggestion: str, node: ast.AST | None = None) -> None:
        site = plan.site
        plan.parts.append(
            Part(self.rule, fix, site.module, node or site.node, message, suggestion)  # type: ignore[arg-type]
        )


def _said(pin: Pin | None, framework: Framework) -> str:
    if pin is None:
        return f"no requirement or lock file of the project pins {framework.packages[0]}"
    return f"{pin.path} asks for {framework.packages[0]} {pin.text}"


class _Arguments(ArgumentPlanner):
    """The arguments of a framework, under the names that it gives them."""

    def __init__(
        self,
        context: Context,
        framework: Framework,
        version: FrameworkVersion,
        working: list[FrameworkVersion],
    ) -> None:
        super().__init__(context)
        self.framework = framework
        self.version = version
        self.working = working

    def plan(self, site: Site, plan: Plan) -> None:
        """Add the parts that make the request acceptable."""
        found = self._renamed(site, self.slots.read(site))
        if self._is_hidden(site, plan, found):
            return
        models = self._models(site, found)
        target = self._target(models)
        wrapped = self.framework.answers and self._wrap_spreads(site, plan, found, target)
        for name, slots in found.slots.items():
            shown = [slot for slot in slots if not wrapped or (isinstance(slot, KeywordSlot) and slot.direct)]
            self._record(plan.before, name, slots)
            kept = [slot for slot in shown if slot.name not in self.version.adds]
            if kept:
                self._parameter(site, plan, name, kept, target, models)
        if not wrapped:
            self._model_present(site, plan, found, target)
        if MODEL not in plan.after and site.receiver.provider != "azure" and self._keyword(MODEL):
            plan.after[MODEL] = target.id
        self._additions(site, plan)

    def _renamed(self, site: Site, found: Arguments) -> Arguments:
        """The same slots by parameter of the API, with those that were passed by position among them."""
        result = Arguments(spreads=found.spreads)
        for keyword, slots in found.slots.items():
            parameter = self.framework.arguments.get(keyword)
            if parameter is not None:
                result.slots.setdefault(parameter, []).extend(slots)
        for call in site.calls:
            for keyword, node in zip(self.framework.order, call.call.args[call.shift :], strict=False):
                parameter = self.framework.arguments.get(keyword)
                if parameter is not None:
                    slot = KeywordSlot(call.module, keyword, node, call.call, direct=True)
                    result.slots.setdefault(parameter, []).append(slot)
        return result

    def _is_hidden(self, site: Site, plan: Plan, found: Arguments) -> bool:
        """Whether arguments arrive in a way in which they cannot be changed."""
        dropped = self.catalog.dropped(site.endpoint, self.context.target)
        for call in site.calls:
            for node in call.call.args[call.shift :]:
                if isinstance(node, ast.Starred):
                    self._manual(plan, site, node, "Not all of its arguments can be seen.")
                    return True
            for keyword, node in zip(self.framework.order, call.call.args[call.shift :], strict=False):
                if self.framework.arguments.get(keyword) in dropped and keyword not in self.version.adds:
                    self._manual(plan, site, node, f"{keyword} must go, and it is passed by position.")
                    return True
        unseen = [spread for spread in found.spreads if _is_opaque(spread)]
        if unseen and not self.framework.answers:
            self._manual(
                plan, site, unseen[0].value, f"The arguments behind ** cannot all be seen ({unseen[0].why})."
            )
            return True
        return False

    def _manual(self, plan: Plan, site: Site, node: ast.AST, why: str) -> None:
        plan.parts.append(
            Part(
                "IMG026", "manual", site.module, node, f"{self.framework.title}: {why}",
                "Write the arguments out by name, then run the tool again.",
            )
        )  # fmt: skip

    def _keyword(self, parameter: str) -> str | None:
        """The name that the framework gives to a parameter."""
        return next((key for key, own in self.framework.arguments.items() if own == parameter), None)

    def _model_present(self, site: Site, plan: Plan, found: Arguments, target: Model) -> None:
        """Name the model where the framework's own default is gone."""
        keyword = self._keyword(MODEL)
        if keyword is None or found.slots.get(MODEL) or site.receiver.provider == "azure":
            return
        if self.framework.setting:
            plan.parts.append(
                Part(
                    "IMG002", "manual", site.module, site.node,
                    f"{self.framework.title}: the model comes from the setting {self.framework.setting}.",
                    f"Set it to {target.id}, or pass {keyword}={target.id!r}.",
                )
            )  # fmt: skip
            return
        if any(spread.why for spread in found.spreads):
            return
        defaults = [self.catalog.model(one.default) for one in self.working]
        if all(model is not None and not model.is_leaving(self.context.today) for model in defaults):
            return
        first = site.calls[0]
        code = literal(target.id, first.module)
        edit = (first.module.path, CallEdit(first.module.span(first.call), (AddArgument(keyword, code),)))
        plan.parts.append(
            Part("IMG002", "safe", first.module, first.call, self._missing(site), edits=(edit,))
        )
        plan.after[MODEL] = target.id

    def _missing(self, site: Site) -> str:
        del site
        gone = next((one.default for one in self.working if one.default), "")
        what = f"which takes {gone} by itself" if gone else "which needs one"
        return f"No model is named for {self.framework.title}, {what}, so it is spelled out."

    def _additions(self, site: Site, plan: Plan) -> None:
        """Arguments that the framework needs for GPT Image; only beside a change, so that a second run is quiet."""
        if not self.version.adds or plan.fix == "manual":
            return
        for call in site.calls:
            given = {keyword.arg: keyword.value for keyword in call.call.keywords}
            for keyword, code in self.version.adds.items():
                value = given.get(keyword)
                if value is not None and ast.unparse(value) == code:
                    continue
                change = SetArgument(keyword, code) if value is not None else AddArgument(keyword, code)
                edit = (call.module.path, CallEdit(call.module.span(call.call), (change,)))
                plan.parts.append(
                    Part(
                        "IMG006", "safe", call.module, call.call,
                        f"{self.framework.title}: {keyword}={code} is passed. {self.version.why}",
                        edits=(edit,),
                    )
                )  # fmt: skip

    def _guard(self, site: Site, name: str, target: Model, models: Sources) -> dict[str, str]:
        """Names of models can also arrive with the framework's prefix."""
        guard = super()._guard(site, name, target, models)
        prefix = self.framework.prefix
        return (
            {**guard, **{prefix + old: new for old, new in guard.items()}}
            if name == MODEL and prefix
            else guard
        )


def _is_opaque(spread: Spread) -> bool:
    return bool(spread.why or spread.shared)
