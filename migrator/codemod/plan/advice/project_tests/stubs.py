"""Answers that a test keeps ready for downloads which are not made any more: responses, respx, requests_mock and kin."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.advice.pictures import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module

_METHODS = frozenset(
    {"add", "add_response", "get", "head", "register_uri", "request", "route", "stub_request"}
)
_BODIES = frozenset({"body", "content", "stream"})
_COUNTS = frozenset({"call_count", "called", "called_once", "calls", "get_requests", "request_history"})


class Stubs:
    """The stubs of one test file for the urls of its fake pictures."""

    def __init__(self, module: Module, urls: set[str]) -> None:
        self.found = [call for call in module.calls if _url(call) in urls and _is_stub(module, call)]
        self.module = module

    def body(self, url: str) -> bytes | None:
        """The bytes that a stub answers with for ``url``."""
        for call in self.found:
            if _url(call) == url:
                for one in _chain(self.module, call):
                    for keyword in one.keywords:
                        if keyword.arg in _BODIES and isinstance(keyword.value, ast.Constant):
                            if isinstance(keyword.value.value, bytes):
                                return keyword.value.value
        return None

    def counted(self) -> Iterator[ast.expr]:
        """Expressions that count the requests of a test with such a stub: there is one fewer."""
        here = {self.module.function(call) for call in self.found}
        gone = {statement for call in self.found for statement in self.uses(call) or ()}
        for node in self.module.parents:
            if isinstance(node, ast.Compare) and self.module.function(node) in here and _is_count(node):
                if self.module.statement(node) not in gone:
                    yield node

    def uses(self, call: ast.Call) -> list[ast.stmt] | None:
        """The statements to remove together with a stub; ``None`` where it is used in a way that is not understood."""
        outer = _chain(self.module, call)[-1]
        statement = self.module.statement(call)
        if isinstance(statement, ast.Expr) and statement.value is outer:
            return [statement]
        if not (
            isinstance(statement, ast.Assign)
            and statement.value is outer
            and isinstance(name := statement.targets[0], ast.Name)
            and len(statement.targets) == 1
        ):
            return None
        found: list[ast.stmt] = [statement]
        here = self.module.function(call)
        for node in self.module.parents:
            if isinstance(node, ast.Name) and node.id == name.id and node is not name:
                if self.module.function(node) is not here:
                    continue
                use = self.module.statement(node)
                if not isinstance(use, ast.Assert) or not _asks_whether_called(use.test, node):
                    return None
                found.append(use)
        return list(dict.fromkeys(found))


def _url(call: ast.Call) -> str | None:
    """The first url among the arguments of a call."""
    for value in (*call.args, *(one.value for one in call.keywords if one.arg in {"url", "uri"})):
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and "://" in value.value:
            return value.value
    return None


def _is_stub(module: Module, call: ast.Call) -> bool:
    """Whether a call keeps an answer ready: it is given the body, or the next call of its chain is."""
    return called(call) in _METHODS and any(
        keyword.arg in _BODIES for one in _chain(module, call) for keyword in one.keywords
    )


def _chain(module: Module, call: ast.Call) -> list[ast.Call]:
    """``respx.get(url).respond(…)``: a call and those that are made on what it returns."""
    found = [call]
    while True:
        above = module.parent(found[-1])
        if not isinstance(above, ast.Attribute):
            break
        outer = module.parent(above)
        if not (isinstance(outer, ast.Call) and outer.func is above):
            break
        found.append(outer)
    inner = [
        one
        for value in (*found[-1].args, *(keyword.value for keyword in found[-1].keywords))
        for one in ast.walk(value)
        if isinstance(one, ast.Call)
    ]
    # `.mock(return_value=httpx.Response(200, content=…))`
    return [found[0], *inner, *found[1:]] if len(found) > 1 else found


def _is_count(node: ast.Compare) -> bool:
    sides = [node.left, *node.comparators]
    if not any(isinstance(one, ast.Constant) and isinstance(one.value, int) for one in sides):
        return False
    return any(
        isinstance(inner, ast.Attribute) and inner.attr in _COUNTS for one in sides for inner in ast.walk(one)
    )


def _asks_whether_called(test: ast.expr, name: ast.Name) -> bool:
    """``assert route.called``, ``assert route.call_count == 1``."""
    owner = test.left if isinstance(test, ast.Compare) else test
    return isinstance(owner, ast.Attribute) and owner.value is name and owner.attr in _COUNTS
