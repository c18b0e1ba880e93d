"""The common form of all edits: a place in the original text, and what stands there afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .edits import EditConflict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from migrator.types import Span

    from .edits import Edit


@dataclass(slots=True, eq=False)
class Piece:
    """The characters ``place`` become ``render(text)``.

    ``anchor`` decides the nesting: what a person would say that the edit is about. ``inner`` is the part
    whose text, with the edits inside it, is handed to ``render``; ``open_to`` lists the parts in which other
    edits may lie, and is empty for an edit that leaves nothing of the original.
    """

    edits: tuple[Edit, ...]
    anchor: Span
    place: Span
    render: Callable[[str], str]
    inner: Span | None = None
    open_to: tuple[Span, ...] = ()
    order: int = 0
    point: bool = False
    """It only inserts text: it may share its anchor with another edit."""
    children: list[Piece] = field(default_factory=list)

    def takes(self, other: Piece) -> bool:
        """Whether ``other``, which lies in the anchor, is in a part that survives."""
        return any(other.anchor in part for part in self.open_to)


def assemble(text: str, nested: Iterable[Piece], top: Iterable[Piece]) -> str:
    """The text with all pieces in their places. ``top`` holds those that are about the module as a whole.

    Raises:
        EditConflict: two of them want the same characters.
    """
    ordered = sorted(
        nested, key=lambda piece: (piece.anchor.start, -piece.anchor.end, piece.point, piece.order)
    )
    roots: list[Piece] = list(top)
    stack: list[Piece] = []
    for piece in ordered:
        while stack and not _meets(stack[-1], piece):
            stack.pop()
        holders = [holder for holder in stack if not (piece.point and holder.anchor == piece.anchor)]
        if not holders:
            roots.append(piece)
        elif (
            piece.anchor in holders[-1].anchor
            and holders[-1].takes(piece)
            and (piece.anchor, piece.order) != (holders[-1].anchor, holders[-1].order)
        ):
            holders[-1].children.append(piece)
        else:
            msg = f"two of them meet in line {_line(text, piece.anchor.start)}"
            raise EditConflict(msg, *holders[-1].edits, *piece.edits)
        if not piece.point:
            stack.append(piece)
    return _fill(text, 0, len(text), roots)


def _meets(holder: Piece, piece: Piece) -> bool:
    if piece.anchor.start == piece.anchor.end:
        return piece.anchor in holder.anchor
    return piece.anchor.start < holder.anchor.end


def _fill(text: str, start: int, end: int, pieces: list[Piece]) -> str:
    parts: list[str] = []
    position = start
    for piece in sorted(pieces, key=lambda piece: (piece.place.start, piece.place.end, piece.order)):
        if piece.place.start < position or piece.place.end > end:
            msg = f"two of them meet in line {_line(text, piece.place.start)}"
            raise EditConflict(msg, *piece.edits)
        inner = ""
        if piece.inner is not None:
            inner = _fill(text, piece.inner.start, piece.inner.end, piece.children)
        parts += (text[position : piece.place.start], piece.render(inner))
        position = piece.place.end
    parts.append(text[position:end])
    return "".join(parts)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
