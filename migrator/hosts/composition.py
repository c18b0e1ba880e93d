"""Pieces of Python inside a document, joined to one program whose lines keep their numbers where they can.

A notebook is one program across its cells, and the fences of a page can be. Each piece stands between two marker
comments; after the edits the text is cut at the markers again. Blank lines fill the gaps, so that a line of the
program has the number of its line in the document: what is said about the program is true of the document.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = 3
"""Lines between two pieces: a blank one, the marker, a blank one."""


class MisfitError(Exception):
    """The edited program cannot be put back into its document; the text is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Piece:
    r"""Some code of a document.

    ``text`` has no final line end, and ``\n`` between its lines. ``line`` is where it starts in the document,
    1-based. ``label`` names it for people (``cell 3``).
    """

    text: str
    line: int
    label: str = ""


@dataclass(frozen=True)
class Composition:
    """The program, and how to take it apart again."""

    pieces: tuple[Piece, ...]

    @cached_property
    def _salt(self) -> str:
        """A word that no piece contains."""
        number = 0
        while any(f"piece-{number}:" in piece.text for piece in self.pieces):
            number += 1
        return f"piece-{number}:"

    def _marker(self, index: int) -> str:
        return f"# {self._salt}{index}"

    @cached_property
    def _parts(self) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The text before each piece (marker and blank lines), and the line on which each piece starts."""
        heads: list[str] = []
        starts: list[int] = []
        line = 1
        for index, piece in enumerate(self.pieces):
            # behind a piece stands its own line end; the first marker is line 1
            above = 0 if index == 0 else 1
            below = max(piece.line - line - above - 1, 1)
            heads.append("\n" * above + self._marker(index) + "\n" + "\n" * below)
            line += above + 1 + below
            starts.append(line)
            line += piece.text.count("\n") + 1
        return tuple(heads), tuple(starts)

    @cached_property
    def text(self) -> str:
        """The program."""
        heads, _ = self._parts
        return "".join(f"{head}{piece.text}\n" for head, piece in zip(heads, self.pieces, strict=True))

    def find(self, line: int) -> tuple[int, int]:
        """The piece that a 1-based line of the program belongs to, and the 0-based line inside of it."""
        _, starts = self._parts
        index = max(bisect_right(starts, line) - 1, 0)
        inside = min(max(line - starts[index], 0), self.pieces[index].text.count("\n"))
        return index, inside

    def split(self, text: str) -> list[str]:
        """The new text of every piece after the program was edited.

        Raises:
            MisfitError: When the edits took the seams away.
        """
        found = re.split(rf"^# {re.escape(self._salt)}(\d+)\n", text, flags=re.MULTILINE)
        if found[1::2] != [str(index) for index in range(len(self.pieces))]:
            raise MisfitError("the change would run over the end of a piece of code")
        heads, _ = self._parts
        new: list[str] = []
        above = found[0]
        for index, (piece, region) in enumerate(zip(self.pieces, found[2::2], strict=True)):
            blank = heads[index].rpartition(self._marker(index) + "\n")[2]
            behind = 0 if index + 1 == len(self.pieces) else 1
            new.append(_inner(piece.text, region, blank, behind))
        if above.strip():
            new[0] = f"{above.strip(chr(10))}\n{new[0]}"
        return self._hoisted(new)

    def _hoisted(self, new: list[str]) -> list[str]:
        """Imports and helpers that came to the top of the first piece move to the piece where the imports are."""
        first = self.pieces[0].text
        if not new or not new[0].endswith(first) or not first.strip():
            return new
        added = new[0][: -len(first)].strip("\n")
        home = next((i for i, piece in enumerate(self.pieces) if _first_import(piece.text) is not None), None)
        if not added or not home or any(new[i] != self.pieces[i].text for i in range(1, home)):
            return new
        at = _first_import(new[home])
        if at is None:
            return new
        lines = new[home].split("\n")
        lines[at:at] = added.split("\n")
        new = list(new)
        new[0], new[home] = first, "\n".join(lines)
        return new


def _inner(old: str, region: str, blank: str, behind: int) -> str:
    """The piece inside its region: without the blank lines that were put around it."""
    if region == f"{blank}{old}\n" + "\n" * behind:
        return old
    region = region.removeprefix(blank) if region.startswith(blank) else region.lstrip("\n")
    region = region[: -1 - behind] if region.endswith("\n" * (1 + behind)) else region
    if not old.startswith("\n"):
        region = region.lstrip("\n")
    if not old.endswith("\n"):
        region = region.rstrip("\n")
    return region


def _first_import(text: str) -> int | None:
    """The 0-based line of the first import statement at the top level."""
    if "import" not in text:
        return None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return node.lineno - 1
    return None


def joined(pieces: Sequence[Piece]) -> Composition:
    """The program that ``pieces`` (at least one) make together."""
    return Composition(tuple(pieces))
