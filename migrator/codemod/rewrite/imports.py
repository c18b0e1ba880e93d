"""Imports and helper functions at the top of a module."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, cast

from migrator.types import Span

from .displays import drop_aliases
from .edits import AddHelper, AddImport, DropImport, EditConflict
from .nodes import on_unix_lines, parse_ast
from .pieces import Piece
from .statements import drop_pieces, indented

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .edits import ModuleEdit
    from .source import Source, Statement

_DIRECTIVE = re.compile(r"#!|#.*coding[:=]")
_DEFINITION = re.compile(r"@|(?:async\s+)?def\s|class\s")
_COMMENT_LINE = re.compile(r"#[^\r\n]*(?:\r\n|\r|\n|\Z)")


def module_pieces(source: Source, edits: Sequence[ModuleEdit], first: int) -> tuple[list[Piece], list[Piece]]:
    """The pieces of these edits: those that sit on statements, and those that sit between them.

    An import behind ``first``, where other edits start, comes too late to count as there.
    """
    wanted = {edit for edit in edits if isinstance(edit, AddImport)}
    kept = {_bound(edit) for edit in wanted}
    drops = [edit for edit in edits if isinstance(edit, DropImport) and (edit.span or edit.name not in kept)]
    missing = sorted((edit for edit in wanted if not _exists(source, edit, first)), key=_key_of)
    helpers = [edit for edit in edits if isinstance(edit, AddHelper) and not _defined(source, edit)]
    _check_names(helpers)
    whole, partly = _dropping(source, drops)
    gone = drop_pieces(source, whole)
    top = _Top(source, {id(statement) for statement in whole}, [piece.place for piece in gone])
    return gone + partly, top.adding(missing, helpers)


class _Top:
    """The top of a module from which some statements (``dropped``) and their lines (``gone``) go away."""

    def __init__(self, source: Source, dropped: set[int], gone: list[Span]) -> None:
        self.source = source
        self.dropped = dropped
        self.gone = gone

    def adding(self, missing: list[AddImport], helpers: list[AddHelper]) -> list[Piece]:
        """The pieces that add imports and helpers."""
        source, run = self.source, self._kept(_leading_imports(self.source))
        top = self._replaced_import() if not run else None
        top = _top(source) if top is None else top
        section = self._kept(_import_section(source))
        below = _line_behind(source, section[-1]) if section else top
        bodies = [_helper_text(source, helper) for helper in helpers]
        pieces: list[Piece] = []
        if run:
            pieces += _joining(source, run, missing)
        elif missing:
            lines = "".join(_statement_text(edit) + source.newline for edit in missing)
            if below == top:
                return [self._alone(top, [lines, *bodies], (*missing, *helpers))]
            pieces.append(self._alone(top, [lines], tuple(missing)))
        if bodies:
            pieces.append(self._alone(below, bodies, tuple(helpers)))
        return pieces

    def _kept(self, statements: list[Statement]) -> list[Statement]:
        return [statement for statement in statements if id(statement) not in self.dropped]

    def _replaced_import(self) -> int | None:
        """The place of the first leading import, when all of them go away."""
        run = _leading_imports(self.source)
        return self.source.line_start(run[0]) if run else None

    def _alone(self, offset: int, blocks: list[str], edits: tuple[ModuleEdit, ...]) -> Piece:
        """Blocks between what ends and what starts at ``offset``, with the blank lines of PEP 8."""
        newline = self.source.newline
        above, below = self._left(0, offset), self._left(offset, len(self.source.text))
        parts = []
        if above.strip():
            have = _blank_lines(reversed(above.splitlines()))
            parts.append("" if above.endswith(("\n", "\r")) else newline)
            parts.append(newline * max(0, (2 if _DEFINITION.match(blocks[0]) else 1) - have))
        parts.append((newline * 2).join(blocks))
        if below.strip():
            have = _blank_lines(below.splitlines())
            loud = _DEFINITION.match(blocks[-1]) or _DEFINITION.match(below.lstrip())
            parts.append(newline * max(0, (2 if loud else 1) - have))
        text, place = "".join(parts), Span(offset, offset)
        return Piece(edits, place, place, lambda _: text, order=9, point=True)

    def _left(self, start: int, end: int) -> str:
        """What stays of a part of the text."""
        parts = []
        for place in sorted(self.gone):
            if start <= place.start < end:
                parts.append(self.source.text[start : place.start])
                start = min(place.end, end)
        return "".join((*parts, self.source.text[start:end]))


def _blank_lines(lines: Iterable[str]) -> int:
    return sum(1 for _ in takewhile(lambda line: not line.strip(), lines))


def _top(source: Source) -> int:
    """Where the first import of a module belongs: behind the header, the docstring and the futures."""
    statements = source.module_block.statements
    after: Statement | None = None
    for statement in statements:
        if not (_is_docstring(statement) or _is_future(statement)):
            break
        after = source.line_of(statement)[-1]
    if after is not None:
        return source.line_end(after.span.end)
    offset = 0
    header = 0
    while match := _COMMENT_LINE.match(source.text, offset):
        offset = match.end()
        if _DIRECTIVE.match(match.group()):
            header = offset
    # Comments that touch the code below belong to it, unless a blank line sets them apart.
    apart = source.blank_lines_after(offset) or offset == len(source.text)
    return offset if apart else header


def _leading_imports(source: Source) -> list[Statement]:
    """The first run of imports, if only the docstring, ``__future__`` and constants stand before it."""
    run: list[Statement] = []
    for statement in source.module_block.statements:
        if isinstance(statement.node, (ast.Import, ast.ImportFrom)):
            if not _is_future(statement):
                run.append(statement)
        elif run or not (_is_docstring(statement) or _is_constant(statement.node)):
            break
    return [statement for statement in run if source.starts_line(statement)]


def _import_section(source: Source) -> list[Statement]:
    """The leading imports, those that are tried or for type checkers included."""
    found: list[Statement] = []
    for statement in source.module_block.statements:
        if isinstance(statement.node, (ast.Import, ast.ImportFrom)) or _guards_imports(statement.node):
            found.append(statement)
        elif not _is_docstring(statement) and (found or not _is_constant(statement.node)):
            break
    return found


def _guards_imports(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Try, ast.If)) and any(
        isinstance(child, (ast.Import, ast.ImportFrom)) for child in node.body
    )


def _joining(source: Source, run: list[Statement], edits: Iterable[AddImport]) -> list[Piece]:
    """New imports among the existing ones, in the section and at the place where a person would put them."""
    sections = _sections(source, run)
    places: dict[tuple[int, str], list[AddImport]] = defaultdict(list)
    for edit in edits:
        wanted = _rank(edit.module)
        own = next(
            (section for section in sections if any(_rank_of(item) == wanted for item in section)), None
        )
        later = next((section for section in sections if _rank_of(section[0]) > wanted), None)
        if own is not None:
            before, behind = _place(own, edit)
            offset = source.line_start(before) if before else _line_behind(source, behind)
            # What comes behind one import precedes what comes before the next.
            places[offset, "2 before" if before else "0 behind"].append(edit)
        elif later is not None:
            places[_above(source, later[0]), "3 section above"].append(edit)
        else:
            places[_line_behind(source, sections[-1][-1]), "1 section below"].append(edit)
    return [_lines(source, offset, kind, members) for (offset, kind), members in places.items()]


def _lines(source: Source, offset: int, kind: str, edits: list[AddImport]) -> Piece:
    newline = source.newline
    lines = newline.join(_statement_text(edit) for edit in edits) + newline
    if kind == "1 section below":
        lines = newline + lines
    elif kind == "3 section above":
        lines += newline
    if offset and not source.text[:offset].endswith(("\n", "\r")):
        lines = newline + lines.removesuffix(newline)
    place = Span(offset, offset)
    return Piece(tuple(edits), place, place, lambda _: lines, order=int(kind[0]), point=True)


def _line_behind(source: Source, statement: Statement) -> int:
    return source.line_end(source.line_of(statement)[-1].span.end)


def _sections(source: Source, run: list[Statement]) -> list[list[Statement]]:
    sections: list[list[Statement]] = []
    for statement in run:
        start = source.line_start(statement)
        previous = sections[-1][-1] if sections else None
        between = source.text[previous.span.end : start] if previous else ""
        if previous is None or any(not line.strip() for line in between.splitlines()[1:]):
            sections.append([])
        sections[-1].append(statement)
    return sections


def _place(section: list[Statement], edit: AddImport) -> tuple[Statement | None, Statement]:
    """The import before which the new one goes, if any, and the one behind which it goes otherwise."""
    modules = [_module_of(item).lower() for item in section]
    plain = [isinstance(item.node, ast.Import) for item in section]
    new = edit.module.lower()
    mixed = any(later and not sooner for sooner, later in pairwise(plain))
    if mixed and modules == sorted(modules):
        return _bisect(section, modules, new), section[-1]
    same = [index for index, kind in enumerate(plain) if kind == (edit.name is None)]
    if not same:
        return (section[0] if edit.name is None else None), section[-1]
    keys = [modules[index] for index in same]
    if mixed or keys != sorted(keys):
        return None, section[-1]
    group = [section[index] for index in same]
    return _bisect(group, keys, new), group[-1]


def _bisect(group: list[Statement], keys: list[str], new: str) -> Statement | None:
    return next((item for item, key in zip(group, keys, strict=True) if key > new), None)


def _above(source: Source, statement: Statement) -> int:
    """The start of the statement's line, or of the comment that heads its section."""
    offset = start = source.line_start(statement)
    while start:
        above = source.start_of_line(start - 1)
        if not source.text.startswith("#", above):
            return start
        start = above
    return offset


