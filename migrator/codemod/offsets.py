"""From positions of ``ast`` (line, UTF-8 byte column) to character offsets in the decoded text, and back."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right

from migrator.types import Span

_LINE_END = re.compile(r"\r\n|\r|\n")  # the only three line ends of Python's tokenizer


class Offsets:
    r"""Character offsets of one text, whose line table is built once.

    The text is what ``ast.parse`` was given: decoded, without a BOM, with its own line ends. ``\n``,
    ``\r\n`` and a lone ``\r`` end a line; ``\f``, ``\v`` and the Unicode separators do not.
    """

    __slots__ = ("_ascii", "_encoded", "_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._ascii = text.isascii()
        self._encoded: dict[int, bytes] = {}
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def offset(self, line: int, column: int) -> int:
        """The character offset of a 1-based ``line`` and a 0-based ``column`` in UTF-8 bytes."""
        start = self._starts[line - 1]
        if self._ascii:
            return start + column
        encoded = self._encoded.get(line)
        if encoded is None:
            end = self._starts[line] if line < len(self._starts) else len(self._text)
            encoded = self._text[start:end].encode("utf-8", "surrogatepass")
            # An empty entry marks a line in which bytes and characters agree.
            encoded = self._encoded[line] = b"" if len(encoded) == end - start else encoded
        return start + (len(encoded[:column].decode("utf-8", "surrogatepass")) if encoded else column)

    def span(self, node: ast.AST) -> Span:
        """The characters of ``node``; a decorated definition starts at the ``@`` of its first decorator.

        ``ast.Module`` is the whole text. Positions inside f-strings are only as good as those of ``ast``,
        see :meth:`is_exact`.

        Raises:
            ValueError: the node has no position of its own (``arguments``, ``comprehension``, ``Load``, ...).
        """
        if isinstance(node, ast.Module):
            return Span(0, len(self._text))
        line, end_line = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        if line is None or end_line is None:
            msg = f"{type(node).__name__} has no position"
            raise ValueError(msg)
        decorators = getattr(node, "decorator_list", None)
        end = self.offset(end_line, node.end_col_offset)  # type: ignore[attr-defined]
        if decorators:
            return Span(self._at_sign(decorators[0].lineno), end)
        return Span(self.offset(line, node.col_offset), end)  # type: ignore[attr-defined]

    def is_exact(self, node: ast.expr) -> bool:
        """Whether the characters at the node's position are really that node.

        Ask this of nodes inside f-strings: before Python 3.12 their positions can point elsewhere.
        """
        try:
            span = self.span(node)
            found = ast.parse(f"({self._text[span.start : span.end]})", mode="eval").body
        except (IndexError, RecursionError, SyntaxError, ValueError):
            return False
        return ast.unparse(found) == ast.unparse(node)

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and the 1-based column, in characters, of a character offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line_start(self, line: int) -> int:
        """The offset of the first character of a 1-based line."""
        return self._starts[line - 1]

    def _at_sign(self, line: int) -> int:
        # A decorator starts a logical line: only brackets and comments can stand above its expression.
        while line > 0:
            start = self._starts[line - 1]
            end = self._starts[line] if line < len(self._starts) else len(self._text)
            blank = len(self._text[start:end]) - len(self._text[start:end].lstrip(" \t\f"))
            if self._text.startswith("@", start + blank):
                return start + blank
            line -= 1
        msg = "a decorator without its @"
        raise ValueError(msg)
