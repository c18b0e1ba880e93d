"""How the reading of a url is spelled once it reads base64, a data: URI or a file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan import helpers
from migrator.codemod.plan.answer.model import B64, URL
from migrator.codemod.plan.context import quote_of
from migrator.codemod.plan.imports import with_imports
from migrator.codemod.plan.legacy.answer import read_as
from migrator.codemod.rewrite import AddHelper, Around, Replace, string_literal
from migrator.types import Span

if TYPE_CHECKING:
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.answer.model import Read
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import FileEdit


def read_edits(context: Context, read: Read, kind: str) -> tuple[FileEdit, ...] | None:
    """The edits that read ``kind`` (b64, data-uri, file) in the place of a url; ``None`` where that is not plain."""
    module, node = read.module, read.node
    value, rename = _renamed(module, node)
    if read.site.dialect == "legacy" and context.sdk == "latest":
        rename = read_as(module, node, f".{B64}")
    if rename is None:
        return None
    if kind == "b64":
        return ((module.path, rename),)
    if kind == "file":
        folder = context.url_folder
        name, code = helpers.placed(
            module, helpers.SAVE, helpers.save_helper(folder, context.picture).strip("\n")
        )
        code, imports = with_imports(module, code, ("base64", "pathlib", "uuid"))
        before, after = f"{name}(", ")"
        return (
            (module.path, rename),
            (module.path, Around(module.span(node), module.span(node), before, after)),
            (module.path, AddHelper(code)),
            *imports,
        )
    del value
    prefix = f"data:image/{context.picture};base64,"
    parent = module.parent(node)
    span = module.span(node)
    text = module.file.text
    if isinstance(parent, ast.FormattedValue) and parent.conversion == -1 and parent.format_spec is None:
        brace = span.start - 1
        while brace >= 0 and text[brace] in " \t":
            brace -= 1
        end = span.end
        while end < len(text) and text[end] in " \t":
            end += 1
        if text[brace] == "{" and text[end : end + 1] == "}":
            return ((module.path, rename), (module.path, Replace(Span(brace, brace), prefix)))
    inside = in_fstring(module, node)
    source = module.source(node)
    plain = (
        not any(mark in source for mark in "'\"\\\n\r{}#")
        and isinstance(node, ast.Attribute)
        and not inside
        and not any(isinstance(child, ast.Call) for child in ast.walk(node))  # a change there may add quotes
    )
    if plain:
        quote = quote_of(module)
        around = Around(span, span, f"f{quote}{prefix}{{", f"}}{quote}")
    else:
        quote = quote_of(module)
        if inside:
            quote = "'" if '"' in inside else '"'
        before, after = f"{quote}{prefix}{quote} + ", ""
        if needs_parentheses(module, node):
            before, after = f"({before}", ")"
        around = Around(span, span, before, after)
    return ((module.path, rename), (module.path, around))


def _renamed(module: Module, node: ast.expr) -> tuple[ast.expr | None, Replace | None]:
    """The edit that reads ``b64_json`` instead of ``url``, in whatever way the url was read."""
    match node:
        case ast.Attribute(value=value):
            span = module.span(node)
            name = Span(span.end - len(URL), span.end)
            if module.file.text[name.start : name.end] != URL:
                return None, None
            return value, Replace(name, B64)
        case ast.Subscript(value=value, slice=ast.Constant() as key):
            return value, Replace(module.span(key), string_literal(B64, module.source(key)))
        case ast.Call(args=args):
            for argument in args:
                if isinstance(argument, ast.Constant) and argument.value == URL:
                    return node, Replace(module.span(argument), string_literal(B64, module.source(argument)))
    return None, None


def in_fstring(module: Module, node: ast.AST) -> str:
    """The opening of the f-string around a node, prefix and quote, or an empty text."""
    parent = module.parent(node)
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.JoinedStr):
            source = module.source(parent)
            return (
                source[: source.find('"') + 1]
                if source.rstrip().endswith('"')
                else source[: source.find("'") + 1]
            )
        parent = module.parent(parent)
    return ""


def needs_parentheses(module: Module, node: ast.expr) -> bool:
    """Whether an operator expression in this place would be read differently."""
    parent = module.parent(node)
    if isinstance(
        parent, (ast.Assign, ast.AnnAssign, ast.Return, ast.keyword, ast.List, ast.Tuple, ast.Set, ast.Dict)
    ):
        return False
    if isinstance(parent, ast.Call):
        return parent.func is node
    if isinstance(parent, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.Expr, ast.Yield, ast.NamedExpr)):
        return False
    return not isinstance(parent, (ast.FormattedValue, ast.If, ast.While))
