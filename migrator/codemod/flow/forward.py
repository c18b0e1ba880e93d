"""Following forward: from an expression to everything that its value reaches, across functions and modules."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from migrator.codemod.flow.callables import runner_position
from migrator.codemod.flow.origins import (
    Class,
    Display,
    Function,
    Instance,
    Made,
    Parameter,
    Path,
    Step,
    Unknown,
)
from migrator.codemod.flow.shapes import field_names, has_fields
from migrator.codemod.flow.signatures import decorator_names, is_mapping_call, is_static, is_test_path
from migrator.codemod.flow.trace import Caller, subscript_step
from migrator.codemod.index.module import Module, dotted
from migrator.codemod.index.project import ImportedName, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.scopes import Binding, Scope

What = Literal[
    "argument",  # passed to a callable from outside the project; node is the argument, parent the call
    "access",  # an attribute or item is read from it; parent is the attribute or subscript
    "truth",  # only tested
    "compare",  # compared; parent is the comparison
    "discard",  # dropped
    "return",  # leaves through a function that others may call
    "store",  # put somewhere that cannot be followed
    "key",  # used as a key of a dict or a subscript
    "operate",  # takes part in an operation that has no meaning for it
    "lost",  # cannot be followed
]


class State(NamedTuple):
    """A value of some kind that sits at ``path`` inside the value of ``node``."""

    module: Module
    node: ast.expr
    kind: str
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to a value and ends the path on which it was followed."""

    what: What
    state: State
    parent: ast.AST | None = None
    detail: str = ""


Reader = "Callable[[State, Step, ast.expr], State | None]"


@dataclass(slots=True)
class Trail:
    """Everything that one walk met."""

    events: list[Event] = field(default_factory=list)
    states: set[State] = field(default_factory=set)
    annotations: set[tuple[Module, ast.expr]] = field(default_factory=set)
    """Annotations of parameters and fields that the value passes through."""


_LIMIT = 1500
"""States after which a value counts as lost."""
_ALLOWANCE = 50_000
"""What following one value may cost, in questions to the tracer."""
_PASSING = {
    "builtins.list", "builtins.tuple", "builtins.reversed", "builtins.iter", "builtins.sorted", "builtins.set",
    "typing.cast", "asyncio.run", "asyncio.wait_for", "asyncio.create_task", "asyncio.ensure_future",
    "asyncio.shield", "anyio.run", "copy.copy", "copy.deepcopy", "more_itertools.always_iterable",
    "dataclasses.replace", "asyncio.run_coroutine_threadsafe", "concurrent.futures.as_completed", "concurrent.futures.wait",
    "builtins.staticmethod", "asyncio.get_event_loop.run_until_complete",
}  # fmt: skip
_GATHERING = {"asyncio.gather", "asyncio.as_completed", "asyncio.wait"}
_PASSING_METHODS = {"run_until_complete", "create_task"}
_TEXT_TAKERS = {"join", "format", "format_map", "replace", "substitute", "safe_substitute"}
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


