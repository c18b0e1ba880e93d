"""Where things stand between a pair of brackets: removes and adds items without disturbing the others.

A row is ``lead item pad , gap item pad , gap``, made of the whitespace nodes of libcst.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import libcst as cst

Item = TypeVar("Item", bound=cst.CSTNode)
Whitespace = cst.BaseParenthesizableWhitespace
NOTHING = cst.SimpleWhitespace("")
_COMMENTED_OUT = re.compile(r"#\s*[\"']?(\w+)[\"']?\s*[=:]")


@dataclass(slots=True, eq=False)
class Slot(Generic[Item]):
    """An item, whether a comma follows, and the whitespace before and after that comma."""

    item: Item
    comma: bool
    gap: Whitespace
    pad: Whitespace = NOTHING


@dataclass(slots=True, eq=False)
class Row(Generic[Item]):
    """The items between two brackets."""

    lead: Whitespace
    slots: list[Slot[Item]] = field(default_factory=list)

    def drop(self, index: int, name: str = "") -> None:
        """Removes the item; ``name`` tells its own commented-out twins from those of others."""
        slot, before = self.slots[index], self._before(index)
        last = index == len(self.slots) - 1
        gap = self._joined(before, slot.gap, first=index == 0, last=last, name=name)
        del self.slots[index]
        if index == 0:
            bare = not self.slots and not _has_comment(gap)
            self.lead = NOTHING if bare else gap
            return
        previous = self.slots[index - 1]
        previous.gap = gap
        if last:
            previous.comma = slot.comma
            if not slot.comma:
                previous.gap, previous.pad = _behind_pad(previous.pad, gap), NOTHING

    def insert(self, index: int, item: Item) -> None:
        """Adds an item before the one at ``index``, on a line of its own where the others have that."""
        if not self.slots:
            self._fill(item)
            return
        stacked = self._stacked()
        if index == len(self.slots):
            self._append(item, stacked)
            return
        before = self._before(index)
        gap: Whitespace = self._space()
        if stacked and isinstance(before, cst.ParenthesizedWhitespace):
            gap = before.with_changes(first_line=cst.TrailingWhitespace())
            self._set_before(index, before.with_changes(empty_lines=[]))
        elif stacked:
            gap = cst.ParenthesizedWhitespace(last_line=self._indent())
        self.slots.insert(index, Slot(item, True, gap))

    def _append(self, item: Item, stacked: bool) -> None:
        previous = self.slots[-1]
        closing, between = previous.gap, self._space()
        if stacked and isinstance(closing, cst.ParenthesizedWhitespace):
            opening: Whitespace = cst.ParenthesizedWhitespace(closing.first_line, last_line=self._indent())
            closing = closing.with_changes(first_line=cst.TrailingWhitespace())
        elif stacked:
            opening = cst.ParenthesizedWhitespace(last_line=self._indent())
        else:
            opening = between
        self.slots.append(Slot(item, previous.comma, closing))
        previous.comma, previous.gap = True, opening

    def _fill(self, item: Item) -> None:
        lead = self.lead
        if not isinstance(lead, cst.ParenthesizedWhitespace) or not _has_comment(lead):
            self.lead = NOTHING
            self.slots.append(Slot(item, False, NOTHING))
            return
        closing = cst.ParenthesizedWhitespace(last_line=lead.last_line)
        self.lead = lead.with_changes(last_line=cst.SimpleWhitespace(lead.last_line.value + "    "))
        self.slots.append(Slot(item, False, closing))

    def _joined(
        self, before: Whitespace, after: Whitespace, *, first: bool, last: bool, name: str
    ) -> Whitespace:
        """The whitespace that stands where the item and the whitespace on its two sides were."""
        opens = isinstance(before, cst.ParenthesizedWhitespace)
        closes = isinstance(after, cst.ParenthesizedWhitespace)
        if isinstance(before, cst.ParenthesizedWhitespace) and isinstance(after, cst.ParenthesizedWhitespace):
            above = _kept_above(before, alone=last or bool(after.empty_lines), name=name)
            return after.with_changes(
                first_line=before.first_line, indent=after.indent, empty_lines=[*above, *after.empty_lines]
            )
        if isinstance(before, cst.ParenthesizedWhitespace) and last:
            kept = before.with_changes(empty_lines=_kept_above(before, alone=True, name=name))
            return kept if _has_comment(kept) else after
        if isinstance(after, cst.ParenthesizedWhitespace) and first:
            kept = after.with_changes(first_line=cst.TrailingWhitespace())
            return kept if _has_comment(kept) else NOTHING if last else before
        if closes or (last and not opens):
            return after
        return before

    def _before(self, index: int) -> Whitespace:
        return self.slots[index - 1].gap if index else self.lead

    def _set_before(self, index: int, whitespace: Whitespace) -> None:
        if index:
            self.slots[index - 1].gap = whitespace
        else:
            self.lead = whitespace

    def _stacked(self) -> bool:
        inner = [slot.gap for slot in self.slots[:-1]] or [self.lead]
        return all(isinstance(gap, cst.ParenthesizedWhitespace) for gap in inner)

    def _indent(self) -> cst.SimpleWhitespace:
        """The indentation of the items, in a row that is stacked."""
        gaps = [*(slot.gap for slot in self.slots[:-1]), self.lead]
        return next(gap.last_line for gap in gaps if isinstance(gap, cst.ParenthesizedWhitespace))

    def _space(self) -> cst.SimpleWhitespace:
        for slot in self.slots[:-1]:
            if isinstance(slot.gap, cst.SimpleWhitespace) and "\\" not in slot.gap.value:
                return slot.gap
        return cst.SimpleWhitespace(" ")


def _has_comment(whitespace: Whitespace) -> bool:
    if not isinstance(whitespace, cst.ParenthesizedWhitespace):
        return False
    return whitespace.first_line.comment is not None or any(line.comment for line in whitespace.empty_lines)


def _kept_above(before: cst.ParenthesizedWhitespace, *, alone: bool, name: str) -> list[cst.EmptyLine]:
    """The lines above a removed item that stay: all, unless its comment speaks of nothing else."""
    lines = list(before.empty_lines)
    if not alone:
        return lines
    start = len(lines)
    while start and lines[start - 1].comment is not None:
        start -= 1
    return lines[:start] + [line for line in lines[start:] if _is_of_another(line, name)]


def _is_of_another(line: cst.EmptyLine, name: str) -> bool:
    found = _COMMENTED_OUT.match(line.comment.value) if line.comment else None
    return found is not None and found.group(1) != name


def _behind_pad(pad: Whitespace, gap: Whitespace) -> Whitespace:
    """What follows an item that lost its comma, with the comments that stood before that comma."""
    if not isinstance(pad, cst.ParenthesizedWhitespace) or not _has_comment(pad):
        return gap
    if not isinstance(gap, cst.ParenthesizedWhitespace):
        return pad
    return gap.with_changes(first_line=pad.first_line, empty_lines=[*pad.empty_lines, *gap.empty_lines])
