"""How code treats a url as a text: lengths, comparisons, pages, logs."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrator.codemod.plan.answer.model import URL
from migrator.codemod.rewrite import Around

if TYPE_CHECKING:
    from migrator.catalog.model import Consumer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.model import Read
    from migrator.codemod.plan.part import FileEdit


_BEGINNING = re.compile(r"\^?data:(?!\s)")
_SHORT = 100
"""Characters that every url and every picture has."""


def shortened(read: Read, module: Module, call: ast.Call, consumer: Consumer) -> tuple[FileEdit, ...]:
    """Edits that keep all but the start of a picture out of a log; none where its name does not stand in the call."""
    assert read.trail is not None
    if not consumer.id.startswith("logg"):
        return ()
    urls = {state.node for state in read.trail.states if state.kind == URL and not state.path}
    found: list[FileEdit] = []
    for argument in call.args:
        plain = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
        for part in plain:
            node = part.value if isinstance(part, ast.FormattedValue) else part
            if isinstance(node, ast.Name) and node in urls:
                span = module.span(node)
                found.append((module.path, Around(span, span, "str(", f")[:{_SHORT}]")))
    return tuple(found)


def measures(module: Module, call: ast.AST | None) -> bool:
    """Whether the length of a text is compared with a limit that a url can keep and a picture cannot."""
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "len"):
        return False
    compare = module.parent(call)
    return isinstance(compare, ast.Compare) and any(
        not (isinstance(side, ast.Constant) and isinstance(side.value, int) and side.value < _SHORT)
        for side in (compare.left, *compare.comparators)
        if side is not call
    )


def compares_to_empty(compare: ast.Compare, node: ast.expr) -> bool:
    """Whether a value is only compared with nothing."""
    return all(
        isinstance(other, ast.Constant) and other.value in (None, "")
        for other in (compare.left, *compare.comparators)
        if other is not node
    )


def writes_text(call: ast.Call) -> bool:
    """``file.write(text)`` and ``path.write_text(text)`` keep a string, whatever it says."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in {
        "write", "write_text", "writelines", "writerow", "writerows",
    }  # fmt: skip


def is_page(read: Read) -> bool:
    """Whether the url is put into HTML or Markdown on its way."""
    assert read.trail is not None
    for state in read.trail.states:
        if state.kind == "text" and isinstance(state.node, (ast.JoinedStr, ast.BinOp, ast.Call)):
            for child in ast.walk(state.node):
                if isinstance(child, ast.Constant) and isinstance(child.value, str):
                    if any(mark in child.value for mark in ("<", "](", "{{")):
                        return True
    return False


def handles_data_uris(module: Module, node: ast.expr) -> bool:
    """Whether the function around a url already has a branch for ``data:`` URIs that does something with them."""
    function = module.function(node)
    if function is None:
        return False
    return any(
        isinstance(child, ast.Call)
        and isinstance(child.func, ast.Attribute)
        and child.func.attr in {"startswith", "match", "partition", "split", "sub"}
        and any(_starts_data_uri(argument) for argument in child.args)
        and _is_about(child, node)
        and not _refuses(module, child, node)
        for child in ast.walk(function)
    )


def _starts_data_uri(argument: ast.expr) -> bool:
    """A text that a ``data:`` URI begins with; ``"data: "`` is a line of server-sent events."""
    texts = argument.elts if isinstance(argument, ast.Tuple) else [argument]
    return any(
        isinstance(one, ast.Constant) and isinstance(one.value, str) and _BEGINNING.match(one.value)
        for one in texts
    )


def _is_about(call: ast.Call, node: ast.expr) -> bool:
    """Whether a test reads the same expression, however it is wrapped."""
    wanted = ast.dump(node)
    return any(ast.dump(child) == wanted for child in ast.walk(call))


def _refuses(module: Module, call: ast.Call, node: ast.expr) -> bool:
    """Whether the branch for ``data:`` URIs only leaves: ``raise``, ``continue``, ``return None``."""
    branch = module.parent(call)
    if not isinstance(branch, ast.If) or branch.test is not call:
        return False
    wanted = ast.dump(node)
    used = any(ast.dump(child) == wanted for statement in branch.body for child in ast.walk(statement))
    match branch.body[-1]:
        case ast.Raise():
            return True
        case ast.Continue() | ast.Break() | ast.Pass() | ast.Return(value=None):
            return not used
        case ast.Return(value=ast.Constant(value=value)):
            return not value and not used
    return False
