"""What the engine knows of the text that it edits: its statements, lines, line ends and indentation."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from migrator.codemod.offsets import Offsets
from migrator.types import Span

from .edits import EditConflict
from .nodes import parse_ast

if TYPE_CHECKING:
    import ast

_LINE_END = re.compile(r"\r\n|\r|\n")
_REST_OF_LINE = re.compile(r"[ \t\f]*;?[ \t\f]*(?:#[^\r\n]*)?(?P<end>\r\n|\r|\n|\Z)")
_SAME_LINE = re.compile(r"(?:[ \t\f]|\\(?:\r\n|\r|\n))*;(?:[ \t\f]|\\(?:\r\n|\r|\n))*")
_BLANK_LINE = re.compile(r"[ \t\f]*(?:\r\n|\r|\n)")


@dataclass(slots=True, eq=False)
class Statement:
    """A statement and its place among its sisters."""

    node: ast.stmt
    span: Span
    block: Block
    index: int


@dataclass(slots=True, eq=False)
class Block:
    """The statements of one suite. ``needed``: Python does not allow it to become empty."""

    needed: bool
    parent: Statement | None
    statements: list[Statement] = field(default_factory=list)


class Source:
    """One text, looked at only as closely as the edits need."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def newline(self) -> str:
        """The most frequent line end."""
        counts = Counter(_LINE_END.findall(self.text))
        return max(("\n", "\r\n", "\r"), key=lambda end: counts[end])

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of the text."""
        return parse_ast(self.text)

    @cached_property
    def offsets(self) -> Offsets:
        """Character offsets of the tree's nodes."""
        return Offsets(self.text)

    @cached_property
    def module_block(self) -> Block:
        """The top-level statements."""
        return self._map[0]

    def statement(self, span: Span) -> Statement:
        """The statement at ``span``.

        Raises:
            EditConflict: there is none.
        """
        found = self._map[1].get(span)
        if found is None:
            msg = f"no statement begins and ends there, in line {self.text.count(chr(10), 0, span.start) + 1}"
            raise EditConflict(msg)
        return found

    @cached_property
    def unit(self) -> str:
        """One level of indentation as this text has it most often; four spaces where it has none."""
        counts: Counter[str] = Counter()
        for statement in dict.fromkeys(self._map[1].values()):
            if statement.block.parent is not None and statement.index == 0:
                outer = self.indent(statement.block.parent)
                inner = self.indent(statement)
                if inner.startswith(outer) and inner != outer and self.starts_line(statement):
                    counts[inner[len(outer) :]] += 1
        return counts.most_common(1)[0][0] if counts else "    "

    def line_start(self, statement: Statement) -> int:
        """Where the line of the statement's first character starts."""
        return self.start_of_line(statement.span.start)

    def start_of_line(self, offset: int) -> int:
        """Where the line of this character starts."""
        return offset - self.offsets.position(offset)[1] + 1

    def starts_line(self, statement: Statement) -> bool:
        """Whether nothing but indentation stands before the statement."""
        return not self.text[self.line_start(statement) : statement.span.start].strip(" \t\f")

    def ends_line(self, statement: Statement) -> bool:
        """Whether nothing but a comment stands behind the statement."""
        return _REST_OF_LINE.match(self.text, statement.span.end) is not None

    def indent(self, statement: Statement) -> str:
        """The blanks at the start of the statement's line."""
        start = self.line_start(statement)
        line = self.text[start : statement.span.start]
        return line[: len(line) - len(line.lstrip(" \t\f"))].rpartition("\f")[2]

    def line_end(self, offset: int) -> int:
        """Where the line of a statement that ends at ``offset`` ends, line end included."""
        match = _REST_OF_LINE.match(self.text, offset)
        return match.end() if match else offset

    def code_end(self, offset: int) -> int:
        """As :meth:`line_end`, line end excluded."""
        match = _REST_OF_LINE.match(self.text, offset)
        return match.start("end") if match else offset

    def blank_lines_after(self, offset: int) -> list[int]:
        """The ends of the blank lines that follow ``offset``, which starts a line."""
        ends = []
        while match := _BLANK_LINE.match(self.text, offset):
            offset = match.end()
            ends.append(offset)
        return ends

    def blank_lines_before(self, offset: int) -> int:
        """How many blank lines precede ``offset``, which starts a line."""
        count = 0
        while offset:
            start = self.start_of_line(offset - 1)
            if not _BLANK_LINE.fullmatch(self.text, start, offset):
                break
            offset, count = start, count + 1
        return count

    def line_of(self, statement: Statement) -> list[Statement]:
        """The statements that share a logical line with this one, in order, itself included."""
        sisters = statement.block.statements
        first = last = statement.index
        while first and self._joined(sisters[first - 1], sisters[first]):
            first -= 1
        while last + 1 < len(sisters) and self._joined(sisters[last], sisters[last + 1]):
            last += 1
        return sisters[first : last + 1]

    def _joined(self, one: Statement, other: Statement) -> bool:
        return _SAME_LINE.fullmatch(self.text, one.span.end, other.span.start) is not None

    @cached_property
    def _map(self) -> tuple[Block, dict[Span, Statement]]:
        found: dict[Span, Statement] = {}
        top = Block(needed=False, parent=None)
        pending: list[tuple[Block, list[ast.stmt]]] = [(top, self.tree.body)]
        while pending:
            block, nodes = pending.pop()
            for index, node in enumerate(nodes):
                statement = Statement(node, self.offsets.span(node), block, index)
                block.statements.append(statement)
                found[statement.span] = statement
                if getattr(node, "decorator_list", None):
                    bare = Span(self.offsets.offset(node.lineno, node.col_offset), statement.span.end)
                    found[bare] = statement
                pending.extend((Block(needed=True, parent=statement), body) for body in _bodies(node))
        return top, found


def _bodies(node: ast.stmt) -> list[list[ast.stmt]]:
    owners: list[ast.AST] = [node, *getattr(node, "handlers", ()), *getattr(node, "cases", ())]
    bodies = (getattr(owner, name, None) for owner in owners for name in ("body", "orelse", "finalbody"))
    return [body for body in bodies if isinstance(body, list) and body]
