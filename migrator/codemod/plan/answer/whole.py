"""Answers that leave as a whole: whoever gets one will look for a url."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan import helpers
from migrator.codemod.plan.answer.guards import asks_for_base64
from migrator.codemod.plan.membership import is_membership
from migrator.codemod.plan.part import FileEdit, Part, Plan
from migrator.codemod.rewrite import AddHelper, Around

if TYPE_CHECKING:
    from migrator.codemod.flow.forward import Event
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.model import Answer
    from migrator.codemod.plan.consumers import ConsumerTable
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.site import Site


class WholePlanner:
    """Reports answers that leave, and gives their pictures a url where they arrive."""

    def __init__(self, context: Context, consumers: ConsumerTable) -> None:
        self.context = context
        self.consumers = consumers

    def plan(self, site: Site, plan: Plan, answer: Answer) -> None:
        """The whole answer leaves: whoever gets it will look for a url."""
        assert answer.trail is not None
        leaks: list[tuple[Module, ast.AST, str]] = []
        for event in answer.trail.events:
            if event.what in {"truth", "discard", "key"}:
                continue
            if event.what == "access" and not _walks_fields(event):
                continue
            if event.what == "compare" and (event.state.path or is_membership(event)):
                continue
            if event.what == "argument" and isinstance(
                event.state.module.statement(event.state.node), ast.Raise
            ):
                continue  # text for people
            if event.what == "operate" and isinstance(event.parent, (ast.JoinedStr, ast.BinOp)):
                continue  # text for people
            module, node = event.state.module, event.state.node
            if event.what == "return":
                name = getattr(event.parent, "name", "the function")
                leaks.append(
                    (module, node, f"{name} hands the answer to code outside the project ({event.detail})")
                )
            elif event.what != "argument":
                leaks.append(
                    (module, event.parent or node, "the answer goes where this tool cannot follow it")
                )
            elif event.what == "argument" and isinstance(event.parent, ast.Call):
                consumer = self.consumers.find(module, event.parent, node)
                if consumer is not None and consumer.id == "text-kept":
                    continue  # text for people
                if consumer is None or consumer.role != "log" or self._is_output(event, event.parent):
                    leaks.append(
                        (module, event.parent, f"{module.source(event.parent.func)}() gets the answer")
                    )
        if not leaks:
            return
        if answer.b64_reads and not answer.reads and not self._came_as_url(plan, answer):
            return
        edits = self._with_urls(site, answer)
        module, place, why = leaks[0]
        plan.parts.append(
            Part(
                "IMG015",
                "review" if edits else "manual",
                module,
                place if hasattr(place, "lineno") else site.node,
                f"The whole answer leaves the project's sight: {why}. Its pictures have no url any more.",
                self._suggestion("IMG015"),
                edits,
            )
        )

    def _came_as_url(self, plan: Plan, answer: Answer) -> bool:
        """Whether an answer held a url although base64 is read from it: the code asks whether there is any."""
        return plan.before.get("response_format") != "b64_json" and asks_for_base64(answer)

    def _is_output(self, event: Event, call: ast.Call) -> bool:
        """Whether a program prints JSON that it made with the answer, for another program to read."""
        node = event.state.node
        qualified = self.context.tracer.qualified
        return (
            isinstance(node, ast.Call)
            and qualified(event.state.module, node.func) == "json.dumps"
            and qualified(event.state.module, call.func) == "builtins.print"
        )

    def _with_urls(self, site: Site, answer: Answer) -> tuple[FileEdit, ...]:
        """Give the pictures of an answer their url back, as a data: URI, where the answer arrives."""
        edits: list[FileEdit] = []
        if site.dialect == "http":
            return self._with_urls_in_json(answer)
        for state in site.results:
            if state.kind != "response" or state.path:
                return ()
            module, node = state.module, state.node
            parent = module.parent(node)
            function = module.function(node)
            if not (isinstance(node, ast.Call) and node.func is site.method):
                return ()
            if isinstance(parent, ast.Await):
                node = parent
            elif (
                isinstance(function, ast.AsyncFunctionDef) and isinstance(parent, ast.Return)
            ) or isinstance(parent, ast.Lambda):
                return ()
            span = module.span(node)
            helper = helpers.with_urls_helper(self.context.picture).strip("\n")
            name, code = helpers.placed(module, helpers.WITH_URLS, helper)
            edits.append((module.path, Around(span, span, f"{name}(", ")")))
            edits.append((module.path, AddHelper(code)))
        return tuple(edits)

    def _with_urls_in_json(self, answer: Answer) -> tuple[FileEdit, ...]:
        """The same where the answer is a mapping that was read from JSON."""
        edits: list[FileEdit] = []
        whole = [(s.module, s.node) for s in answer.site.results if s.kind == "response" and not s.path]
        for module, node in dict.fromkeys((*answer.parsed, *whole)):
            parent = module.parent(node)
            span = module.span(parent if isinstance(parent, ast.Await) else node)
            helper = helpers.with_urls_in_json_helper(self.context.picture).strip("\n")
            name, code = helpers.placed(module, helpers.WITH_URLS_IN_JSON, helper)
            edits.append((module.path, Around(span, span, f"{name}(", ")")))
            edits.append((module.path, AddHelper(code)))
        return tuple(edits)

    def _suggestion(self, rule: str) -> str:
        found = self.context.catalog.rules.get(rule)
        return found.suggestion if found else ""


def _walks_fields(event: Event) -> bool:
    """Whether code goes over all fields of a picture: it meets ``url`` without naming it."""
    parent = event.parent
    if isinstance(parent, ast.Attribute):
        return parent.attr in {"items", "values", "keys"}
    if isinstance(parent, ast.Subscript):  # item[name]: which field that is, is not in the code
        return not isinstance(parent.slice, (ast.Constant, ast.Slice))
    return isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension))
