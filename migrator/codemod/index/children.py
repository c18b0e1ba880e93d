"""Which fields of a kind of node hold other nodes: walking only those is what makes walking a tree cheap."""

from __future__ import annotations

import ast

_PLAIN = frozenset(
    {
        "arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "level", "module", "op", "ops", "rest",
        "simple", "tag", "type_comment", "type_ignores",
    }
)  # fmt: skip
"""Fields that hold words, numbers, or the shared marks of operators and contexts."""


class _Children(dict[type, tuple[str, ...]]):
    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        if issubclass(kind, (ast.Constant, ast.Global, ast.Nonlocal, ast.alias)):
            fields: tuple[str, ...] = ()
        else:
            # the name of `type X = …` is a node, every other `name` is a word
            plain = _PLAIN if kind.__name__ == "TypeAlias" else _PLAIN | {"name"}
            fields = tuple(name for name in kind._fields if name not in plain)
        self[kind] = fields
        return fields


CHILDREN = _Children()
"""Field names by kind of node; a field holds a node, a list of nodes and ``None``, or ``None``."""
