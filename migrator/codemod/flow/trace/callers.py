"""Who calls a function of the project, and whether others may whom we do not see."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Class, Function, Step
from migrator.codemod.flow.signatures import (
    call_of,
    decorator_names,
    fits,
    is_mapping_call,
    is_static,
)
from migrator.codemod.flow.trace.constructions import of_constructor
from migrator.codemod.flow.trace.references import References
from migrator.codemod.flow.trace.steps import stem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.trace.tracer import Tracer
    from migrator.codemod.index.module import FunctionDef, Module

UNCALLED = "nothing in the project calls it"
"""Why the callers of a function are out of sight when none of them can be within the project."""

_REFERENCES = 300
"""Uses of a name above which only those near its definition are looked at."""

_CLOSED_DECORATORS = frozenset(
    {
        "abstractmethod", "asynccontextmanager", "backoff", "beartype", "cache", "cache_data",
        "cache_resource", "cached_property", "classmethod", "contextmanager", "dataclass_transform",
        "experimental_memo", "fragment", "inject", "limits", "lru_cache", "memo", "no_type_check",
        "observe", "on_exception", "overload", "override", "profile", "property", "retry",
        "sleep_and_retry", "staticmethod", "step", "task_wrapper", "timed", "timeit", "timer", "trace",
        "traceable", "typechecked", "wraps",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Caller:
    """A call that reaches a function. ``shift`` is how many leading arguments belong to a runner around it.

    ``implicit`` counts parameters that the call does not write, ``self`` for a method.
    """

    module: Module
    call: ast.Call
    shift: int = 0
    implicit: int = 0
    each: bool = False
    """Whether the arguments are iterables whose elements are passed one by one, as ``map`` does."""
    certain: bool = True
    """Whether it is known that the call is one of this function, and not only likely by the name of a method.

    What is written in a call that is only likely may be meant for another object, and must stay as it is.
    """


@dataclass(frozen=True, slots=True)
class Callers:
    """All calls of a function. ``is_open``: others, outside our sight, may call it too; ``why`` says how.

    ``possible`` are calls of a method with this name on objects of which nothing is known.
    """

    calls: tuple[Caller, ...]
    is_open: bool
    why: str = ""
    possible: tuple[Caller, ...] = ()


class CallerSearch:
    """Finds the calls of functions; answers are remembered."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._index = tracer.index
        self._references = References(tracer)
        self._callers: dict[ast.AST, Callers] = {}
        self._calling: set[ast.AST] = set()

    def callers(self, module: Module, node: ast.AST) -> Callers:
        """Every call that reaches a function of the project."""
        if node in self._callers:
            return self._callers[node]
        if node in self._calling:
            return Callers((), is_open=False)
        self._calling.add(node)
        try:
            found = self._find_callers(module, node)
        finally:
            self._calling.discard(node)
        self._callers[node] = found
        return found

    def _find_callers(self, module: Module, node: ast.AST) -> Callers:
        if isinstance(node, ast.ClassDef):
            name, function = node.name, None
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            name, function = node.name, node
        else:
            return Callers((), is_open=True, why="it has no name")
        owner = module.enclosing_class(node)
        search = owner.name if function is not None and name == "__init__" and owner is not None else name
        calls: list[Caller] = []
        possible: list[Caller] = []
        is_open, why = False, ""
        near = (stem(module), *([owner.name] if owner is not None else []))
        references = self._references_with_aliases(search, near)
        if search in self._index.truncated:
            is_open, why = True, f"{search} is used in too many files to read them all"
        if len(references) > _REFERENCES:
            # a common name: only files that name the class or the module can mean this function
            close = {
                w for w in {w for w, _ in references} if w is module or any(n in w.file.text for n in near)
            }
            references = [(w, r) for w, r in references if w in close]
            if len(references) > _REFERENCES:
                references, is_open = references[:_REFERENCES], True
                why = f"{search} is used in too many places to read them all"
        for where, reference in references:
            certain = self._references.refers(where, reference, module, node, owner, name)
            # the objects of a test are fixtures, and what it says follows the program
            is_method = function is not None and owner is not None and name != "__init__"
            if not certain and not (is_method and self._references.is_likely(where, reference, name)):
                if function is not None and owner is not None:
                    possible.extend(self._possible(where, reference, function))
                continue
            call, shift = call_of(where, reference, self._tracer.names.qualified)
            if call is None:
                if not self._references.is_harmless(where, reference):
                    further, escapes = self._calls_of_value(where, reference)
                    calls.extend(further)
                    if escapes:
                        is_open, why = True, "it is passed on as a value"
                continue
            implicit = int(owner is not None and function is not None and not is_static(function))
            if name != "__init__" and isinstance(reference, ast.Attribute) and implicit:
                receivers = self._tracer.origins(where, reference.value)
                if receivers and all(isinstance(o, Class) for o in receivers) and function is not None:
                    implicit = int("classmethod" in decorator_names(function))
            each = reference is not call.func and is_mapping_call(
                call, self._tracer.names.qualified(where, call.func)
            )
            calls.append(Caller(where, call, shift, implicit, each, certain or where.is_test))
        if function is not None and owner is not None and name == "__init__":
            for other, call, hidden in of_constructor(self._tracer, Class(module, owner)):
                if not any(caller.call is call for caller in calls):
                    calls.append(Caller(other, call, 0, hidden))
        if function is not None and not is_open:
            reason = self._opening_decorator(module, function)
            if not reason and owner is not None and self._references.is_looked_up(name):
                reason = "it is looked up by its name"
            if reason:
                is_open, why = True, reason
        production = [
            caller
            for caller in calls
            if not caller.module.is_test
            and not (caller.module is module and caller.module.function(caller.call) is node)  # calls itself
        ]
        if not production and not is_open:
            is_open, why = True, UNCALLED
        return Callers(tuple(calls), is_open, why, tuple(possible))

    def _possible(
        self, where: Module, reference: ast.Name | ast.Attribute, function: FunctionDef
    ) -> Iterator[Caller]:
        """A call that may be one of this method: nobody knows its object, and its arguments fit."""
        if where.is_test or not self._references.is_unknown(where, reference):
            return
        call, shift = call_of(where, reference, self._tracer.names.qualified)
        implicit = int(not is_static(function))
        if call is not None and fits(function, call, shift, implicit):
            each = reference is not call.func and is_mapping_call(
                call, self._tracer.names.qualified(where, call.func)
            )
            yield Caller(where, call, shift, implicit, each)

    def _calls_of_value(self, where: Module, reference: ast.expr) -> tuple[list[Caller], bool]:
        """The calls of a function that is kept in a variable, a table or a list, and whether it gets out of sight."""
        from migrator.codemod.flow.forward import State, Walker  # noqa: PLC0415 - the two follow each other

        found: list[Caller] = []

        def read(state: State, step: Step, node: ast.expr) -> State | None:
            if step == ("call", None) and isinstance(node, ast.Call):
                found.append(Caller(state.module, node, 0, int(isinstance(reference, ast.Attribute))))
            return None

        trail = Walker(self._tracer, read).follow([State(where, reference, "function")])
        return found, any(event.what not in {"truth", "discard", "compare"} for event in trail.events)

    def _references_with_aliases(
        self, name: str, near: tuple[str, ...] = ()
    ) -> list[tuple[Module, ast.Name | ast.Attribute]]:
        """References to a name and to every other name under which it is imported."""
        names, done = [name], set()
        found: list[tuple[Module, ast.Name | ast.Attribute]] = []
        while names:
            current = names.pop()
            if current in done:
                continue
            done.add(current)
            found.extend(self._index.references(current, near))
            names.extend(self._index.aliases(current))
        return found

    def _opening_decorator(self, module: Module, function: FunctionDef) -> str:
        """Why a decorator lets others call the function; wrappers that the project defines do not."""
        for name, decorator in zip(decorator_names(function), function.decorator_list, strict=True):
            if name in _CLOSED_DECORATORS:
                continue
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            if any(isinstance(origin, (Function, Class)) for origin in self._tracer.origins(module, target)):
                continue
            return f"the decorator {name} may call it"
        owner = module.enclosing_class(function)
        for decorator in owner.decorator_list if owner is not None else ():
            for changer in self._tracer.functions(module, decorator):
                if _handles(changer.node, function.name):
                    return f"the decorator {ast.unparse(decorator)} of its class may call or exchange it"
        return ""


def _handles(decorator: ast.AST, name: str) -> bool:
    """Whether a class decorator has to do with the methods of a name, or with any that it looks up."""
    for node in ast.walk(decorator):
        match node:
            case ast.Attribute(attr=attr) if attr in {name, "__dict__", "__getattribute__"}:
                return True
            case ast.Call(func=ast.Name(id="setattr" | "getattr" | "vars" | "dir")):
                return True
    return False
