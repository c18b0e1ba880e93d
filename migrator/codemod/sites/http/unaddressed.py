"""Requests whose address the code does not tell, known by a body that only the Images API takes."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant, Display

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.http import HttpCalls
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.sites.http.glance import Glance

_HOST = re.compile(r"""["']https?://(?!localhost|127\.)([^/"'\s]+)""")
_BODIES = frozenset({"json", "data", "content", "body"})


class Unaddressed:
    """Finds posts to an address that is not in the code, with a mapping whose fields say what they are for."""

    def __init__(self, tracer: Tracer, facts: HttpCalls, glance: Glance) -> None:
        self._tracer = tracer
        self._facts = facts
        self._glance = glance
        self._verbs = {name.rpartition(".")[2] for post in facts.posts for name in post.calls} | set(
            facts.methods
        )

    def calls(self, module: Module) -> Iterator[ast.Call]:
        """The calls of a module that send such a body, whoever they send it to."""
        text = module.file.text
        if module.is_test or not all(field in text for field in self._facts.telling_fields):
            return
        hosts = _HOST.findall(text)
        words = tuple(word.lower() for word in self._facts.opening_needs)
        if hosts and not any(word in host.lower() for host in hosts for word in words):
            return  # the only hosts that the file names are those of somebody else
        for call in module.calls:
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name not in self._verbs or not any(self._tells(module, body) for body in self._bodies(call)):
                continue
            if any(self._glance.may_be_ours(module, one) for one in self._addresses(call)):
                yield call

    def _bodies(self, call: ast.Call) -> Iterator[ast.expr]:
        for value in (*call.args[1:], *(one.value for one in call.keywords if one.arg in _BODIES)):
            dumped = isinstance(value, ast.Call) and value.args
            yield value.args[0] if dumped and isinstance(value, ast.Call) else value

    def _tells(self, module: Module, body: ast.expr) -> bool:
        for origin in self._tracer.origins(module, body):
            if isinstance(origin, Display) and isinstance(origin.node, ast.Dict):
                keys = {key.value for key in origin.node.keys if isinstance(key, ast.Constant)}
                if keys >= set(self._facts.telling_fields) and self._has_value(origin.module, origin.node):
                    return True
        return False

    def _has_value(self, module: Module, body: ast.Dict) -> bool:
        return any(
            isinstance(found, Constant) and found.node.value in self._facts.telling_values
            for value in body.values
            for found in self._tracer.origins(module, value)
        )

    def _addresses(self, call: ast.Call) -> Iterator[ast.expr]:
        yield from call.args[:2]
        yield from (one.value for one in call.keywords if one.arg == "url")
