r"""Small segments of source as libcst nodes and back. Line ends are ``\n``; see :func:`on_unix_lines`."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

import libcst as cst

from .edits import EditConflict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DEEPEST = 150  # libcst's native parser overflows the stack, and the process dies, on very deep trees
_LARGEST = 200_000
"""Characters that libcst is given at once: it takes 5 KB of memory for each element of a display."""
_NEWLINE = re.compile(r"\r\n|\r|\n")
_PREFIX = re.compile(r"[A-Za-z]*")


def parse_ast(text: str) -> ast.Module:
    """``ast.parse`` that neither warns nor raises anything but :class:`EditConflict`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        msg = f"not valid Python: {error}"
        raise EditConflict(msg) from error


def with_newline(text: str, newline: str) -> str:
    """The text with every line end turned into ``newline``."""
    return _NEWLINE.sub(newline, text)


def on_unix_lines(text: str, newline: str, change: Callable[[str], str]) -> str:
    r"""``change`` applied to a text with ``\n`` as its only line end, the result with its own again.

    ``newline`` serves a text of one line.

    Raises:
        EditConflict: the text mixes line ends, so that it is not known which ones go back where.
    """
    kinds = set(_NEWLINE.findall(text)) or {newline}
    if len(kinds) > 1:
        msg = "the code to change mixes line ends"
        raise EditConflict(msg)
    (own,) = kinds
    return with_newline(change(with_newline(text, "\n")), own)


def expression(text: str) -> cst.BaseExpression:
    """The node of an expression; it may continue over lines as if it stood inside brackets."""
    return bracketed(text)[0]


def bracketed(text: str) -> tuple[cst.BaseExpression, bool]:
    """The node of an expression, and whether it is a tuple that has no brackets of its own.

    The brackets that were put around it to parse are gone from the node, except around a bare tuple.

    Raises:
        EditConflict: it is no expression, is nested too deep, or does not survive the round trip.
    """
    wrapped = f"({text})"
    _refuse_large(text)
    _refuse_deep(parse_ast(wrapped))
    try:
        node = cst.parse_expression(wrapped)
        same = code(node) == wrapped
    except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError) as error:
        msg = "libcst cannot read the expression"
        raise EditConflict(msg) from error
    if not same:
        msg = "the expression does not survive a round trip through libcst"
        raise EditConflict(msg)
    if isinstance(node, cst.Tuple) and len(node.lpar) == 1:
        return node, True
    return node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1]), False


def module(text: str) -> cst.Module:
    """The node of a small run of whole statements.

    Raises:
        EditConflict: as :func:`bracketed`.
    """
    _refuse_large(text)
    _refuse_deep(parse_ast(text))
    try:
        node = cst.parse_module(text)
        same = node.code == text
    except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError) as error:
        msg = "libcst cannot read the statements"
        raise EditConflict(msg) from error
    if not same:
        msg = "the statements do not survive a round trip through libcst"
        raise EditConflict(msg)
    return node


def code(node: cst.CSTNode) -> str:
    """The source text of a node."""
    return cst.Module([]).code_for_node(node)


def string_literal(value: str, like: str) -> str:
    r"""A literal of ``value`` with the prefix and the quotes of the literal whose source is ``like``.

    Implicitly joined parts become one literal in the style of the first. ``f`` and ``b`` are dropped, and so
    is ``r`` where the value cannot be written with it.
    """
    node: cst.CSTNode = expression(like)
    while isinstance(node, cst.ConcatenatedString):
        node = node.left
    if isinstance(node, cst.FormattedString):
        start = node.start
    elif isinstance(node, cst.SimpleString):
        start = node.prefix + node.quote
    else:
        start = '"'
    prefix = _PREFIX.match(start)
    letters = prefix.group() if prefix else ""
    quote = start[len(letters) :]
    letters = re.sub("[fFbB]", "", letters)
    if "r" in letters.lower():
        raw = f"{letters}{quote}{value}{quote}"
        if _means(raw, value):
            return code(cst.SimpleString(raw))
        letters = ""
    text = value.replace("\\", "\\\\")
    if len(quote) == 1:
        text = text.replace(quote, "\\" + quote).replace("\n", "\\n")
    else:
        text = text.replace(quote[0], "\\" + quote[0])
    text = "".join(_escaped(character) for character in text)
    return code(cst.SimpleString(f"{letters}{quote}{text}{quote}"))


def mapping_literal(mapping: Mapping[str, str], quote: str = '"') -> str:
    """A dict display of strings, on one line."""
    like = quote + quote
    elements = [
        cst.DictElement(
            cst.SimpleString(string_literal(key, like)), cst.SimpleString(string_literal(value, like))
        )
        for key, value in mapping.items()
    ]
    return code(cst.Dict(elements))


def _escaped(character: str) -> str:
    if character == "\n" or character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def _means(literal: str, value: str) -> bool:
    try:
        return bool(ast.literal_eval(literal) == value)
    except (SyntaxError, ValueError):
        return False


def _refuse_large(text: str) -> None:
    if len(text) > _LARGEST:
        msg = f"the code to change has {len(text):,} characters in one piece"
        raise EditConflict(msg)


def _refuse_deep(tree: ast.AST) -> None:
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    msg = "nested too deep"
    raise EditConflict(msg)
