"""File names that code takes from the text of a url: a ``data:`` URI has none, so it gets one of its own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from migrator.codemod.plan.context import is_simple, literal
from migrator.codemod.plan.imports import import_as
from migrator.codemod.rewrite import Around

if TYPE_CHECKING:
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import FileEdit

Kind = Literal["url", "split", "path", "name", "pair", "extension", "bare"]
"""What an expression made of a url is; ``bare`` is an extension without its dot, ``pair`` stem and extension."""
_PATHS = {"urllib.parse.urlparse", "urllib.parse.urlsplit"}
_FILES = {"pathlib.Path", "pathlib.PurePath", "pathlib.PurePosixPath"}


def named_anew(tracer: Tracer, module: Module, url: ast.expr, picture: str) -> tuple[FileEdit, ...]:
    """Edits that give a picture a file name, or an extension, where code takes it from ``url``; none if it does not.

    ``picture`` is the format of pictures, such as ``png``.
    """
    if not is_simple(url):
        return ()
    node: ast.expr | None = url
    found: tuple[ast.expr, Kind] | None = None
    while node is not None:
        kind = _kind(tracer, module, node, url)
        if kind in {"name", "extension", "bare"}:
            found = node, kind
        node = _outer(module, node)
    if found is None or _leads_on(module, found[0]):
        return ()
    node, kind = found
    source, span = module.source(url), module.span(node)
    edits: list[FileEdit] = []
    ending = picture if kind == "bare" else f".{picture}"
    own = literal(ending, module)
    if kind == "name":
        bound, added = import_as(module, "hashlib")
        edits.append((module.path, added))
        own = f"{bound}.sha256({source}.encode()).hexdigest()[:16] + {own}"
    test = f"{source}.startswith({literal('data:', module)})"
    edits.append((module.path, Around(span, span, f"({own} if {test} else ", ")")))
    return tuple(edits)


def _leads_on(module: Module, node: ast.expr) -> bool:
    """Whether more is taken out of a text, in a way that is none of the usual ones."""
    return (
        isinstance(module.parent(node), (ast.Attribute, ast.Subscript)) and _outer(module, node) is not None
    )


def _outer(module: Module, node: ast.expr) -> ast.expr | None:
    """The expression around one that still works on the same text."""
    parent = module.parent(node)
    match parent:
        case ast.Attribute(value=value, attr="split" | "rsplit" | "path" | "name" | "suffix") if (
            value is node
        ):
            return parent
        case ast.Subscript(value=value, slice=ast.Constant() | ast.UnaryOp()) if value is node:
            return parent
        case ast.Call(func=func) if func is node and isinstance(node, ast.Attribute):
            return parent
        case ast.Call(args=[one], keywords=[]) if one is node:
            name = (
                parent.func.attr if isinstance(parent.func, ast.Attribute) else getattr(parent.func, "id", "")
            )
            known = {
                "urlparse",
                "urlsplit",
                "unquote",
                "basename",
                "splitext",
                "Path",
                "PurePath",
                "PurePosixPath",
            }
            return parent if name in known else None
    return None


def _kind(tracer: Tracer, module: Module, node: ast.expr, url: ast.expr) -> Kind | None:
    """What an expression is, or ``None`` where that is none of the usual ways to a file name."""
    if node is url:
        return "url"
    match node:
        case ast.Attribute(value=ast.Call(func=callee, args=[inner]), attr=attr):
            called = tracer.qualified(module, callee)
            of = _kind(tracer, module, inner, url)
            if called in _PATHS and attr == "path" and of == "url":
                return "path"
            if called in _FILES and of in {"url", "path", "name"}:
                return "name" if attr == "name" else "extension" if attr == "suffix" else None
        case ast.Call(func=callee, args=[inner], keywords=[]) if not isinstance(inner, ast.Constant):
            called = tracer.qualified(module, callee)
            of = _kind(tracer, module, inner, url)
            if called == "urllib.parse.unquote":
                return of
            if called == "os.path.basename" and of in {"url", "path", "name"}:
                return "name"
            if called == "os.path.splitext" and of in {"url", "path", "name"}:
                return "pair"
        case ast.Subscript(
            value=ast.Call(func=ast.Attribute(value=inner, attr="split" | "rsplit"), args=[mark, *_])
        ):
            of, at = _kind(tracer, module, inner, url), _position(node.slice)
            by = mark.value if isinstance(mark, ast.Constant) else None
            if by in {"?", "#"} and at == 0 and of in {"url", "path", "name"}:
                return "name" if of == "name" else "path"
            if by == "/" and at == -1 and of in {"url", "path"}:
                return "name"
            if by == "." and at == -1 and of in {"url", "path", "name"}:
                return "bare"
        case ast.Subscript(value=inner) if _position(node.slice) in {1, -1}:
            return "extension" if _kind(tracer, module, inner, url) == "pair" else None
    return None


def _position(node: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int) else None
