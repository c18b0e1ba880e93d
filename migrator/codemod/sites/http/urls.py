"""Which addresses an expression can be: text put together from literals, settings and parameters."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from migrator.codemod.flow.origins import Class, Constant, Function, Instance, Made, Unknown
from migrator.codemod.flow.shapes import has_fields
from migrator.codemod.flow.signatures import arguments_for, default_of, returned_values
from migrator.codemod.sites.http.texts import (
    LIMIT,
    OWN,
    SAME,
    UNKNOWN,
    by_method,
    by_setting,
    joined,
    path_join,
    percent,
    url_join,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.catalog.http import HttpCalls
    from migrator.catalog.model import EndpointName
    from migrator.codemod.flow.origins import Path
    from migrator.codemod.flow.trace import Caller, Tracer
    from migrator.codemod.index.module import FunctionDef, Module
    from migrator.codemod.index.scopes import Binding

_DEPTH = 16
_FUEL = 4_000
"""Expressions that are looked at for one question; what lies beyond is not known."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a function: its parameters are what this caller passes."""

    function: FunctionDef | ast.Lambda
    caller: Caller
    outer: Frame | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A text that ends in the path of an endpoint. ``host`` is empty where there is none or it is not known."""

    text: str
    endpoint: EndpointName | None
    host: str
    is_own: bool = False
    """Whether the address starts with the setting that holds OpenAI's own."""
    is_azure: bool = False

    @property
    def is_relative(self) -> bool:
        """Whether nothing at all stands in front of the path."""
        return not self.host and not self.is_azure and not self.is_own and UNKNOWN not in self.text

    @property
    def shown(self) -> str:
        """The text for people."""
        return self.text.replace(UNKNOWN, "…").replace(OWN, "…")


