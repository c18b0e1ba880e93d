"""Where the value of an expression comes from, by the kind of the expression."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import runner_position
from migrator.codemod.flow.origins import (
    Class,
    Constant,
    Display,
    External,
    Function,
    Instance,
    Made,
    Mark,
    Origin,
    Path,
    Step,
    Unknown,
)
from migrator.codemod.flow.trace.steps import subscript_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace.tracer import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.scopes import Binding

_SAME_VALUE = {
    "builtins.str", "builtins.list", "builtins.tuple", "builtins.staticmethod", "builtins.classmethod", "typing.cast",
    "functools.lru_cache", "functools.cache", "copy.copy", "copy.deepcopy", "dataclasses.replace",
}  # fmt: skip

_PASS_THROUGH_METHODS = ("strip", "lower", "upper", "copy", "result")


class Expressions:
    """Traces expressions: the one place that knows every kind of them."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._index = tracer.index

    def origins(self, module: Module, node: ast.expr, path: Path) -> Iterator[Origin]:
        """Everything that the value of an expression, after the accesses in ``path``, can be."""
        if node in self._tracer.marks and not path:
            yield Mark(module, node)
            return
        match node:
            case ast.Constant():
                if path:
                    yield Unknown(module, node, path)
                else:
                    yield Constant(module, node)
            case ast.Name():
                bindings = module.bindings(node)
                source = self._index.star_imported(module, node.id) if not bindings else None
                if source is not None:
                    yield from self._tracer.modules.name(source, node.id, path)
                elif not bindings:
                    yield from self._tracer.modules.external(f"builtins.{node.id}", path)
                for binding in sorted(bindings, key=_binding_position):
                    yield from self._tracer.bindings.origins(module, binding, path)
            case ast.Attribute(value=ast.Call(func=ast.Attribute()) as value, attr=attr):
                yield from self._of_chain(module, value, (("attr", attr), *path))
            case ast.Attribute(value=value, attr=attr):
                yield from self._tracer.origins(module, value, (("attr", attr), *path))
            case ast.Subscript(value=value):
                yield from self._tracer.origins(module, value, (subscript_step(node), *path))
            case ast.Await(value=value) | ast.Starred(value=value):
                yield from self._tracer.origins(module, value, path)
            case ast.NamedExpr(value=value):
                yield from self._tracer.origins(module, value, path)
            case ast.IfExp(body=body, orelse=orelse):
                yield from self._tracer.origins(module, body, path)
                yield from self._tracer.origins(module, orelse, path)
            case ast.BoolOp(values=values, op=op):
                for value in values:
                    for origin in self._tracer.origins(module, value, path):
                        # `or` lets what is true through early, `and` what is not
                        ends = not isinstance(origin, Constant) or bool(origin.node.value) == isinstance(
                            op, ast.Or
                        )
                        if ends or value is values[-1]:
                            yield origin
            case ast.Dict() | ast.List() | ast.Tuple() | ast.Set():
                yield from self._display(module, node, path)
            case ast.Lambda():
                yield from self._tracer.bodies.function(Function(module, node), path)
            case ast.Call():
                yield from self._call(module, node, path)
            case ast.ListComp(elt=elt) | ast.GeneratorExp(elt=elt) | ast.SetComp(elt=elt) if (
                path and path[0][0] == "index"
            ):
                yield from self._tracer.origins(module, elt, path[1:])
            case ast.DictComp(value=value) if path and path[0][0] in {"key", "index"}:
                yield from self._tracer.origins(module, value, path[1:])
            case _:
                yield Unknown(module, node, path)

    def _of_chain(self, module: Module, called: ast.Call, path: Path) -> Iterator[Origin]:
        """What an access to the result of a method gives: link by link, or a path would grow with the chain."""
        objects = self._tracer.origins(module, called)
        if objects and all(isinstance(one, Instance) for one in objects):
            for one in objects:
                if isinstance(one, Instance):
                    yield from self._tracer.classes.of_instance(one, path)
        else:
            yield from self._tracer.origins(module, called, path)

    def _display(
        self, module: Module, node: ast.Dict | ast.List | ast.Tuple | ast.Set, path: Path
    ) -> Iterator[Origin]:
        if not path:
            yield Display(module, node)
            return
        (kind, wanted), rest = path[0], path[1:]
        if isinstance(node, ast.Dict):
            if kind == "attr" and wanted in {"get", "values", "items", "copy"}:
                yield Unknown(module, node, path)
                return
            found = False
            for key, value in zip(node.keys, node.values, strict=True):
                if key is None:
                    yield from self._tracer.origins(module, value, path)
                elif kind == "key" and wanted is not None and isinstance(key, ast.Constant):
                    if key.value == wanted:
                        found = True
                        yield from self._tracer.origins(module, value, rest)
                elif kind in {"key", "index"}:
                    found = True
                    yield from self._tracer.origins(module, value, rest)
            if not found and not any(key is None for key in node.keys):
                yield Unknown(module, node, path)
            return
        if (
            kind == "index"
            and isinstance(wanted, int)
            and not any(isinstance(e, ast.Starred) for e in node.elts)
        ):
            if -len(node.elts) <= wanted < len(node.elts):
                yield from self._tracer.origins(module, node.elts[wanted], rest)
            return
        if kind == "index":
            for element in node.elts:
                if isinstance(element, ast.Starred):
                    yield from self._tracer.origins(module, element.value, path)
                else:
                    yield from self._tracer.origins(module, element, rest)
            return
        yield Unknown(module, node, path)

    def _call(self, module: Module, node: ast.Call, path: Path) -> Iterator[Origin]:
        name = self._tracer.names.qualified(module, node.func)
        if name == "builtins.dict" and path and path[0][0] == "key":
            for keyword in node.keywords:
                if keyword.arg == path[0][1]:
                    yield from self._tracer.origins(module, keyword.value, path[1:])
                elif keyword.arg is None:
                    yield from self._tracer.origins(module, keyword.value, path)
            for argument in node.args:
                yield from self._tracer.origins(module, argument, path)
            return
        if name in _SAME_VALUE and node.args:
            yield from self._tracer.origins(module, node.args[-1], path)
            return
        if name == "builtins.getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            yield from self._tracer.origins(module, node.args[0], (("attr", str(node.args[1].value)), *path))
            if len(node.args) > 2:
                yield from self._tracer.origins(module, node.args[2], path)
            return
        if name in {"asyncio.run", "asyncio.wait_for", "asyncio.create_task", "asyncio.shield"} and node.args:
            yield from self._tracer.origins(module, node.args[0], path)
            return
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in {"get", "setdefault", "pop"}
            and node.args
        ):
            # a mapping's default is one of the values; the mapping itself may be known as well
            key = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            step: Step = ("key", key if isinstance(key, str) else None)
            receivers = self._tracer.origins(module, node.func.value)
            if any(isinstance(o, Display) and isinstance(o.node, ast.Dict) for o in receivers):
                yield from self._tracer.origins(module, node.func.value, (step, *path))
                if len(node.args) > 1:
                    yield from self._tracer.origins(module, node.args[1], path)
                return
        if isinstance(node.func, ast.Attribute) and node.func.attr in _PASS_THROUGH_METHODS and not node.args:
            inner = self._tracer.origins(module, node.func.value, path)
            if inner and not any(isinstance(o, (Instance, Class, External, Unknown)) for o in inner):
                yield from inner
                return
        position = runner_position(node, name)
        if position is not None and len(node.args) > position:
            yield from self._tracer.origins(module, node.args[position], (("call", None), *path))
            return
        produced = False
        for origin in self._tracer.origins(
            module, node.func, (("call", None),) if not path else (("call", None), *path)
        ):
            produced = True
            yield (origin if not isinstance(origin, External) else Made(module, node, _name_of(origin), path))
        if not produced:
            yield Made(module, node, name, path) if name else Unknown(module, node, path)


def _binding_position(binding: Binding) -> tuple[int, int]:
    return getattr(binding.node, "lineno", 0), getattr(binding.node, "col_offset", 0)


def _name_of(origin: Origin) -> str:
    assert isinstance(origin, External)
    return origin.name.removesuffix(".?")
