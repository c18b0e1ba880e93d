"""What a url is at a glance, from literals and names of the same function; nothing is traced and no file is read."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrator.codemod.sites.http.texts import LIMIT, UNKNOWN, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.catalog.http import HttpCalls
    from migrator.codemod.index.module import Module

_NAMES = 3
"""How many names are looked through, one behind the other."""


class Glance:
    """Tells calls that cannot go to the Images API, whatever stands in the parts of their url that are not literal."""

    def __init__(self, facts: HttpCalls) -> None:
        self._paths = tuple(facts.endpoints)
        hosts = "|".join(re.escape(host) for host in facts.local if host)
        self._local = re.compile(rf"\w+://(?:{hosts})[:/]")

    def may_be_ours(self, module: Module, url: ast.expr) -> bool:
        """Whether a url can be that of an endpoint, and is not one of this machine."""
        texts = self._texts(module, url, _NAMES)
        return len(texts) >= LIMIT or any(self._fits(text) for text in texts)

    def _fits(self, text: str) -> bool:
        if self._local.match(text):
            return False
        text = re.split(r"[?#]", text, maxsplit=1)[0]
        end = text.rpartition(UNKNOWN)[2]
        if UNKNOWN in text and not end.startswith("/"):
            return True  # the path, or what stands behind it, goes on in a part that is not known
        path = end.rstrip("/")
        return any(whole.endswith(path.lstrip("/")) or path.endswith(whole) for whole in self._paths)

    def _texts(self, module: Module, node: ast.expr, names: int) -> list[str]:
        match node:
            case ast.Constant(value=str() as text):
                return [text]
            case ast.JoinedStr(values=values):
                return self._joined(module, values, names)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._joined(module, [left, right], names)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self._texts(module, value, names)
            case ast.Name() if names:
                bindings = module.bindings(node)
                values = [
                    one.value for one in bindings if one.kind == "assign" and one.value and not one.steps
                ]
                if bindings and len(values) == len(bindings):
                    return [text for value in values for text in self._texts(module, value, names - 1)]
        return [UNKNOWN]

    def _joined(self, module: Module, nodes: Sequence[ast.expr], names: int) -> list[str]:
        texts = joined(self._texts(module, node, names) for node in nodes)
        return texts if len(texts) < LIMIT else [UNKNOWN]  # so many that some were left out
