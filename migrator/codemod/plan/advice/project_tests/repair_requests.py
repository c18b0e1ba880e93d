"""Makes what a test expects of a request what is asked for now."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.index.module import dotted
from migrator.codemod.plan.advice.pictures import called
from migrator.codemod.plan.advice.project_tests.requests import gone_arguments, names_a_model
from migrator.codemod.plan.context import literal
from migrator.codemod.rewrite import (
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
    from migrator.codemod.index.module import FunctionDef, Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import FileEdit
    from migrator.types import Fix


class RequestRepair:
    """Repairs expectations and fake clients of one test file."""

    def __init__(self, scene: Scene, moves: list[Move], module: Module) -> None:
        self.scene = scene
        self.moves = moves
        self.module = module

    def repair(self, node: ast.expr, found: list[FileEdit]) -> Fix | None:
        """The edits for an expectation; ``None`` where a person must do it."""
        if isinstance(node, ast.Dict) and not isinstance(self.module.parent(node), ast.Compare):
            return self._mapping(None, node, found)
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
        if isinstance(other, ast.Call):
            return self._keywords(one, other, found)
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

    def _keywords(self, one: ast.expr, table: ast.Call, found: list[FileEdit]) -> Fix | None:
        """``call_args.kwargs == dict(model=…)``."""
        changes: list[DropArgument | SetArgument] = []
        for keyword in table.keywords:
            change = None if keyword.arg is None else self._change(keyword.arg, keyword.value)
            if keyword.arg is not None and change == "":
                changes.append(DropArgument(keyword.arg))
            elif keyword.arg is not None and change is not None:
                changes.append(SetArgument(keyword.arg, literal(change, self.module)))
        if not changes:
            return None
        if not any(keyword.arg == "model" for keyword in table.keywords) and names_a_model(self.moves):
            changes.append(SetArgument("model", literal(self.scene.context.target.id, self.module)))
        found.append((self.module.path, CallEdit(self.module.span(table), tuple(changes))))
        return "safe" if self.module.source(one).endswith("kwargs") else "review"

    def _mapping(self, one: ast.expr | None, table: ast.Dict, found: list[FileEdit]) -> Fix | None:
        """``call_args.kwargs == {…}``, or the body that a stub insists on: every argument of the call is in it."""
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
        return "safe" if one is None or self.module.source(one).endswith("kwargs") else "review"

    def signature(self, node: FunctionDef, found: list[FileEdit]) -> Fix:
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


def _plain(value: object) -> bool:
    return isinstance(value, (str, int, float))
