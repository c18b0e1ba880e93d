"""Expectations that speak of the url of a stand-in: it is fetched no more, and stands for no picture any more."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.advice.pictures import called
from migrator.codemod.plan.advice.project_tests.fakes import Fakes
from migrator.codemod.rewrite import DropStatement, Replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrator.catalog.model import Advisory
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import FileEdit


def expected_urls(
    facts: Advisory, modules: Sequence[Module], edits: Sequence[FileEdit]
) -> Iterator[tuple[Module, ast.Constant]]:
    """The urls of stand-ins that are still expected somewhere in ``modules`` after ``edits``."""
    urls = {url for module in modules for url in Fakes(facts, module).urls()}
    if not urls:
        return
    for module in modules:
        for text in module.strings:
            if text.value in urls and _is_expected(module, text) and not _is_changed(module, text, edits):
                yield module, text


def _is_expected(module: Module, node: ast.AST) -> bool:
    statement = module.statement(node)
    if isinstance(statement, ast.Assert):
        return True
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and called(statement.value).startswith("assert")
    )


def _is_changed(module: Module, node: ast.AST, edits: Sequence[FileEdit]) -> bool:
    statement = module.span(module.statement(node))
    return any(
        path == module.path
        and isinstance(edit, (Replace, DropStatement))
        and edit.span.start < statement.end
        and statement.start < edit.span.end
        for path, edit in edits
    )
