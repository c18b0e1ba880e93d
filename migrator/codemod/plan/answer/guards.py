"""Reads of a url that code makes only where there is one, because it takes base64 otherwise."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.answer.model import B64, URL
from migrator.codemod.plan.answer.presence import Picture, holder_of
from migrator.codemod.plan.answer.roads import only_tested, roads
from migrator.codemod.plan.answer.ways import copes, turned_away
from migrator.codemod.plan.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.model import Answer

_BARE = frozenset({"http", "legacy"})
_REFUSED = (
    "This keeps away from the url when the answer holds base64, and does not use the base64; "
    "GPT Image never sends anything else."
)
_DROPPED = "The base64 is thrown away here, and GPT Image sends nothing else."
_MINGLED = (
    "The same code goes on with the url or with the base64, and only base64 comes now: "
    "what gets it has to tell the two apart."
)


def mark_guarded(answer: Answer) -> None:
    """Code that takes the base64 where there is no url works as it is. What is never reached is no read any more."""
    if not answer.b64_reads:
        return
    kept = []
    for read in answer.reads:
        holder = holder_of(read.node, URL)
        picture = None if holder is None else _picture(answer, read.module, holder)
        away = None if picture is None else turned_away(picture, read.node)
        if picture is None or away is None:
            kept.append(read)
        elif not copes(picture, read.node):
            answer.refusing.append((read.module, away))
        elif _mingles(answer, picture, read.node):
            answer.mingled.append((read.module, read.node))
    answer.reads = kept
    if all(_is_guarded(answer, read.module, read.node) for read in kept):
        for read in kept:
            read.guarded = True


def is_fallback(answer: Answer, module: Module, node: ast.expr, holder: ast.expr) -> bool:
    """Whether a node is only reached where a picture was found to hold no base64, which the code uses else."""
    picture = _picture(answer, module, holder)
    return turned_away(picture, node) is not None and copes(picture, node)


def asks_for_base64(answer: Answer) -> bool:
    """Whether the code asks if there is base64: it did not count on it."""
    return any(only_tested(module, node, lambda _: False) for module, node in answer.b64_reads)


def refusals(answer: Answer) -> Iterator[Part]:
    """Code that stops, or goes without a picture, because an answer holds base64, which every answer does now."""
    seen: set[ast.AST] = set()
    for module, node in answer.b64_reads:
        statement = module.statement(node)
        holder = holder_of(node, B64)
        test = None if holder is None else _refusal(_picture(answer, module, holder), statement)
        if test is not None and statement not in seen:
            seen.add(statement)
            yield Part(
                "IMG010", "manual", module, test,
                "This raises when the answer holds base64, and GPT Image never sends anything else.",
                "Decode the base64 here (base64.b64decode) instead of raising, and drop the reading of a url.",
            )  # fmt: skip
        if isinstance(node, ast.Call) and isinstance(module.parent(node), ast.Expr):
            yield Part("IMG010", "manual", module, node, _DROPPED, "Keep the base64, and decode it.")
    for module, away in answer.refusing:
        if away not in seen:
            seen.add(away)
            yield Part(
                "IMG010", "manual", module, getattr(away, "test", away), _REFUSED,
                "Decode the base64 there (base64.b64decode), and drop the reading of a url.",
            )  # fmt: skip
    for module, node in answer.mingled:
        yield Part(
            "IMG010", "manual", module, node, _MINGLED,
            "Decode the base64 where it is read (base64.b64decode), and drop the reading of a url.",
        )  # fmt: skip


def _refusal(picture: Picture, statement: ast.stmt) -> ast.expr | None:
    """The test of a statement that raises because there is base64."""
    match statement:
        case ast.Assert(test=test):
            return test if picture.truth(test) is False else None
        case ast.If(test=test, body=[*_, ast.Raise()]):
            return test if picture.truth(test) is True else None
    return None


def _picture(answer: Answer, module: Module, holder: ast.expr, *, without_url: bool = False) -> Picture:
    function = module.function(holder)
    elsewhere = any(other.function(node) is not function for other, node in answer.b64_reads)
    return Picture(module, holder, answer.site.dialect in _BARE, without_url, elsewhere)


def _is_guarded(answer: Answer, module: Module, node: ast.expr) -> bool:
    """Whether a url is only used where it is known to be there, and base64 is sure to be used where it is not."""
    holder = holder_of(node, URL)
    if holder is None:
        return False
    picture = _picture(answer, module, holder, without_url=True)
    if picture.bare and not isinstance(node, ast.Call) and turned_away(picture, node) is None:
        return False  # a key that is not there is an error, unless it is asked for with get()
    if turned_away(picture, node) is None and not only_tested(
        module, node, lambda use: turned_away(picture, use) is not None
    ):
        return False
    return not _stops(picture, node) and copes(picture, node) and not _mingles(answer, picture, node)


def _stops(picture: Picture, node: ast.expr) -> bool:
    """Whether a test of a url raises where there is none."""
    statement = picture.module.statement(node)
    if isinstance(statement, ast.Assert):
        return True
    if not isinstance(statement, ast.If) or (truth := picture.truth(statement.test)) is None:
        return False
    way = statement.body if truth else statement.orelse
    return any(isinstance(one, ast.Raise) for one in way)


def _mingles(answer: Answer, picture: Picture, node: ast.expr) -> bool:
    """Whether a url and the base64 of pictures go the same way from here."""
    module = picture.module
    here = roads(module, node)
    return any(
        here & roads(module, other)
        for found, other in answer.b64_reads
        if found is module and module.function(other) is module.function(node)
    )
