"""The modules of a project, parsed when somebody asks for them, and how they import each other."""

from __future__ import annotations

import ast
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from migrator.codemod.index.module import FunctionDef, Module

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.types import Finding, SourceFile


class Project(Protocol):
    """What the codemod asks of the place that holds the files."""

    @property
    def problems(self) -> Sequence[Finding]:
        """Findings about files that could not be read."""

    @property
    def code(self) -> Sequence[str]:
        """The paths of all files with Python in them."""

    def candidates(self) -> Sequence[SourceFile]:
        """The Python files in which a needle occurs."""

    def related(self, words: Sequence[bytes], narrow: Sequence[bytes] = ()) -> Sequence[SourceFile]:
        """Further Python files with any of these words; where those are many, with one of ``narrow`` too."""

    def open(self, path: str) -> SourceFile | None:
        """One Python file by its path, ``None`` if it is not part of the project or cannot be read."""

    def exists(self, path: str) -> bool:
        """Whether a path is a file of the project."""

    def in_scope(self, path: str) -> bool:
        """Whether a file may be edited: it lies within the paths that the run was given."""

    def text(self, path: str) -> str | None:
        """A file that is not Python, such as ``pyproject.toml``."""

    def other_paths(self) -> tuple[str, ...]:
        """The paths of the files that are not Python."""

    def misfit(self, path: str, text: str) -> str:
        """Why the file cannot take ``text`` as its new Python (a notebook's cells cannot take all); "" if it can."""


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """A name that stands for a module of the project."""

    module: Module


@dataclass(frozen=True, slots=True)
class ImportedName:
    """A name that a module of the project defines."""

    module: Module
    name: str


@dataclass(frozen=True, slots=True)
class ExternalName:
    """A dotted name from outside the project."""

    name: str


Imported = ImportedModule | ImportedName | ExternalName


_MODULES = 200
"""Modules beside the candidates after which none are loaded for a name that is common."""
_RARE = 3
"""Files of a name that are loaded even then."""
_LOOKS = 1_000_000
"""Files that are searched for a name from then on, counted once per name; what then uses a name is out of sight."""
_FILES_OF_A_WORD = 30
"""Files that one word may load."""


def place_of(item: tuple[Module, ast.expr]) -> tuple[str, int, int]:
    """Where an expression stands: path, line, column; the order in which places are looked at."""
    module, node = item
    return module.path, node.lineno, node.col_offset


