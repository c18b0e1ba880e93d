"""Reads of the revised prompt, which GPT Image does not return."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.plan.answer.model import REVISED
from migrator.codemod.plan.answer.spelling import in_fstring, needs_parentheses
from migrator.codemod.plan.answer.texts import writes_text
from migrator.codemod.plan.context import is_simple, quote_of
from migrator.codemod.plan.legacy.answer import read_as
from migrator.codemod.plan.part import FileEdit, Part, Plan
from migrator.codemod.plan.payloads import prompt_of
from migrator.codemod.rewrite import Around

if TYPE_CHECKING:
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.model import Answer
    from migrator.codemod.plan.consumers import ConsumerTable
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.site import Site


class RevisedPlanner:
    """Gives readers of the revised prompt the prompt itself, or nothing."""

    def __init__(self, context: Context, consumers: ConsumerTable) -> None:
        self.context = context
        self.consumers = consumers

    def plan(self, site: Site, plan: Plan, answer: Answer) -> None:
        """Add the parts for every read of a revised prompt."""
        for module, node in answer.revised:
            fallback = self._prompt_at(site, module, node)
            demanded = _is_demanded(module, node)
            reading: tuple[FileEdit, ...] = ()
            plain = site.dialect == "http" or (site.dialect == "legacy" and self.context.sdk == "keep")
            dumped = site.dialect == "sdk" and (isinstance(node, ast.Subscript) or _is_bare_pop(node))
            if plain or dumped:
                # what is not in a JSON answer, in one of openai<1 or in a dump of what is set, is no None there
                quote = "'" if '"' in in_fstring(module, node) else '"'
                name, rest = ("pop", ", None") if _is_bare_pop(node) else ("get", "")
                found = read_as(module, node, f".{name}({quote}{REVISED}{quote}{rest})")
                copes = isinstance(node, ast.Call) and not _is_bare_pop(node)
                reading = ((module.path, found),) if found and not copes else ()
                if reading:
                    plan.parts.append(
                        Part("IMG016", "safe", module, node, "The field is missing now.", edits=reading)
                    )
            if not fallback and _name_is_tested(module, module.parent(node)):
                continue
            if _is_tested(module, node) and not (demanded and fallback):
                if demanded:
                    plan.parts.append(
                        Part(
                            "IMG016", "manual", module, node,
                            "GPT Image returns no revised prompt, and this code insists on one.",
                            "Drop the check, or use the prompt itself.",
                        )
                    )  # fmt: skip
                continue
            span = module.span(node)
            inside = in_fstring(module, node)
            quote = quote_of(module)
            if inside:
                quote = "'" if '"' in inside else '"'
            before, after = "", f" or {fallback or quote * 2}"
            parent = module.parent(node)
            if needs_parentheses(module, node) and not isinstance(parent, ast.FormattedValue):
                before, after = "(", after + ")"
            careful = not fallback and self._is_worked_on(module, node)
            plan.parts.append(
                Part(
                    "IMG016",
                    "review" if careful else "safe",
                    module,
                    node,
                    "GPT Image returns no revised prompt; "
                    + ("the prompt itself takes its place." if fallback else "it is empty from now on.")
                    + (" Make sure that the code after it takes an empty text." if careful else ""),
                    edits=((module.path, Around(span, span, before, after)),),
                )
            )

    def _is_worked_on(self, module: Module, node: ast.expr) -> bool:
        """Whether code takes the revised prompt apart, so that an empty one may break it."""

        def read(state: State, step: Step, reading: ast.expr) -> State | None:
            del state, step, reading
            return None

        walker = Walker(self.context.tracer, read, frozenset({"revised", "part"}), {"revised": "part"})
        for event in walker.follow([State(module, node, "revised")]).events:
            if event.what in {"access", "compare", "operate"} and not event.state.path:
                return True
            if event.what == "argument" and isinstance(event.parent, ast.Call):
                consumer = self.consumers.find(event.state.module, event.parent, event.state.node)
                if consumer is None and not event.state.path and not writes_text(event.parent):
                    return True
        return False

    def _prompt_at(self, site: Site, module: Module, node: ast.expr) -> str:
        """The expression that holds the prompt where the revised one is read, if it means the same there."""
        for argument_call in site.calls:
            given = [
                (argument_call.module, keyword.value)
                for keyword in argument_call.call.keywords
                if keyword.arg == "prompt"
            ]
            for where, value in (*given, *prompt_of(site, self.context.tracer)):
                if where is not module:
                    continue
                if module.function(value) is not module.function(node) or not is_simple(value):
                    return ""
                root: ast.expr = value
                while isinstance(root, (ast.Attribute, ast.Subscript)):
                    root = root.value
                if not isinstance(root, ast.Name):
                    return ""
                bindings = module.bindings(root)
                if len(bindings) == 1:
                    binding = next(iter(bindings))
                    if len(binding.scope.bindings.get(root.id, ())) == 1:
                        return module.source(value)
        return ""


def _is_bare_pop(node: ast.expr) -> bool:
    """``picture.pop("revised_prompt")``: without a default, a missing key is an error."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "pop"
        and len(node.args) == 1
    )


