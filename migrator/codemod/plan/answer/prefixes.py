"""Tests of how a url begins: a picture's url began with http, and is a ``data:`` URI now."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.answer.presence import Picture
from migrator.codemod.plan.answer.texts import handles_data_uris
from migrator.codemod.plan.answer.ways import turned_away
from migrator.codemod.rewrite import Replace, string_literal

if TYPE_CHECKING:
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import FileEdit

_HTTP = frozenset({"http", "https", "https:", "https:/", "https://"})
"""What every url of a picture began with; ``http://`` alone tells those that are not encrypted, which it was not."""
_DATA = "data:"
_ADDRESSES = ("http", _DATA)


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


def let_through(module: Module, node: ast.expr) -> tuple[FileEdit, ...]:
    """The edits that let a ``data:`` URI go where ``node.startswith("http")`` sends a url; none for another test."""
    attribute = module.parent(node)
    call = None if attribute is None else module.parent(attribute)
    if not isinstance(call, ast.Call) or call.func is not attribute or (asked := _asked_text(call)) is None:
        return ()
    first = asked.elts[0] if isinstance(asked, ast.Tuple) else asked
    data = string_literal(_DATA, module.source(first))
    if isinstance(asked, ast.Tuple):
        text = ", ".join([*(module.source(one) for one in asked.elts), data])
    else:
        text = f"{module.source(asked)}, {data}"
    return ((module.path, Replace(module.span(asked), f"({text})")),)


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
