"""Edits of whole statements: which lines they take, and what stands there afterwards."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, cast

import libcst as cst

from migrator.types import Span

from .edits import DropStatement, EditConflict, InsertAfter, InsertBefore, ReplaceStatement, Unwrap
from .nodes import module, on_unix_lines, parse_ast, with_newline
from .pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .edits import StatementEdit
    from .source import Block, Source, Statement

_WRAPPER = "if _:\n"


def statement_pieces(source: Source, edits: Sequence[StatementEdit]) -> list[Piece]:
    """The pieces of these edits."""
    pieces: list[Piece] = []
    drops: list[Statement] = []
    beside: list[Statement] = []
    filled: list[Block] = []
    for order, edit in enumerate(edits):
        statement = source.statement(edit.span)
        if isinstance(edit, DropStatement):
            drops.append(statement)
        elif isinstance(edit, ReplaceStatement):
            pieces.append(_replacement(source, statement, edit))
        elif isinstance(edit, Unwrap):
            pieces.append(_unwrapping(source, statement, edit))
        else:
            beside.append(statement)
            if parse_ast("\n".join(edit.lines)).body:
                filled.append(statement.block)
            pieces.append(_insertion(source, statement, edit, order))
    return pieces + drop_pieces(source, drops, beside, filled)


def drop_pieces(
    source: Source,
    drops: Iterable[Statement],
    beside: Iterable[Statement] = (),
    filled: Iterable[Block] = (),
) -> list[Piece]:
    """The pieces that remove statements.

    New lines come next to the statements ``beside``; blocks in ``filled`` do not become empty.
    """
    blocks: dict[Block, set[int]] = defaultdict(set)
    for statement in drops:
        blocks[statement.block].add(statement.index)
    touched = {statement.span for statement in beside}
    full = set(filled)
    pieces = []
    for block, indexes in blocks.items():
        empty = block.needed and len(indexes) == len(block.statements) and block not in full
        for index in sorted(indexes):
            statement = block.statements[index]
            place, text = _dropped(source, statement, indexes, touched)
            if empty and (whole := _else_of(source, statement, place)) is not None:
                place = whole
            elif empty and index <= source.line_of(block.statements[0])[-1].index:
                place, text = _pass(source, statement, place)
            pieces.append(
                Piece((DropStatement(statement.span),), statement.span, place, lambda _, text=text: text)  # type: ignore[misc]
            )
    return pieces


def indented(lines: Iterable[str], indent: str, unit: str, newline: str) -> str:
    """Statements at ``indent``, each level deeper by ``unit``, with a line end behind the last.

    Raises:
        EditConflict: they are not valid statements.
    """
    tree = module(with_newline("\n".join(lines), "\n").rstrip("\n") + "\n")
    if not tree.body:
        comments = [line.comment.value if line.comment else "" for line in (*tree.header, *tree.footer)]
        return "".join(f"{indent}{comment}{newline}" if comment else newline for comment in comments)
    first = tree.body[0]
    body = [first.with_changes(leading_lines=[*tree.header, *first.leading_lines]), *tree.body[1:]]
    if not indent:
        return with_newline(tree.with_changes(header=[], body=body, default_indent=unit).code, newline)
    block = cst.IndentedBlock(body, indent=indent, footer=tree.footer)
    text = cst.Module([cst.If(cst.Name("_"), block)], default_indent=unit).code
    return with_newline(text.removeprefix(_WRAPPER), newline)


def _dropped(source: Source, statement: Statement, dropped: set[int], beside: set[Span]) -> tuple[Span, str]:
    """What goes when this statement goes; statements of one line each take their share of it."""
    line = source.line_of(statement)
    stays = [sister for sister in line if sister.index not in dropped]
    first, last = line[0], line[-1]
    if stays:
        if stays[0].index > statement.index:
            return Span(statement.span.start, line[line.index(statement) + 1].span.start), ""
        return Span(line[line.index(statement) - 1].span.end, statement.span.end), ""
    start, end = source.line_start(first), source.line_end(last.span.end)
    if not source.starts_line(first) or not source.ends_line(last):
        start, end = first.span.start, last.span.end
    elif first.span not in beside and last.span not in beside:
        # Blank lines on both sides would run together.
        after = source.blank_lines_after(end)
        spare = min(len(after), source.blank_lines_before(start))
        end = after[spare - 1] if spare else end
    if len(line) > 1:
        own = line.index(statement)
        start = start if own == 0 else line[own - 1].span.end
        end = end if statement is last else statement.span.end
    return Span(start, end), ""


def _else_of(source: Source, statement: Statement, place: Span) -> Span | None:
    """The lines of an ``else:`` of which this statement is all, without a comment in between."""
    owner = statement.block.parent
    node = owner.node if owner is not None else None
    if not isinstance(node, ast.If) or node.orelse != [statement.node] or not source.starts_line(statement):
        return None
    before = source.offsets.span(node.body[-1]).end
    gap = source.text[before : statement.span.start]
    if "".join(gap.split()) != "else:":
        return None
    start = before + len(gap[: gap.index("else")].rstrip(" \t"))
    return Span(start, place.end)


def _pass(source: Source, statement: Statement, place: Span) -> tuple[Span, str]:
    """The share of a statement of the first line of an emptied block: the line stays, for ``pass``."""
    last = statement is source.line_of(statement)[-1]
    end = min(place.end, source.code_end(statement.span.end)) if last else place.end
    return (Span(statement.span.start, end), "pass") if statement.index == 0 else (Span(place.start, end), "")


def _replacement(source: Source, statement: Statement, edit: ReplaceStatement) -> Piece:
    newline = source.newline
    if _has_line(source, statement):
        indent = source.indent(statement)
        text = indented(edit.lines, indent, source.unit, newline).removesuffix(newline).removeprefix(indent)
    else:
        text = "; ".join(_one_liners(edit))
    return Piece((edit,), statement.span, statement.span, lambda _: text)


def _insertion(source: Source, statement: Statement, edit: InsertBefore | InsertAfter, order: int) -> Piece:
    before = isinstance(edit, InsertBefore)
    line = source.line_of(statement)
    inline = not source.starts_line(line[0])
    at_edge = statement is (line[0] if before else line[-1])
    if inline or not at_edge:
        joined = "; ".join(_one_liners(edit))
        offset = statement.span.start if before else statement.span.end
        text = f"{joined}; " if before else f"; {joined}"
    else:
        newline = source.newline
        text = indented(edit.lines, source.indent(line[0]), source.unit, newline)
        offset = source.line_start(statement) if before else source.line_end(statement.span.end)
        if not before and not source.text[:offset].endswith(("\n", "\r")):
            text = newline + text.removesuffix(newline)
    return Piece(
        (edit,),
        statement.span,
        Span(offset, offset),
        lambda _: text,
        order=order
        + (1_000_000 if before else 0),  # what comes after one statement precedes what comes before the next
        point=True,
    )


def _has_line(source: Source, statement: Statement) -> bool:
    return len(source.line_of(statement)) == 1 and source.starts_line(statement)


def _one_liners(edit: ReplaceStatement | InsertBefore | InsertAfter) -> list[str]:
    for line in edit.lines:
        body = parse_ast(line).body
        if not body or "\n" in line or "\r" in line or "#" in line or hasattr(body[-1], "body"):
            msg = "no room for these lines beside other statements of the same line"
            raise EditConflict(msg, edit)
    return list(edit.lines)


def _unwrapping(source: Source, statement: Statement, edit: Unwrap) -> Piece:
    node = statement.node
    if not isinstance(node, (ast.With, ast.AsyncWith, ast.If, ast.Try)) or not source.starts_line(statement):
        msg = "only a with, if or try statement can be unwrapped"
        raise EditConflict(msg, edit)
    if source.text.startswith("elif", statement.span.start):
        msg = "an elif cannot be unwrapped"
        raise EditConflict(msg, edit)
    bodies = [node.body]
    if isinstance(node, ast.Try):
        bodies += [node.orelse, node.finalbody]
    spans = [source.offsets.span(child) for body in bodies for child in body]
    start = source.line_start(statement)
    place = Span(start, _end_with_comments(source, statement))
    indent = source.indent(statement)
    return Piece(
        (edit,),
        statement.span,
        place,
        lambda text: on_unix_lines(text, source.newline, lambda unix: _unwrapped(unix, indent)),
        inner=place,
        open_to=tuple(spans),
    )


def _end_with_comments(source: Source, statement: Statement) -> int:
    """The end of the statement's lines and of the comment lines that belong to its block."""
    end = after = source.line_end(statement.span.end)
    indent = source.indent(statement)
    while after < len(source.text):
        line_end = source.line_end(after)
        line = source.text[after:line_end]
        blank = len(line) - len(line.lstrip(" \t\f"))
        if line_end == after or (line.strip() and (not line.startswith(indent) or blank <= len(indent))):
            break
        after = line_end
        if line.strip():
            end = after
    return end


