"""Changes the items of one call, dict, list, tuple, set or import statement, given as source text."""

from __future__ import annotations

import ast
from itertools import takewhile
from typing import TYPE_CHECKING, TypeVar, cast

import libcst as cst

from .edits import (
    AddArgument,
    AddElement,
    AddEntry,
    DropArgument,
    DropElement,
    DropEntry,
    DropPosition,
    EditConflict,
    RenameArgument,
    SetArgument,
)
from .layout import NOTHING, Row, Slot
from .nodes import bracketed, code, expression, module, string_literal, with_newline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .edits import ArgumentChange, ElementChange, EntryChange, SetEntry
    from .layout import Whitespace

Item = TypeVar("Item", bound=cst.CSTNode)
_FIRST = frozenset({"model"})  # a keyword that people look for first


def change_arguments(text: str, changes: Sequence[ArgumentChange]) -> str:
    """The call expression ``text`` with its arguments changed."""
    call = expression(text)
    if not isinstance(call, cst.Call):
        msg = "not a call"
        raise EditConflict(msg)
    row: Row[cst.Arg] = _row(call.args, call.whitespace_before_args, _behind_argument)
    if any(isinstance(change, (SetArgument, AddArgument)) for change in changes):
        _bracket_generator(row)
    # Additions come first: they find the layout that the call had.
    dropped = _dropped_arguments(row, changes)
    for change in changes:
        if isinstance(change, RenameArgument):
            _rename_argument(row, change, dropped)
        elif isinstance(change, (SetArgument, AddArgument)):
            _set_argument(row, change, dropped)
    for index in reversed(range(len(row.slots))):
        item = row.slots[index].item
        if row.slots[index] in dropped:
            row.drop(index, item.keyword.value if item.keyword else "")
    args = [
        slot.item.with_changes(comma=_comma(slot), whitespace_after_arg=NOTHING if slot.comma else slot.gap)
        for slot in row.slots
    ]
    return code(call.with_changes(args=args, whitespace_before_args=row.lead))


def change_entries(text: str, changes: Sequence[EntryChange]) -> str:
    """The dict display ``text`` with its entries changed."""
    display = expression(text)
    if not isinstance(display, cst.Dict):
        msg = "not a dict display"
        raise EditConflict(msg)
    row: Row[cst.BaseDictElement] = _row(
        display.elements, display.lbrace.whitespace_after, lambda _: display.rbrace.whitespace_before
    )
    drops = {change.key for change in changes if isinstance(change, DropEntry)}
    for change in changes:
        if not isinstance(change, DropEntry):
            _set_entry(row, change)
    for index in reversed(range(len(row.slots))):
        key = _key(row.slots[index].item)
        if key in drops:
            row.drop(index, key or "")
    elements = [slot.item.with_changes(comma=_comma(slot)) for slot in row.slots]
    return code(
        display.with_changes(
            elements=elements,
            lbrace=display.lbrace.with_changes(whitespace_after=row.lead),
            rbrace=display.rbrace.with_changes(whitespace_before=_closing(row)),
        )
    )


def change_elements(text: str, changes: Sequence[ElementChange]) -> str:
    """The list, tuple or set display ``text`` with its elements changed."""
    display, bare = bracketed(text)
    if not isinstance(display, (cst.List, cst.Tuple, cst.Set)):
        msg = "not a list, tuple or set display"
        raise EditConflict(msg)
    left, right = _brackets(display)
    row: Row[cst.BaseElement] = _row(
        display.elements, left.whitespace_after, lambda _: right.whitespace_before
    )
    dropped = {change.index for change in changes if isinstance(change, DropElement)}
    if any(index >= len(row.slots) for index in dropped):
        msg = "there is no such element"
        raise EditConflict(msg)
    for change in changes:
        if isinstance(change, AddElement):
            row.insert(len(row.slots), cst.Element(_value(change.code)))
    for index in sorted(dropped, reverse=True):
        row.drop(index)
    return _display(display, row, bare=bare)


