"""Reads of a url that code makes only where there is one, because it takes base64 otherwise."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.codemod.plan.answer.apart import verdict
from migrator.codemod.plan.answer.model import B64, URL
from migrator.codemod.plan.answer.presence import Picture, holder_of
from migrator.codemod.plan.answer.roads import only_tested, roads, untagged
from migrator.codemod.plan.answer.ways import copes, turned_away
from migrator.codemod.plan.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.inline import InlineReader
    from migrator.codemod.plan.answer.model import Answer, Read

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


_CLEARED = "The base64 is taken out of the picture here before the picture is read, and GPT Image sends nothing else."
_IDLE = (
    "This block is for a url, which never comes now, and does something that the code for base64 does not do."
)


def mark_guarded(answer: Answer, inline: InlineReader) -> None:
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
        elif _mingles(answer, picture, read.node, inline):
            answer.mingled.append((read.module, read.node))
    before, answer.reads = answer.reads, kept
    if all(_is_guarded(answer, read.module, read.node, inline) for read in kept):
        for read in kept:
            read.guarded = True
    answer.cleared = sorted(
        _cleared(answer, before), key=lambda one: (one[0].path, one[1].lineno, one[1].col_offset)
    )
    if before and not answer.mingled:
        _note_misuses(answer, inline)


def _note_misuses(answer: Answer, inline: InlineReader) -> None:
    """Base64 that is reached now, and is taken for an address or the name of a file."""
    guarded = all(read.guarded for read in answer.reads)
    for module, node in answer.b64_reads:
        holder = holder_of(node, B64)
        if holder is not None:
            picture = replace(_picture(answer, module, holder), without_url=guarded, with_url=not guarded)
            if turned_away(picture, node) is not None:
                continue
        answer.misuses.extend(one for one in inline.misuses(module, node) if one not in answer.misuses)


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
    for module, node in answer.cleared:
        yield Part("IMG010", "manual", module, node, _CLEARED, "Keep the base64 until it is decoded.")
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

    for module, idle in dict.fromkeys(answer.idle):
        yield Part(
            "IMG010", "manual", module, idle.test, _IDLE,
            "Do the same with the decoded base64 (base64.b64decode), or take the block out.",
        )  # fmt: skip
    for one in answer.misuses:
        yield Part(
            "IMG010", "manual", one.module, one.node,
            f"{one.called}() gets base64 where an answer holds it, which is neither an address nor a file, "
            "and GPT Image sends nothing else.",
            "Decode it instead (base64.b64decode).",
        )  # fmt: skip


def _cleared(answer: Answer, urls: list[Read]) -> Iterator[tuple[Module, ast.expr]]:
    """Where the base64 of a picture is set to nothing, and not below everything that reads the picture."""
    reads = [*((one.module, one.node) for one in urls), *answer.b64_reads]
    for state in answer.trail.states if answer.trail is not None else ():
        module, place = state.module, state.module.parent(state.node)
        if state.kind != "image" or state.path or not _is_taken_out(module, place):
            continue
        assert isinstance(place, (ast.Attribute, ast.Subscript))
        if any(
            other is not module
            or other.function(read) is not module.function(place)
            or read.lineno >= place.lineno
            for other, read in reads
        ):
            yield module, place


def _is_taken_out(module: Module, place: ast.AST | None) -> bool:
    """Whether a place is the base64 of a picture that is deleted or set to nothing."""
    match place:
        case ast.Attribute(attr=name, ctx=ctx) | ast.Subscript(slice=ast.Constant(value=name), ctx=ctx):
            statement = module.parent(place)
            value = statement.value if isinstance(statement, ast.Assign) else None
            empty = isinstance(value, ast.Constant) and not value.value
            return name == B64 and (isinstance(ctx, ast.Del) or (isinstance(ctx, ast.Store) and empty))
    return False


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


def _is_guarded(answer: Answer, module: Module, node: ast.expr, inline: InlineReader) -> bool:
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
    if _stops(picture, node) or not copes(picture, node) or _mingles(answer, picture, node, inline):
        return False
    found, test = verdict(picture, node)
    if found == "lost" and test is not None:
        answer.idle.append((module, test))
    return found != "beside"


def _stops(picture: Picture, node: ast.expr) -> bool:
    """Whether a test of a url raises where there is none."""
    statement = picture.module.statement(node)
    if isinstance(statement, ast.Assert):
        return True
    if not isinstance(statement, ast.If) or (truth := picture.truth(statement.test)) is None:
        return False
    way = statement.body if truth else statement.orelse
    return any(isinstance(one, ast.Raise) for one in way)


def _mingles(answer: Answer, picture: Picture, node: ast.expr, inline: InlineReader) -> bool:
    """Whether a url and the base64 of pictures go the same way from here, to code that may not tell them apart."""
    module = picture.module
    here = roads(module, node)
    plain, tagged, found = untagged(here), True, []
    for where, other in answer.b64_reads:
        if where is module and module.function(other) is module.function(node):
            there = roads(module, other)
            if plain & untagged(there):
                found.append(other)
                tagged = tagged and not here & there
    return bool(found) and not inline.is_told_apart(module, found, tagged=tagged)
