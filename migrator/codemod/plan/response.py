"""Planning the answer: every place that a picture's url reaches, in the function, the module and the project."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.codemod.flow.trace import Tracer
from migrator.codemod.plan.answer.ends import EndReader
from migrator.codemod.plan.answer.follow import AnswerReader
from migrator.codemod.plan.answer.guards import mark_guarded, refusals
from migrator.codemod.plan.answer.inline import InlineReader
from migrator.codemod.plan.answer.linked import answered, linked
from migrator.codemod.plan.answer.revised import RevisedPlanner
from migrator.codemod.plan.answer.spelling import read_edits
from migrator.codemod.plan.answer.whole import WholePlanner
from migrator.codemod.plan.attachments import Attaching
from migrator.codemod.plan.consumers import ConsumerTable
from migrator.codemod.plan.membership import asked_for
from migrator.codemod.plan.mixed import mixed_parts
from migrator.codemod.plan.part import Part, Plan

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from migrator.codemod.plan.answer.model import Answer, Read
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.site import Site


class ResponsePlanner:
    """Plans the consumers of all sites together: one download can serve several of them."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.consumers = ConsumerTable(context)
        self.answers: dict[int, Answer] = {}
        self._known: set[ast.expr] = set()
        self._readers: dict[ast.expr, set[int]] = {}
        """The sites whose answers one place reads."""

    def gather(self, sites: list[Site], dead: Sequence[Site] = ()) -> None:
        """Follow the answers of all sites; must run before :meth:`plan`.

        ``dead`` are sites that fail today whatever happens, so that nobody has to read their answers.
        """
        reader = AnswerReader(self.context)
        for site in sites:
            self.answers[id(site)] = reader.answer(site)
        answers = [*self.answers.values(), *(reader.answer(site) for site in dead)]
        self._known = {state.node for one in answers if one.trail is not None for state in one.trail.states}
        for one in self.answers.values():
            for found in one.reads:
                self._readers.setdefault(found.node, set()).add(id(one.site))
        inline = InlineReader(self.context, self.consumers)
        for answer in self.answers.values():
            mark_guarded(answer, inline)
        reads = [r for a in self.answers.values() for r in a.reads if not r.guarded]
        marked = Tracer(self.context.index, frozenset(read.node for read in reads))
        self._site_of_read = {read.node: read for read in reads}
        ends = EndReader(self.context, self.consumers, marked)
        for read in reads:
            ends.ends(read)

    def forms(self) -> dict[ast.expr, str]:
        """The form of every url read: ``b64`` or ``text``. Reads that share a consumer share the form."""
        forms: dict[ast.expr, str] = {}
        for read in self._site_of_read.values():
            wanted = {end.form for end in read.ends}
            forms[read.node] = "b64" if wanted and "text" not in wanted else "text"
        changed = True
        while changed:
            changed = False
            for read in self._site_of_read.values():
                for end in read.ends:
                    if end.decoding is None:
                        continue
                    if any(forms.get(other) == "text" for other in end.decoding.reads):
                        for other in end.decoding.reads:
                            if forms.get(other) != "text":
                                forms[other] = "text"
                                changed = True
        return forms

    def plan(self, site: Site, plan: Plan, forms: dict[ast.expr, str]) -> None:
        """Add the parts that make the consumers of a site's answer work."""
        answer = self.answers[id(site)]
        plan.parts.extend(asked_for(answer))
        if plan.before.get("response_format") != "b64_json":  # else base64 is what always came
            plan.parts.extend(refusals(answer))
        plan.parts.extend(mixed_parts(self.context.tracer, answer, self._known))
        for read in answer.reads:
            plan.needs.update(self._readers[read.node] - {id(site)})
            if not read.guarded:
                self._plan_read(plan, read, forms[read.node])
        RevisedPlanner(self.context, self.consumers).plan(site, plan, answer)
        WholePlanner(self.context, self.consumers).plan(site, plan, answer)

    def _plan_read(self, plan: Plan, read: Read, form: str) -> None:
        kind = self.context.url_as if form == "text" else "b64"
        parts: list[Part] = []
        for end in read.ends:
            if end.tested:
                plan.tested.append((end.module, end.node))
            edits = list(end.edits)
            fix = end.fix
            if end.decoding is not None:
                decode_form = "b64" if form == "b64" else "file" if kind == "file" else "data-uri"
                edits.extend(end.decoding.edits(decode_form))
                for other in end.decoding.reads:
                    plan.needs.add(id(self._site_of_read[other].site))
            if kind == "review" and end.form == "text" and end.rule not in {"IMG014", "IMG036"}:
                fix = "review" if fix == "safe" else fix
            if end.message:
                parts.append(
                    Part(end.rule, fix, end.module, end.node, end.message, end.suggestion, tuple(edits))
                )
            elif edits:
                parts.append(
                    Part(end.rule, fix, end.module, end.node, "The picture is decoded.", "", tuple(edits))
                )
        if any(part.rule in {"IMG012", "IMG017"} for part in parts) or answered(read):
            parts.extend(linked(self.context, self.consumers, read))
        gone = any(isinstance(end.decoding, Attaching) and end.decoding.replaces_read for end in read.ends)
        edits_of_read = () if gone else read_edits(self.context, read, kind)
        if edits_of_read is None:
            parts.append(
                Part(
                    "IMG027",
                    "manual",
                    read.module,
                    read.node,
                    "This way of reading the url is not understood.",
                )
            )
            edits_of_read = ()
        rule = {"b64": "IMG010", "file": "IMG018"}.get(kind, "IMG011")
        if kind == "b64" and any(part.rule == "IMG010" and part.edits for part in parts):
            first = next(part for part in parts if part.rule == "IMG010" and part.edits)
            parts[parts.index(first)] = replace(first, edits=first.edits + edits_of_read)
            plan.parts.extend(parts)
            return
        message = {
            "b64": "The picture is read as base64.",
            "file": "The picture is saved and its path takes the place of the url.",
        }.get(kind, "The url becomes a data: URI made of the picture's base64.")
        if not gone:
            parts.append(Part(rule, "safe", read.module, read.node, message, edits=edits_of_read))
        plan.parts.extend(parts)