def _unwrapped(text: str, indent: str) -> str:
    tree = module(_WRAPPER + text if indent else text)
    outer = cast("cst.If", tree.body[0]).body if indent else None
    (node,) = cast("cst.IndentedBlock", outer).body if outer else tree.body
    if isinstance(node, cst.Try):
        blocks = [node.body, *(part.body for part in (node.orelse, node.finalbody) if part)]
    else:
        blocks = [cast("cst.With | cst.If", node).body]
    body: list[cst.BaseStatement] = []
    footer: list[cst.EmptyLine] = []
    for block in blocks:
        statements = _statements(block)
        first = statements[0]
        statements[0] = first.with_changes(
            leading_lines=[*footer, *_header(block), *cast("cst.SimpleStatementLine", first).leading_lines]
        )
        body += statements
        footer = list(block.footer) if isinstance(block, cst.IndentedBlock) else []
    if isinstance(outer, cst.IndentedBlock):
        unwrapped = outer.with_changes(body=body, footer=[*footer, *outer.footer])
        changed = tree.with_changes(body=[tree.body[0].with_changes(body=unwrapped)])
        return changed.code.removeprefix(_WRAPPER)
    return tree.with_changes(body=body, footer=[*footer, *tree.footer]).code


def _statements(block: cst.BaseSuite) -> list[cst.BaseStatement]:
    if isinstance(block, cst.SimpleStatementSuite):
        return [cst.SimpleStatementLine(block.body, trailing_whitespace=block.trailing_whitespace)]
    return list(cast("cst.IndentedBlock", block).body)


def _header(block: cst.BaseSuite) -> list[cst.EmptyLine]:
    comment = block.header.comment if isinstance(block, cst.IndentedBlock) else None
    return [cst.EmptyLine(comment=comment)] if comment else []