class Walker:
    """Follows values forward. ``read`` says what an access to a value of some kind gives.

    ``read(state, step, node)`` returns the state of ``node``, or ``None`` where the access is of no interest; it may
    note things on the side. An access that ``read`` does not know is reported when ``kind`` is in ``watched``.
    """

    def __init__(
        self,
        tracer: Tracer,
        read: Callable[[State, Step, ast.expr], State | None],
        watched: frozenset[str] = frozenset(),
        text_kinds: dict[str, str] | None = None,
        stop: Callable[[State, ast.AST | None], bool] | None = None,
        limit: int = _LIMIT,
    ) -> None:
        self.tracer = tracer
        self.index = tracer.index
        self._read = read
        self._watched = watched
        self._text = text_kinds or {}
        self._stop = stop
        self._limit = limit
        self.trail = Trail()
        self._todo: list[State] = []
        self._allowance = 0
        self._said: set[Event] = set()

    def follow(self, states: Iterable[State]) -> Trail:
        """Follow values to all their ends."""
        start = list(states)
        for state in start:
            self._push(state)
        self._allowance = self.tracer.work + _ALLOWANCE
        while self._todo:
            state = self._todo.pop()
            crowded = len(self.trail.states) > self._limit
            if crowded or self._is_spent():
                # what was met so far is only a part, so nothing but the loss itself is worth saying
                self.trail.events = []
                self._said.clear()
                why = (
                    "too many places can get it" if crowded else "the project is too large to look everywhere"
                )
                self._event("lost", start[0], None, why)
                break
            self._step(state)
        return self.trail

    # bookkeeping

    def _is_spent(self) -> bool:
        """Whether this walk has cost what it may; :meth:`follow` then ends it and says so."""
        return self.tracer.work > self._allowance

    def _push(self, state: State) -> None:
        if len(state.path) > 6:
            self._event("lost", state, None, "it is nested too deeply")
            return
        if state not in self.trail.states:
            self.trail.states.add(state)
            self._todo.append(state)

    def _event(self, what: What, state: State, parent: ast.AST | None, detail: str = "") -> None:
        event = Event(what, state, parent, detail)
        if event not in self._said:
            self._said.add(event)
            self.trail.events.append(event)

    def _move(self, state: State, node: ast.expr, path: Path | None = None, kind: str | None = None) -> None:
        self._push(State(state.module, node, kind or state.kind, state.path if path is None else path))

    # one step

    def _step(self, state: State) -> None:
        module, node, path = state.module, state.node, state.path
        parent = module.parent(node)
        if self._stop is not None and self._stop(state, parent):
            return
        match parent:
            case ast.Attribute(value=value) if value is node:
                self._attribute(state, parent)
            case ast.Subscript(value=value) if value is node:
                self._subscript(state, parent)
            case ast.Subscript():
                self._event("key", state, parent)
            case ast.Call():
                self._in_call(state, parent, None)
            case ast.keyword(arg=name):
                call = module.parent(parent)
                if isinstance(call, ast.Call):
                    self._in_call(state, call, name or "**")
                else:
                    self._event("lost", state, parent)
            case ast.Starred():
                self._starred(state, parent)
            case ast.Await():
                self._move(state, parent)
            case ast.NamedExpr(target=target):
                self._move(state, parent)
                self._bound(state, target, path)
            case ast.IfExp(test=test):
                if test is node:
                    self._event("truth", state, parent)
                else:
                    self._move(state, parent)
            case ast.BoolOp(values=values, op=op):
                if values[-1] is not node and isinstance(op, ast.And):
                    self._event("truth", state, parent)
                else:
                    self._move(state, parent)
            case ast.UnaryOp(op=ast.Not()) | ast.If() | ast.While() | ast.Assert():
                self._event("truth", state, parent)
            case ast.Compare():
                self._compare(state, parent)
            case ast.Assign(targets=targets):
                for target in targets:
                    self._assign(state, target)
            case ast.AnnAssign(target=target):
                self._assign(state, target)
            case ast.AugAssign(target=target, op=op):
                self._augment(state, target, op)
            case ast.Return():
                self._return(state, ())
            case ast.Yield():
                self._return(state, (("index", None),))
            case ast.YieldFrom():
                self._return(state, ())
            case ast.Lambda():
                self._move(state, parent, (("call", None), *path))
            case ast.Dict(keys=keys, values=values):
                self._in_dict(state, parent, keys, values)
            case ast.List() | ast.Set():
                self._move(state, parent, (("index", None), *path))
            case ast.Tuple(elts=elts):
                self._move(state, parent, (("index", elts.index(node)), *path))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                self._move(state, parent, (("index", None), *path))
            case ast.DictComp(value=value):
                if value is node:
                    self._move(state, parent, (("key", None), *path))
                else:
                    self._move(state, parent, (("member", None), *path))
            case ast.comprehension(iter=iterated, target=target):
                if iterated is node:
                    self._iterate(state, target)
                else:
                    self._event("truth", state, parent)
            case ast.For(iter=iterated, target=target) | ast.AsyncFor(iter=iterated, target=target):
                if iterated is node:
                    self._iterate(state, target)
            case ast.withitem(optional_vars=target):
                if target is not None:
                    self._assign(state, target)
            case ast.FormattedValue():
                self._formatted(state, parent)
            case ast.BinOp():
                self._operate(state, parent)
            case ast.Expr():
                self._event("discard", state, parent)
            case ast.Raise():
                self._event("discard", state, parent)
            case ast.Match():
                self._event("compare", state, parent)
            case ast.Slice():
                self._event("operate", state, parent)
            case ast.arguments():
                self._default(state, parent)
            case ast.match_case() | ast.MatchValue():
                self._event("compare", state, parent)
            case _:
                self._event("lost", state, parent)

    def _default(self, state: State, arguments: ast.arguments) -> None:
        """The value is the default of a parameter."""
        node = state.module.parent(arguments)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return
        positional = [*arguments.posonlyargs, *arguments.args]
        named: list[tuple[ast.arg, ast.expr | None]] = [
            *zip(reversed(positional), reversed(arguments.defaults), strict=False),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        for argument, default in named:
            if default is state.node:
                self._parameter(Function(state.module, node), argument.arg, state.kind, state.path)

    # accesses

    def _attribute(self, state: State, parent: ast.Attribute) -> None:
        if not isinstance(parent.ctx, ast.Load):
            return
        path = state.path
        outer = state.module.parent(parent)
        if parent.attr == "result" and isinstance(outer, ast.Call) and outer.func is parent:
            self._move(state, outer)
            return
        if not path:
            self._read_value(state, ("attr", parent.attr), parent)
            return
        first = path[0]
        call = state.module.parent(parent)
        called = isinstance(call, ast.Call) and call.func is parent
        if first == ("attr", parent.attr):
            self._move(state, parent, path[1:])
        elif first[0] == "attr" and parent.attr == "__dict__":
            self._move(state, parent, (("key", first[1]), *path[1:]))
        elif first[0] == "attr" and called and isinstance(call, ast.Call):
            if parent.attr in {
                "model_dump",
                "dict",
                "to_dict",
                "asdict",
                "_asdict",
                "json",
                "model_dump_json",
            }:
                self._move(state, call, (("key", first[1]), *path[1:]))
            elif parent.attr in {"copy", "model_copy", "_replace"}:
                self._move(state, call)
        elif first[0] == "member" and called and isinstance(call, ast.Call):
            if parent.attr == "keys":
                self._move(state, call)
            elif parent.attr == "items":
                self._move(state, call, (("index", None), ("index", 0), *path[1:]))
        elif first[0] in {"key", "index"} and called and isinstance(call, ast.Call):
            self._container_method(state, parent.attr, call)
        elif first[0] == "call" and parent.attr in {"result", "get"}:
            self._move(state, parent)

    def _container_method(self, state: State, name: str, call: ast.Call) -> None:
        first, rest = state.path[0], state.path[1:]
        if name in {"get", "pop", "setdefault"} and first[0] == "key":
            wanted = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
            if first[1] is None or wanted is None or wanted == first[1]:
                self._move(state, call, rest)
        elif name in {"pop", "popleft", "__getitem__", "get", "get_nowait"}:
            self._move(state, call, rest)
        elif name == "values":
            self._move(state, call, (("index", None), *rest))
        elif name == "items":
            self._move(state, call, (("index", None), ("index", 1), *rest))
        elif name in {"copy", "union"}:
            self._move(state, call)

    def _subscript(self, state: State, parent: ast.Subscript) -> None:
        if not isinstance(parent.ctx, ast.Load):
            return
        if not state.path:
            if isinstance(parent.slice, ast.Slice) and state.kind in self._text:
                self._to_text(state, parent)
            elif isinstance(parent.slice, ast.Slice):
                self._read_value(state, ("attr", "[:]"), parent)
            else:
                self._read_value(state, subscript_step(parent), parent)
            return
        if isinstance(parent.slice, ast.Slice):
            self._move(state, parent)
            return
        step, first = subscript_step(parent), state.path[0]
        if (first[0] == "attr" and step[0] == "key" and step[1] == first[1]) or (
            first[0] in {"key", "index"}
            and (step == first or first[1] is None or step == ("index", None) or _same_end(step, first))
        ):
            self._move(state, parent, state.path[1:])

    def _read_value(self, state: State, step: Step, parent: ast.expr) -> None:
        found = self._read(state, step, parent)
        if found is not None:
            self._push(found)
        elif state.kind in self._watched:
            self._event("access", state, parent)

    # calls

    def _in_call(self, state: State, call: ast.Call, keyword: str | None) -> None:
        module, path = state.module, state.path
        if call.func is state.node:
            if path and path[0][0] == "call":
                self._move(state, call, path[1:])
            elif not path:
                self._read_value(state, ("call", None), call)
            return
        name = self.tracer.qualified(module, call.func)
        if path and path[0][0] == "call" and self._runs(state, call, name):
            return
        if name in _PASSING:
            self._move(state, call)
        elif name in _GATHERING:
            self._move(
                state,
                call,
                (("index", call.args.index(state.node) if state.node in call.args else None), *path),
            )
        elif name == "builtins.next":
            self._move(state, call, path[1:] if path else path) if path else self._read_value(
                state, ("index", 0), call
            )
        elif name == "builtins.enumerate":
            self._move(state, call, (("index", None), ("index", 1), *path[1:])) if path else self._shifted(
                state, call, 1
            )
        elif name == "builtins.zip":
            position = call.args.index(state.node) if state.node in call.args else 0
            self._move(
                state, call, (("index", None), ("index", position), *path[1:])
            ) if path else self._shifted(state, call, position)
        elif name == "builtins.dict" and keyword is not None:
            self._move(state, call, path if keyword == "**" else (("key", keyword), *path))
        elif name == "builtins.dict" or name in {
            "builtins.vars",
            "dataclasses.asdict",
            "attr.asdict",
            "attrs.asdict",
        }:
            self._move(
                state, call, tuple(("key", v) if k == "attr" else (k, v) for k, v in path[:1]) + path[1:]
            )
        elif name == "builtins.getattr" and call.args and call.args[0] is state.node:
            self._getattr(state, call)
        elif name == "builtins.setattr":
            self._event("store", state, call)
        elif name in {"builtins.map", "builtins.filter"} and state.node in call.args[1:]:
            self._mapped(state, call)
            if name == "builtins.filter":
                self._move(state, call)
        elif name == "builtins.str" and state.kind in self._text:
            self._move(state, call)
        elif name in _TEXT_CALLS and state.kind in self._text:
            self._to_text(state, call)
        elif name in _INSPECTING:
            self._event("truth", state, call)
        elif self._is_default(state, call, keyword, name):
            self._move(state, call)
        elif name in _TO_JSON and "json" in self._text:
            self._push(State(state.module, call, "json", path))
        elif name in _FROM_JSON:
            found = self._read(State(module, state.node, state.kind), ("call", "json.loads"), call)
            if found is not None:
                self._push(State(found.module, found.node, found.kind, path + found.path))
            else:
                self._event("argument", state, call)
        else:
            self._pass_on(state, call, keyword, name)

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
        element = self._read(state, ("index", None), call)
        if element is not None:
            self._push(
                State(state.module, call, element.kind, (("index", None), ("index", position), *element.path))
            )

    def _mapped(self, state: State, call: ast.Call) -> None:
        functions = self.tracer.functions(state.module, call.args[0])
        nothing = isinstance(call.args[0], ast.Constant) and call.args[0].value is None
        if not functions and not nothing:
            self._event("argument", state, call)
        for function in functions:
            parameters = [*function.node.args.posonlyargs, *function.node.args.args]
            position = call.args.index(state.node) - 1
            if position >= len(parameters):
                continue
            if state.path:
                inner: State | None = State(function.module, call, state.kind, state.path[1:])
            else:
                inner = self._read(state, ("index", None), call)
            if inner is not None:
                self._parameter(function, parameters[position].arg, inner.kind, inner.path)

    def _runs(self, state: State, call: ast.Call, name: str | None) -> bool:
        """A callable is handed to something that runs it: the call's value is what the callable returns."""
        position = runner_position(call, name)
        if position is not None and position < len(call.args) and call.args[position] is state.node:
            if name == "functools.partial":
                self._move(state, call)
            elif is_mapping_call(call, name):
                self._move(state, call, (("index", None), *state.path[1:]))
            else:
                self._move(state, call, state.path[1:])
            return True
        return False

    def _getattr(self, state: State, call: ast.Call) -> None:
        name = call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], ast.Constant) else None
        if not isinstance(name, str):
            self._event("lost", state, call)
        elif not state.path:
            self._read_value(state, ("attr", name), call)
        elif state.path[0] == ("attr", name):
            self._move(state, call, state.path[1:])

    def _pass_on(self, state: State, call: ast.Call, keyword: str | None, name: str | None) -> None:
        module = state.module
        if isinstance(call.func, ast.Attribute):
            if self._method(state, call, call.func, keyword, name):
                return
        if call.args and call.args[0] is not state.node and self.tracer.runs_callable(module, call):
            self._event("argument", state, call, keyword or "")
            return
        position = runner_position(call, name)
        callee: ast.expr = call.func
        shift = 0
        if position is not None and len(call.args) > position:
            callee, shift = call.args[position], position + 1
        known = False
        for origin in self.tracer.origins(module, callee):
            if isinstance(origin, Function):
                known = True
                self._enter(state, call, origin, keyword, shift, callee)
            elif isinstance(origin, (Class, Instance)):
                known = True
                cls = Class(origin.module, origin.node)
                if isinstance(origin, Instance):
                    self._enter_method(state, call, cls, "__call__", keyword)
                else:
                    self._construct(state, call, cls, keyword)
            elif isinstance(origin, Made):
                known = self._into_named_tuple(state, call, origin, keyword) or known
        if not known and isinstance(callee, ast.Attribute):
            for function in self._named_methods(callee, call):
                known = True
                self._enter(state, call, function, keyword, shift, callee)
        if not known:
            self._event("argument", state, call, keyword or "")

    def _into_named_tuple(self, state: State, call: ast.Call, origin: Made, keyword: str | None) -> bool:
        """``Result = namedtuple("Result", "prompt url")``: the value sits in a field of the tuple."""
        if not origin.name.endswith("amedtuple") and not origin.name.endswith("NamedTuple"):
            return False
        names = named_tuple_fields(origin.node)
        name: str | None = keyword
        if keyword is None and state.node in call.args and call.args.index(state.node) < len(names):
            name = names[call.args.index(state.node)]
        if name is None:
            return False
        self._move(state, call, (("attr", name), *state.path))
        if name in names:
            self._move(state, call, (("index", names.index(name)), *state.path))
        return True

    def _named_methods(self, callee: ast.Attribute, call: ast.Call) -> list[Function]:
        """Methods of the project that a call may mean although its object is not known."""
        found = []
        methods = self.index.methods(callee.attr)
        if len(methods) > 1:
            return []
        for other, owner, node in methods:
            callers = self.tracer.callers(other, node)
            if any(caller.call is call for caller in callers.calls):
                found.append(Function(other, node, owner))
        return found

    def _method(
        self, state: State, call: ast.Call, func: ast.Attribute, keyword: str | None, name: str | None
    ) -> bool:
        """Methods of builtin containers and strings that take the value in."""
        path = state.path
        if func.attr in {"append", "add", "appendleft", "put", "put_nowait"} and len(call.args) == 1:
            if name is None or name.startswith("builtins."):
                self._into_container(state, func.value, (("index", None), *path))
                return True
        if func.attr == "insert" and len(call.args) == 2 and call.args[1] is state.node:
            self._into_container(state, func.value, (("index", None), *path))
            return True
        if func.attr == "extend":
            self._into_container(state, func.value, path)
            return True
        if func.attr == "update" and self._is_mapping(state.module, func.value):
            self._into_container(
                state, func.value, path if keyword in {None, "**"} else (("key", keyword), *path)
            )
            return True
        if func.attr == "setdefault" and len(call.args) == 2 and call.args[1] is state.node:
            key = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
            self._into_container(state, func.value, (("key", key if isinstance(key, str) else None), *path))
            self._move(state, call)
            return True
        if func.attr in _TEXT_TAKERS and state.kind in self._text:
            if not self.tracer.functions(state.module, func):
                self._to_text(state, call)
                return True
        if func.attr in _PASSING_METHODS and name is None and not self.tracer.functions(state.module, func):
            self._move(state, call)
            return True
        return False

    def _is_mapping(self, module: Module, node: ast.expr) -> bool:
        origins = self.tracer.origins(module, node)
        return any(isinstance(o, Display) and isinstance(o.node, ast.Dict) for o in origins) or not origins

    def _enter(
        self,
        state: State,
        call: ast.Call,
        function: Function,
        keyword: str | None,
        shift: int,
        callee: ast.expr,
    ) -> None:
        node = function.node
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
        keyword_names = {*names, *(a.arg for a in node.args.kwonlyargs)}
        if keyword == "**":
            self._spread(state, function, keyword_names)
            return
        if keyword is not None:
            if keyword in keyword_names:
                self._parameter(function, keyword, state.kind, state.path)
            elif node.args.kwarg is not None:
                self._parameter(function, node.args.kwarg.arg, state.kind, (("key", keyword), *state.path))
            return
        if state.node not in call.args:
            return
        position = call.args.index(state.node) - shift
        if position < 0:
            if state.path and state.path[0][0] == "call":
                self._move(state, call, state.path[1:])
            return
        if (
            function.owner is not None
            and not is_static(node)
            and not _through_class(self.tracer, state.module, callee)
        ) or (
            function.owner is not None
            and not isinstance(node, ast.Lambda)
            and "classmethod" in decorator_names(node)
        ):
            position += 1
        if position < len(names):
            self._parameter(function, names[position], state.kind, state.path)
        elif node.args.vararg is not None:
            offset = position - len(names)
            self._parameter(function, node.args.vararg.arg, state.kind, (("index", offset), *state.path))

    def _spread(self, state: State, function: Function, names: set[str]) -> None:
        """``f(**mapping)``: keys of the mapping become parameters."""
        if state.path and state.path[0][0] == "key":
            key = state.path[0][1]
            if isinstance(key, str) and key in names:
                self._parameter(function, key, state.kind, state.path[1:])
                return
        if function.node.args.kwarg is not None:
            self._parameter(function, function.node.args.kwarg.arg, state.kind, state.path)

    def _enter_method(self, state: State, call: ast.Call, cls: Class, name: str, keyword: str | None) -> bool:
        for owner in self.tracer.family(cls):
            scope = owner.module.names.scopes.get(owner.node)
            for binding in scope.bindings.get(name, ()) if scope else ():
                if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    function = Function(owner.module, binding.node, owner.node)
                    self._enter(state, call, function, keyword, 0, ast.Name(id="self", ctx=ast.Load()))
                    return True
        return False

    def _construct(self, state: State, call: ast.Call, cls: Class, keyword: str | None) -> None:
        if self._enter_method(state, call, cls, "__init__", keyword):
            return
        for owner in self.tracer.family(cls):
            if has_fields(owner.node):
                names = field_names(owner.node)
                field_name = keyword
                if keyword is None and state.node in call.args:
                    position = call.args.index(state.node)
                    field_name = names[position] if position < len(names) else None
                if field_name == "**" and state.path and state.path[0][0] == "key":
                    key = state.path[0][1]
                    self._attribute_of(state, owner, str(key), state.path[1:])
                    self._move(state, call, (("attr", key), *state.path[1:]))
                    return
                if field_name is not None:
                    self._attribute_of(state, owner, field_name, state.path)
                    self._move(state, call, (("attr", field_name), *state.path))
                    return
        if keyword is not None and keyword != "**":
            self._move(state, call, (("attr", keyword), *state.path))
        self._event("argument", state, call, keyword or "")

    def _parameter(self, function: Function, name: str, kind: str, path: Path) -> None:
        scope = function.module.names.scopes.get(function.node)
        for binding in scope.bindings.get(name, ()) if scope else ():
            if binding.kind == "parameter":
                if isinstance(binding.node, ast.arg) and binding.node.annotation is not None:
                    self.trail.annotations.add((function.module, binding.node.annotation))
                self._uses(function.module, binding, kind, path)

    def _uses(self, module: Module, binding: Binding, kind: str, path: Path) -> None:
        for use in binding.uses:
            self._push(State(module, use, kind, path))

    def _starred(self, state: State, parent: ast.Starred) -> None:
        around = state.module.parent(parent)
        path = state.path[1:] if state.path and state.path[0][0] == "index" else state.path
        if isinstance(around, (ast.List, ast.Set, ast.Tuple)):
            self._move(state, around, (("index", None), *path))
        elif isinstance(around, ast.Call):
            name = self.tracer.qualified(state.module, around.func)
            if name in _GATHERING:
                self._move(state, around, (("index", None), *path))
                return
            for function in self.tracer.functions(state.module, around.func):
                for argument in (*function.node.args.posonlyargs, *function.node.args.args):
                    self._parameter(function, argument.arg, state.kind, path)
                if function.node.args.vararg is not None:
                    self._parameter(
                        function, function.node.args.vararg.arg, state.kind, (("index", None), *path)
                    )
            if not self.tracer.functions(state.module, around.func):
                self._event("argument", state, around, "*")
        else:
            self._event("lost", state, parent)

    # binding

    def _assign(self, state: State, target: ast.expr) -> None:
        match target:
            case ast.Name():
                self._bound(state, target, state.path)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                for position, element in enumerate(elts):
                    inner = element.value if isinstance(element, ast.Starred) else element
                    if not state.path:
                        found = self._read(state, ("index", position), state.node)
                        if found is not None:
                            self._assign_inner(found, inner)
                    elif state.path[0] in {("index", position), ("index", None)}:
                        self._assign_inner(State(state.module, state.node, state.kind, state.path[1:]), inner)
            case ast.Attribute():
                self._store_attribute(state, target)
            case ast.Subscript(value=value):
                step = subscript_step(target)
                key: Step = step if step[0] == "key" else ("key", None) if step[1] is None else step
                self._into_container(state, value, (key, *state.path))
            case ast.Starred(value=value):
                self._assign(state, value)
            case _:
                self._event("lost", state, target)

    def _assign_inner(self, state: State, target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._bound(state, target, state.path)
        else:
            self._assign(state, target)

    def _bound(self, state: State, target: ast.expr, path: Path) -> None:
        if not isinstance(target, ast.Name):
            return
        for binding in _bindings_of(state.module, target):
            for use in binding.uses:
                self._push(State(state.module, use, state.kind, path))
            if binding.scope is state.module.names.module:
                self._global(state, binding, path)
            if isinstance(binding.scope.node, ast.ClassDef):
                annotated = state.module.parent(target)
                if isinstance(annotated, ast.AnnAssign):
                    self.trail.annotations.add((state.module, annotated.annotation))
                self._attribute_of(state, Class(state.module, binding.scope.node), binding.name, path)

    def _global(self, state: State, binding: Binding, path: Path) -> None:
        """A module-level name is also read by modules that import it."""
        near = (state.module.path.rpartition("/")[2][:-3],)
        references = self.index.references(binding.name, near)
        for alias in self.index.aliases(binding.name):
            references = [*references, *self.index.references(alias, near)]
        for module, reference in references:
            if module is state.module:
                continue
            if isinstance(reference, ast.Name):
                if module.star_imports and not module.bindings(reference):
                    if self.index.star_imported(module, reference.id) is state.module:
                        self._push(State(module, reference, state.kind, path))
                for other in module.bindings(reference):
                    if self._is_import_of(module, other, state.module, binding.name):
                        self._push(State(module, reference, state.kind, path))
            elif self._names_module(module, reference.value, state.module):
                self._push(State(module, reference, state.kind, path))

    def _is_import_of(self, module: Module, binding: Binding, wanted: Module, name: str) -> bool:
        """Whether a name is imported from a module, directly or through others that pass it on."""
        for _ in range(6):
            if binding.kind != "import" or not isinstance(binding.node, ast.alias):
                return False
            found = self.index.imported(module, binding.node)
            if not isinstance(found, ImportedName):
                return False
            if found.module is wanted:
                return found.name == name
            onward = found.module.names.module.bindings.get(found.name, ())
            if len(onward) != 1:
                return False
            module, binding = found.module, onward[0]
        return False

    def _names_module(self, module: Module, node: ast.expr, wanted: Module) -> bool:
        chain = dotted(node)
        if chain is None:
            return False
        return any(
            getattr(o, "module", None) is wanted and type(o).__name__ == "ProjectModule"
            for o in self.tracer.origins(module, node)
        )

    def _iterate(self, state: State, target: ast.expr) -> None:
        if state.path:
            if state.path[0][0] in {"index", "member"}:
                self._assign_inner(State(state.module, state.node, state.kind, state.path[1:]), target)
            elif state.path[0][0] == "key" and len(state.path) == 1:
                return
            return
        found = self._read(state, ("index", None), state.node)
        if found is not None:
            self._assign_inner(State(found.module, found.node, found.kind, found.path), target)
        elif state.kind in self._watched:
            self._event("access", state, state.module.parent(state.node))

    def _store_attribute(self, state: State, target: ast.Attribute) -> None:
        module = state.module
        owners = self.owners(module, target.value)
        if not owners:
            name = self.tracer.qualified(module, target)
            if name is None or not self._same_external(state, name, state.path):
                self._event("store", state, target, name or "")
            return
        for owner in owners:
            self._attribute_of(state, owner, target.attr, state.path)

    def owners(self, module: Module, node: ast.expr) -> list[Class]:
        """The classes of the project that an expression can be an object of."""
        found: list[Class] = []
        if isinstance(node, ast.Name):
            function = module.function(node)
            while function is not None:
                owner = module.enclosing_class(function)
                positional = [*function.args.posonlyargs, *function.args.args]
                if owner is not None and positional and positional[0].arg == node.id:
                    return [Class(module, owner)]
                function = module.function(function)
        for origin in self.tracer.origins(module, node):
            if isinstance(origin, (Instance, Class)):
                cls = Class(origin.module, origin.node)
                if cls not in found:
                    found.append(cls)
        return found

    def _attribute_of(self, state: State, cls: Class, name: str, path: Path) -> None:
        """The value sits in an attribute of objects of a class: go to every read of that attribute."""
        scope = cls.module.names.scopes.get(cls.node)
        for binding in scope.bindings.get(name, ()) if scope else ():
            declared = cls.module.parent(binding.node)
            if isinstance(declared, ast.AnnAssign):
                self.trail.annotations.add((cls.module, declared.annotation))
            setter = binding.node
            if isinstance(setter, ast.FunctionDef) and "setter" in decorator_names(setter):
                for argument in setter.args.args[1:2]:
                    self._parameter(Function(cls.module, setter, cls.node), argument.arg, state.kind, path)
        references = self.index.references(name, (cls.node.name,))
        read = self.tracer.reads_of(cls, name, self._is_spent)
        if self._is_set_here_only(name, cls):
            known = {reference for _, reference in read}
            read += [
                (module, reference)
                for module, reference in references
                if isinstance(reference, ast.Attribute)
                and reference not in known
                and not self._is_spent()
                and self._may_be_object(module, reference)
            ]
        for module, reference in sorted(read, key=place_of):
            self._push(State(module, reference, state.kind, path))
        if self._is_spent():
            self._todo.append(state)  # so that the walk is not over, and its end is said to be a loss
            return
        if not references and not name.startswith("_"):
            self._event("store", state, state.module.parent(state.node), f"nothing here reads .{name}")

    def _may_be_object(self, module: Module, reference: ast.Attribute) -> bool:
        """Whether an attribute is read from an object of unknown class."""
        if not isinstance(reference.ctx, ast.Load) or is_test_path(module.path):
            return False
        origins = self.tracer.origins(module, reference.value)
        return not any(
            not isinstance(o, (Unknown, Parameter)) or getattr(o, "annotation", None) for o in origins
        )

    def _is_set_here_only(self, name: str, cls: Class) -> bool:
        """Whether no class but this one and its bases sets an attribute of a name, so that any read may mean it."""
        family: set[ast.ClassDef | None] = {one.node for one in self.tracer.family(cls)}
        return all(
            isinstance(target.value, ast.Name) and where.method_class(target) in family
            for where, target in self.index.stores(name)
        )

    def _same_external(self, state: State, name: str, path: Path) -> bool:
        """``st.session_state.url = …`` is read again as the same dotted name, or by key. Whether a read was found."""
        base, _, last = name.rpartition(".")
        found = False
        for module, reference in self.index.references(last):
            if isinstance(reference, ast.Attribute) and self.tracer.qualified(module, reference) == name:
                stored = isinstance(module.parent(reference), ast.Attribute) and self._only_fills(
                    module, reference
                )
                found = found or not stored
                self._push(State(module, reference, state.kind, path))
        for module, reference in self.index.references(base.rpartition(".")[2]):
            parent = module.parent(reference)
            if (
                isinstance(parent, ast.Subscript)
                and parent.value is reference
                and isinstance(parent.ctx, ast.Load)
                and subscript_step(parent) == ("key", last)
                and self.tracer.qualified(module, reference) == base
            ):
                found = True
                self._push(State(module, parent, state.kind, path))
        return found and not name.startswith("os.")

    def _only_fills(self, module: Module, reference: ast.expr) -> bool:
        """Whether a container is only mentioned to put something in."""
        parent = module.parent(reference)
        return isinstance(parent, ast.Attribute) and parent.attr in {
            "append",
            "add",
            "extend",
            "insert",
            "update",
        }

    def _into_container(self, state: State, container: ast.expr, path: Path) -> None:
        module = state.module
        if len(path) > 6:
            self._event("lost", state, container)
            return
        match container:
            case ast.Name():
                bindings = module.bindings(container)
                if not bindings:
                    self._event("store", state, container)
                for binding in bindings:
                    self._container_binding(state, binding, path)
            case ast.Attribute():
                owners = self.owners(module, container.value)
                for owner in owners:
                    self._attribute_of(state, owner, container.attr, path)
                if not owners:
                    name = self.tracer.qualified(module, container)
                    if name is None or not self._same_external(state, name, path):
                        self._event("store", state, container, name or "")
            case ast.Subscript(value=value):
                self._into_container(state, value, (subscript_step(container), *path))
            case _:
                self._event("store", state, container)

    def _container_binding(self, state: State, binding: Binding, path: Path) -> None:
        module = state.module
        for use in binding.uses:
            self._push(State(module, use, state.kind, path))
        if binding.scope is module.names.module:
            self._global(state, binding, path)
        if binding.kind == "parameter" and isinstance(
            binding.scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)
        ):
            self._event("store", state, binding.node, "a container that the caller passed in")
        if binding.kind == "import":
            self._event("store", state, binding.node, "a container of another module")

    # text, operations, tests

    def _formatted(self, state: State, parent: ast.FormattedValue) -> None:
        joined = state.module.parent(parent)
        if isinstance(joined, ast.JoinedStr):
            self._to_text(state, joined)

    def _to_text(self, state: State, node: ast.expr) -> None:
        kind = self._text.get(state.kind)
        if kind is None:
            self._event("operate", state, node)
        else:
            self._push(State(state.module, node, kind, ()))

    def _operate(self, state: State, parent: ast.BinOp) -> None:
        if isinstance(parent.op, (ast.Add, ast.Mod)) and not state.path and state.kind in self._text:
            self._to_text(state, parent)
        elif isinstance(parent.op, (ast.Add, ast.BitOr)) and state.path:
            self._move(state, parent)
        elif isinstance(parent.op, ast.Mod) and state.kind in self._text:
            self._to_text(state, parent)
        else:
            self._event("operate", state, parent)

    def _augment(self, state: State, target: ast.expr, op: ast.operator) -> None:
        if not isinstance(op, ast.Add):
            self._event("operate", state, target)
            return
        kind = state.kind if state.path else self._text.get(state.kind)
        if kind is None:
            self._event("operate", state, target)
            return
        moved = State(state.module, state.node, kind, state.path)
        if isinstance(target, ast.Name):
            for binding in _bindings_of(state.module, target):
                self._uses(state.module, binding, kind, state.path)
        else:
            self._assign(moved, target)

    def _compare(self, state: State, parent: ast.Compare) -> None:
        nothing = all(
            isinstance(c, ast.Constant) and c.value is None
            for c in (parent.left, *parent.comparators)
            if c is not state.node
        )
        if nothing and all(isinstance(op, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)) for op in parent.ops):
            self._event("truth", state, parent)
        else:
            self._event("compare", state, parent)

    def _in_dict(
        self, state: State, parent: ast.Dict, keys: list[ast.expr | None], values: list[ast.expr]
    ) -> None:
        for key, value in zip(keys, values, strict=True):
            if value is state.node:
                if key is None:
                    self._move(state, parent)
                else:
                    name = key.value if isinstance(key, ast.Constant) else None
                    self._move(
                        state, parent, (("key", name if isinstance(name, (str, int)) else None), *state.path)
                    )
                return
        self._move(state, parent, (("member", None), *state.path))

    # leaving a function

    def _return(self, state: State, wrap: Path) -> None:
        module = state.module
        function = module.function(state.node)
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._event("lost", state, function)
            return
        path = wrap + state.path
        if any(name in {"contextmanager", "asynccontextmanager"} for name in decorator_names(function)):
            path = state.path
        if any(name in {"property", "cached_property"} for name in decorator_names(function)):
            owner = module.enclosing_class(function)
            if owner is not None:
                self._attribute_of(state, Class(module, owner), function.name, path)
                return
        callers = self.tracer.callers(module, function)
        for caller in callers.calls:
            self._returned_to(state, caller, path)
        if callers.is_open or not callers.calls:
            self._event("return", state, function, callers.why)

    def _returned_to(self, state: State, caller: Caller, path: Path) -> None:
        name = self.tracer.qualified(caller.module, caller.call.func)
        if caller.shift and name == "functools.partial":
            path = (("call", None), *path)
        if caller.each:
            path = (("index", None), *path)
        self._push(State(caller.module, caller.call, state.kind, path))