def drop_aliases(text: str, drops: Iterable[int]) -> str:
    """The import statement ``text`` without its names at these indexes; at least one must stay."""
    (line,) = module(text).body
    statement = cast("cst.SimpleStatementLine", line).body[0]
    if not isinstance(statement, (cst.Import, cst.ImportFrom)) or isinstance(statement.names, cst.ImportStar):
        msg = "not an import of names"
        raise EditConflict(msg)
    left = statement.lpar if isinstance(statement, cst.ImportFrom) else None
    right = statement.rpar if isinstance(statement, cst.ImportFrom) else None
    row: Row[cst.ImportAlias] = _row(
        statement.names,
        left.whitespace_after if left else NOTHING,
        lambda _: right.whitespace_before if right else NOTHING,
    )
    for index in sorted(drops, reverse=True):
        row.drop(index)
    changed = statement.with_changes(names=[slot.item.with_changes(comma=_comma(slot)) for slot in row.slots])
    if left and right:
        changed = changed.with_changes(
            lpar=left.with_changes(whitespace_after=row.lead),
            rpar=right.with_changes(whitespace_before=_closing(row)),
        )
    return code(changed)


def _row(items: Sequence[Item], lead: Whitespace, closing: Callable[[Item], Whitespace]) -> Row[Item]:
    row: Row[Item] = Row(lead)
    for item in items:
        comma = getattr(item, "comma", None)
        if isinstance(comma, cst.Comma):
            row.slots.append(Slot(item, True, comma.whitespace_after, comma.whitespace_before))
        else:
            row.slots.append(Slot(item, False, NOTHING))
    if row.slots:
        last = row.slots[-1]
        behind = closing(last.item)
        # The whitespace of the last item is on one of two nodes, depending on the kind of display.
        last.gap = last.gap if isinstance(last.gap, cst.ParenthesizedWhitespace) or behind.empty else behind
    return row


def _behind_argument(argument: cst.Arg) -> Whitespace:
    return argument.whitespace_after_arg


def _comma(slot: Slot[Item]) -> cst.Comma | cst.MaybeSentinel:
    return cst.Comma(slot.pad, slot.gap) if slot.comma else cst.MaybeSentinel.DEFAULT


def _closing(row: Row[Item]) -> Whitespace:
    """What the closing bracket carries: nothing when the last comma carries it."""
    return NOTHING if not row.slots or row.slots[-1].comma else row.slots[-1].gap


def _value(text: str) -> cst.BaseExpression:
    value, bare = bracketed(with_newline(text, "\n"))
    if bare:
        return value
    if isinstance(value, (cst.Yield, cst.NamedExpr, cst.GeneratorExp)) and not value.lpar:
        return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return value


def _same(one: cst.CSTNode, other: cst.CSTNode) -> bool:
    return one.deep_equals(other)


def _dropped_arguments(row: Row[cst.Arg], changes: Iterable[ArgumentChange]) -> list[Slot[cst.Arg]]:
    names = {change.keyword for change in changes if isinstance(change, DropArgument)}
    wanted = {change.index for change in changes if isinstance(change, DropPosition)}
    dropped = [slot for slot in row.slots if slot.item.keyword and slot.item.keyword.value in names]
    plain = takewhile(lambda slot: not slot.item.star, (slot for slot in row.slots if not slot.item.keyword))
    positions = dict(enumerate(plain))
    if not wanted <= positions.keys():
        msg = "there is no such positional argument"
        raise EditConflict(msg)
    return dropped + [positions[index] for index in wanted]


def _named(row: Row[cst.Arg], keyword: str, dropped: list[Slot[cst.Arg]]) -> list[Slot[cst.Arg]]:
    return [
        slot
        for slot in row.slots
        if slot not in dropped and slot.item.keyword is not None and slot.item.keyword.value == keyword
    ]


def _rename_argument(row: Row[cst.Arg], change: RenameArgument, dropped: list[Slot[cst.Arg]]) -> None:
    found = _named(row, change.keyword, dropped)
    if found and _named(row, change.new, dropped):
        msg = f"the argument {change.new} is already there"
        raise EditConflict(msg)
    for slot in found:
        slot.item = slot.item.with_changes(keyword=cst.Name(change.new))


def _set_argument(row: Row[cst.Arg], change: SetArgument | AddArgument, dropped: list[Slot[cst.Arg]]) -> None:
    value = _value(change.code)
    found = _named(row, change.keyword, dropped)
    for slot in found:
        if isinstance(change, AddArgument) and not _same(slot.item.value, value):
            msg = f"the argument {change.keyword} is already there"
            raise EditConflict(msg)
        slot.item = slot.item.with_changes(value=value)
    if not found:
        equal = next((slot.item.equal for slot in row.slots if slot.item.keyword), None)
        if not isinstance(equal, cst.AssignEqual):
            equal = cst.AssignEqual(NOTHING, NOTHING)
        place = _argument_place(row, change.keyword)
        row.insert(place, cst.Arg(value, cst.Name(change.keyword), equal=equal))


