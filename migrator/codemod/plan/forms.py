"""Forms of notebooks: ``size = "512x512"  #@param ["256x256", "512x512"]`` lets its reader choose another literal."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrator.codemod.rewrite import Replace, string_literal
from migrator.types import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.part import FileEdit

_FORM = re.compile(r"[\s;)]*#\s*@param\b")
_LIST = re.compile(r"[\s;)]*#\s*@param\s*(\[[^\[\]]*\])")
_WORD = re.compile(r"""("[^"\\]*"|'[^'\\]*')""")


def is_form(module: Module, node: ast.expr) -> bool:
    """Whether the line of a literal is a form: who uses it writes another one into the line."""
    return _FORM.match(_rest(module, node)) is not None


def choices_edit(module: Module, node: ast.expr, translate: Callable[[str], str | None]) -> FileEdit | None:
    """The edit that brings the choices of a form up to date; ``None`` where there are none, or nothing changes."""
    found = _LIST.match(_rest(module, node))
    if found is None:
        return None
    old = found.group(1)
    words: list[str] = []
    for word in _WORD.findall(old):
        value = ast.literal_eval(word)
        new = translate(value)
        words.append(word if new in (None, value) else string_literal(str(new), word))
    new_list = f"[{', '.join(dict.fromkeys(words))}]"
    if not words or set(words) == set(_WORD.findall(old)):
        return None
    start = module.span(node).end + found.start(1)
    return module.path, Replace(Span(start, start + len(old)), new_list)


def _rest(module: Module, node: ast.expr) -> str:
    """The text behind an expression, up to the end of its line."""
    text, end = module.file.text, module.span(node).end
    stop = text.find("\n", end)
    return text[end : stop if stop >= 0 else len(text)]
