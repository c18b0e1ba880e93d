"""Entries of routers in the code that send requests to a leaving model."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.advice.edited import Edited
from migrator.codemod.plan.part import Advice, Part
from migrator.codemod.plan.redirected import redirected
from migrator.codemod.rewrite import Replace, string_literal
from migrator.codemod.sites.routes import Routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import Plan
    from migrator.types import Fix


def routed(context: Context, plans: list[Plan]) -> Iterator[Advice]:
    """Entries in the code that name a model which is leaving. Who asks the router is not followed."""
    routes = Routes(context.tracer, context.catalog)
    leaving = frozenset(context.catalog.leaving(context.today))
    rule = next(one.id for one in context.catalog.rules.values() if one.operation == "set_model")
    edited = Edited(plans)
    seen: set[ast.AST] = set()
    for path, module in sorted(context.index.modules.items()):
        if module.is_test or not context.index.project.in_scope(path):
            continue
        for route in routes.of(module):
            for found in routes.models(route):
                value = str(found.node.value)
                name = value.rpartition("/")[2]
                if name not in leaving or found.node in seen or edited.touches(found.module, found.node):
                    continue
                seen.add(found.node)
                said = redirected(
                    value, name, context.catalog.fate(name, context.today),
                    context.catalog.calls.prefixes, context.target.id,
                )  # fmt: skip
                new = said.new
                if isinstance(route.model, (ast.JoinedStr, ast.BinOp)):
                    # a part of the name only: what stands before it is written elsewhere
                    new = None
                edits = (
                    ()
                    if new is None
                    else (
                        (
                            found.module.path,
                            Replace(
                                found.module.span(found.node),
                                string_literal(new, found.module.source(found.node)),
                            ),
                        ),
                    )
                )
                fix: Fix = said.fix if new is not None else "manual"
                yield Advice(Part(rule, fix, found.module, found.node, said.message, said.suggestion, edits))
