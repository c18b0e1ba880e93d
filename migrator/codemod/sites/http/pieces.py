"""Urls whose path stands nowhere as a whole: whether a project can have one, in which files, and in which calls."""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import RUNNER_METHODS, RUNNERS

if TYPE_CHECKING:
    from migrator.catalog.queries import Catalog
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.project import ProjectIndex
    from migrator.codemod.index.scopes import Binding

_FILES = 30
"""Files that are read because a piece of such a path stands in them."""
_RUNNERS = frozenset(
    {*(name.rpartition(".")[2] for name in RUNNERS), *RUNNER_METHODS, "to_thread", "partial", "run_sync"}
)


class Pieces:
    """Answers from the bytes of the files, so that a project without such a url costs no more than a look."""

    def __init__(self, index: ProjectIndex, catalog: Catalog) -> None:
        self.index = index
        self.facts = catalog.http
        self.catalog = catalog
        self.verbs = {name.rpartition(".")[2] for post in self.facts.posts for name in post.calls}
        word = re.escape(self.facts.opening)
        last = "|".join(re.escape(path.rpartition("/")[2].removesuffix("s")) for path in self.facts.endpoints)
        # a segment of a path within a string, and neither the key of a mapping nor a folder of pictures
        self._segment = re.compile(
            rf"[\"'/}}]{word}(?:[{{%]|/(?:[{{%\"']|{last})|[\"'](?!\s*[\]:]))|(?<!\[)[\"'/]{word}[\"']\s*\]"
        )

    def load(self) -> bool:
        """Read the files that can hold a piece of such a path; whether there may be such a url at all."""
        if not self.index.modules:
            return False
        near = [word.encode() for word in self.facts.opening_near]
        opened = self.index.project.related([self.facts.opening.encode()], near)
        named = self._is_named
        if named:
            self.index.search(*self.facts.openings)

        def may_hold(text: str) -> bool:
            return bool(self._segment.search(text) and (named or self._ends.search(text)))

        found = any(may_hold(module.file.text) for module in self.index.modules.values())
        others = [
            file
            for file in opened
            if file.path not in self.index.modules
            and file.path not in self.index.broken
            and may_hold(file.text)
        ]
        others.sort(key=lambda file: not any(word in file.text for word in self.facts.opening_near))
        for file in others[:_FILES]:
            self.index.add(file)
        return found or bool(others)

    @cached_property
    def _ends(self) -> re.Pattern[str]:
        """The last part of such a path, at the start of a string or of a part of the path."""
        last = "|".join(re.escape(path.rpartition("/")[2]) for path in self.facts.endpoints)
        return re.compile(rf"[\"'/](?:{last})\b")

    @property
    def _is_named(self) -> bool:
        """Whether any file names the service, a setting that holds its address, or a model for pictures."""
        words = {
            *self.facts.opening_needs,
            *self.facts.settings,
            *self.catalog.calls.hosts,
            *self.catalog.names(),
        }
        words = {word for word in words if not any(one in word for one in words if one != word)}
        if any(word in module.file.text for module in self.index.modules.values() for word in words):
            return True
        return bool(self.index.project.related([word.encode() for word in sorted(words)]))

    def may_send(self, module: Module, call: ast.Call) -> bool:
        """Whether a call can be one that sends a request, by its name alone; nothing is read for the answer."""
        func = call.func
        if isinstance(func, ast.Attribute):
            return func.attr in self.verbs or func.attr in _RUNNERS
        if not isinstance(func, ast.Name):
            return False
        bindings = module.bindings(func)
        if not bindings:
            return func.id in _RUNNERS or bool(module.star_imports)
        return any(self._may_stand_for_one(module, binding) for binding in bindings)

    def _may_stand_for_one(self, module: Module, binding: Binding) -> bool:
        if binding.kind == "assign":
            value = binding.value
            return isinstance(value, ast.Name) or (
                isinstance(value, ast.Attribute) and (value.attr in self.verbs or value.attr in _RUNNERS)
            )
        if binding.kind != "import" or not isinstance(binding.node, ast.alias):
            return False
        statement = module.parents[binding.node]
        if not isinstance(statement, ast.ImportFrom):
            return False  # a module is not called
        inside = self.index.find_path(module.path, statement.module or "", statement.level)
        name = binding.node.name
        return inside is not None or name in self.verbs or name in _RUNNERS
