"""Which files imports connect with each other, read without the rest of what a module knows."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.index.children import CHILDREN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.codemod.index.project import ProjectIndex


class ImportLinks:
    """The graph of imports between the loaded modules and everything that these import, however far."""

    def __init__(self, index: ProjectIndex) -> None:
        self._index = index
        self._outlines: dict[str, _Outline | None] = {}
        self._links: dict[str, set[str]] = {}
        self._followed: set[str] = set()

    def together(self, path: str, others: Iterable[str]) -> set[str]:
        """Those of ``others`` that run in one program with ``path``, as far as imports show that."""
        wanted = set(others)
        # what a file imports, and what the others import, mostly answers it: the rest is read only if not
        for starts in ([path], wanted, self._index.modules):
            self._follow(starts)
            group = self._connected(path)
            if wanted <= group:
                break
        return wanted & group

    def group(self, path: str) -> set[str]:
        """Every file that imports connect with ``path``, either way."""
        self._follow([path, *self._index.modules])
        return self._connected(path)

    def _connected(self, path: str) -> set[str]:
        group, todo = {path}, [path]
        while todo:
            for other in self._links.get(todo.pop(), ()):
                if other not in group:
                    group.add(other)
                    todo.append(other)
        return group

    def _follow(self, starts: Iterable[str]) -> None:
        todo = [path for path in starts if path not in self._followed]
        self._followed.update(todo)
        while todo:
            path = todo.pop()
            outline = self._outline(path)
            for found in self._targets(path, outline) if outline else ():
                self._links.setdefault(path, set()).add(found)
                self._links.setdefault(found, set()).add(path)
                if found not in self._followed:
                    self._followed.add(found)
                    todo.append(found)

    def _targets(self, path: str, outline: _Outline) -> Iterator[str]:
        """The files that one file imports; what cannot be read connects nothing."""
        find = self._index.find_path
        for statement in outline.imports:
            for alias in statement.names:
                if isinstance(statement, ast.Import):
                    name = alias.name if alias.asname is not None else alias.name.partition(".")[0]
                    found = find(path, name, 0)
                else:
                    base, level = statement.module or "", statement.level
                    found = find(path, f"{base}.{alias.name}" if base else alias.name, level)
                    package = find(path, base, level) if base or level else None
                    whole = self._outline(package) if package is not None else None
                    if whole is not None and (
                        alias.name in whole.names or found is None or not self._outline(found)
                    ):
                        found = package
                if found is not None and self._outline(found):
                    yield found

    def _outline(self, path: str) -> _Outline | None:
        if path not in self._outlines:
            self._outlines[path] = self._read(path)
        return self._outlines[path]

    def _read(self, path: str) -> _Outline | None:
        module = self._index.modules.get(path)
        if module is not None:
            return _Outline(module.tree)
        file = self._index.project.open(path) if path not in self._index.broken else None
        try:
            return _Outline(ast.parse(file.text.removeprefix("\ufeff"))) if file else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


class _Outline:
    """The import statements of a file, and the names that it binds itself."""

    def __init__(self, tree: ast.Module) -> None:
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.names: set[str] = set()
        inner: list[ast.AST] = []
        todo: list[ast.AST] = [tree]
        while todo:
            node = todo.pop()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.names.add(node.name)
                inner.extend(node.body)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                self.imports.append(node)
                self.names.update(a.asname or a.name.partition(".")[0] for a in node.names)
            elif isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Store):
                    self.names.add(node.id)
            elif not isinstance(node, (ast.Lambda, ast.Call)):
                todo.extend(_below(node))
        while inner:  # imports within functions count, their names do not
            node = inner.pop()
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.imports.append(node)
            elif not isinstance(node, ast.expr):
                inner.extend(_below(node))


def _below(node: ast.AST) -> Iterator[ast.AST]:
    for name in CHILDREN[type(node)]:
        value = getattr(node, name, None)
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST):
                yield child
