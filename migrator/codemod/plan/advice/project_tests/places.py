"""Finds what is old in the tests of one module."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrator.codemod.index.module import dotted
from migrator.codemod.plan.advice.pictures import called
from migrator.codemod.plan.advice.project_tests.fakes import Fakes
from migrator.codemod.plan.advice.project_tests.files import replaced, test_around
from migrator.codemod.plan.advice.project_tests.requests import Requests, gone_arguments
from migrator.codemod.plan.advice.project_tests.stubs import Stubs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.edited import Edited
    from migrator.codemod.plan.advice.scene import Move, Scene

_ANSWERS = ("url-", "download")
"""How the handlers of rules about the url of a picture begin."""


class Reader:
    """Finds what is old in the tests of one module. ``name`` is that of the module."""

    def __init__(self, scene: Scene, edited: Edited, moves: list[Move], name: str) -> None:
        self.scene = scene
        self.facts = scene.catalog.advice
        self.moves = moves
        self.downloads = set(self._downloads(edited, name))
        handlers = [
            found.handler or ""
            for move in moves
            for part in move.plan.parts
            if part.edits and (found := scene.catalog.rules.get(part.rule)) is not None
        ]
        self._spoken: dict[ast.AST, set[str]] = {}
        self.downloaded = any("download" in handler for handler in handlers)
        self.read_url = any(handler.startswith(_ANSWERS) for handler in handlers)

    def _downloads(self, edited: Edited, name: str) -> Iterator[str]:
        """The dotted names of the downloads that are gone, as a test can write them."""
        stem = name.rpartition(".")[2]
        gone = {
            call for consumer in self.scene.catalog.consumers if consumer.role == "download"
            for call in consumer.calls
        }  # fmt: skip
        module = self.moves[0].module
        for call in module.calls:
            chain = dotted(call.func)
            qualified = self.scene.tracer.qualified(module, call.func)
            if chain is None or qualified not in gone or not edited.touches(module, call):
                continue
            yield qualified
            for length in range(1, len(chain) + 1):
                yield ".".join((stem, *chain[:length]))

    def places(self, module: Module) -> Iterator[tuple[ast.AST, str]]:
        """Every place of a test that has to change, with its kind; not those about calls that stay as they are."""
        for node, kind in self._all(module):
            if kind == "download" or not self._is_about_another(module, node):
                yield node, kind

    def _all(self, module: Module) -> Iterator[tuple[ast.AST, str]]:
        requests = Requests(self.scene, self.moves, module)
        seen: set[ast.AST] = set()
        for call in module.calls:
            if any(self._is_gone(text) for text in replaced(self.scene, call)):
                yield call, "download"
            elif called(call) in self.facts.test_expectations:
                seen.update(ast.walk(call))
                old = requests.expected(call)
                for value in old:
                    yield value, "arguments"
                if not old and requests.lacks_model(call):
                    yield call, "arguments"
            elif (table := requests.matched(call)) is not None:
                yield table, "arguments"
        for node in module.parents:
            if node not in seen and requests.compares(node):
                yield node, "arguments"
        gone = gone_arguments(self.scene, self.moves)
        for node in module.parents:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and requests.insists(node, gone):
                yield node, "signature"
        if self.read_url:
            fakes = Fakes(self.facts, module)
            for node in module.parents:
                if fakes.is_fake(node):
                    yield node, "picture"
                elif fakes.is_read(node):
                    yield node, "url"
            stubs = Stubs(module, fakes.urls() if self.downloaded else set())
            for node in stubs.found:
                yield node, "stub"
            for node in stubs.counted():
                yield node, "count"

    def _is_about_another(self, module: Module, node: ast.AST) -> bool:
        """Whether the test around a place speaks of methods of the SDK, and of none that was moved."""
        around = test_around(module, node)
        if around is None:
            return False
        if around not in self._spoken:
            text = module.source(around)
            calls, legacy = self.scene.catalog.calls, self.scene.catalog.legacy
            self._spoken[around] = {
                endpoint
                for attribute, methods in (
                    (calls.attribute, calls.methods),
                    (legacy.attribute, legacy.methods),
                )
                for method, endpoint in methods.items()
                if re.search(rf"\b{attribute}\b[.,\s]+[\"']?{method}\b", text)
            }
        spoken = self._spoken[around]
        return bool(spoken) and spoken.isdisjoint(move.site.endpoint for move in self.moves)

    def _is_gone(self, text: str) -> bool:
        return text in self.downloads or any(text.endswith(f".{name}") for name in self.downloads)