def _argument_place(row: Row[cst.Arg], keyword: str) -> int:
    items = [slot.item for slot in row.slots]
    if keyword in _FIRST:
        named = (index for index, item in enumerate(items) if item.keyword or item.star == "**")
    else:
        named = (index for index, item in enumerate(items) if item.star == "**")
    return next(named, len(items))


def _bracket_generator(row: Row[cst.Arg]) -> None:
    """A generator that is the only argument needs brackets of its own before another one comes."""
    if len(row.slots) == 1:
        item = row.slots[0].item
        if isinstance(item.value, cst.GeneratorExp) and not item.value.lpar:
            value = item.value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
            row.slots[0].item = item.with_changes(value=value)


def _key(item: cst.BaseDictElement) -> str | None:
    if not isinstance(item, cst.DictElement):
        return None
    if not isinstance(item.key, (cst.SimpleString, cst.ConcatenatedString)):
        return None
    try:
        key = ast.literal_eval(code(item.key))
    except (SyntaxError, ValueError):
        return None
    return key if isinstance(key, str) else None


def _set_entry(row: Row[cst.BaseDictElement], change: SetEntry | AddEntry) -> None:
    value = _value(change.code)
    found = [slot for slot in row.slots if _key(slot.item) == change.key]
    for slot in found:
        if isinstance(change, AddEntry) and not _same(cast("cst.DictElement", slot.item).value, value):
            msg = f"the key {change.key!r} is already there"
            raise EditConflict(msg)
        slot.item = slot.item.with_changes(value=value)
    if not found:
        row.insert(_entry_place(row, change.key), _entry(row, change.key, value))


def _entry(row: Row[cst.BaseDictElement], key: str, value: cst.BaseExpression) -> cst.DictElement:
    like = '""'
    for slot in row.slots:
        item = slot.item
        if isinstance(item, cst.DictElement) and isinstance(item.key, cst.SimpleString):
            return item.with_changes(
                key=cst.SimpleString(string_literal(key, item.key.value)),
                value=value,
                comma=cst.MaybeSentinel.DEFAULT,
            )
    return cst.DictElement(cst.SimpleString(string_literal(key, like)), value)


def _entry_place(row: Row[cst.BaseDictElement], key: str) -> int:
    """Behind the leading ``**`` entries, which it overrides, and before the closing ones."""
    starred = [isinstance(slot.item, cst.StarredDictElement) for slot in row.slots]
    place = len(row.slots)
    if key in _FIRST:
        return next((index for index, star in enumerate(starred) if not star), place)
    while place and starred[place - 1]:
        place -= 1
    return place or len(row.slots)


def _brackets(
    display: cst.List | cst.Tuple | cst.Set,
) -> tuple[
    cst.LeftParen | cst.LeftSquareBracket | cst.LeftCurlyBrace,
    cst.RightParen | cst.RightSquareBracket | cst.RightCurlyBrace,
]:
    if isinstance(display, cst.List):
        return display.lbracket, display.rbracket
    if isinstance(display, cst.Set):
        return display.lbrace, display.rbrace
    return display.lpar[-1], display.rpar[0]


def _display(display: cst.List | cst.Tuple | cst.Set, row: Row[cst.BaseElement], *, bare: bool) -> str:
    if isinstance(display, cst.Tuple) and len(row.slots) == 1 and not row.slots[0].comma:
        row.slots[0].comma = True
    elements = [slot.item.with_changes(comma=_comma(slot)) for slot in row.slots]
    closing = _closing(row)
    if isinstance(display, cst.List):
        return code(
            display.with_changes(
                elements=elements,
                lbracket=display.lbracket.with_changes(whitespace_after=row.lead),
                rbracket=display.rbracket.with_changes(whitespace_before=closing),
            )
        )
    if isinstance(display, cst.Set):
        if not elements:
            return "set()"
        return code(
            display.with_changes(
                elements=elements,
                lbrace=display.lbrace.with_changes(whitespace_after=row.lead),
                rbrace=display.rbrace.with_changes(whitespace_before=closing),
            )
        )
    changed = display.with_changes(
        elements=elements,
        lpar=[*display.lpar[:-1], display.lpar[-1].with_changes(whitespace_after=row.lead)],
        rpar=[display.rpar[0].with_changes(whitespace_before=closing), *display.rpar[1:]],
    )
    text = code(changed)
    return text[1:-1] if bare and elements else text
