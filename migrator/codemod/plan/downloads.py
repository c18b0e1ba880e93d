"""Downloads of a picture: replaced by decoding it, or taught to read a ``data:`` URI."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant, Mark
from migrator.codemod.plan import helpers
from migrator.codemod.plan.answer_uses import AnswerUses
from migrator.codemod.plan.imports import import_as, with_imports
from migrator.codemod.rewrite import AddHelper, Around, Replace
from migrator.types import Span

if TYPE_CHECKING:
    from migrator.catalog.downloads import Downloads
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import FileEdit


@dataclass(frozen=True, slots=True)
class Download:
    """A call that fetches a url. ``library`` selects the helper; ``method_first``: the url is the second argument."""

    module: Module
    call: ast.Call
    argument: ast.expr
    library: str
    awaited: bool
    shift: int = 0
    """Arguments of a runner that come before the url: ``to_thread(requests.get, url)`` has one."""
    streams: bool = False
    """Whether what holds the bytes is a stream."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """Edits that replace a download by decoding, for a url that only ever holds a migrated picture."""

    reads: frozenset[ast.expr]
    target: ast.expr
    argument: ast.expr
    module: Module
    rest: tuple[FileEdit, ...]
    local: bool = True
    """Whether the url never leaves the function in which it is read."""
    around: tuple[str, str] = ("", "")
    """What stands before and after the decoded bytes."""

    def edits(self, form: str) -> tuple[FileEdit, ...]:
        """The edits when the variable holds plain base64 (``b64``), a data URI or a path (``file``)."""
        module = self.module
        span, hole = module.span(self.target), module.span(self.argument)
        bound, imported = import_as(module, "pathlib" if form == "file" else "base64")
        before, after = {
            "b64": (f"{bound}.b64decode(", ")"),
            "file": (f"{bound}.Path(", ").read_bytes()"),
        }.get(form, (f"{bound}.b64decode(", '.partition(",")[2])'))
        around = Around(span, hole, self.around[0] + before, after + self.around[1])
        return ((module.path, around), (module.path, imported), *self.rest)


def status_read(facts: Downloads, module: Module, call: ast.expr) -> ast.expr | None:
    """Where the function around a download asks its answer for the status, which a ``data:`` URI does not have."""
    asked = facts.status_of_data_uri
    around = module.function(call) or module.tree
    for node in ast.walk(around):
        if isinstance(node, ast.Attribute) and node.attr in asked and isinstance(node.ctx, ast.Load):
            return node
    return None


def decoding(facts: Downloads, marked: Tracer, plain: Tracer, download: Download) -> Decoding | None:
    """How to replace a download, or ``None`` if that cannot be done piece by piece."""
    module, call = download.module, download.call
    reads = pure_reads(marked, module, download.argument)
    if not reads or download.shift:
        return None
    if _is_handed_in(module, download.argument):
        return None
    target: ast.expr = call
    parent = module.parent(call)
    if isinstance(parent, ast.Await):
        target = parent
    elif download.awaited:
        return None
    uses = AnswerUses(facts, plain, module, target, streams=download.streams)
    if not uses.simple:
        return None
    function = module.function(call)
    local = all(read in module.parents and module.function(read) is function for read in reads)
    return Decoding(reads, target, download.argument, module, tuple(uses.edits), local)


def _is_handed_in(module: Module, node: ast.expr) -> bool:
    """Whether a url reaches its function as a parameter: such helpers keep reading ordinary urls."""
    root: ast.expr = node
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    if not isinstance(root, ast.Name):
        return False
    for binding in module.bindings(root):
        if binding.kind == "parameter":
            return root is node or not _is_self(binding.node, module)
        if binding.value is not None and binding.value is not node and _is_handed_in(module, binding.value):
            return True
    return False


def _is_self(node: ast.AST, module: Module) -> bool:
    function = module.parent(module.parents[node])
    return (
        isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        and module.enclosing_class(function) is not None
        and bool(function.args.args)
        and function.args.args[0] is node
    )


def pure_reads(marked: Tracer, module: Module, node: ast.expr) -> frozenset[ast.expr]:
    """The url reads that alone can reach an expression; empty if anything else can."""
    found: set[ast.expr] = set()
    for origin in marked.origins(module, node):
        if isinstance(origin, Mark):
            found.add(origin.node)
        elif isinstance(origin, Constant) and not origin.node.value:
            continue
        else:
            return frozenset()
    return frozenset(found)


def teaching(facts: Downloads, download: Download, form: str, picture: str) -> tuple[FileEdit, ...] | None:
    """Edits that make a download read a picture that it is given, and ordinary urls as before.

    ``form`` says what stands for the picture: ``data-uri`` or ``file``; ``picture`` is its format.
    """
    module, call = download.module, download.call
    found = helpers.fetcher(download.library, form, picture)
    first_url = 1 if download.library in facts.method_first else 0
    # the helpers pass on keywords only
    if found is None or len(call.args) - download.shift > first_url + 1:
        return None
    code, imports, name = found
    name, code = helpers.placed(module, name, code)
    code, import_edits = with_imports(module, code, imports)
    edits: list[FileEdit] = [(module.path, AddHelper(code))]
    edits.extend(import_edits)
    if download.shift:
        # a runner calls it: the helper takes the place of the callable, which becomes its first argument
        place = module.span(call.args[download.shift - 1]).start
        edits.append((module.path, Replace(Span(place, place), f"{name}, ")))
        return tuple(edits)
    if any(given is download.argument and position != first_url for position, given in enumerate(call.args)):
        return None
    start, end = module.span(call.func).start, module.span(call.func).end
    first = min([module.span(a).start for a in call.args] + [module.span(k).start for k in call.keywords])
    opening = module.file.text[end:first]
    if opening.strip() != "(":
        return None
    edits.append((module.path, Replace(Span(start, first), f"{name}{opening}{module.source(call.func)}, ")))
    return tuple(edits)
