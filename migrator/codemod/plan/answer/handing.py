"""How a consumer that took a url gets the bytes of the picture: as they are, as a file object, in a class of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.codemod.plan.context import literal
from migrator.codemod.plan.downloads import Decoding
from migrator.codemod.plan.imports import import_as, name_as
from migrator.codemod.rewrite import Replace
from migrator.types import Span

if TYPE_CHECKING:
    import ast

    from migrator.catalog.model import Consumer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import FileEdit


def handing_over(
    module: Module, call: ast.Call, node: ast.expr, consumer: Consumer, reads: frozenset[ast.expr], name: str
) -> Decoding | None:
    """Decode the picture where ``call`` gets its url as ``node``; ``None`` where the call says more than that.

    ``name`` is the file name for consumers that want one.
    """
    before = after = ""
    added: list[FileEdit] = []
    if consumer.bytes_form == "file":
        bound, imported = import_as(module, "io")
        before, after = f"{bound}.BytesIO(", ")"
        added.append((module.path, imported))
    if consumer.bytes_call is not None:
        named = _name_argument(module, call, node, name) if consumer.replaces_call else literal(name, module)
        if named is None:
            return None
        written, wanted = name_as(module, consumer.bytes_call)
        before, after = f"{written}({before}", f"{after}, {named})"
        if wanted is not None:
            added.append((module.path, wanted))
    target = call if consumer.replaces_call else node
    return Decoding(reads, target, node, module, tuple(added), around=(before, after))


def _name_argument(module: Module, call: ast.Call, node: ast.expr, name: str) -> str | None:
    """The file name that a call which only wraps a url gives already, or ``name``."""
    keywords = {keyword.arg: keyword.value for keyword in call.keywords if keyword.value is not node}
    if [one for one in call.args if one is not node] or not keywords.keys() <= {"filename"}:
        return None
    given = keywords.get("filename")
    return literal(name, module) if given is None else f"filename={module.source(given)}"


def as_keyword(module: Module, call: ast.Call, node: ast.expr, name: str) -> tuple[FileEdit, ...]:
    """Edits that hand ``node`` to ``call`` by the keyword ``name``; none where something else stands beside it."""
    keywords = {keyword.arg: keyword for keyword in call.keywords}
    given = next((one for one in call.keywords if one.value is node), None)
    if [one for one in call.args if one is not node] or not keywords.keys().isdisjoint({name, None}):
        return ()
    start = module.span(node).start
    first = start if given is None else module.span(given).start
    return ((module.path, Replace(Span(first, start), f"{name}=")),)