def named_tuple_fields(call: ast.Call) -> list[str]:
    """The fields that a call of ``namedtuple`` names."""
    if len(call.args) < 2:
        return []
    given = call.args[1]
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return given.value.replace(",", " ").split()
    names: list[str] = []
    for element in given.elts if isinstance(given, (ast.List, ast.Tuple)) else []:
        first = element.elts[0] if isinstance(element, ast.Tuple) and element.elts else element
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            names.append(first.value)
    return names


def _same_end(step: Step, first: Step) -> bool:
    """Positions counted from the other end may be the same element."""
    return (
        step[0] == "index" and first[0] == "index"
        and isinstance(step[1], int) and isinstance(first[1], int) and (step[1] < 0) != (first[1] < 0)
    )  # fmt: skip


def _bindings_of(module: Module, target: ast.Name) -> list[Binding]:
    """The bindings that a name as assignment target makes."""
    found = []
    for scope in (module.scope_at(target), *_comprehension_scopes(module, target), module.names.module):
        for binding in scope.bindings.get(target.id, ()):
            if (binding.node is target or module.parent(target) is binding.node) and binding not in found:
                found.append(binding)
    if not found:
        for scope in module.names.scopes.values():
            for binding in scope.bindings.get(target.id, ()):
                if binding.node is target or (
                    isinstance(binding.node, ast.AugAssign) and binding.node.target is target
                ):
                    found.append(binding)
    return found


def _comprehension_scopes(module: Module, node: ast.AST) -> list[Scope]:
    scopes: list[Scope] = []
    parent = module.parent(node)
    while parent is not None and not isinstance(parent, ast.stmt):
        scope = module.names.scopes.get(parent)
        if scope is not None:
            scopes.append(scope)
        parent = module.parent(parent)
    return scopes


def _through_class(tracer: Tracer, module: Module, callee: ast.expr) -> bool:
    """Whether a method is called on the class itself, so that the object is the first argument."""
    if not isinstance(callee, ast.Attribute):
        return False
    origins = tracer.origins(module, callee.value)
    return bool(origins) and all(isinstance(origin, Class) for origin in origins)
