"""Blocks for a url that stand beside the code for base64, and not in its place: they are never reached any more."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from migrator.codemod.plan.answer.ways import LOGS, LOOKS, branch, leaves, sure, turned_away

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.presence import Picture

Verdict = Literal["instead", "beside", "lost"]
"""``instead``: base64 takes the place of the url. ``beside``: the url is wanted besides. ``lost``: nobody can tell."""

_KEEPS = frozenset({"add", "append", "appendleft", "extend", "insert", "put", "setdefault", "update"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def verdict(picture: Picture, url: ast.expr) -> tuple[Verdict, ast.If | None]:
    """What the blocks are that only a url of ``picture`` leads to, and the test of one that is no alternative.

    ``picture`` is taken to have base64 and no url.
    """
    inline = replace(picture, without_url=False)
    for use in _uses(picture.module, url):
        away = turned_away(picture, use)
        if not isinstance(away, ast.If) or turned_away(inline, use) is not None:
            continue
        dead = _dead(picture.module, away, use)
        if not _is_alternative(picture, away, dead, use):
            found = _weighed(picture, dead)
            if found != "instead":
                return found, away
    return "instead", None


def _uses(module: Module, url: ast.expr) -> Iterator[ast.expr]:
    """The url where it is read, and under the name that it gets."""
    yield url
    match module.parent(url):
        case ast.Assign(targets=[ast.Name() as name]) | ast.NamedExpr(target=name):
            for binding in module.scope_at(name).bindings.get(name.id, ()):
                if binding.node is name:
                    yield from binding.uses


def _dead(module: Module, away: ast.If, node: ast.AST) -> list[ast.stmt]:
    """The statements that are left out because of a test: one of its branches, or all that follows it."""
    child, parent = node, module.parent(node)
    while parent is not None:
        for block in (away.body, away.orelse) if parent is away else ():
            if child in block:
                return block
        child, parent = parent, module.parent(parent)
    return _behind(module, away)


def _behind(module: Module, statement: ast.stmt) -> list[ast.stmt]:
    block = _block(module, statement)
    return block[block.index(statement) + 1 :]


def _block(module: Module, statement: ast.stmt) -> list[ast.stmt]:
    parent = module.parent(statement)
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            return block
    return [statement]


def _is_alternative(picture: Picture, away: ast.If, dead: list[ast.stmt], use: ast.expr) -> bool:
    """Whether base64 is used exactly where the url is not."""
    way = branch(picture, away)
    if way is not None and sure(picture, way):
        return True
    if dead not in (away.body, away.orelse) or not leaves(picture, dead):
        return False
    names = _made_of_base64(picture)
    statement: ast.AST | None = away
    function = picture.module.function(use)
    while isinstance(statement, ast.stmt) and statement is not function:
        rest = _behind(picture.module, statement)
        if sure(picture, rest) or any(_mentions(picture, one, names) for one in rest):
            return True
        statement = picture.module.parent(statement)
        while statement is not None and not isinstance(statement, ast.stmt):
            statement = picture.module.parent(statement)
    return False


def _weighed(picture: Picture, dead: list[ast.stmt]) -> Verdict:
    """Whether the code for base64 does what the block for a url did."""
    module = picture.module
    gone = {node for statement in dead for node in ast.walk(statement)}
    wanted = _effects(module, dead, gone)
    if not wanted:
        return "instead"
    other = _code_for_base64(picture, gone)
    if not any(_is_processed(picture, node) for one in other for node in ast.walk(one)):
        return "beside"  # it is kept or looked at, and no picture is made of it
    given = _effects(module, other, set())
    if wanted <= given:
        return "instead"
    acts = {"call", "leave"}
    return "lost" if acts & {kind for kind, _ in wanted} and acts & {kind for kind, _ in given} else "beside"


def _effects(module: Module, block: Iterable[ast.stmt], inside: set[ast.AST]) -> set[tuple[str, str]]:
    """What others notice of a block: calls for their own sake, what is stored or returned; no logs."""
    found: set[tuple[str, str]] = set()
    for node in _within(block):
        match node:
            case ast.Expr(value=ast.Call(func=func) | ast.Await(value=ast.Call(func=func))):
                name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
                if name in _KEEPS:
                    found.add(("keep", ast.dump(func)))
                elif name not in LOOKS | LOGS:
                    found.add(("call", name))
            case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
                found.add(("leave", "return"))
            case ast.Yield() | ast.YieldFrom():
                found.add(("leave", "yield"))
            case ast.Name(ctx=ast.Store(), id=name):
                uses = [
                    use
                    for binding in module.scope_at(node).bindings.get(name, ())
                    if binding.node is node
                    for use in binding.uses
                ]
                if any(use not in inside for use in uses):
                    found.add(("keep", name))
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                found.add(("keep", ast.dump(node)))
    return found


def _within(block: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    todo: list[ast.AST] = list(block)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, _FUNCTIONS):
            todo.extend(ast.iter_child_nodes(node))


def _code_for_base64(picture: Picture, gone: set[ast.AST]) -> list[ast.stmt]:
    """The statements that use the base64, with the branch in which one stands."""
    module = picture.module
    names = _made_of_base64(picture)
    function = module.function(picture.node)
    found: dict[ast.stmt, None] = {}
    for statement in _within(getattr(function or module.tree, "body", [])):
        if not isinstance(statement, ast.stmt) or statement in gone or isinstance(statement, _FUNCTIONS):
            continue
        if any(isinstance(child, ast.stmt) for child in ast.iter_child_nodes(statement)):
            continue
        if _mentions(picture, statement, names):
            block = _block(module, statement) if isinstance(module.parent(statement), ast.If) else [statement]
            found.update(dict.fromkeys(one for one in block if one not in gone))
    return list(found)


def _made_of_base64(picture: Picture) -> set[str]:
    """Names that are given something made of the base64."""
    function = picture.module.function(picture.node)
    found: set[str] = set()
    for node in ast.walk(function or picture.module.tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value is not None:
            if _mentions(picture, node.value, found):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found.update(
                    one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)
                )
    return found


def _mentions(picture: Picture, node: ast.AST, names: set[str]) -> bool:
    return any(
        (isinstance(one, ast.Name) and one.id in names and isinstance(one.ctx, ast.Load))
        or (isinstance(one, ast.expr) and picture.is_base64(one))
        for one in ast.walk(node)
    )


def _is_processed(picture: Picture, node: ast.AST) -> bool:
    """Whether a call gets the base64, which does more than to keep it or to look at it."""
    if not isinstance(node, ast.Call) or not any(
        picture.is_base64(one) for value in (*node.args, *(k.value for k in node.keywords)) for one in ast.walk(value)
        if isinstance(one, ast.expr)
    ):  # fmt: skip
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name not in _KEEPS | LOOKS | LOGS
