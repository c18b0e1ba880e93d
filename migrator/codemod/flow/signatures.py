"""Small questions about functions, their parameters and calls of them, answered from the nodes alone."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import runner_position
from migrator.codemod.index.module import FunctionDef, Module, dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.flow.origins import Path
    from migrator.codemod.flow.trace import Caller


def is_first_parameter(function: FunctionDef, name: str) -> bool:
    """Whether a function calls its first parameter ``name``, as a method does with ``self``."""
    positional = [*function.args.posonlyargs, *function.args.args]
    return bool(positional) and positional[0].arg == name


def returned_values(node: FunctionDef) -> list[ast.expr]:
    """The expressions that a function returns, its nested functions aside."""
    return [s.value for s in own_statements(node) if isinstance(s, ast.Return) and s.value is not None]


def yielded_values(node: FunctionDef) -> list[ast.expr]:
    """The expressions that a generator yields."""
    found: list[ast.expr] = []
    for statement in own_statements(node):
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.Yield) and child.value is not None:
                found.append(child.value)
    return found


def own_statements(node: FunctionDef) -> Iterator[ast.stmt]:
    """All statements of a function, those of nested functions and classes aside."""
    todo: list[ast.AST] = list(reversed(node.body))
    while todo:
        current = todo.pop()
        if isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if isinstance(current, ast.stmt):
            yield current
        if isinstance(current, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            todo.extend(
                reversed(
                    [
                        c
                        for c in ast.iter_child_nodes(current)
                        if isinstance(c, (ast.stmt, ast.ExceptHandler, ast.match_case))
                    ]
                )
            )


def decorator_names(function: FunctionDef | ast.ClassDef) -> list[str]:
    """The last part of each decorator's name."""
    names = []
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        chain = dotted(target)
        names.append(chain[-1] if chain else "?")
    return names


def is_static(function: FunctionDef | ast.Lambda) -> bool:
    """Whether a method takes no ``self``."""
    return isinstance(function, ast.Lambda) or "staticmethod" in decorator_names(function)


def is_property(function: FunctionDef | ast.Lambda) -> bool:
    """Whether reading the attribute calls the function."""
    return not isinstance(function, ast.Lambda) and any(
        name in {"property", "cached_property"} for name in decorator_names(function)
    )


def default_of(function: FunctionDef | ast.Lambda, name: str) -> ast.expr | None:
    """The default value of a parameter."""
    positional = [*function.args.posonlyargs, *function.args.args]
    for argument, default in zip(reversed(positional), reversed(function.args.defaults), strict=False):
        if argument.arg == name:
            return default
    for argument, keyword_default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if argument.arg == name:
            return keyword_default
    return None


def arguments_for(function: FunctionDef, name: str, caller: Caller) -> Iterator[tuple[ast.expr, Path]]:
    """What a call passes for one parameter, with the accesses that take it out of ``*`` or ``**`` values."""
    call = caller.call
    positional = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    named = {*positional, *(a.arg for a in function.args.kwonlyargs)}
    if function.args.kwarg is not None and function.args.kwarg.arg == name:
        return
    for keyword in call.keywords:
        if keyword.arg == name:
            yield keyword.value, ()
            return
    passed = call.args[caller.shift :]
    if name in positional:
        position = positional.index(name) - caller.implicit
        for index, argument in enumerate(passed):
            if isinstance(argument, ast.Starred):
                yield argument.value, (("index", position - index),)
                return
            if index == position:
                yield argument, (("index", None),) if caller.each else ()
                return
    elif function.args.vararg is not None and function.args.vararg.arg == name:
        return
    if name in named:
        for keyword in call.keywords:
            if keyword.arg is None:
                yield keyword.value, (("key", name),)


def fits(function: FunctionDef, call: ast.Call, shift: int, implicit: int) -> bool:
    """Whether a call can be one of a function, by the number and the names of its arguments."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    given = call.args[shift:]
    names = {keyword.arg for keyword in call.keywords}
    loose = None in names or any(isinstance(one, ast.Starred) for one in given)
    if len(given) > len(positional) - implicit and arguments.vararg is None and not loose:
        return False
    known = {one.arg for one in (*positional, *arguments.kwonlyargs)}
    if arguments.kwarg is None and not names - {None} <= known:
        return False
    needed = [one.arg for one in positional[: len(positional) - len(arguments.defaults)]][
        implicit + len(given) :
    ]
    needed += [
        one.arg
        for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is None
    ]
    return loose or all(name in names for name in needed)


def call_of(module: Module, reference: ast.expr, qualified: object) -> tuple[ast.Call | None, int]:
    """The call that a reference to a function takes part in, and how many arguments come before its own."""
    parent = module.parent(reference)
    if not isinstance(parent, ast.Call):
        return None, 0
    if parent.func is reference:
        return parent, 0
    assert callable(qualified)
    position = runner_position(parent, qualified(module, parent.func))
    if position is not None and position < len(parent.args) and parent.args[position] is reference:
        return parent, position + 1
    return None, 0


def is_mapping_call(call: ast.Call, qualified: str | None) -> bool:
    """Whether a call runs its callable once for each element: ``map``, ``pool.map`` and kin."""
    if qualified == "builtins.map":
        return True
    return isinstance(call.func, ast.Attribute) and call.func.attr in {
        "map",
        "imap",
        "imap_unordered",
        "starmap",
    }