def _is_tested(module: Module, node: ast.expr) -> bool:
    """Whether the code copes with ``None`` itself: a test, an ``or``, or a branch on the same expression."""
    parent = module.parent(node)
    if isinstance(parent, ast.BoolOp):
        return parent.values[-1] is not node
    if isinstance(parent, (ast.If, ast.While, ast.UnaryOp, ast.Assert, ast.Compare)):
        return True
    if isinstance(parent, ast.IfExp) and parent.test is node:
        return True
    return _stands_behind_test(module, node, ast.dump(node))


def _name_is_tested(module: Module, statement: ast.AST | None) -> bool:
    """Whether a value only gets a name whose every use copes with ``None``: ``text = …; if text: print(text)``."""
    match statement:
        case ast.Assign(targets=[ast.Name() as target]):
            found = [one for one in module.scope_at(target).bindings.get(target.id, ()) if one.node is target]
            uses = [use for one in found for use in one.uses]
            return bool(uses) and all(_use_copes(module, use) for use in uses)
    return False


def _use_copes(module: Module, use: ast.Name) -> bool:
    """Whether one use is the test ``if name``, or stands behind it."""
    if _is_demanded(module, use) or len(module.bindings(use)) > 1:
        return False
    child: ast.AST = use
    parent = module.parent(use)
    while isinstance(parent, (ast.expr, ast.stmt, ast.keyword, ast.FormattedValue)) and not isinstance(
        parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    ):
        if isinstance(parent, (ast.If, ast.IfExp)):
            tested = isinstance(parent.test, ast.Name) and parent.test.id == use.id
            body = parent.body if isinstance(parent.body, list) else [parent.body]
            if tested and (child is parent.test or child in body):
                return True
        child, parent = parent, module.parent(parent)
    return False


def _is_demanded(module: Module, node: ast.expr) -> bool:
    """Whether code raises or gives up when the value is missing."""
    parent = module.parent(node)
    if isinstance(parent, ast.Assert):
        return True
    if isinstance(parent, (ast.UnaryOp, ast.Compare)):
        statement = module.parent(parent)
        return isinstance(statement, ast.If) and any(
            isinstance(s, (ast.Raise, ast.Return)) for s in statement.body
        )
    return False


def _stands_behind_test(module: Module, node: ast.AST, wanted: str) -> bool:
    """Whether a node stands in the body of an ``if`` whose test mentions the same expression."""
    child, parent = node, module.parent(node)
    while parent is not None and not isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
        if (isinstance(parent, ast.If) and child in parent.body) or (
            isinstance(parent, ast.IfExp) and child is parent.body
        ):
            if any(ast.dump(one) == wanted for one in ast.walk(parent.test) if isinstance(one, ast.expr)):
                return True
        child, parent = parent, module.parent(parent)
    return False
