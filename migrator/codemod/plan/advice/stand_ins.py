"""What a test that was written for the old answers needs: new stand-ins, new expectations, no download."""

from __future__ import annotations

import ast
import base64
from typing import TYPE_CHECKING

from migrator.codemod.index.module import dotted
from migrator.codemod.plan.advice.pictures import called
from migrator.codemod.plan.context import literal
from migrator.codemod.plan.part import worst
from migrator.codemod.rewrite import (
    AddArgument,
    AddEntry,
    DropArgument,
    DropEntry,
    DropStatement,
    Entries,
    Replace,
    SetArgument,
)
from migrator.codemod.rewrite import Arguments as CallEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import FileEdit
    from migrator.types import Fix

_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A valid picture of one pixel, as base64."""
_FIELD = "b64_json"
_DATA_URI = "data:image/png;base64,"
_CONTENT = frozenset({"content", "read", "return_value", "getvalue", "data"})


class Repairs:
    """Finds the edits for the places of one test file. ``name`` is that of the module under test."""

    def __init__(
        self, scene: Scene, moves: list[Move], module: Module, name: str, downloads: list[ast.Call]
    ) -> None:
        self.scene = scene
        self.moves = moves
        self.module = module
        self.stem = name.rpartition(".")[2]
        self.downloaded = {use for call in downloads for use in self._assertions(call)}
        """Expectations of downloads that are not made any more."""

    def of(self, node: ast.AST, kind: str) -> tuple[Fix, tuple[FileEdit, ...]] | None:
        """The edits for one place and how far they can be trusted; ``None`` where a person must do it."""
        found: list[FileEdit] = []
        fix: Fix | None = None
        if kind == "picture":
            fix = self._picture(node, found)
        elif kind == "arguments" and isinstance(node, ast.expr):
            fix = self._expected(node, found)
        elif kind == "signature" and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            fix = self._signature(node, found)
        elif kind == "download" and isinstance(node, ast.Call):
            fix = self._download(node, found)
        return None if fix is None or not found else (fix, tuple(found))

    # pictures

    def _picture(self, node: ast.AST, found: list[FileEdit]) -> Fix | None:
        path, module = self.module.path, self.module
        match node:
            case ast.Call(keywords=keywords):
                url = next((one.value for one in keywords if one.arg == "url"), None)
                text = self._base64(node)
                drop = (DropArgument("url"),) if url is not None else ()
                add = SetArgument if any(one.arg == _FIELD for one in keywords) else AddArgument
                found.append((path, CallEdit(module.span(node), (*drop, add(_FIELD, literal(text, module))))))
                return self._told(node, url, text, found)
            case ast.Dict(keys=keys, values=values):
                url = next(
                    v
                    for k, v in zip(keys, values, strict=True)
                    if isinstance(k, ast.Constant) and k.value == "url"
                )
                text = self._base64(node)
                changes_of = (DropEntry("url"), AddEntry(_FIELD, literal(text, module)))
                found.append((path, Entries(module.span(node), changes_of)))
                return self._told(node, url, text, found)
            case ast.Attribute(value=owner):
                statement = module.statement(node)
                if not isinstance(statement, ast.Assign) or statement.targets != [node]:
                    return None
                text = self._base64(node)
                found.append((path, Replace(module.span(node), f"{module.source(owner)}.{_FIELD}")))
                found.append((path, Replace(module.span(statement.value), literal(text, module))))
                return self._told(node, statement.value, text, found)
        return None

    def _base64(self, node: ast.AST) -> str:
        """The bytes that the test lets be downloaded, where it has such; else a picture of one pixel."""
        found = {value for value in self._contents(node) if isinstance(value, bytes)}
        return base64.b64encode(found.pop()).decode() if len(found) == 1 else _PIXEL

    def _around(self, node: ast.AST) -> ast.AST:
        """The test that ``node`` stands in; what stands in a fixture or at the top serves the whole file."""
        around = self.module.function(node)
        while around is not None and not getattr(around, "name", "").startswith("test"):
            around = self.module.function(around)
        return around or self.module.tree

    def _contents(self, node: ast.AST) -> Iterator[object]:
        around = self._around(node)
        for inner in ast.walk(around):
            match inner:
                case ast.Assign(targets=[ast.Attribute(attr=attr)], value=ast.Constant(value=value)):
                    if attr in _CONTENT:
                        yield value
                case ast.keyword(arg=str(attr), value=ast.Constant(value=value)) if attr in _CONTENT:
                    yield value

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
        return isinstance(call, ast.Call) and any(k.arg in {"content", "body"} for k in call.keywords)

    def _is_expected(self, node: ast.Constant) -> bool:
        parent = self.module.parent(node)
        if isinstance(parent, ast.Compare):
            return all(isinstance(op, (ast.Eq, ast.NotEq)) for op in parent.ops)
        return isinstance(parent, ast.Call) and called(parent) in {"assertEqual", "assertEquals"}

    def _makes_data_uris(self) -> bool:
        rules = self.scene.catalog.rules
        handlers = {
            rules[part.rule].handler
            for move in self.moves
            for part in move.plan.parts
            if part.edits and part.rule in rules
        }
        return bool(handlers & {"url-show", "url-leaves"}) and "url-download" not in handlers

    # arguments

    def _expected(self, node: ast.expr, found: list[FileEdit]) -> Fix | None:
        parent = self.module.parent(node)
        if isinstance(parent, ast.keyword) and parent.arg is not None:
            call = self.module.parent(parent)
            assert isinstance(call, ast.Call)
            value = self._change(parent.arg, node)
            if value is None:
                return None
            changes: list[DropArgument | SetArgument] = []
            if value == "":
                changes.append(DropArgument(parent.arg))
            else:
                found.append((self.module.path, Replace(self.module.span(node), literal(value, self.module))))
            if not any(keyword.arg == "model" for keyword in call.keywords) and names_a_model(self.moves):
                changes.append(SetArgument("model", literal(self.scene.context.target.id, self.module)))
            if changes:
                found.append((self.module.path, CallEdit(self.module.span(call), tuple(changes))))
            return "safe" if self._is_of_the_method(call) else "review"
        if isinstance(node, ast.Compare):
            return self._compared(node, node.left, node.comparators[0], found)
        if isinstance(node, ast.Call) and called(node) in self.scene.catalog.advice.test_expectations:
            code = literal(self.scene.context.target.id, self.module)
            found.append((self.module.path, CallEdit(self.module.span(node), (SetArgument("model", code),))))
            return "safe"
        if isinstance(node, ast.Call) and len(node.args) > 1:
            return self._compared(node, node.args[0], node.args[1], found)
        return None

    def _compared(self, node: ast.expr, one: ast.expr, other: ast.expr, found: list[FileEdit]) -> Fix | None:
        if isinstance(one, ast.Constant):
            one, other = other, one
        if isinstance(other, ast.Dict):
            return self._mapping(one, other, found)
        if isinstance(other, (ast.List, ast.Tuple)):
            tables = [entry for entry in other.elts if isinstance(entry, ast.Dict)]
            fixes = [self._mapping(one, table, found) for table in tables]
            return None if None in fixes or not fixes else "review"
        key: object = None
        match one:
            case ast.Subscript(slice=ast.Constant(value=key)):
                pass
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=key), *_]):
                pass
        if not isinstance(key, str) or not isinstance(other, ast.Constant):
            return None
        change = self._change(key, other)
        statement = self.module.statement(node)
        if change is None:
            return None
        if change != "":
            found.append((self.module.path, Replace(self.module.span(other), literal(change, self.module))))
            return "safe"
        if (
            isinstance(node, ast.Compare)
            and isinstance(node.ops[0], ast.Eq)
            and isinstance(one, ast.Subscript)
            and "call_args" in (asked := self.module.source(one.value))
        ):
            text = f"{literal(key, self.module)} not in {asked}"
            found.append((self.module.path, Replace(self.module.span(node), text)))
            return "safe"
        whole = statement.test if isinstance(statement, ast.Assert) else getattr(statement, "value", None)
        if whole is not node:
            return None
        found.append((self.module.path, DropStatement(self.module.span(statement))))
        return "review"

    def _mapping(self, one: ast.expr, table: ast.Dict, found: list[FileEdit]) -> Fix | None:
        """``call_args.kwargs == {…}``: every argument of the call is in the table."""
        changes: list[DropEntry | AddEntry] = []
        names: list[object] = []
        for key, value in zip(table.keys, table.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return None
            names.append(key.value)
            change = self._change(key.value, value)
            if change == "":
                changes.append(DropEntry(key.value))
            elif change is not None:
                found.append(
                    (self.module.path, Replace(self.module.span(value), literal(change, self.module)))
                )
        if "model" not in names and names_a_model(self.moves):
            changes.append(AddEntry("model", literal(self.scene.context.target.id, self.module)))
        if changes:
            found.append((self.module.path, Entries(self.module.span(table), tuple(changes))))
        return "safe" if self.module.source(one).endswith("kwargs") else "review"

    def _signature(self, node: ast.FunctionDef | ast.AsyncFunctionDef, found: list[FileEdit]) -> Fix:
        """What is not passed any more gets a default, and so does everything behind it."""
        arguments = node.args
        places = [*arguments.posonlyargs, *arguments.args]
        bare = places[: len(places) - len(arguments.defaults)]
        gone = gone_arguments(self.scene, self.moves)
        first = next((place for place, one in enumerate(bare) if one.arg in gone), len(bare))
        loose = [
            one for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is None and one.arg in gone
        ]  # fmt: skip
        for argument in (*bare[first:], *loose):
            equals = " = None" if argument.annotation is not None else "=None"
            text = f"{self.module.source(argument)}{equals}"
            found.append((self.module.path, Replace(self.module.span(argument), text)))
        return "safe"

    def _change(self, parameter: str, value: ast.expr) -> str | None:
        """The value that is expected from now on, an empty text for none, ``None`` where that is not known."""
        context, catalog = self.scene.context, self.scene.catalog
        endpoints = {move.site.endpoint for move in self.moves}
        if any(parameter in catalog.dropped(endpoint, context.target) for endpoint in endpoints):
            return ""
        after = {
            move.plan.after.get(parameter) for move in self.moves if _plain(move.plan.after.get(parameter))
        }
        if isinstance(value, ast.Constant):
            for endpoint in endpoints:
                one = catalog.translate(endpoint, parameter, value.value, context.target, context.today)
                if (
                    one.kind == "replace"
                    and one.value
                    and (parameter == "model" or not after or one.value in after)
                ):
                    return one.value
        return None

    def _is_of_the_method(self, call: ast.Call) -> bool:
        """``client.images.generate.assert_called_once_with(…)`` and the like."""
        chain = dotted(call.func) or ()
        return any(part in self.scene.catalog.calls.methods for part in chain)

    # downloads

    def _download(self, call: ast.Call, found: list[FileEdit]) -> Fix | None:
        """A replaced download stays in place, and is expected not to happen."""
        target = call.args[0]
        if not isinstance(target, ast.Constant) or not isinstance(target.value, str):
            return None
        parts = target.value.split(".")
        if self.stem in parts:
            rest = parts[parts.index(self.stem) + 1 :]
            if len(rest) > 1:
                # the module need not import the library any more; the function is the same one
                found.append(
                    (
                        self.module.path,
                        Replace(self.module.span(target), literal(".".join(rest), self.module)),
                    )
                )
            elif called(call) == "patch" and not any(keyword.arg == "create" for keyword in call.keywords):
                found.append(
                    (self.module.path, CallEdit(self.module.span(call), (AddArgument("create", "True"),)))
                )
            else:
                return None
        for use in self._assertions(call):
            found.append(
                (self.module.path, Replace(self.module.span(use), f"{self._owner(use)}.assert_not_called()"))
            )
        return "safe"

    def _owner(self, use: ast.Call) -> str:
        assert isinstance(use.func, ast.Attribute)
        return self.module.source(use.func.value)

    def _assertions(self, call: ast.Call) -> Iterator[ast.Call]:
        """Calls that expect the replaced function to have been called."""
        name = self._bound_name(call)
        function = self.module.function(call) or self._decorated(call)
        if name is None or function is None:
            return
        for inner in ast.walk(function):
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
                owner = inner.func.value
                if (
                    isinstance(owner, ast.Name)
                    and owner.id == name
                    and inner.func.attr.startswith("assert_called")
                ):
                    yield inner

    def _decorated(self, call: ast.Call) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        parent = self.module.parent(call)
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) and call in parent.decorator_list:
            return parent
        return None

    def _bound_name(self, call: ast.Call) -> str | None:
        """The name under which a test has the replacement."""
        parent = self.module.parent(call)
        match parent:
            case ast.withitem(optional_vars=ast.Name(id=name)):
                return name
            case ast.Assign(targets=[ast.Name(id=name)]):
                return name
        function = self._decorated(call)
        if function is None or len(call.args) > 1:
            return None
        patches = [
            one
            for one in function.decorator_list
            if isinstance(one, ast.Call) and called(one) in self.scene.catalog.advice.test_patches
        ]
        given = [one for one in reversed(patches) if len(one.args) < (3 if called(one) == "object" else 2)]
        names = [argument.arg for argument in function.args.args if argument.arg not in {"self", "cls"}]
        place = given.index(call)
        return names[place] if place < len(names) else None


def gone_arguments(scene: Scene, moves: list[Move]) -> set[str]:
    """Arguments that the migrated calls do not pass any more."""
    dropped = {
        name for move in moves for name in scene.catalog.dropped(move.site.endpoint, scene.context.target)
    }
    return {name for name in dropped if any(name in move.plan.before for move in moves)}


def names_a_model(moves: list[Move]) -> bool:
    """Whether a model is spelled out by the rewrite that no call named before."""
    return all("model" not in move.plan.before and "model" in move.plan.after for move in moves)


def _plain(value: object) -> bool:
    return isinstance(value, (str, int, float))
