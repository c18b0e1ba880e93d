"""What a test expects a request to be made with, and whether that is old."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeGuard

from migrator.codemod.index.module import dotted
from migrator.codemod.plan.advice.pictures import called

if TYPE_CHECKING:
    from migrator.codemod.index.module import FunctionDef, Module
    from migrator.codemod.plan.advice.scene import Move, Scene


class Requests:
    """Judges what one test file says about the arguments of the calls that were moved."""

    def __init__(self, scene: Scene, moves: list[Move], module: Module) -> None:
        self.scene = scene
        self.facts = scene.catalog.advice
        self.leaving = set(scene.catalog.leaving(scene.context.today))
        self.moves = moves
        self.module = module

    def insists(self, node: FunctionDef, gone: set[str]) -> bool:
        """Whether a fake method of the client has a parameter without default that no call passes any more."""
        arguments = node.args
        if node.name not in self.scene.catalog.calls.methods:
            return False
        places = [*arguments.posonlyargs, *arguments.args]
        needed = {one.arg for one in places[: len(places) - len(arguments.defaults)]}
        pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        needed |= {one.arg for one, default in pairs if default is None}
        return bool(needed & gone)

    def lacks_model(self, call: ast.Call) -> bool:
        """``images.generate.assert_called_with(prompt=…)`` where the call names a model from now on."""
        names = {keyword.arg for keyword in call.keywords}
        methods = self.scene.catalog.calls.methods
        return (
            bool(names) and not names & {"model", None}
            and any(part in methods for part in dotted(call.func) or ())
            and names_a_model(self.moves)
        )  # fmt: skip

    def matched(self, call: ast.Call) -> ast.Dict | None:
        """The body that a stub insists on: ``json_params_matcher({…})``, ``respx.post(url, json={…})``."""
        tables: list[ast.expr] = []
        if called(call) in self.facts.test_matchers:
            tables += call.args[:1]
        for keyword in call.keywords:
            if keyword.arg in self.facts.test_matchers or (keyword.arg == "json" and self._asks(call)):
                tables.append(keyword.value)
        return next((one for one in tables if isinstance(one, ast.Dict) and self._old_entries(one)), None)

    def _asks(self, call: ast.Call) -> bool:
        """Whether a url among the arguments of a call is that of a request that was moved."""
        return any(
            isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.endswith(endpoint)
            for one in (*call.args, *(keyword.value for keyword in call.keywords))
            for endpoint in self.scene.catalog.http.endpoints
        )

    def expected(self, call: ast.Call) -> list[ast.expr]:
        """The old arguments that a call such as ``assert_called_once_with(…)`` expects."""
        found = [k.value for k in call.keywords if k.arg is not None and self._is_old(k.arg, k.value)]
        return found + [
            value for argument in call.args for child in ast.walk(argument) if isinstance(child, ast.Dict)
            for value in self._old_entries(child)
        ]  # fmt: skip

    def _is_old_request(self, entry: ast.expr) -> bool:
        """Whether an entry of an expected list is a table with old arguments, or a tuple with an old model."""
        if isinstance(entry, ast.Dict):
            return bool(self._old_entries(entry))
        if _makes_dict(entry):
            return bool(self.expected(entry))
        return isinstance(entry, ast.Tuple) and any(
            isinstance(one, ast.Constant) and one.value in self.leaving for one in entry.elts
        )

    def _old_entries(self, table: ast.Dict) -> list[ast.expr]:
        pairs = zip(table.keys, table.values, strict=True)
        return [v for k, v in pairs if isinstance(k, ast.Constant) and self._is_old(k.value, v)]

    def _is_old(self, parameter: object, value: ast.expr) -> bool:
        """Whether a request does not have this argument any more, or another value in its place."""
        if not isinstance(parameter, str):
            return False
        context = self.scene.context
        for endpoint in {move.site.endpoint for move in self.moves}:
            if parameter in self.scene.catalog.dropped(endpoint, context.target):
                return True
            if isinstance(value, ast.Constant):
                written: list[object] = [value.value]
            else:
                written = [leaf.value for leaf in self.scene.values.sources(self.module, value).leaves]
            for one in written:
                found = self.scene.catalog.translate(endpoint, parameter, one, context.target, context.today)
                if found.kind == "replace" and one is not None:
                    return True
        return False

    def compares(self, node: ast.AST) -> bool:
        """``kwargs["model"] == "old name"``, ``"style" in kwargs``, and the same as calls of ``assertEqual``."""
        match node:
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[other]):
                return self._is_dropped_key(left, other) or self._admits_old(left, other)
            case ast.Compare(left=left, comparators=[other]):
                return self._pair(left, other) or self._pair(other, left)
            case ast.Call(args=[one, other, *_]) if called(node).startswith("assert"):
                return self._pair(one, other) or self._pair(other, one) or self._is_dropped_key(one, other)
        return False

    def _is_dropped_key(self, key: ast.expr, container: ast.expr) -> bool:
        if not isinstance(key, ast.Constant) or isinstance(container, ast.Constant):
            return False
        return self._is_dropped(key.value) and self._holds_arguments(container)

    def _is_dropped(self, name: object) -> bool:
        context = self.scene.context
        return isinstance(name, str) and any(
            name in self.scene.catalog.dropped(move.site.endpoint, context.target) for move in self.moves
        )

    def _holds_arguments(self, container: ast.expr) -> bool:
        """Whether a name in an expression says that it holds a request: a widget has a style, too."""
        words = self.facts.test_requests
        names = (
            text.lower()
            for node in ast.walk(container)
            for text in (getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "value", None))
            if isinstance(text, str)
        )
        return any(word in name for name in names for word in words)

    def _is_asked(self, container: ast.expr, name: object, value: ast.Constant) -> bool:
        """Whether ``container[name]`` is an old argument; one that is gone is a word of many other things."""
        if not self._is_old(name, value):
            return False
        given = (move.plan.before.get(str(name)) for move in self.moves)
        return not self._is_dropped(name) or self._holds_arguments(container) or value.value in given

    def _admits_old(self, one: ast.expr, other: ast.expr) -> bool:
        """``assert quality in ("standard", "hd")``: a fake client lets only old values through."""
        if not isinstance(other, (ast.Tuple, ast.List, ast.Set)):
            return False
        match one:
            case ast.Name(id=name) | ast.Subscript(slice=ast.Constant(value=str() as name)):
                pass
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str() as name), *_]):
                pass
            case _:
                return False
        values = [value for value in other.elts if isinstance(value, ast.Constant)]
        return any(value.value in self.leaving or self._is_old(name, value) for value in values)

    def _pair(self, one: ast.expr, other: ast.expr) -> bool:
        if isinstance(other, ast.Set):
            names = [entry.value for entry in other.elts if isinstance(entry, ast.Constant)]
            return any(map(self._is_dropped, names)) and self._holds_arguments(one)
        if isinstance(other, (ast.List, ast.Tuple)):
            return not isinstance(one, (ast.List, ast.Tuple)) and any(map(self._is_old_request, other.elts))
        if isinstance(other, ast.Dict):
            return not isinstance(one, ast.Dict) and bool(self._old_entries(other))
        if _makes_dict(other):
            return not isinstance(one, ast.Dict) and bool(self.expected(other))
        if not isinstance(other, ast.Constant):
            return False
        if other.value in self.leaving:
            return True
        match one:
            case ast.Subscript(value=container, slice=ast.Constant(value=key)):
                return self._is_asked(container, key, other)
            case ast.Call(
                func=ast.Attribute(value=container, attr="get"), args=[ast.Constant(value=key), *_]
            ):
                return self._is_asked(container, key, other)
        return False


def _makes_dict(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict"


def gone_arguments(scene: Scene, moves: list[Move]) -> set[str]:
    """Arguments that the migrated calls do not pass any more."""
    dropped = {
        name for move in moves for name in scene.catalog.dropped(move.site.endpoint, scene.context.target)
    }
    return {name for name in dropped if any(name in move.plan.before for move in moves)}


def names_a_model(moves: list[Move]) -> bool:
    """Whether a model is spelled out by the rewrite that no call named before."""
    return all("model" not in move.plan.before and "model" in move.plan.after for move in moves)
