"""Reads of a url that code makes only where there is one, because it takes base64 otherwise."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.answer.model import B64
from migrator.codemod.plan.membership import has_url_test
from migrator.codemod.plan.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.model import Answer


def mark_guarded(answer: Answer) -> None:
    """Code that takes the base64 where there is no url works as it is."""
    if all(_by_size(module, node) for module, node in answer.b64_reads):
        return
    ways = [_guards_url(read.module, read.node) for read in answer.reads]
    if answer.site.dialect == "legacy":
        # a key that is not there is an error, unless it is asked for with get()
        ways = [way and isinstance(read.node, ast.Call) for way, read in zip(ways, answer.reads, strict=True)]
    if answer.reads and all(ways):
        for read in answer.reads:
            read.guarded = True
        return
    for read in answer.reads:
        read.guarded = _after_b64(read.module, read.node)


def refusals(answer: Answer) -> Iterator[Part]:
    """Code that raises because an answer holds base64, which every answer does now."""
    for module, node in answer.b64_reads:
        test = module.parent(node)
        present = node if test is None or not isinstance(test, ast.Compare) else test
        branch = module.parent(present)
        if (
            isinstance(branch, ast.If)
            and branch.test is present
            and (
                present is node
                or (isinstance(present, ast.Compare) and isinstance(present.ops[0], ast.IsNot))
            )
            and isinstance(branch.body[-1], ast.Raise)
        ):
            yield Part(
                "IMG010", "manual", module, present,
                "This raises when the answer holds base64, and GPT Image never sends anything else.",
                "Decode the base64 here (base64.b64decode) instead of raising, and drop the reading of a url.",
            )  # fmt: skip


def _by_size(module: Module, node: ast.AST) -> bool:
    """Whether base64 is read in or behind a test that compares sizes, as of its length: it may be passed over."""
    child, parent = node, module.parent(node)
    while parent is not None and not isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
        if isinstance(parent, (ast.If, ast.IfExp)) and child is not parent.orelse:
            behind = child is parent.test or child is parent.body or child in _statements(parent)
            if behind and any(_compares_base64(inner) for inner in ast.walk(parent.test)):
                return True
        child, parent = parent, module.parent(parent)
    return False


def _statements(branch: ast.If | ast.IfExp) -> list[ast.stmt]:
    return branch.body if isinstance(branch, ast.If) else []


def _compares_base64(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Compare)
        and any(isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) for op in node.ops)
        and any(
            (isinstance(inner, ast.Attribute) and inner.attr == B64)
            or (isinstance(inner, ast.Constant) and inner.value == B64)
            for inner in ast.walk(node)
        )
    )


def branch_on(module: Module, node: ast.AST, wanted: str) -> ast.AST | None:
    """The ``if`` around a node whose test mentions the same expression, with the node in its body."""
    child, parent = node, module.parent(node)
    while parent is not None and not isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
        if (isinstance(parent, ast.If) and child in parent.body) or (
            isinstance(parent, ast.IfExp) and child is parent.body
        ):
            assert isinstance(parent, (ast.If, ast.IfExp))
            if any(
                ast.dump(inner) == wanted for inner in ast.walk(parent.test) if isinstance(inner, ast.expr)
            ):
                return parent
        child, parent = parent, module.parent(parent)
    return None


def _guards_url(module: Module, node: ast.expr) -> bool:
    """Whether a url is only used where it is known to be there."""
    parent = module.parent(node)
    if isinstance(parent, ast.BoolOp):
        return parent.values[-1] is not node
    if isinstance(parent, (ast.If, ast.While, ast.Assert)) or (
        isinstance(parent, ast.IfExp) and parent.test is node
    ):
        return True
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        return not _raises(module, parent)
    if isinstance(parent, ast.Compare):
        return True
    if branch_on(module, node, ast.dump(node)) or _after_b64(module, node) or has_url_test(module, node):
        return True
    if (
        isinstance(parent, ast.Assign)
        and len(parent.targets) == 1
        and isinstance(parent.targets[0], ast.Name)
    ):
        target = parent.targets[0]
        for binding in module.scope_at(target).bindings.get(target.id, ()):
            if binding.node is target:
                return bool(binding.uses) and all(_use_is_guarded(module, use) for use in binding.uses)
    return False


def _use_is_guarded(module: Module, use: ast.Name) -> bool:
    parent = module.parent(use)
    if isinstance(parent, (ast.If, ast.While, ast.UnaryOp, ast.Compare)):
        return True
    if isinstance(parent, ast.BoolOp):
        return parent.values[-1] is not use
    if isinstance(parent, ast.IfExp) and parent.test is use:
        return True
    return bool(branch_on(module, use, ast.dump(use)))


def _raises(module: Module, test: ast.expr) -> bool:
    statement = module.parent(test)
    return isinstance(statement, ast.If) and any(isinstance(s, ast.Raise) for s in statement.body)


def _after_b64(module: Module, node: ast.AST) -> bool:
    """Whether a url is only read where a test for base64 failed."""
    child, parent = node, module.parent(node)
    while parent is not None and not isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
        orelse = parent.orelse if isinstance(parent, (ast.If, ast.IfExp)) else None
        inside = child is orelse or (isinstance(orelse, list) and child in orelse)
        if inside and isinstance(parent, (ast.If, ast.IfExp)):
            for inner in ast.walk(parent.test):
                if isinstance(inner, ast.Attribute) and inner.attr == B64:
                    return True
                if isinstance(inner, ast.Constant) and inner.value == B64 and not _names_format(parent.test):
                    return True
        child, parent = parent, module.parent(parent)
    return False


def _names_format(test: ast.expr) -> bool:
    return any(isinstance(inner, ast.Name) and "format" in inner.id for inner in ast.walk(test))