class ProjectIndex:
    """Modules by path, imports between them, and references across all that was loaded."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.modules: dict[str, Module] = {}
        self.broken: dict[str, tuple[SourceFile, SyntaxError | ValueError | RecursionError]] = {}
        self.truncated: set[str] = set()
        """Words that occur in more files than can be read: who uses them is not fully known."""
        self._searched: set[str] = set()
        self._helped: set[str] = set()
        self._named: set[str] = set()
        self._fitting: set[str] = set()
        self._loads: dict[str, list[tuple[Module, ast.Name | ast.Attribute]]] = {}
        self._ordered: dict[str, list[tuple[Module, ast.Name | ast.Attribute]]] = {}
        self._stores: dict[str, list[tuple[Module, ast.Attribute]]] = {}
        self._aliases: dict[str, set[str]] = {}
        self._methods: dict[str, list[tuple[Module, ast.ClassDef, FunctionDef]]] = {}
        self._exists: dict[str, bool] = {}
        self._published: dict[str, bool] = {}
        self._starts: dict[str, list[str]] = {}
        self._resolved: dict[tuple[str, int, str], str | None] = {}
        self._names: dict[str, str] = {}
        for file in project.candidates():
            self.add(file)
        self._given, self._size, self._looks = len(self.modules), len(project.code), 0

    def add(self, file: SourceFile) -> Module | None:
        """Parse a file once. A file that does not parse is remembered in ``broken``."""
        if file.path in self.modules:
            return self.modules[file.path]
        if file.path in self.broken:
            return None
        try:
            module = Module(file)
            _ = module.names
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            problem = error if not isinstance(error, MemoryError) else RecursionError(str(error))
            self.broken[file.path] = (file, problem)
            return None
        self.modules[file.path] = module
        for name, references in module.loads.items():
            self._loads.setdefault(name, []).extend((module, reference) for reference in references)
        for scope_node in module.names.scopes:
            if isinstance(scope_node, ast.ClassDef):
                for statement in scope_node.body:
                    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        self._methods.setdefault(statement.name, []).append((module, scope_node, statement))
        for alias in module.aliases:
            if alias.asname:
                self._aliases.setdefault(alias.name, set()).add(alias.asname)
        for name, targets in module.attribute_stores.items():
            self._stores.setdefault(name, []).extend((module, target) for target in targets)
        return module

    def load(self, path: str) -> Module | None:
        """The module at a path, parsed on demand."""
        if path in self.modules:
            return self.modules[path]
        file = self.project.open(path)
        return None if file is None else self.add(file)

    def search(
        self, *words: str, near: Sequence[str] = (), fits: Callable[[SourceFile], bool] | None = None
    ) -> None:
        """Load the files of the project that contain one of these words, and that ``fits`` holds for.

        Where the word is common, only those that also contain one of ``near``; where even they are many, as many as
        are worth it, and the word is ``truncated``.
        """
        for word in words:
            asked = self._searched if fits is None else self._fitting
            if word not in self._searched and word not in asked:
                asked.add(word)
                if not self._search(word, near, fits) and fits is None:
                    self.truncated.add(word)

    def _search(self, word: str, near: Sequence[str], fits: Callable[[SourceFile], bool] | None) -> bool:
        """Whether all files were read that have the word."""
        full = len(self.modules) - self._given >= _MODULES
        if full and self._looks >= _LOOKS:
            return False
        self._looks += self._size if full else 0
        found = self.project.related([word.encode()], [one.encode() for one in near])
        new = [file for file in found if file.path not in self.modules and file.path not in self.broken]
        if fits is not None:
            new = [file for file in new if fits(file)]
        most = _RARE if full else _FILES_OF_A_WORD
        if len(new) <= most or not full:
            for file in new[:most]:
                self.add(file)
        return len(new) <= most

    def _search_name(self, name: str, near: Sequence[str]) -> None:
        """The same for a name as a whole: ``HTML`` is none of the names in a file that has ``HTMLParser`` only."""
        if name in self._searched or name in self._named:
            return
        self._named.add(name)
        whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        if not self._search(name, near, lambda file: whole.search(file.text) is not None):
            self.truncated.add(name)

    def load_helpers(self, words: Sequence[str]) -> None:
        """Load what the modules with code for the API import, and what that imports, if it has one of ``words``."""
        todo = [module for module in self.modules.values() if module.path not in self._helped]
        while todo:
            module = todo.pop()
            self._helped.add(module.path)
            for alias in module.aliases:
                path = self._imported_path(module, alias)
                if path is None or path in self.modules or path in self.broken:
                    continue
                file = self.project.open(path)
                if file is not None and any(word in file.text for word in words):
                    found = self.add(file)
                    todo.extend([found] if found is not None else [])

    def _imported_path(self, module: Module, alias: ast.alias) -> str | None:
        """The file that one name of an import statement leads to, without reading it."""
        statement = module.parents[alias]
        if isinstance(statement, ast.Import):
            return self.find_path(module.path, alias.name, 0)
        assert isinstance(statement, ast.ImportFrom)
        base = statement.module or ""
        inner = self.find_path(module.path, f"{base}.{alias.name}" if base else alias.name, statement.level)
        return inner or (self.find_path(module.path, base, statement.level) if base else None)

    def references(
        self, name: str, near: Sequence[str] = ()
    ) -> list[tuple[Module, ast.Name | ast.Attribute]]:
        """Every read of a name or attribute called ``name``, in all files that can contain it."""
        self._search_name(name, near)
        found = self._loads.get(name, [])
        ordered = self._ordered.get(name)
        if ordered is None or len(ordered) != len(found):
            ordered = self._ordered[name] = sorted(found, key=place_of)
        return ordered

    def uses_of(self, name: str) -> list[tuple[Module, ast.Name | ast.Attribute]]:
        """Every read of a name in the files that are loaded already."""
        return self._loads.get(name, [])

    def aliases(self, name: str) -> list[str]:
        """Other names under which ``name`` is imported somewhere."""
        return sorted(self._aliases.get(name, ()))

    def methods(self, name: str) -> list[tuple[Module, ast.ClassDef, FunctionDef]]:
        """Every method called ``name`` in the loaded files."""
        return self._methods.get(name, [])

    def stores(self, name: str) -> list[tuple[Module, ast.Attribute]]:
        """Every assignment to an attribute called ``name`` in the loaded files."""
        return self._stores.get(name, [])

    # imports

    def imported(self, module: Module, alias: ast.alias) -> Imported:
        """What one name of an import statement stands for."""
        statement = module.parents[alias]
        if isinstance(statement, ast.Import):
            if alias.asname is None:
                top = alias.name.partition(".")[0]
                found = self.find_module(module, top, 0)
                return ImportedModule(found) if found else ExternalName(top)
            found = self.find_module(module, alias.name, 0)
            return ImportedModule(found) if found else ExternalName(alias.name)
        assert isinstance(statement, ast.ImportFrom)
        base = statement.module or ""
        submodule = self.find_module(module, f"{base}.{alias.name}" if base else alias.name, statement.level)
        package = self.find_module(module, base, statement.level) if base or statement.level else None
        if package is not None and alias.name in package.names.module.bindings:
            return ImportedName(package, alias.name)
        if submodule is not None:
            return ImportedModule(submodule)
        if package is not None:
            return ImportedName(package, alias.name)
        return ExternalName(f"{base}.{alias.name}" if base else alias.name)

    def star_imported(self, module: Module, name: str, depth: int = 0) -> Module | None:
        """The module of the project from which ``from … import *`` brings a name."""
        for statement in module.star_imports:
            source = self.find_module(module, statement.module or "", statement.level)
            if source is None or source is module or depth > 5:
                continue
            if name in source.names.module.bindings:
                return source
            deeper = self.star_imported(source, name, depth + 1)
            if deeper is not None:
                return deeper
        return None

    def find_module(self, module: Module, name: str, level: int) -> Module | None:
        """The module of the project that an import in ``module`` names, if there is one."""
        path = self.find_path(module.path, name, level)
        return None if path is None else self.load(path)

    def find_path(self, path: str, name: str, level: int) -> str | None:
        """The file of the project that an import in the file at ``path`` names, if there is one."""
        key = (path, level, name)
        if key not in self._resolved:
            self._resolved[key] = self._find_path(path, name, level)
        return self._resolved[key]

    def _find_path(self, path: str, name: str, level: int) -> str | None:
        here = posixpath.dirname(path)
        tail = name.replace(".", "/")
        if level:
            for _ in range(level - 1):
                here = posixpath.dirname(here)
            return self._module_file(posixpath.join(here, tail) if tail else here)
        if not tail:
            return None
        for root in self._roots_of(here):
            found = self._module_file(posixpath.join(root, tail))
            if found is not None and found != path:
                return found
        return None

    def _roots_of(self, folder: str) -> list[str]:
        """The same without packages: a package's own folder is no place to start from."""
        known = self._starts.get(folder)
        if known is None:
            known = self._starts[folder] = [
                root for root in self._roots(folder) if not self.exists(posixpath.join(root, "__init__.py"))
            ]
        return known

    def _roots(self, folder: str) -> list[str]:
        """Folders from which an absolute import may start, nearest first."""
        roots: list[str] = []
        while True:
            roots.append(folder)
            if posixpath.basename(folder) != "src":
                roots.append(posixpath.join(folder, "src"))
            if not folder or folder in {"/", "."}:
                return roots
            above = posixpath.dirname(folder)
            if above == folder or posixpath.basename(folder) == "..":
                return roots
            folder = above

    def _module_file(self, stem: str) -> str | None:
        for candidate in (f"{stem}.py", posixpath.join(stem, "__init__.py")):
            if self.exists(candidate):
                return candidate
        return None

    def exists(self, path: str) -> bool:
        """Whether a path is a file of the project; asked often, so answers are kept."""
        known = self._exists.get(path)
        if known is None:
            known = self._exists[path] = self.project.exists(path)
        return known

    def is_published(self, module: Module) -> bool:
        """Whether a module belongs to a package that is built and installed, so that anybody may call into it."""
        if not module.path.endswith((".py", ".pyw", ".pyi")):
            return False
        folder = posixpath.dirname(module.path)
        if not self.exists(posixpath.join(folder, "__init__.py")):
            return False
        while folder and self.exists(posixpath.join(folder, "__init__.py")):
            folder = posixpath.dirname(folder)
        for home in (folder, posixpath.dirname(folder) if posixpath.basename(folder) == "src" else folder):
            if home not in self._published:
                text = self.project.text(posixpath.join(home, "pyproject.toml")) or ""
                self._published[home] = (
                    "[project]" in text
                    or "[tool.poetry]" in text
                    or any(self.exists(posixpath.join(home, name)) for name in ("setup.py", "setup.cfg"))
                )
            if self._published[home]:
                return True
        return False

    def module_name(self, module: Module) -> str:
        """The dotted name of a module as its own package would call it."""
        if module.path not in self._names:
            self._names[module.path] = self._find_name(module.path)
        return self._names[module.path]

    def _find_name(self, path: str) -> str:
        stem = path.removesuffix(".py")
        parts = [posixpath.basename(stem)]
        folder = posixpath.dirname(stem)
        while folder and self.exists(posixpath.join(folder, "__init__.py")):
            parts.insert(0, posixpath.basename(folder))
            folder = posixpath.dirname(folder)
        if parts[-1] == "__init__" and len(parts) > 1:
            parts.pop()
        return ".".join(parts)
