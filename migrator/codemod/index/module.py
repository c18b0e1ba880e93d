"""One parsed module: its tree, who stands inside whom, its names, and where its text lies."""

from __future__ import annotations

import ast
import sys
from functools import cached_property
from typing import TYPE_CHECKING, cast

from migrator.codemod.index.children import CHILDREN
from migrator.codemod.index.scopes import Binding, Scope, ScopeBuilder
from migrator.codemod.offsets import Offsets

if TYPE_CHECKING:
    from migrator.types import SourceFile, Span

_FSTRINGS_ARE_VAGUE = sys.version_info < (3, 12)
FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef
Reference = ast.Name | ast.Attribute


class Module:
    """A Python file as the analysis sees it. Parsing raises ``SyntaxError``, as ``ast.parse`` does."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.path = file.path
        self.is_test = file.is_test
        self.tree = ast.parse(file.text.removeprefix("\ufeff"))
        self.parents: dict[ast.AST, ast.AST] = {}
        self.loads: dict[str, list[Reference]] = {}
        self.attribute_stores: dict[str, list[ast.Attribute]] = {}
        self.calls: list[ast.Call] = []
        self.strings: list[ast.Constant] = []
        self.star_imports: list[ast.ImportFrom] = []
        self.aliases: list[ast.alias] = []
        self.helpers: dict[str, str] = {}
        """Code of the helpers that plans want to add, by their names."""
        self._functions: dict[ast.AST, FunctionDef | ast.Lambda | None] = {}
        self._collect()

    def _collect(self) -> None:
        parents, loads = self.parents, self.loads
        todo: list[ast.AST] = [self.tree]
        while todo:
            node = todo.pop()
            kind = type(node)
            for name in CHILDREN[kind]:
                value = getattr(node, name, None)
                if value is None:
                    continue
                for child in value if type(value) is list else (value,):
                    if type(child) is ast.Name:
                        parents[child] = node
                        if type(child.ctx) is ast.Load:
                            loads.setdefault(child.id, []).append(child)
                    elif isinstance(child, ast.AST):
                        parents[child] = node
                        todo.append(child)
            if kind is ast.Attribute:
                assert isinstance(node, ast.Attribute)
                if type(node.ctx) is ast.Load:
                    loads.setdefault(node.attr, []).append(node)
                else:
                    self.attribute_stores.setdefault(node.attr, []).append(node)
            elif kind is ast.Call:
                self.calls.append(cast("ast.Call", node))
            elif kind is ast.Constant:
                assert isinstance(node, ast.Constant)
                if isinstance(node.value, str):
                    self.strings.append(node)
            elif kind is ast.alias:
                self.aliases.append(cast("ast.alias", node))
            elif kind is ast.ImportFrom:
                assert isinstance(node, ast.ImportFrom)
                if node.names[0].name == "*":
                    self.star_imports.append(node)
        self.calls.sort(key=_position)
        self.strings.sort(key=_position)
        for nodes in loads.values():
            if len(nodes) > 1:
                nodes.sort(key=_position)

    @cached_property
    def names(self) -> ScopeBuilder:
        """Scopes and reaching definitions."""
        text = self.file.text
        return ScopeBuilder(self.tree, declares="global" in text or "nonlocal" in text)

    @cached_property
    def lookups(self) -> dict[str, list[tuple[ast.Call, ast.Constant]]]:
        """Calls that may get an attribute by its name as text, by that name: ``getattr(it, "name")``."""
        found: dict[str, list[tuple[ast.Call, ast.Constant]]] = {}
        if "getattr" not in self.file.text and "methodcaller" not in self.file.text:
            return found
        for text in self.strings:
            call = self.parents.get(text)
            if isinstance(call, ast.Call):
                found.setdefault(str(text.value), []).append((call, text))
        return found

    @cached_property
    def offsets(self) -> Offsets:
        """Character positions of nodes."""
        return Offsets(self.file.text)

    def span(self, node: ast.AST) -> Span:
        """The characters of a node.

        Raises ``ValueError`` inside an f-string whose positions Python itself gets wrong (before 3.12).
        """
        if _FSTRINGS_ARE_VAGUE and isinstance(node, ast.expr) and self._is_in_fstring(node):
            if not self.offsets.is_exact(node):
                raise ValueError(f"the position of line {node.lineno} inside an f-string is not known")
        return self.offsets.span(node)

    def _is_in_fstring(self, node: ast.AST) -> bool:
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, ast.stmt):
            if isinstance(parent, ast.JoinedStr):
                return True
            parent = self.parents.get(parent)
        return False

    def source(self, node: ast.AST) -> str:
        """The text of a node."""
        span = self.span(node)
        return self.file.text[span.start : span.end]

    def bindings(self, name: ast.Name) -> frozenset[Binding]:
        """The bindings whose value a name can hold where it is read."""
        return self.names.reaching.get(name, frozenset())

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node around a node."""
        return self.parents.get(node)

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement around a node."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def function(self, node: ast.AST) -> FunctionDef | ast.Lambda | None:
        """The innermost function whose body holds a node; decorators and defaults belong to the outside."""
        if node not in self._functions:
            self._functions[node] = self._find_function(node)
        return self._functions[node]

    def _find_function(self, node: ast.AST) -> FunctionDef | ast.Lambda | None:
        child, parent = node, self.parents.get(node)
        while parent is not None:
            if isinstance(parent, ast.Lambda) and child is parent.body:
                return parent
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) and child in parent.body:
                return parent
            child, parent = parent, self.parents.get(parent)
        return None

    def enclosing_class(self, node: ast.AST) -> ast.ClassDef | None:
        """The class whose body directly holds a function or an assignment."""
        parent = self.parents.get(node)
        while parent is not None and isinstance(parent, (ast.If, ast.Try)):
            parent = self.parents.get(parent)
        return parent if isinstance(parent, ast.ClassDef) else None

    def method_class(self, node: ast.AST) -> ast.ClassDef | None:
        """The class of the method that a node stands in, through nested functions."""
        function = self.function(node)
        while function is not None:
            found = self.enclosing_class(function)
            if found is not None:
                return found
            function = self.function(function)
        return None

    def scope_at(self, node: ast.AST) -> Scope:
        """The scope in which a node stands."""
        function = self.function(node)
        if function is None:
            return self.names.module
        return self.names.scopes.get(function, self.names.module)

    def line(self, node: ast.AST) -> int:
        """The 1-based line of a node, decorators aside."""
        return int(getattr(node, "lineno", 1))


def _position(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def dotted(node: ast.AST) -> tuple[str, ...] | None:
    """``a.b.c`` as its parts, or ``None`` for anything that is not a plain chain of names."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return (node.id, *reversed(parts))
