"""Entries of routers: the name that a program asks for, and the model that requests for it go to."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant, Display, Made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.queries import Catalog
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module


@dataclass(frozen=True, slots=True)
class Route:
    """One entry. ``alias`` is the name that it is asked for by, "" where that is not written beside it."""

    module: Module
    alias: str
    model: ast.expr


class Routes:
    """The entries that are written in the code, whatever list they get into."""

    def __init__(self, tracer: Tracer, catalog: Catalog) -> None:
        self.tracer = tracer
        self.words = catalog.hosts.words
        self._aliases: dict[str, list[Route]] | None = None

    def of(self, module: Module) -> Iterator[Route]:
        """The entries that a module writes."""
        for constant in module.strings:
            parent = module.parent(constant)
            if constant.value not in self.words.routes:
                continue
            if isinstance(parent, ast.Dict) and constant in parent.keys:
                value = parent.values[parent.keys.index(constant)]
                yield from self._entry(module, value, self._beside(parent))
            elif isinstance(parent, ast.Subscript) and parent.slice is constant:
                statement = module.parent(parent)
                if isinstance(statement, ast.Assign) and parent in statement.targets:
                    yield from self._entry(module, statement.value, "")
        for call in module.calls:
            for keyword in call.keywords:
                if keyword.arg in self.words.routes:
                    alias = next((k.value for k in call.keywords if k.arg in self.words.route_names), None)
                    yield from self._entry(module, keyword.value, _text(alias))

    def by(self, alias: str) -> list[Route]:
        """The entries of the project that are asked for by a name."""
        if self._aliases is None:
            self._aliases = {}
            for _, module in sorted(self.tracer.index.modules.items()):
                for route in self.of(module):
                    self._aliases.setdefault(route.alias, []).append(route)
        return self._aliases.get(alias, []) if alias else []

    def models(self, route: Route) -> list[Constant]:
        """The texts that the model of an entry can be, or that it is put together from."""
        pieces = [route.model]
        if isinstance(route.model, ast.JoinedStr):
            pieces = [
                part.value if isinstance(part, ast.FormattedValue) else part for part in route.model.values
            ]
        elif isinstance(route.model, ast.BinOp):
            pieces = [route.model.left, route.model.right]
        return [
            origin
            for piece in pieces
            for origin in self.tracer.origins(route.module, piece)
            if isinstance(origin, Constant) and isinstance(origin.node.value, str)
        ]

    def _beside(self, mapping: ast.Dict) -> str:
        """The name that an entry is asked for by."""
        for key, value in zip(mapping.keys, mapping.values, strict=True):
            if _text(key) in self.words.route_names:
                return _text(value)
        return ""

    def _entry(self, module: Module, value: ast.expr, alias: str) -> Iterator[Route]:
        """The model among what requests are sent with."""
        for origin in self.tracer.origins(module, value):
            if isinstance(origin, Display) and isinstance(origin.node, ast.Dict):
                for key, one in zip(origin.node.keys, origin.node.values, strict=True):
                    if _text(key) in self.words.models:
                        yield Route(origin.module, alias, one)
            elif isinstance(origin, Made):
                for keyword in origin.node.keywords:
                    if keyword.arg in self.words.models:
                        yield Route(origin.module, alias, keyword.value)


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
