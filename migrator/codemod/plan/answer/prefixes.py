"""Tests of how a url begins: a picture's url began with http, and is a ``data:`` URI now."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.answer.model import End
from migrator.codemod.plan.answer.presence import Picture
from migrator.codemod.plan.answer.strangers import stranger
from migrator.codemod.plan.answer.texts import handles_data_uris
from migrator.codemod.plan.answer.ways import LOGS, LOOKS, blocks, leaves, turned_away
from migrator.codemod.rewrite import Replace, string_literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import FileEdit

_HTTP = frozenset({"http", "https", "https:", "https:/", "https://"})
"""What every url of a picture began with; ``http://`` alone tells those that are not encrypted, which it was not."""
_DATA = "data:"
_ADDRESSES = ("http", _DATA)
_LET_THROUGH = "A url of a picture began with http here; a data: URI now goes the same way."
_LOOSENED = (
    "This keeps out what does not begin with http, and it also gets what comes from outside ({what}): "
    "with data: let through, others can hand in data: URIs of their own."
)
_KEEP_CLOSED = (
    "Let data: through only where that does no harm, or keep the test and lead the picture past it "
    "(a data: URI that the program made needs no such test)."
)


class _HttpText(Picture):
    """A text that begins with http, as the url of a picture did."""

    __slots__ = ()

    def _field(self, node: ast.expr) -> bool | None:
        return True if _asked_text(node) is not None and self.same(_receiver(node)) else None

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool | None:
        del left, op, right
        return None


class _PlainText(_HttpText):
    """A text that begins neither with http nor with ``data:``, as base64."""

    __slots__ = ()

    def _field(self, node: ast.expr) -> bool | None:
        return False if _asks_for_address(node) and self.same(_receiver(node)) else None


def is_for_addresses(module: Module, node: ast.expr) -> bool:
    """Whether base64 never comes to a place because it is for what begins with http or ``data:``."""
    return turned_away(_PlainText(module, node), node) is not None


def is_passed_by(module: Module, node: ast.expr) -> bool:
    """Whether a url never comes to a place because it begins with http: with ``else: open(path)``, say.

    A function that reads ``data:`` URIs itself is judged as a whole, for its tests stay as they are.
    """
    return not handles_data_uris(module, node) and turned_away(_HttpText(module, node), node) is not None


def begins(module: Module, node: ast.expr, marked: Tracer) -> End | None:
    """What a test asks for that sends a url one way because it begins with http; ``None`` for another test."""
    attribute = module.parent(node)
    call = None if attribute is None else module.parent(attribute)
    if not isinstance(call, ast.Call) or call.func is not attribute:
        return None
    asked = _asked_text(call)
    if asked is None:
        return End("any", "safe", "IMG011", module, node) if _stands_beside(module, call) else None
    edits = _let_through(module, asked)
    what = stranger(module, node, marked) if _keeps_out(module, call, node) else None
    if what is not None:
        message = _LOOSENED.format(what=what)
        return End("text", "review", "IMG013", module, call, message, _KEEP_CLOSED, edits)
    return End("text", "safe", "IMG013", module, call, _LET_THROUGH, edits=edits)


def _let_through(module: Module, asked: ast.expr) -> tuple[FileEdit, ...]:
    """The edits that let a ``data:`` URI go where ``startswith("http")`` sends a url."""
    first = asked.elts[0] if isinstance(asked, ast.Tuple) else asked
    data = string_literal(_DATA, module.source(first))
    if isinstance(asked, ast.Tuple):
        text = ", ".join([*(module.source(one) for one in asked.elts), data])
    else:
        text = f"{module.source(asked)}, {data}"
    return ((module.path, Replace(module.span(asked), f"({text})")),)


def _stands_beside(module: Module, call: ast.Call) -> bool:
    """Whether a test for ``http://`` has one for ``https://`` beside it, which lets pictures through."""
    if not _asks_for_address(call):
        return False
    test: ast.AST | None = module.parent(call)
    while isinstance(test, (ast.UnaryOp, ast.BoolOp)):
        for one in ast.walk(test):
            if isinstance(one, ast.Call) and _asked_text(one) is not None:
                if ast.dump(_receiver(one)) == ast.dump(_receiver(call)):
                    return True
        test = module.parent(test)
    return False


def _keeps_out(module: Module, call: ast.Call, node: ast.expr) -> bool:
    """Whether code refuses or passes over what does not begin so, and does not go another way with it."""
    text = _HttpText(module, node)
    test: ast.AST = call
    parent = module.parent(test)
    refused: Sequence[ast.AST]
    while isinstance(parent, (ast.BoolOp, ast.UnaryOp, ast.NamedExpr)):
        test, parent = parent, module.parent(parent)
    match parent:
        case ast.If():
            refused = _other_way(module, parent, text)
        case ast.IfExp(body=body, orelse=orelse) if test is parent.test:
            refused = [orelse if text.truth(parent.test) else body]
        case _:
            return True  # the answer is handed on, or a comprehension leaves others out
    wanted = ast.dump(node)
    return not any(ast.dump(one) == wanted for part in refused if not _tells(part) for one in ast.walk(part))


def _other_way(module: Module, branch: ast.If, text: Picture) -> list[ast.stmt]:
    """The statements that are for what does not begin with http."""
    truth = text.truth(branch.test)
    if truth is None:
        return []
    taken, other = (branch.body, branch.orelse) if truth else (branch.orelse, branch.body)
    if not leaves(text, taken) or leaves(text, other):
        return other
    block = next((one for one in blocks(module.parent(branch)) if branch in one), [branch])
    return [*other, *block[block.index(branch) + 1 :]]


def _tells(part: ast.AST) -> bool:
    """Whether a statement only names the text, in an error or a log."""
    if isinstance(part, ast.Raise):
        return True
    call = part.value if isinstance(part, ast.Expr) else None
    name = getattr(call.func, "attr", getattr(call.func, "id", "")) if isinstance(call, ast.Call) else ""
    return name in LOOKS | LOGS | {"abort"}


def _asked_text(node: ast.expr) -> ast.expr | None:
    """What ``startswith`` asks for, if a url of a picture began with it."""
    match node:
        case ast.Call(func=ast.Attribute(attr="startswith"), args=[asked], keywords=[]):
            texts = asked.elts if isinstance(asked, ast.Tuple) else [asked]
            values = [one.value if isinstance(one, ast.Constant) else None for one in texts]
            return (
                asked if values and any(value in _HTTP for value in values) and None not in values else None
            )
    return None


def _asks_for_address(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="startswith"), args=[asked], keywords=[]):
            texts = asked.elts if isinstance(asked, ast.Tuple) else [asked]
            return all(
                isinstance(one, ast.Constant) and str(one.value).startswith(_ADDRESSES) for one in texts
            )
    return False


def _receiver(node: ast.expr) -> ast.expr:
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Attribute)
    return node.func.value
