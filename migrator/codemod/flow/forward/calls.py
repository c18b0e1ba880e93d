"""Calls that take a value in: what those of the standard library do with it, before others are asked."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import runner_position
from migrator.codemod.flow.forward.trail import State
from migrator.codemod.flow.signatures import is_mapping_call

if TYPE_CHECKING:
    from migrator.codemod.flow.forward.walker import Walker

_PASSING = {
    "builtins.list", "builtins.tuple", "builtins.reversed", "builtins.iter", "builtins.sorted", "builtins.set",
    "typing.cast", "asyncio.run", "asyncio.wait_for", "asyncio.create_task", "asyncio.ensure_future",
    "asyncio.shield", "anyio.run", "copy.copy", "copy.deepcopy", "more_itertools.always_iterable",
    "dataclasses.replace", "asyncio.run_coroutine_threadsafe", "concurrent.futures.as_completed", "concurrent.futures.wait",
    "builtins.staticmethod", "asyncio.get_event_loop.run_until_complete", "itertools.islice", "itertools.cycle",
    "itertools.chain", "random.sample",
}  # fmt: skip

_GATHERING = {"asyncio.gather", "asyncio.as_completed", "asyncio.wait"}

_PAIRING = {"builtins.enumerate", "builtins.zip"}

_MAPPINGS = {"builtins.dict", "collections.OrderedDict"}

_KEYED = {
    "builtins.max",
    "builtins.min",
    "builtins.sorted",
    "heapq.nlargest",
    "heapq.nsmallest",
    "itertools.groupby",
}
"""Calls that ask the function ``key`` about each element of what they get."""

_TAKING = {"builtins.next", "builtins.max", "builtins.min", "random.choice"}
"""Calls that give one element of what they get."""

_TEXT_CALLS = {
    "builtins.repr", "builtins.format", "textwrap.dedent", "textwrap.indent", "html.escape", "markupsafe.Markup",
    "markupsafe.escape", "inspect.cleandoc", "markdown.markdown",
}  # fmt: skip

_FROM_JSON = {"json.loads", "json.load", "orjson.loads", "ujson.loads", "simplejson.loads"}

_TO_JSON = {"json.dumps", "orjson.dumps", "ujson.dumps", "simplejson.dumps"}

_INSPECTING = {
    "builtins.len",
    "builtins.bool",
    "builtins.any",
    "builtins.all",
    "builtins.isinstance",
    "builtins.type",
    "builtins.hasattr",
    "builtins.id",
}

_DESCRIBING = {
    "functools.wraps", "functools.update_wrapper", "asyncio.iscoroutinefunction", "inspect.iscoroutinefunction",
    "inspect.isfunction", "inspect.isgeneratorfunction", "inspect.isasyncgenfunction", "inspect.signature",
    "inspect.getfullargspec", "builtins.callable",
}  # fmt: skip
"""Calls that look at a function and do not run it."""


class Calls:
    """Follows values through calls whose meaning is known by name."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def in_call(self, state: State, call: ast.Call, keyword: str | None) -> None:
        """The value takes part in a call: as what is called, or as an argument, by ``keyword`` if that is given."""
        module, path = state.module, state.path
        if call.func is state.node:
            if path and path[0][0] == "call":
                self._walker.move(state, call, path[1:])
            elif not path:
                self._walker.read_value(state, ("call", None), call)
            return
        name = self._walker.tracer.qualified(module, call.func)
        if name in _KEYED and keyword == "key":
            self._walker.event("truth", state, call)  # it decides on the order only
            return
        if path and path[0][0] == "call" and (name in _DESCRIBING or self._runs(state, call, name)):
            return
        if name in _KEYED:
            self._asked(state, call)
        if name in _PASSING:
            self._walker.move(state, call)
        elif name in _GATHERING:
            self._walker.move(
                state,
                call,
                (("index", call.args.index(state.node) if state.node in call.args else None), *path),
            )
        elif name in _PAIRING | _TAKING and path and self._walker.containers.gives_keys(state):
            return
        elif name in _TAKING and call.args[:1] == [state.node]:
            if path:
                self._walker.move(state, call, path[1:])
            else:
                self._walker.read_value(state, ("index", 0), call)
        elif name == "itertools.chain.from_iterable" and path[:1] and path[0][0] == "index":
            self._walker.move(state, call, path[1:])
        elif name == "builtins.enumerate":
            self._walker.move(
                state, call, (("index", None), ("index", 1), *path[1:])
            ) if path else self._shifted(state, call, 1)
        elif name == "builtins.zip":
            position = call.args.index(state.node) if state.node in call.args else 0
            self._walker.move(
                state, call, (("index", None), ("index", position), *path[1:])
            ) if path else self._shifted(state, call, position)
        elif name == "builtins.dict" and keyword is not None:
            self._walker.move(state, call, path if keyword == "**" else (("key", keyword), *path))
        elif name in _MAPPINGS and len(path) > 1 and path[0][0] == path[1][0] == "index":
            # pairs: the second of each is a value, the first a key
            self._walker.move(state, call, (("key" if path[1][1] == 1 else "member", None), *path[2:]))
        elif name == "builtins.dict" or name in {
            "builtins.vars",
            "dataclasses.asdict",
            "attr.asdict",
            "attrs.asdict",
        }:
            self._walker.move(
                state, call, tuple(("key", v) if k == "attr" else (k, v) for k, v in path[:1]) + path[1:]
            )
        elif name == "builtins.getattr" and call.args and call.args[0] is state.node:
            self._walker.accesses.by_name(state, call)
        elif name == "builtins.setattr":
            self._walker.event("store", state, call)
        elif name in {"builtins.map", "builtins.filter"} and state.node in call.args[1:]:
            self._mapped(state, call)
            if name == "builtins.filter":
                self._walker.move(state, call)
        elif name == "builtins.str" and state.kind in self._walker.text_kinds:
            self._walker.move(state, call)
        elif name in _TEXT_CALLS and state.kind in self._walker.text_kinds:
            self._walker.text.to_text(state, call)
        elif name in _INSPECTING:
            self._walker.event("truth", state, call)
        elif self._is_default(state, call, keyword, name):
            self._walker.move(state, call)
        elif name in _TO_JSON and "json" in self._walker.text_kinds:
            self._walker.push(State(state.module, call, "json", path))
        elif name in _FROM_JSON:
            found = self._walker.read(State(module, state.node, state.kind), ("call", "json.loads"), call)
            if found is not None:
                self._walker.push(State(found.module, found.node, found.kind, path + found.path))
            else:
                self._walker.event("argument", state, call)
        else:
            self._walker.passing.pass_on(state, call, keyword, name)

    def _is_default(self, state: State, call: ast.Call, keyword: str | None, name: str | None) -> bool:
        """Whether the value is what a getter or a field declaration falls back to."""
        last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in {"os.getenv", "os.environ.get", "environ.get"} or (name or "").endswith(
            ("environ.get", ".getenv")
        ):
            return (len(call.args) > 1 and call.args[1] is state.node) or keyword == "default"
        if last in {"Field", "field", "ib", "attrib"}:
            return keyword == "default" or (
                keyword is None and bool(call.args) and call.args[0] is state.node
            )
        if last in {"get", "getenv", "value", "config"} and name is None:
            return (len(call.args) > 1 and call.args[1] is state.node) or keyword in {"default", "fallback"}
        return False

    def _shifted(self, state: State, call: ast.Call, position: int) -> None:
        """``enumerate(images)``: elements of the value come out at a position of the produced pairs."""
        element = self._walker.read(state, ("index", None), call)
        if element is not None:
            self._walker.push(
                State(state.module, call, element.kind, (("index", None), ("index", position), *element.path))
            )

    def _asked(self, state: State, call: ast.Call) -> None:
        """``sorted(images, key=lambda image: …)``: a function gets every element."""
        for keyword in call.keywords:
            if keyword.arg != "key" or keyword.value is state.node:
                continue
            for function in self._walker.tracer.functions(state.module, keyword.value):
                for argument in [*function.node.args.posonlyargs, *function.node.args.args][:1]:
                    self._walker.entering.element(state, call, function, argument.arg)

    def _mapped(self, state: State, call: ast.Call) -> None:
        functions = self._walker.tracer.functions(state.module, call.args[0])
        nothing = isinstance(call.args[0], ast.Constant) and call.args[0].value is None
        if not functions and not nothing:
            self._walker.event("argument", state, call)
        for function in functions:
            parameters = [*function.node.args.posonlyargs, *function.node.args.args]
            position = call.args.index(state.node) - 1
            if position < len(parameters):
                self._walker.entering.element(state, call, function, parameters[position].arg)

    def _runs(self, state: State, call: ast.Call, name: str | None) -> bool:
        """A callable is handed to something that runs it: the call's value is what the callable returns."""
        position = runner_position(call, name)
        if position is not None and position < len(call.args) and call.args[position] is state.node:
            if name == "functools.partial":
                self._walker.move(state, call)
            elif is_mapping_call(call, name):
                self._walker.move(state, call, (("index", None), *state.path[1:]))
            else:
                self._walker.move(state, call, state.path[1:])
            return True
        return False

    def starred(self, state: State, parent: ast.Starred) -> None:
        """``*values`` in a display or in a call."""
        around = state.module.parent(parent)
        path = state.path[1:] if state.path and state.path[0][0] == "index" else state.path
        if not state.path and (found := self._walker.read(state, ("index", None), state.node)) is not None:
            state, path = (
                found,
                found.path,
            )  # the value is a list by its kind, as the pictures of an answer are
        if isinstance(around, (ast.List, ast.Set, ast.Tuple)):
            self._walker.move(state, around, (("index", None), *path))
        elif isinstance(around, ast.Call):
            name = self._walker.tracer.qualified(state.module, around.func)
            if name in _GATHERING:
                self._walker.move(state, around, (("index", None), *path))
                return
            for function in self._walker.tracer.functions(state.module, around.func):
                for argument in (*function.node.args.posonlyargs, *function.node.args.args):
                    self._walker.entering.parameter(function, argument.arg, state.kind, path)
                if function.node.args.vararg is not None:
                    self._walker.entering.parameter(
                        function, function.node.args.vararg.arg, state.kind, (("index", None), *path)
                    )
            if not self._walker.tracer.functions(state.module, around.func):
                self._walker.event("argument", state, around, "*")
        else:
            self._walker.event("lost", state, parent)
