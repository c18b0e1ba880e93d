"""How code treats a url as a text: lengths, comparisons, pages, logs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.answer.model import URL
from migrator.codemod.rewrite import Around

if TYPE_CHECKING:
    from migrator.catalog.model import Consumer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.model import Read
    from migrator.codemod.plan.part import FileEdit


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
    """Whether the function around a url already has a branch for ``data:`` URIs."""
    function = module.function(node)
    if function is None:
        return False
    for child in ast.walk(function):
        if (
            isinstance(child, ast.Call)
            and isinstance(child.func, ast.Attribute)
            and child.func.attr in {"startswith", "match", "partition", "split", "sub"}
            and any(
                isinstance(a, ast.Constant)
                and isinstance(a.value, str)
                and a.value.lstrip("^").startswith("data:")
                for argument in child.args
                for a in (argument.elts if isinstance(argument, ast.Tuple) else [argument])
            )
        ):
            return True
    return False
