"""One run over a project: find the sites, plan them until nothing changes, apply, report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

from migrator import collecting
from migrator.codemod.costs import quality_note
from migrator.codemod.flow.trace import Tracer
from migrator.codemod.index.project import ProjectIndex
from migrator.codemod.learned import compared_texts, outside_reads
from migrator.codemod.plan import legacy
from migrator.codemod.plan.advice import advise
from migrator.codemod.plan.arguments import ArgumentPlanner
from migrator.codemod.plan.context import Context
from migrator.codemod.plan.deployments import retired_deployment
from migrator.codemod.plan.frameworks import FrameworkPlanner
from migrator.codemod.plan.gate import gate
from migrator.codemod.plan.hosted import hosted_tools
from migrator.codemod.plan.imports import unused_imports
from migrator.codemod.plan.part import Advice, Part, Plan
from migrator.codemod.plan.response import ResponsePlanner
from migrator.codemod.plan.routed import routed
from migrator.codemod.plan.unsent import unsent
from migrator.codemod.plan.uploads import models_of, upload_parts
from migrator.codemod.rewrite.draft import ClashError, Draft
from migrator.codemod.sites.find import SiteFinder
from migrator.codemod.suppress import Suppressions
from migrator.types import FileResult, Finding, Proposal, Report, Request, SiteSummary, place, unread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.catalog.queries import Catalog
    from migrator.codemod.index.project import Project
    from migrator.codemod.options import Options
    from migrator.codemod.plan.part import FileEdit
    from migrator.codemod.sites.site import Site
    from migrator.types import Choose

_ROUNDS = 5
_RECURSION = 20_000


class Run:
    """Holds the state of one run; use :meth:`report` once."""

    def __init__(
        self, project: Project, catalog: Catalog, options: Options, choose: Choose | None = None
    ) -> None:
        self.project = project
        self.choose = choose
        self.chosen: set[int] | None = None
        self.catalog = catalog
        self.options = options
        self.target, self.warning = catalog.target(options.target, options.today)

    def report(self) -> Report:
        """Plan everything, apply what may be applied, and say what happened."""
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(before, _RECURSION))
        try:
            with collecting.seldom():
                return self._report()
        finally:
            sys.setrecursionlimit(before)

    def _report(self) -> Report:
        self.index = ProjectIndex(self.project)
        self.context = Context(
            self.index,
            Tracer(self.index),
            self.catalog,
            self.target,
            self.options.today,
            self.options.url_as,
            self.options.url_folder or "generated_images",
            self.options.url_chosen,
            self.options.sdk,
        )
        self.finder = SiteFinder(self.index, self.context.tracer, self.catalog)
        self.notes: list[str] = []
        self.sites = self.finder.find()
        self.sites += unsent(self.context, self.sites, self.finder.http.dismissed)
        self.suppressions = Suppressions(self.index, self.options)
        plans = self._settled_plans()
        if self.choose is not None:
            plans = self._chosen_plans(plans, self.choose)
        advice = [a for a in self._advice(plans) if self.suppressions.shows(a.part)]
        texts, plans, advice_applied = self._applied(plans, advice)
        return self._assembled(plans, advice, advice_applied, texts)

    def _advice(self, plans: list[Plan]) -> list[Advice]:
        try:
            return [
                *advise(self.context, plans),
                *hosted_tools(self.context, plans),
                *routed(self.context, plans),
            ]
        except Exception as error:  # advice is worth less than the migration
            self.notes.append(f"advice could not be worked out ({type(error).__name__}: {error})")
            return []

    def _chosen_plans(self, plans: list[Plan], choose: Choose) -> list[Plan]:
        """The plans after a person has decided which of them are applied."""
        ready = [plan for plan in plans if self._may_apply(plan)]
        proposals = []
        for plan in ready:
            draft = self._draft()
            fits = _fits(draft, plan.edits)
            files = tuple(
                FileResult(path, "changed", self.index.modules[path].file, text)
                for path, text in draft.texts.items()
            )
            findings = tuple(self._plan_findings(plan, fits))
            proposals.append(Proposal(self._summary(plan, fits), files, findings))
        accepted = set(choose(proposals)) if proposals else set()
        self.chosen = {id(ready[number].site) for number in accepted}
        return self._settled_plans()

    # planning

    def _settled_plans(self) -> list[Plan]:
        """Plan until no applied site relies on one that is left alone."""
        left: dict[int, Plan] = {}
        plans: dict[int, Plan] = {}
        for _ in range(_ROUNDS):
            active = [site for site in self.sites if id(site) not in left]
            plans = self._plans(active)
            refused = {key for key, plan in plans.items() if not self._may_apply(plan)}
            relied = {key for plan in plans.values() if self._may_apply(plan) for key in plan.needs}
            if not relied & refused and not any(key in left for key in relied):
                break
            for key in refused:
                left[key] = plans[key]
        merged = {**left, **plans}
        return [merged[id(site)] for site in self.sites]

    def _plans(self, active: list[Site]) -> dict[int, Plan]:
        plans: dict[int, Plan] = {}
        open_sites: list[Site] = []
        for site in active:
            plan = plans[id(site)] = Plan(site)
            plan.parts.extend(gate(self.context, self.finder, site))
            if plan.fix != "manual":
                open_sites.append(site)
        self.context.remember(open_sites)
        arguments = ArgumentPlanner(self.context)
        frameworks = FrameworkPlanner(self.context)
        responses = ResponsePlanner(self.context)
        answered = [site for site in open_sites if site.framework is None or site.framework.answers]
        gone = [site for site in active if site.endpoint not in self.context.target.endpoints]
        responses.gather(answered, gone)
        forms = responses.forms()
        for site in open_sites:
            plan = plans[id(site)]
            try:
                (arguments if site.framework is None else frameworks).plan(site, plan)
                if site in answered:
                    responses.plan(site, plan, forms)
                if site.dialect in {"sdk", "http"} or (
                    site.dialect == "legacy" and self.options.sdk == "latest"
                ):
                    plan.parts.extend(upload_parts(self.context, site, models_of(plan)))
                if site.dialect == "legacy":
                    legacy.plan(self.context, self.finder.legacy, site, plan, responses.answers[id(site)])
            except Exception as error:  # a flaw of this tool costs one call site, never the run
                plan.parts = [_failure(site, error)]
            outside = sorted({path for path, _ in plan.edits if not self.project.in_scope(path)})
            if outside:
                plan.parts.append(
                    Part(
                        "IMG028",
                        "manual",
                        site.module,
                        site.node,
                        f"This call also needs a change in {outside[0]}, which is outside the paths of this run.",
                        "Run the tool on the whole project.",
                    )
                )
            if not any(part.edits for part in plan.parts) and plan.fix != "manual":
                # nothing to change: the site lives on a live model already, or a deployment must be replaced
                retired = retired_deployment(self.context, plan)
                plan.parts = [retired] if retired is not None else []
        return plans

    def _may_apply(self, plan: Plan) -> bool:
        if plan.fix == "manual" or not plan.parts:
            return False
        if plan.fix == "review" and not (self.options.unsafe and plan.edits):
            return False
        if self.chosen is not None and id(plan.site) not in self.chosen:
            return False
        return self.suppressions.allows(plan)

    def _is_settled(self, plan: Plan) -> bool:
        """Whether a site is migrated, or needs nothing."""
        return not plan.parts or self._may_apply(plan)

    # applying

    def _applied(
        self, plans: list[Plan], advice: list[Advice]
    ) -> tuple[dict[str, str], list[Plan], list[bool]]:
        """The new texts, plans with what turned out to be impossible marked, and which advice was applied."""
        draft = self._draft()
        while True:
            chosen = [plan for plan in plans if self._may_apply(plan)]
            edits = [edit for plan in chosen for edit in plan.edits]
            try:
                draft.restart(edits)
                break
            except ClashError as error:
                clash = error
            blocked = self._culprit(chosen, clash.path)
            blocked.parts.append(
                Part(
                    "IMG028",
                    "manual",
                    blocked.site.module,
                    blocked.site.node,
                    f"The changes that this call needs get in each other's way ({clash.reason}), so nothing was changed.",
                    "Simplify the lines around the call, or migrate it by hand.",
                )
            )
            chosen_ids = {id(plan.site) for plan in plans if self._may_apply(plan)}
            for plan in plans:
                if self._may_apply(plan) and plan.needs - chosen_ids - {id(plan.site)}:
                    plan.parts.append(
                        Part(
                            "IMG028", "manual", plan.site.module, plan.site.node,
                            "This call shares code with another one that could not be migrated.",
                        )
                    )  # fmt: skip
        done: list[bool] = []
        for item in advice:
            moves = (item.site is None and not (self.chosen is not None and not chosen)) or any(
                plan.site is item.site for plan in chosen
            )
            allowed = (
                moves
                and bool(item.part.edits)
                and (item.part.fix == "safe" or (item.part.fix == "review" and self.options.unsafe))
            )
            allowed = allowed and _fits(draft, item.part.edits)
            if allowed:
                edits.extend(item.part.edits)
            done.append(allowed)
        _fits(draft, unused_imports(self.context, edits, self.suppressions.keeps))
        return draft.texts, plans, done

    def _draft(self) -> Draft:
        return Draft(lambda path: self.index.modules[path].file.text, self.project.misfit)

    def _culprit(self, plans: list[Plan], path: str) -> Plan:
        """The first plan that cannot be applied to ``path`` on top of those before it."""
        draft = self._draft()
        for plan in plans:
            if not _fits(draft, [edit for edit in plan.edits if edit[0] == path]):
                return plan
        return plans[-1]

    # reporting

    def _assembled(
        self, plans: list[Plan], advice: list[Advice], advice_applied: list[bool], texts: dict[str, str]
    ) -> Report:
        findings: list[Finding] = []
        summaries: list[SiteSummary] = []
        for plan in plans:
            applied = self._may_apply(plan)
            findings.extend(self._plan_findings(plan, applied))
            summaries.append(self._summary(plan, applied))
        for item, applied in zip(advice, advice_applied, strict=True):
            findings.append(self._finding(item.part, applied, item.site.id if item.site else ""))
        findings.extend(self._pins(plans))
        findings.extend(self._broken())
        findings.extend(self.project.problems)
        findings.sort(key=place)
        unique: list[Finding] = []
        said: set[tuple[str, str, str, int, str]] = set()
        for finding in findings:
            key = (finding.site, finding.rule, finding.path, finding.line, finding.message)
            if key not in said or finding.request is not None:
                unique.append(finding)
            said.add(key)
        moved = [plan for plan in plans if self._may_apply(plan)]
        if note := quality_note(self.catalog, self.target, moved, self.options.today):
            self.notes.append(note)
        return Report(
            self.target.id,
            self._files(texts, findings),
            tuple(unique),
            tuple(summaries),
            warnings=(*((self.warning,) if self.warning else ()), *self.notes),
            reads=outside_reads(self.context, [(plan.site, self._is_settled(plan)) for plan in plans]),
            compared=compared_texts(self.index),
        )

    def _pins(self, plans: list[Plan]) -> Iterator[Finding]:
        """Requirements that do not fit the calls of openai<1 as they are after the run."""
        sites = [
            plan.site
            for plan in plans
            if plan.site.dialect == "legacy" and (self.options.sdk == "keep" or self._may_apply(plan))
        ]
        for finding in legacy.pins(self.project, self.catalog, sites, self.options.sdk):
            if self.suppressions.is_chosen(finding.rule):
                yield finding

    def _plan_findings(self, plan: Plan, applied: bool) -> list[Finding]:
        if not plan.parts or self.suppressions.is_silenced(plan):
            return []
        parts = plan.parts
        if plan.fix == "manual":
            # the other parts only say what would be done; what stops the site is what people need
            parts = [part for part in parts if part.fix == "manual"]
        request = Request(plan.before, plan.after) if plan.before or plan.after else None
        found: list[Finding] = []
        for part in parts:
            if not self.suppressions.shows(part):
                continue
            found.append(self._finding(part, applied and bool(part.edits), plan.site.id, request))
            request = None
        return found

    def _finding(self, part: Part, applied: bool, site: str, request: Request | None = None) -> Finding:
        node = part.node
        while not hasattr(node, "lineno") and (around := part.module.parent(node)) is not None:
            node = around  # a comprehension's loop and an argument list have no position of their own
        line = getattr(node, "lineno", 1)
        column = getattr(node, "col_offset", 0) + 1
        end = getattr(node, "end_lineno", line) or line
        suggestion = part.suggestion
        if not suggestion and part.fix != "safe" and part.rule in self.catalog.rules:
            suggestion = self.catalog.rules[part.rule].suggestion  # nobody is left without a way on
        return Finding(
            part.rule, part.fix, part.module.path, line, column, end, part.message, suggestion, site, applied,
            request,
        )  # fmt: skip

    def _summary(self, plan: Plan, applied: bool) -> SiteSummary:
        outcome: Literal["safe", "review", "manual", "done"] = plan.fix if plan.parts else "done"
        model = plan.before.get("model")
        models = (model,) if isinstance(model, str) else ()
        return SiteSummary(
            plan.site.id, plan.site.module.path, plan.site.line, plan.site.endpoint, models, outcome, applied
        )

    def _broken(self) -> list[Finding]:
        candidates = {file.path for file in self.project.candidates()}
        found = []
        for path, (_, error) in sorted(self.index.broken.items()):
            line = getattr(error, "lineno", None) or 1
            column = getattr(error, "offset", None) or 1
            rule = "IMG092" if isinstance(error, SyntaxError) else "IMG093"
            text = getattr(error, "msg", None) or str(error) or type(error).__name__
            # a file without a site was read for a name that is used in it, by a caller perhaps
            message, suggestion = _UNPARSED if path in candidates else _UNPARSED_CALLER
            found.append(
                Finding(
                    rule, "manual", path, line, max(column, 1), line, message.format(text), suggestion
                )
            )  # fmt: skip
        for module, failure in self.finder.failures:
            found.append(
                Finding(
                    "IMG093", "manual", module.path, 1, 1, 1,
                    f"This file could not be analysed ({type(failure).__name__}: {failure}), so it was left alone.",
                    "Migrate it by hand, and report what it looks like.",
                )
            )  # fmt: skip
        return found

    def _files(self, texts: dict[str, str], findings: list[Finding]) -> tuple[FileResult, ...]:
        results: list[FileResult] = []
        for path, (file, _) in self.index.broken.items():
            results.append(FileResult(path, "error", file))
        mentioned = {finding.path for finding in findings}
        for path, module in self.index.modules.items():
            after = texts.get(path)
            if after is not None and after != module.file.text:
                results.append(FileResult(path, "changed", module.file, after))
            elif path in mentioned:
                results.append(FileResult(path, "unchanged", module.file))
        known = {result.path for result in results}
        results.extend(unread(problem for problem in self.project.problems if problem.path not in known))
        return tuple(sorted({r.path: r for r in results}.values(), key=lambda r: r.path))


_UNPARSED = (
    "The file does not parse, so it was left alone: {}.",
    "Repair the syntax (Python 2 code must be ported first), then run the tool again.",
)
_UNPARSED_CALLER = (
    "The file does not parse ({}), and it names code that a call site belongs to: what it does with that was not seen.",
    "Repair the syntax, or leave the file out with `exclude`; syntax of a newer Python is read by running the tool with it.",
)


def _fits(draft: Draft, edits: Iterable[FileEdit]) -> bool:
    """Whether ``draft`` could take all of ``edits``; it has them then."""
    try:
        draft.add(edits)
    except ClashError:
        return False
    return True


def _failure(site: Site, error: Exception) -> Part:
    return Part(
        "IMG093",
        "manual",
        site.module,
        site.node,
        f"This call could not be analysed ({type(error).__name__}: {error}), so it was left alone.",
        "Migrate it by hand, and report what the call looks like.",
    )
