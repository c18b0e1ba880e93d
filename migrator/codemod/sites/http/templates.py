"""Texts of JSON that are put together where they are written: f-strings, ``+``, ``%`` and ``format``."""

from __future__ import annotations

import ast
import io
import json
import re
import string
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module

HOLE = "\ue002"
"""Stands in the text for what the program puts in."""

Kind = Literal["plain", "sum", "percent", "format"]
_SPACE = re.compile(r"[ \t\r\n]*")
_PERCENT = re.compile(r"%(?:(%)|(?:\(\w+\))?[sdr])")


@dataclass(frozen=True, slots=True)
class Template:
    """The text of a JSON object, whose source ``node`` is. ``kind`` says how things are put in."""

    module: Module
    node: ast.expr
    kind: Kind
    text: str
    entries: tuple[Entry, ...]

    @property
    def has_holes(self) -> bool:
        """Whether the program puts anything in."""
        return HOLE in self.text


@dataclass(frozen=True, slots=True)
class Entry:
    """``"name": value`` with its offsets: of the entry, and of the value in it."""

    name: str
    value: Any
    start: int
    at: int
    end: int


def template(module: Module, node: ast.expr) -> Template | None:
    """What an expression makes, if that is the text of a JSON object which stands nowhere else."""
    kind: Kind = "plain"
    held = node
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        kind, held = "percent", node.left
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        kind, held = "format", node.func.value
    elif isinstance(node, (ast.BinOp, ast.JoinedStr)):
        kind = "sum"
    if isinstance(held, ast.Name) and kind in {"percent", "format"}:
        held = _only_value(module, held) or held
    return _read(module, held, kind)


def again(before: Template, source: str) -> Template | None:
    """The template that ``source`` is, written in the place of another: only if the same things are put in."""
    try:
        node = ast.parse(f"({source})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None
    text = _text(node, before.kind)
    if text is None or [ast.dump(one) for one in _holes(node)] != [
        ast.dump(one) for one in _holes(before.node)
    ]:
        return None
    entries = _entries(text)
    return Template(before.module, node, before.kind, text, entries) if entries else None


def _read(module: Module, node: ast.expr, kind: Kind) -> Template | None:
    text = _text(node, kind)
    if text is None or (kind == "plain" and _literals(module, node) != 1):
        return None  # several literals behind each other
    entries = _entries(text)
    return Template(module, node, kind, text, entries) if entries else None


def _literals(module: Module, node: ast.expr) -> int:
    try:
        tokens = tokenize.generate_tokens(io.StringIO(module.source(node)).readline)
        return sum(token.type == tokenize.STRING for token in tokens)
    except (SyntaxError, tokenize.TokenError):
        return 0


def _only_value(module: Module, name: ast.Name) -> ast.expr | None:
    """The literal that a name stands for, if it is read here and nowhere else."""
    bindings = list(module.bindings(name))
    if len(bindings) != 1 or bindings[0].kind != "assign" or bindings[0].steps:
        return None
    return bindings[0].value if {*bindings[0].uses} == {name} else None


def _text(node: ast.expr, kind: Kind) -> str | None:
    if kind == "sum":
        return "".join(_pieces(node))
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return None
    if kind == "percent":
        return _PERCENT.sub(lambda match: "%" if match[1] else HOLE, node.value)
    if kind == "format":
        try:
            parts = list(string.Formatter().parse(node.value))
        except ValueError:
            return None
        return "".join(words + (HOLE if name is not None else "") for words, name, _, _ in parts)
    return node.value


def _pieces(node: ast.expr) -> Iterator[str]:
    """The parts of a sum of texts, and of the f-strings in it, in order."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _pieces(left)
            yield from _pieces(right)
        case ast.JoinedStr(values=values):
            for value in values:
                yield from _pieces(value)
        case ast.Constant(value=str(text)):
            yield text
        case _:
            yield HOLE


def _holes(node: ast.expr) -> Iterator[ast.expr]:
    """What is put in, in order; of templates that are one literal nothing."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _holes(left)
            yield from _holes(right)
        case ast.JoinedStr(values=values):
            for value in values:
                yield from _holes(value)
        case ast.Constant():
            return
        case _:
            yield node


def _entries(text: str) -> tuple[Entry, ...]:
    """The entries of the object that a text is, each key once; none if it is no object."""
    try:
        found = tuple(_scan(text))
    except (ValueError, IndexError, RecursionError):
        return ()
    names = [entry.name for entry in found]
    return found if len({*names}) == len(names) and not any(HOLE in name for name in names) else ()


def _scan(text: str) -> Iterator[Entry]:
    decoder = json.JSONDecoder(strict=True)
    at = _skip(text, 0)
    if text[at] != "{":
        raise ValueError(text)
    at += 1
    while True:
        start = at = _skip(text, at)
        name, at = decoder.raw_decode(text, start)
        at = _skip(text, at)
        if not isinstance(name, str) or text[at] != ":":
            raise ValueError(text)
        value_at = _skip(text, at + 1)
        value, at = (HOLE, value_at + 1) if text[value_at] == HOLE else decoder.raw_decode(text, value_at)
        yield Entry(name, value, start, value_at, at)
        at = _skip(text, at)
        if text[at] == "}":
            if text[at + 1 :].strip():
                raise ValueError(text)
            return
        if text[at] != ",":
            raise ValueError(text)
        at += 1


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match is not None else at