class UrlReader:
    """Works out texts. ``follow`` says whether parameters without a frame are looked up at every caller."""

    def __init__(self, tracer: Tracer, facts: HttpCalls) -> None:
        self.tracer = tracer
        self.facts = facts
        self._known: dict[tuple[ast.expr, bool], list[str]] = {}
        self._cuts = 0
        self.work = 0
        """Expressions looked at so far."""
        self._limit = _FUEL
        paths = "|".join(re.escape(path) for path in facts.endpoints)
        self._path = re.compile(rf"(?:^|[/{UNKNOWN}{OWN}])({paths})/?(?:[?#].*)?$", re.DOTALL)
        stems = "|".join(sorted({re.escape(path.rpartition("/")[0]) for path in facts.endpoints}))
        self._open = re.compile(rf"(?:^|/)(?:{stems})/{UNKNOWN}/?(?:[?#].*)?$", re.DOTALL)

    def address(self, text: str) -> Address | None:
        """The text as an address of the Images API, or ``None``."""
        match = self._path.search(text)
        if match is None and not self._open.search(text):
            return None
        host = ""
        if "://" in text:
            rest = text.partition("://")[2]
            name = re.split(r"[/?#]", rest, maxsplit=1)[0]
            if UNKNOWN not in name:
                try:
                    host = urlsplit(f"//{name}").hostname or ""
                except ValueError:
                    host = ""
        return Address(
            text,
            self.facts.endpoints[match[1]] if match else None,
            host,
            OWN in text and not host,
            self.facts.azure_path in text,
        )

    def texts(
        self, module: Module, node: ast.expr, frame: Frame | None = None, *, follow: bool = True
    ) -> list[str]:
        """Everything that a text can be, with marks for what is not known."""
        self._limit = self.work + _FUEL
        return self._read(module, node, frame, follow, frozenset())

    # expressions

    def _read(
        self, module: Module, node: ast.expr, frame: Frame | None, follow: bool, seen: frozenset[ast.AST]
    ) -> list[str]:
        """Like :meth:`texts`; what does not depend on the way here is worked out once."""
        if frame is None and (node, follow) in self._known:
            return self._known[node, follow]
        self.work += 1
        if node in seen or len(seen) > _DEPTH or self.work > self._limit:
            self._cuts += 1
            return [UNKNOWN]
        before = self._cuts
        found = list(dict.fromkeys(self._forms(module, node, frame, follow, seen | {node})))[:LIMIT]
        if frame is None and self._cuts == before:
            self._known[node, follow] = found
        return found

    def _forms(
        self, module: Module, node: ast.expr, frame: Frame | None, follow: bool, seen: frozenset[ast.AST]
    ) -> list[str]:
        def inner(child: ast.expr) -> list[str]:
            return self._read(module, child, frame, follow, seen)

        match node:
            case ast.Constant(value=str() as text):
                return [text]
            case ast.Constant(value=bytes() as data):
                return [data.decode("utf-8", "replace")]
            case ast.Constant(value=int() as number):
                return [str(number)]
            case ast.JoinedStr(values=values):
                return joined(inner(value) for value in values)
            case ast.FormattedValue(value=value):
                return inner(value)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return joined([inner(left), inner(right)])
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return [path_join(a, b) for a, b in product(inner(left), inner(right))][:LIMIT]
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                parts = right.elts if isinstance(right, ast.Tuple) else [right]
                return percent(inner(left), [inner(part) for part in parts])
            case ast.IfExp(body=body, orelse=orelse):
                return inner(body) + inner(orelse)
            case ast.BoolOp(values=values):
                return [text for value in values for text in inner(value) if text]
            case ast.NamedExpr(value=value) | ast.Await(value=value):
                return inner(value)
            case ast.Subscript(slice=ast.Constant(value=str() as key)) if key in self.facts.settings:
                return [OWN]
            case ast.Name():
                return self._name(module, node, frame, follow, seen)
            case ast.Call():
                return self._call(module, node, frame, follow, seen)
            case ast.Attribute():
                return self._stored(module, node, seen) or self._traced(module, node, follow, seen)
            case ast.Subscript(value=table, slice=key) if not isinstance(key, ast.Constant):
                keys = inner(key)
                if any(UNKNOWN in text or OWN in text for text in keys):
                    return self._traced(module, node, follow, seen) if follow else [UNKNOWN]
                return [t for k in keys for t in self._traced(module, table, follow, seen, (("key", k),))]
            case ast.Subscript():
                return self._traced(module, node, follow, seen)
        return [UNKNOWN]

    def _name(
        self, module: Module, node: ast.Name, frame: Frame | None, follow: bool, seen: frozenset[ast.AST]
    ) -> list[str]:
        found: list[str] = []
        bindings = module.bindings(node)
        for binding in bindings:
            if binding.kind == "parameter":
                found += self._parameter(module, node, binding, frame, follow, seen)
            elif isinstance(binding.node, ast.AugAssign):
                found += joined([[UNKNOWN], self._read(module, binding.node.value, frame, follow, seen)])
            elif binding.value is not None and not binding.steps and binding.kind == "assign":
                found += self._read(module, binding.value, frame, follow, seen)
            else:
                found += self._traced(module, node, follow, seen)
        return found or self._traced(module, node, follow, seen)

    def _parameter(
        self,
        module: Module,
        node: ast.Name,
        binding: Binding,
        frame: Frame | None,
        follow: bool,
        seen: frozenset[ast.AST],
    ) -> list[str]:
        while frame is not None and frame.function is not binding.scope.node:
            frame = frame.outer
        if frame is None:
            return self._traced(module, node, follow, seen) if follow else [UNKNOWN]
        if isinstance(frame.function, ast.Lambda):
            return [UNKNOWN]
        found: list[str] = []
        for argument, path in arguments_for(frame.function, node.id, frame.caller):
            found += (
                [UNKNOWN]
                if path
                else self._read(frame.caller.module, argument, frame.outer, follow, seen - {node})
            )
        if not found:
            default = default_of(frame.function, node.id)
            found = [UNKNOWN] if default is None else self._read(module, default, None, follow, seen)
        return found

    def _stored(self, module: Module, node: ast.Attribute, seen: frozenset[ast.AST]) -> list[str]:
        """What the project assigns to an attribute of its own classes, in their bodies and elsewhere."""
        found: list[str] = []
        for origin in self.tracer.origins(module, node.value):
            if not isinstance(origin, (Class, Instance)):
                continue
            cls = Class(origin.module, origin.node)
            if has_fields(cls.node):
                return []
            for where, value, steps in self.tracer.attribute_stores(cls, node.attr):
                found += [UNKNOWN] if steps else self._read(where, value, None, True, seen)
            for owner in self.tracer.family(cls):
                scope = owner.module.names.scopes.get(owner.node)
                for binding in scope.bindings.get(node.attr, ()) if scope is not None else ():
                    if binding.kind == "assign" and binding.value is not None and not binding.steps:
                        found += self._read(owner.module, binding.value, None, True, seen)
        known = [text for text in found if text != UNKNOWN]
        return list(dict.fromkeys(found)) if known else []

    def _traced(
        self, module: Module, node: ast.expr, follow: bool, seen: frozenset[ast.AST], taken: Path = ()
    ) -> list[str]:
        """What is known of a value, after the accesses ``taken`` from it."""
        found: list[str] = []
        for origin in self.tracer.origins(module, node, taken):
            match origin:
                case Constant(node=constant):
                    if isinstance(constant.value, str):
                        found.append(constant.value)
                case Unknown(module=where, node=ast.expr() as inner, path=path) if (
                    inner is not node and _keeps_text(path)
                ):
                    found += self._read(where, inner, None, follow, seen)
                case Made(module=where, node=call, path=path) if call is not node and _keeps_text(path):
                    found += self._read(where, call, None, follow, seen)
                case _:
                    found.append(UNKNOWN)
        return found or [UNKNOWN]

    # calls

    def _call(
        self, module: Module, node: ast.Call, frame: Frame | None, follow: bool, seen: frozenset[ast.AST]
    ) -> list[str]:
        def inner(child: ast.expr) -> list[str]:
            return self._read(module, child, frame, follow, seen)

        name = self.tracer.qualified(module, node.func)
        if name in self.facts.joins and node.args:
            parts = [inner(argument) for argument in node.args]
            if len(parts) == 1:
                return parts[0]
            join = path_join if name.endswith(".join") else url_join
            texts = parts[0]
            for part in parts[1:]:
                texts = [join(a, b) for a, b in product(texts, part)][:LIMIT]
            return texts
        if isinstance(node.func, ast.Attribute):
            found = by_method(node, node.func, inner)
            if found is not None:
                return found
        setting = by_setting(node, inner, self.facts.settings)
        if setting is not None:
            return setting
        from migrator.codemod.flow.trace import Caller  # noqa: PLC0415 - needed here only

        texts = []
        for function in self.tracer.functions(module, node.func):
            if isinstance(function.node, ast.Lambda):
                return [UNKNOWN]
            own = Frame(function.node, Caller(module, node, 0, self._implicit(function)), frame)
            for value in returned_values(function.node):
                texts += self._read(function.module, value, own, follow, seen)
        return texts or self._traced(module, node, follow, seen)

    def _implicit(self, function: Function) -> int:
        from migrator.codemod.flow.signatures import is_static  # noqa: PLC0415 - needed here only

        return int(function.owner is not None and not is_static(function.node))


def _keeps_text(path: Iterable[tuple[str, object]]) -> bool:
    return all(kind == "call" or (kind == "attr" and value in SAME) for kind, value in path)
