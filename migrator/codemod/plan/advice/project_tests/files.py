"""Which files of the project are tests of a module, and what they put in the place of something else."""

from __future__ import annotations

import ast
import posixpath
import re
from typing import TYPE_CHECKING

from migrator.codemod.index.module import dotted
from migrator.codemod.plan.advice.pictures import called
from migrator.codemod.plan.advice.project_tests.ties import Passages, Ties, in_word
from migrator.codemod.plan.advice.scene import import_aliases

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Scene
    from migrator.types import SourceFile


class Tests:
    """Finds the tests of modules; what it learns of a file is kept for the next module."""

    def __init__(self, scene: Scene, owners: Collection[str]) -> None:
        """``owners`` are the paths of the modules whose tests are asked for."""
        self._scene = scene
        self._owners = owners
        self._tests: dict[Module, bool] = {}
        self._replaced: dict[Module, list[str]] = {}
        self._out: dict[str, SourceFile] = {}
        self._passages: dict[str, Passages] = {}
        self._imports_tests: dict[str, bool] = {}

    def of(self, owner: Module, name: str, *, alone: bool) -> list[Module]:
        """The tests of a module, with the fixtures and the helpers that they use."""
        scene, index = self._scene, self._scene.context.index
        tests = [m for m in index.modules.values() if m is not owner and self._is_test(m)]
        tied = [
            module
            for module in tests
            if (alone and _replaces_the_method(scene, module)) or self._is_tied(module, owner, name)
        ]
        for test in tied:
            tests += self._left_out(test)
        used = [m for m in tests if m not in tied and any(scene.knows(test, m) for test in tied)]
        for path in sorted({path for module in tied for path in _fixtures(module.path)}):
            shared = index.load(path) if index.project.in_scope(path) else None
            if shared is not None and shared not in tied and shared not in used:
                used.append(shared)
        return tied + used

    def read(self, stem: str) -> None:
        """Read the files that can be tests of a module which is called ``stem``, the last part of its name.

        One that neither imports such a module nor can name it where something is replaced is left out, until a test of
        the module imports it.
        """
        find = self._scene.context.index.find_path
        tied = Ties(stem)

        def fits(file: SourceFile) -> bool:
            if file.path not in self._passages:
                self._passages[file.path] = Passages(file.text, self._scene.catalog.advice.test_patches)
            names = tied.names(self._passages[file.path])
            if names is None or any(find(file.path, *name) in self._owners for name in names):
                return True
            self._out[file.path] = file
            return False

        self.read_all(stem, fits=fits)

    def read_all(self, *words: str, fits: Callable[[SourceFile], bool] = lambda _: True) -> None:
        """Read the files with one of these words that can be tests; what else has them says nothing of the tests."""
        packages = self._scene.catalog.advice.test_imports

        def is_test(file: SourceFile) -> bool:
            if not any(_holds(file.text, word) for word in words):
                return False
            return (file.is_test or self._imports_packages(file)) and fits(file)

        self._scene.context.index.search(*words, near=packages, fits=is_test)

    def _imports_packages(self, file: SourceFile) -> bool:
        """Whether a file seems to import something that only tests need."""
        if file.path not in self._imports_tests:
            packages = [name for name in self._scene.catalog.advice.test_imports if name in file.text]
            imported = rf"\b(?:from|import)\b[^\n]*\b(?:{'|'.join(map(re.escape, packages))})\b"
            self._imports_tests[file.path] = bool(packages) and re.search(imported, file.text) is not None
        return self._imports_tests[file.path]

    def _left_out(self, test: Module) -> list[Module]:
        """The files among the tests that were left out, and that this one imports."""
        if not self._out:
            return []
        index = self._scene.context.index
        found = []
        for alias in import_aliases(test):
            statement = test.parents[alias]
            if isinstance(statement, ast.ImportFrom):
                base, level = statement.module or "", statement.level
                names = [(base, level), (f"{base}.{alias.name}" if base else alias.name, level)]
            else:
                names = [(alias.name, 0)]
            for name, level in names:
                file = self._out.pop(index.find_path(test.path, name, level) or "", None)
                module = index.add(file) if file is not None else None
                if module is not None:
                    found.append(module)
        return found

    def _is_test(self, module: Module) -> bool:
        if module not in self._tests:
            self._tests[module] = _is_test(self._scene, module)
        return self._tests[module]

    def _is_tied(self, module: Module, owner: Module, name: str) -> bool:
        """Whether a test imports a module, or names it where something is replaced."""
        if self._scene.knows(module, owner):
            return True
        if module not in self._replaced:
            texts = (text for call in module.calls for text in replaced(self._scene, call))
            self._replaced[module] = [f".{text}" for text in texts]
        return any(f".{name}." in text for text in self._replaced[module])


def _holds(text: str, word: str) -> bool:
    """Whether a word occurs as a whole; what is no word may stand anywhere."""
    at = text.find(word)
    while at >= 0 and word.isidentifier():
        if not (in_word(text, at - 1) or in_word(text, at + len(word))):
            return True
        at = text.find(word, at + 1)
    return at >= 0


def _fixtures(path: str) -> Iterator[str]:
    """Where pytest looks for the fixtures of a test file."""
    while path:
        folder = posixpath.dirname(path)
        if folder == path:
            return
        yield posixpath.join(folder, "conftest.py")
        path = folder


def _is_test(scene: Scene, module: Module) -> bool:
    if module.is_test:
        return True
    packages = scene.catalog.advice.test_imports
    if not any(package in module.file.text for package in packages):
        return False
    for alias in import_aliases(module):
        statement = module.parents[alias]
        name = statement.module or "" if isinstance(statement, ast.ImportFrom) else alias.name
        if name.partition(".")[0] in packages:
            return True
    return False


def test_around(module: Module, node: ast.AST) -> ast.AST | None:
    """The test function that something stands in."""
    around = module.function(node)
    while around is not None and not getattr(around, "name", "").startswith("test"):
        around = module.function(around)
    return around


def method_chains(scene: Scene) -> list[str]:
    """How code names the methods of the SDK."""
    calls = scene.catalog.calls
    return [f"{calls.attribute}.{method}." for method in calls.methods]


def _replaces_the_method(scene: Scene, module: Module) -> bool:
    """Whether a test has a stand-in for the SDK's method itself: ``client.images.generate.return_value``."""
    return any(chain in module.file.text for chain in method_chains(scene))


def replaced(scene: Scene, call: ast.Call) -> Iterator[str]:
    """The dotted name that a call puts something else in the place of."""
    if called(call) not in scene.catalog.advice.test_patches or not call.args:
        return
    match call.args:
        case [ast.Constant(value=str(name)), *_]:
            yield name
        case [owner, ast.Constant(value=str(name)), *_] if (chain := dotted(owner)) is not None:
            yield ".".join((*chain, name))
