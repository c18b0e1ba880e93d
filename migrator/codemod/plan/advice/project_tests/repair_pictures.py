"""Gives stand-ins for a picture the base64 that is read from them now, and follows what is expected of the url."""

from __future__ import annotations

import ast
import base64
from typing import TYPE_CHECKING

from migrator.codemod.plan.advice.pictures import called
from migrator.codemod.plan.advice.project_tests.fakes import is_url_field, url_of
from migrator.codemod.plan.advice.project_tests.files import test_around
from migrator.codemod.plan.context import literal
from migrator.codemod.plan.part import worst
from migrator.codemod.rewrite import (
    AddArgument,
    AddEntry,
    DropArgument,
    DropEntry,
    Entries,
    Replace,
    SetArgument,
)
from migrator.codemod.rewrite import Arguments as CallEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.project_tests.fakes import Fakes
    from migrator.codemod.plan.advice.project_tests.stubs import Stubs
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import FileEdit
    from migrator.types import Fix

_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A valid picture of one pixel, as base64."""
_FIELD = "b64_json"
_DATA_URI = "data:image/png;base64,"
_CONTENT = frozenset({"body", "content", "read", "return_value", "getvalue", "data"})
_EQUALS = frozenset({"assertEqual", "assertEquals", "assertListEqual", "assertSequenceEqual"})


class PictureRepair:
    """Repairs stand-ins of one test file. ``downloaded`` are expectations of downloads that are not made any more."""

    def __init__(
        self,
        scene: Scene,
        moves: list[Move],
        module: Module,
        fakes: Fakes,
        stubs: Stubs,
        downloaded: set[ast.Call],
    ) -> None:
        self.scene = scene
        self.moves = moves
        self.module = module
        self.fakes = fakes
        self.stubs = stubs
        self.downloaded = downloaded

    def repair(self, node: ast.AST, found: list[FileEdit]) -> Fix | None:
        """The edits for a stand-in; ``None`` where a person must do it."""
        path, module = self.module.path, self.module
        url = url_of(module, node)
        text = self._base64(node, url)
        code = literal(text, module)
        match node:
            case ast.Call(keywords=keywords) if called(node) in self.scene.catalog.advice.test_fakes:
                drop = (DropArgument("url"),) if url is not None else ()
                add = SetArgument if any(one.arg == _FIELD for one in keywords) else AddArgument
                found.append((path, CallEdit(module.span(node), (*drop, add(_FIELD, code)))))
            case ast.Dict():
                found.append((path, Entries(module.span(node), (DropEntry("url"), AddEntry(_FIELD, code)))))
            case ast.Attribute(value=owner):
                statement = module.statement(node)
                if not isinstance(statement, ast.Assign) or statement.targets != [node]:
                    return None
                found.append((path, Replace(module.span(node), f"{module.source(owner)}.{_FIELD}")))
                found.append((path, Replace(module.span(statement.value), code)))
            case ast.ClassDef():
                field = self._field(node)
                if field is None or url is None:
                    return None
                found.append((path, Replace(module.span(field), _FIELD)))
                found.append((path, Replace(module.span(url), code)))
            case _:
                return None
        return self._told(node, url, text, found)

    def _field(self, node: ast.ClassDef) -> ast.expr | None:
        """The url of a class that is the same for every instance, where nothing else in the file gives or takes it."""
        made = [call for call in self.module.calls if called(call) == node.name]
        if any(call.args or call.keywords for call in made) or any(
            isinstance(one, ast.FunctionDef) and one.name in {"__init__", "url"} for one in node.body
        ):
            return None
        if any(isinstance(one, ast.Attribute) and one.attr == "url" for one in self.module.parents):
            return None
        fields = [one for one in node.body if is_url_field(one)]
        if len(fields) != 1 or not isinstance(fields[0].value, ast.Constant):
            return None
        return fields[0].target if isinstance(fields[0], ast.AnnAssign) else fields[0].targets[0]

    def _base64(self, node: ast.AST, url: ast.expr | None) -> str:
        """The bytes that the test lets be downloaded, where it has such; else a picture of one pixel."""
        if isinstance(url, ast.Constant) and isinstance(url.value, str):
            served = self.stubs.body(url.value)
            if served is not None:
                return base64.b64encode(served).decode()
        found = {value for value in self._contents(node) if isinstance(value, bytes)}
        return base64.b64encode(found.pop()).decode() if len(found) == 1 else _PIXEL

    def _around(self, node: ast.AST) -> ast.AST:
        """The test that ``node`` stands in; what stands in a fixture or at the top serves the whole file."""
        return test_around(self.module, node) or self.module.tree

    def _contents(self, node: ast.AST) -> Iterator[object]:
        """What a test lets be read from a download, in what it writes and in the classes that it names."""
        around = self._around(node)
        for inner in (child for root in (around, *self._classes(around)) for child in ast.walk(root)):
            match inner:
                case ast.Assign(targets=[ast.Attribute(attr=attr) | ast.Name(id=attr)], value=value):
                    if attr in _CONTENT:
                        yield self._literal(value)
                case ast.keyword(arg=str(attr), value=value) if attr in _CONTENT:
                    yield self._literal(value)
                case ast.FunctionDef(name=name, body=[*_, ast.Return(value=ast.expr() as value)]):
                    if name in _CONTENT:
                        yield self._literal(value)
                case ast.Dict(keys=keys, values=values):
                    # `type("R", (), {"content": …})`
                    for key, one in zip(keys, values, strict=True):
                        if isinstance(key, ast.Constant) and key.value in _CONTENT:
                            yield self._literal(one)

    def _classes(self, around: ast.AST) -> Iterator[ast.ClassDef]:
        """The stand-ins of answers that are classes of the file, as far as a test names them."""
        if isinstance(around, ast.Module):
            return
        for name in ast.walk(around):
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load):
                for binding in self.module.bindings(name):
                    if isinstance(binding.node, ast.ClassDef):
                        yield binding.node

    def _literal(self, value: ast.expr) -> object:
        """A literal, or the one that a name holds."""
        if isinstance(value, ast.Name):
            made = [binding.value for binding in self.module.bindings(value)]
            value = made[0] if len(made) == 1 and made[0] is not None else value
        return value.value if isinstance(value, ast.Constant) else None

    def _told(self, node: ast.AST, url: ast.expr | None, text: str, found: list[FileEdit]) -> Fix:
        """What the test expects of the url: it is a data URI now, where the code makes one of it."""
        if not isinstance(url, ast.Constant) or not isinstance(url.value, str):
            return "safe" if url is None else "review"
        fix: Fix = "safe"
        around = self._around(node)
        for other in ast.walk(around):
            if not isinstance(other, ast.Constant) or other is url or other.value != url.value:
                continue
            if any(other in ast.walk(use) for use in self.downloaded) or self._is_served(other):
                continue
            if other in self.fakes.given:
                continue
            if not self._is_expected(other):
                fix = "review"
                continue
            found.append(
                (self.module.path, Replace(self.module.span(other), literal(_DATA_URI + text, self.module)))
            )
            fix = worst(fix, "safe" if self._makes_data_uris() else "review")
        return fix

    def _is_served(self, node: ast.Constant) -> bool:
        """``mocker.get(url, content=…)``: an answer that is kept ready for a download, and now is not asked for."""
        call = self.module.parent(node)
        if isinstance(call, ast.keyword):
            call = self.module.parent(call)
        return call in self.stubs.found

    def _is_expected(self, node: ast.expr) -> bool:
        """Whether a text is compared with something, alone or in a list."""
        parent = self.module.parent(node)
        if isinstance(parent, ast.Compare):
            return all(isinstance(op, (ast.Eq, ast.NotEq)) for op in parent.ops)
        if isinstance(parent, (ast.List, ast.Tuple, ast.Set)):
            return self._is_expected(parent)
        return isinstance(parent, ast.Call) and called(parent) in _EQUALS

    def _makes_data_uris(self) -> bool:
        rules = self.scene.catalog.rules
        handlers = {
            rules[part.rule].handler
            for move in self.moves
            for part in move.plan.parts
            if part.edits and part.rule in rules
        }
        return bool(handlers & {"url-show", "url-leaves"}) and "url-download" not in handlers