def _rank(module: str) -> int:
    if module.startswith("."):
        return 2
    return 0 if module.partition(".")[0] in sys.stdlib_module_names else 1


def _rank_of(statement: Statement) -> int:
    return _rank(_module_of(statement))


def _module_of(statement: Statement) -> str:
    node = statement.node
    if isinstance(node, ast.ImportFrom):
        return "." * node.level + (node.module or "")
    return cast("ast.Import", node).names[0].name


def _statement_text(edit: AddImport) -> str:
    names = f"{edit.name or edit.module}" + (f" as {edit.alias}" if edit.alias else "")
    return f"from {edit.module} import {names}" if edit.name else f"import {names}"


def _key_of(edit: AddImport) -> tuple[int, bool, str, str]:
    return _rank(edit.module), edit.name is not None, edit.module.lower(), edit.name or ""


def _bound(edit: AddImport) -> str:
    return edit.alias or edit.name or edit.module.partition(".")[0]


def _exists(source: Source, edit: AddImport, first: int) -> bool:
    for statement in source.module_block.statements:
        node = statement.node
        if statement.span.start > first:
            return False
        if isinstance(node, ast.Import) and edit.name is None:
            found = any(item.name == edit.module and item.asname == edit.alias for item in node.names)
        elif isinstance(node, ast.ImportFrom) and edit.name is not None:
            module = "." * node.level + (node.module or "")
            found = module == edit.module and any(
                item.name == edit.name and item.asname == edit.alias for item in node.names
            )
        else:
            found = False
        if found:
            return True
    return False


