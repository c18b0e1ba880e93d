"""Pictures that a chat service takes as a file beside the message, in place of their url."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.codemod.plan.context import is_simple, literal
from migrator.codemod.plan.imports import import_as
from migrator.codemod.rewrite import AddArgument, Around, Replace
from migrator.codemod.rewrite import Arguments as CallEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.model import Consumer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import FileEdit
    from migrator.codemod.rewrite import Edit

_URL, _B64 = "url", "b64_json"


@dataclass(frozen=True, slots=True)
class Attaching:
    """Edits that attach a picture to a message which showed its url."""

    reads: frozenset[ast.expr]
    module: Module
    argument: ast.expr
    package: str
    consumer: Consumer
    carriers: tuple[ast.Call, ...]
    """The calls that send what shows the picture; none where the url is the message itself."""
    local: bool

    @property
    def replaces_read(self) -> bool:
        """Whether the place where the url is read goes away, so that nothing else is to be changed there."""
        return bool(self.carriers) and self.argument in self.reads

    def edits(self, form: str) -> tuple[FileEdit, ...]:
        """The edits when the url's place holds plain base64 (``b64``), a data URI or a path (``file``)."""
        module, path = self.module, self.module.path
        form = "b64" if self.replaces_read else form
        wrapper, added = import_as(module, self.package)
        buffer, buffered = import_as(module, "io")
        bound, imported = import_as(module, "pathlib" if form == "file" else "base64")
        before, after = {
            "b64": (f"{bound}.b64decode(", ")"),
            "file": (f"{bound}.Path(", ").read_bytes()"),
        }.get(form, (f"{bound}.b64decode(", f".partition({literal(',', module)})[2])"))
        name = literal(self.consumer.attachment.rpartition("/")[2], module)
        before = f"{wrapper}.{self.consumer.bytes_wrapper}({buffer}.BytesIO({before}"
        after = f"{after}), {name})"
        edits: list[Edit] = [added, buffered, imported]
        span = module.span(self.argument)
        keyword = self.consumer.bytes_argument or ""
        if not self.carriers:
            edits.append(Around(span, span, f"{keyword}={before}", after))
            return tuple((path, edit) for edit in edits)
        source = module.source(self.argument)
        if self.replaces_read:
            source = source[: -len(_URL)] + _B64
        edits.append(Replace(span, literal(self.consumer.attachment, module)))
        for call in self.carriers:
            argument = AddArgument(keyword, f"{before}{source}{after}")
            edits.append(CallEdit(module.span(call), (argument,)))
        return tuple((path, edit) for edit in edits)


def attaching(
    module: Module,
    call: ast.Call,
    argument: ast.expr,
    consumer: Consumer,
    package: str,
    reads: frozenset[ast.expr],
) -> Attaching | None:
    """How to attach a picture whose url ``call`` gets as ``argument``, or ``None`` where that is not plain."""
    function = module.function(call)
    local = all(read in module.parents and module.function(read) is function for read in reads)
    if not consumer.carried_as:
        plain = call.args == [argument] and _is_free(call, consumer)
        return Attaching(reads, module, argument, package, consumer, (), local) if plain else None
    if not is_simple(argument) or not _is_bound_once(module, argument):
        return None
    if argument in reads and not (isinstance(argument, ast.Attribute) and argument.attr == _URL):
        return None
    carriers = tuple(_carriers(module, call, consumer))
    if not carriers or not all(
        _is_free(one, consumer) and _comes_after(module, call, one) for one in carriers
    ):
        return None
    return Attaching(reads, module, argument, package, consumer, carriers, local)


def _is_free(call: ast.Call, consumer: Consumer) -> bool:
    """Whether a call is one that sends, without files or keywords that cannot be seen."""
    names = {keyword.arg for keyword in call.keywords}
    sends = isinstance(call.func, ast.Attribute) and call.func.attr in consumer.carried_by
    argument = consumer.bytes_argument
    return sends and not names & {argument, f"{argument}s", None}


def _carriers(module: Module, call: ast.Call, consumer: Consumer) -> Iterator[ast.Call]:
    """The calls that send the object whose method ``call`` is; nothing where it also goes elsewhere."""
    outer: ast.expr = call
    parent = module.parent(outer)
    while isinstance(parent, ast.Attribute) and isinstance(module.parent(parent), ast.Call):
        outer = module.parent(parent)  # type: ignore[assignment]
        parent = module.parent(outer)
    if isinstance(parent, ast.keyword):
        sender = module.parent(parent)
        if parent.arg == consumer.carried_as and isinstance(sender, ast.Call):
            yield sender
        return
    root = call.func
    while isinstance(root, (ast.Attribute, ast.Call)):
        root = root.value if isinstance(root, ast.Attribute) else root.func
    if (
        isinstance(parent, ast.Assign)
        and len(parent.targets) == 1
        and isinstance(parent.targets[0], ast.Name)
    ):
        uses = [use for b in module.scope_at(parent).bindings.get(parent.targets[0].id, ()) for use in b.uses]
    elif isinstance(parent, ast.Expr) and isinstance(root, ast.Name) and _is_bound_once(module, root):
        uses = [use for binding in module.bindings(root) for use in binding.uses]
    else:
        return
    found: list[ast.Call] = []
    for use in uses:
        place = module.parent(use)
        sender = module.parent(place) if isinstance(place, ast.keyword) else None
        if isinstance(place, ast.Attribute):
            continue
        if (
            isinstance(place, ast.keyword)
            and place.arg == consumer.carried_as
            and isinstance(sender, ast.Call)
        ):
            found.append(sender)
        else:
            return
    yield from found


def _is_bound_once(module: Module, node: ast.expr) -> bool:
    """Whether the name that an expression starts with means one thing wherever it is read."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    bindings = module.bindings(node) if isinstance(node, ast.Name) else ()
    return len(bindings) == 1 and all(len(one.scope.bindings.get(one.name, ())) == 1 for one in bindings)


def _comes_after(module: Module, call: ast.Call, sender: ast.Call) -> bool:
    """Whether whatever sends has always passed the call before."""
    if module.function(call) is not module.function(sender):
        return False
    if (
        module.span(sender).start < module.span(call).start
        and not module.span(call).start < module.span(sender).end
    ):
        return False
    node: ast.AST | None = module.statement(call)
    while node is not None:
        block = module.parent(node)
        above: ast.AST | None = sender
        while above is not None and above is not block:
            above = module.parent(above)
        if above is block:
            return True
        if not (isinstance(block, ast.Try) and node in block.body and all(map(_leaves, block.handlers))):
            return False
        node = block
    return False


def _leaves(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))
