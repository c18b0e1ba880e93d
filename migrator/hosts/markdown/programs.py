"""Which blocks of a page are one program: a block that uses names of an earlier one continues it."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.hosts.markdown.blocks import Block

_BUILTINS = frozenset(dir(builtins)) | {"__file__", "__name__"}


@dataclass(slots=True)
class Program:
    """Blocks that build on each other, in order."""

    blocks: list[Block] = field(default_factory=list)
    defines: set[str] = field(default_factory=set)


def programs(blocks: Sequence[Block]) -> list[Program]:
    """The programs of a page. A block joins the latest one that defines a name which it needs; else it starts one."""
    found: list[Program] = []
    for block in blocks:
        tree = tree_of(block)
        if tree is None:
            continue
        needs, defines = _names(tree)
        home = next((one for one in reversed(found) if one.defines & needs), None)
        if home is None:
            home = Program()
            found.append(home)
        home.blocks.append(block)
        home.defines |= defines
    return found


def tree_of(block: Block) -> ast.Module | None:
    """The syntax tree of a block; ``None`` when it does not parse."""
    try:
        return ast.parse(block.code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _names(tree: ast.Module) -> tuple[set[str], set[str]]:
    """The names that a block needs from elsewhere, and those that it defines."""
    used: set[str] = set()
    inner: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else inner).add(node.id)
        elif isinstance(node, ast.alias):
            inner.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner.add(node.name)
        elif isinstance(node, ast.arg):
            inner.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            inner.add(node.name)
    return used - inner - _BUILTINS, inner