def _dropping(source: Source, edits: Iterable[DropImport]) -> tuple[list[Statement], list[Piece]]:
    """The import statements that go, and the pieces for those that lose some of their names."""
    gone: dict[Statement, set[int]] = defaultdict(set)
    for edit in edits:
        candidates = source.module_block.statements if edit.span is None else [source.statement(edit.span)]
        for statement in candidates:
            if isinstance(statement.node, (ast.Import, ast.ImportFrom)):
                gone[statement] |= {
                    index for index, item in enumerate(statement.node.names) if _binds(item, edit.name)
                }
    whole: list[Statement] = []
    pieces: list[Piece] = []
    for statement, indexes in gone.items():
        names = cast("ast.Import | ast.ImportFrom", statement.node).names
        if len(indexes) == len(names):
            whole.append(statement)
        elif indexes:
            pieces.append(_partly(source, statement, indexes))
    return whole, pieces


def _partly(source: Source, statement: Statement, indexes: set[int]) -> Piece:
    text = source.text[statement.span.start : statement.span.end]
    changed = on_unix_lines(text, source.newline, lambda unix: drop_aliases(unix, indexes))
    edits = tuple(DropImport(str(index), statement.span) for index in sorted(indexes))
    return Piece(edits, statement.span, statement.span, lambda _: changed)


def _binds(item: ast.alias, name: str) -> bool:
    if item.asname is not None:
        return item.asname == name
    return name in (item.name, item.name.partition(".")[0])


def _helper_text(source: Source, helper: AddHelper) -> str:
    return indented([helper.code.strip("\r\n")], "", source.unit, source.newline)


def _check_names(helpers: Sequence[AddHelper]) -> None:
    """Two helpers of one name would be one: the last. Raises EditConflict."""
    seen: dict[str, AddHelper] = {}
    for helper in helpers:
        name = _function(helper).name
        if seen.setdefault(name, helper) != helper:
            msg = f"two different helpers are called {name}"
            raise EditConflict(msg, helper)


def _function(helper: AddHelper) -> ast.FunctionDef | ast.AsyncFunctionDef:
    body = parse_ast(helper.code).body
    found = body[0] if len(body) == 1 else None
    if not isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)):
        msg = "a helper is one function definition"
        raise EditConflict(msg, helper)
    return found


def _defined(source: Source, helper: AddHelper) -> bool:
    """Whether the helper is there already.

    Raises:
        EditConflict: its name is taken by something else.
    """
    new = _function(helper)
    for node in source.tree.body:
        if new.name in _names(node):
            if ast.unparse(node) == ast.unparse(new):
                return True
            msg = f"the name {new.name} is taken"
            raise EditConflict(msg, helper)
    return False


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {item.asname or item.name.partition(".")[0] for item in node.names}
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        return {
            name.id
            for name in ast.walk(node)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        }
    return set()


def _is_docstring(statement: Statement) -> bool:
    node = statement.node
    return (
        statement.index == 0
        and isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_constant(node: ast.stmt) -> bool:
    """Whether the statement only names literals, so that nothing it does could need a new import."""
    literal = (ast.Constant, ast.List, ast.Tuple, ast.Load)
    return isinstance(node, ast.Assign) and all(isinstance(part, literal) for part in ast.walk(node.value))


def _is_future(statement: Statement) -> bool:
    return isinstance(statement.node, ast.ImportFrom) and statement.node.module == "__future__"
