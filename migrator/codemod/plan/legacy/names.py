"""Names of the package around the calls: its errors, and the settings that are assigned to it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.imports import import_as
from migrator.codemod.plan.part import FileEdit, Part
from migrator.codemod.rewrite import DropImport, Replace
from migrator.types import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.legacy import LegacyReader
    from migrator.codemod.sites.site import Site

_ERRORS = "error"


def name_parts(context: Context, legacy: LegacyReader, site: Site) -> Iterator[Part]:
    """The parts that rename errors and settings in every file that runs together with the call."""
    context.index.search("openai.error")
    renamed = dict(legacy.calls.settings)
    if site.receiver.provider == "azure":
        renamed |= legacy.calls.azure.settings
    for module in legacy.connected(site.module):
        yield from _Errors(legacy, module).parts()
        yield from _settings(module, legacy, renamed)


def _settings(module: Module, legacy: LegacyReader, renamed: dict[str, str]) -> Iterator[Part]:
    for old, new in renamed.items():
        if not new or old == new:
            continue
        places = [*module.attribute_stores.get(old, ()), *module.loads.get(old, ())]
        for node in places:
            if isinstance(node, ast.Attribute) and legacy.is_package(module, node.value):
                end = module.span(node).end
                yield Part(
                    "IMG071", "safe", module, node, f"openai.{old} is called {new} now.",
                    edits=((module.path, Replace(Span(end - len(old), end), new)),),
                )  # fmt: skip


class _Errors:
    """The errors of one file."""

    def __init__(self, legacy: LegacyReader, module: Module) -> None:
        self.legacy = legacy
        self.module = module
        self.names = legacy.calls.errors
        self.homes = {f"{package}.{_ERRORS}" for package in legacy.calls.modules}

    def parts(self) -> Iterator[Part]:
        """The renamed errors, and what only the old ones could tell."""
        for alias in self.module.aliases:
            yield from self._import(alias)
        for name, references in sorted(self.module.loads.items()):
            for node in references:
                if isinstance(node, ast.Attribute):
                    yield from self._reference(name, node)
        for handler in ast.walk(self.module.tree):
            if isinstance(handler, ast.ExceptHandler) and handler.name and handler.type is not None:
                yield from self._details(handler)

    def _reference(self, name: str, node: ast.Attribute) -> Iterator[Part]:
        module, home = self.module, node.value
        qualified = self.legacy.tracer.qualified(module, home)
        if qualified in self.homes:
            if name not in self.names:
                yield self._left(node, f"openai.error.{name}")
            elif isinstance(home, ast.Attribute):
                start = module.span(home.value).end
                yield self._renamed(node, Span(start, module.span(node).end), f".{self.names[name]}")
            elif isinstance(home, ast.Name):
                package, imported = import_as(module, "openai")
                bound = {b.name for b in module.bindings(home)}
                drops = [DropImport(one) for one in sorted(bound) if self._only_errors(home)]
                yield self._renamed(
                    node, module.span(node), f"{package}.{self.names[name]}",
                    [(module.path, imported), *((module.path, drop) for drop in drops)],
                )  # fmt: skip
        elif name in self.names and self.names[name] != name and self.legacy.is_package(module, home):
            end = module.span(node).end
            yield self._renamed(node, Span(end - len(name), end), self.names[name])

    def _only_errors(self, home: ast.Name) -> bool:
        """Whether every use of an imported ``error`` names one of its errors."""
        return all(
            isinstance(parent := self.module.parent(use), ast.Attribute) and parent.attr in self.names
            for binding in self.module.bindings(home)
            for use in binding.uses
        )

    def _import(self, alias: ast.alias) -> Iterator[Part]:
        module, statement = self.module, self.module.parent(alias)
        if isinstance(statement, ast.Import) and alias.name in self.homes:
            if alias.asname is not None:
                yield self._left(statement, f"import {alias.name} as {alias.asname}")
            else:
                start = module.span(alias).start
                package = alias.name.rpartition(".")[0]
                yield self._renamed(alias, Span(start, start + len(alias.name)), package)
        elif isinstance(statement, ast.ImportFrom) and not statement.level and statement.module in self.homes:
            if alias.name not in self.names:
                yield self._left(statement, f"openai.error.{alias.name}")
                return
            text = module.file.text
            span = module.span(statement)
            start = text.find(statement.module, span.start, span.end)
            package = statement.module.rpartition(".")[0]
            edits: list[FileEdit] = [
                (module.path, Replace(Span(start, start + len(statement.module)), package))
            ]
            new, begin = self.names[alias.name], module.span(alias).start
            if new != alias.name:
                edits.append((module.path, Replace(Span(begin, begin + len(alias.name)), new)))
            if alias.asname is None and new != alias.name:
                for scope in module.names.scopes.values():
                    for binding in scope.bindings.get(alias.name, ()):
                        if binding.node is alias:
                            edits += [(module.path, Replace(module.span(use), new)) for use in binding.uses]
            yield Part(
                "IMG071", "safe", module, statement, f"{alias.name} is openai.{new} now.", edits=tuple(edits)
            )

    def _details(self, handler: ast.ExceptHandler) -> Iterator[Part]:
        """``error.http_status`` and kin, which the errors of today do not carry."""
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        known = (self.legacy.tracer.qualified(self.module, kind) or "" for kind in kinds if kind is not None)
        if not any(name.rpartition(".")[0] in {*self.homes, *self.legacy.calls.modules} for name in known):
            return
        for child in ast.walk(handler):
            if (
                isinstance(child, ast.Attribute)
                and child.attr in self.legacy.calls.error_attributes
                and isinstance(child.value, ast.Name)
                and child.value.id == handler.name
            ):
                yield self._left(child, f"{handler.name}.{child.attr}")

    def _renamed(self, node: ast.AST, span: Span, text: str, edits: list[FileEdit] | None = None) -> Part:
        return Part(
            "IMG071", "safe", self.module, node, f"The error is {text.lstrip('.')} now.",
            edits=((self.module.path, Replace(span, text)), *(edits or ())),
        )  # fmt: skip

    def _left(self, node: ast.AST, what: str) -> Part:
        return Part(
            "IMG072", "manual", self.module, node, f"openai>=1 has no {what}.",
            "Handle the errors of the current SDK here (status_code, body, code), or use `--sdk keep`.",
        )  # fmt: skip
