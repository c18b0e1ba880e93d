"""Applies edits to a text, all together or not at all."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, get_args

from .displays import change_arguments, change_elements, change_entries
from .edits import (
    Arguments,
    Around,
    EditConflict,
    Elements,
    Entries,
    ModuleEdit,
    Replace,
    StatementEdit,
)
from .imports import module_pieces
from .nodes import on_unix_lines, parse_ast
from .pieces import Piece, assemble
from .source import Source
from .statements import statement_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .edits import Edit

_STATEMENT_EDITS = get_args(StatementEdit)
_MODULE_EDITS = get_args(ModuleEdit)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits applied. Equal edits count once; characters outside all edits stay.

    The result depends on nothing but the arguments, and is always Python that parses.

    Raises:
        EditConflict: edits want the same characters, do not fit what is there, or would break the syntax.
    """
    unique = list(dict.fromkeys(edits))
    if not unique:
        return text
    try:
        result = _applied(Source(text), unique)
        if result != text:
            parse_ast(result)
    except RecursionError as error:
        msg = "nested too deep"
        raise EditConflict(msg, *unique) from error
    return result


def _applied(source: Source, edits: list[Edit]) -> str:
    nested: list[Piece] = []
    for edit in edits:
        if isinstance(edit, Replace):
            nested.append(_replacement(edit))
        elif isinstance(edit, Around):
            nested.append(_around(edit))
    nested += _displays(source, edits)
    nested += statement_pieces(source, [edit for edit in edits if isinstance(edit, _STATEMENT_EDITS)])
    module = [edit for edit in edits if isinstance(edit, _MODULE_EDITS)]
    top: list[Piece] = []
    if module:
        first = min((piece.anchor.start for piece in nested), default=len(source.text))
        inside, top = module_pieces(source, module, first)
        nested += inside
    return assemble(source.text, nested, top)


def _replacement(edit: Replace) -> Piece:
    return Piece((edit,), edit.span, edit.span, lambda _: edit.text, order=3)


def _around(edit: Around) -> Piece:
    if edit.hole not in edit.span:
        msg = "the hole lies outside its span"
        raise EditConflict(msg, edit)

    def render(hole: str) -> str:
        return edit.before + _as_one(edit.before, hole, edit.after) + edit.after

    order = 0 if edit.hole == edit.span else 1
    return Piece((edit,), edit.span, edit.span, render, inner=edit.hole, open_to=(edit.hole,), order=order)


def _as_one(before: str, hole: str, after: str) -> str:
    """The hole, in brackets if it would fall apart or run over line ends without them."""
    enclosed = _shape(f"{before}({hole}){after}")
    return hole if enclosed is None or enclosed == _shape(before + hole + after) else f"({hole})"


def _shape(expression: str) -> str | None:
    try:
        return ast.dump(parse_ast(expression.strip()))
    except EditConflict:
        return None


def _displays(source: Source, edits: list[Edit]) -> list[Piece]:
    """One piece for all changes of one call or display, so that two plans can meet there."""
    groups: dict[tuple[type, Any], list[Any]] = defaultdict(list)
    for edit in edits:
        if isinstance(edit, (Arguments, Entries, Elements)):
            groups[type(edit), edit.span].append(edit)
    pieces = []
    for (kind, span), members in groups.items():
        changes = tuple(dict.fromkeys(change for edit in members for change in edit.changes))
        _refuse_rivals(changes, members)
        change: Callable[[str, Any], str] = _CHANGE[kind]

        def render(inner: str, change: Callable[[str, Any], str] = change, changes: Any = changes) -> str:
            return on_unix_lines(inner, source.newline, lambda unix: change(unix, changes))

        pieces.append(Piece(tuple(members), span, span, render, inner=span, open_to=(span,), order=2))
    return pieces


_CHANGE: dict[type, Callable[[str, Any], str]] = {
    Arguments: change_arguments,
    Entries: change_entries,
    Elements: change_elements,
}


def _refuse_rivals(changes: Iterable[Any], edits: list[Any]) -> None:
    """Two different changes of one argument or entry have no order that could be right."""
    seen: set[str] = set()
    for change in changes:
        name = getattr(change, "keyword", None) or getattr(change, "key", None)
        if name is not None and name in seen:
            msg = f"two different changes of {name}"
            raise EditConflict(msg, *edits)
        if name is not None:
            seen.add(name)
