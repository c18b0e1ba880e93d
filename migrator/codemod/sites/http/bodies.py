"""Which mappings are the body of a request: through ``json.dumps``, variables, forms and helpers of the project."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant, Display, Made, Parameter, Unknown
from migrator.codemod.flow.signatures import arguments_for
from migrator.codemod.sites.http.fields import fields_of
from migrator.codemod.sites.http.templates import template
from migrator.codemod.sites.site import Payload

if TYPE_CHECKING:
    from migrator.catalog.http import HttpCalls, Places, Post
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.sites.http.urls import Frame
    from migrator.codemod.sites.site import Form

_DEPTH = 12


@dataclass(slots=True)
class Bodies:
    """The bodies of one request. ``trouble`` says where one cannot be read, and why."""

    payloads: list[Payload] = field(default_factory=list)
    trouble: list[tuple[ast.AST, str]] = field(default_factory=list)


class BodyReader:
    """Finds the mappings behind the body arguments of a call."""

    def __init__(self, tracer: Tracer, facts: HttpCalls) -> None:
        self.tracer = tracer
        self.facts = facts

    def read(self, module: Module, call: ast.Call, shift: int, post: Post, frame: Frame | None) -> Bodies:
        """All bodies of a call, as its caller passes them where ``frame`` names one."""
        found = Bodies()
        for kind, places in _kinds(post):
            value = argument(call, places, shift)
            if value is not None:
                self._body(found, module, value, kind, frame, frozenset({call}), 0)
        for keyword in call.keywords:
            if keyword.arg is None:
                self._spread(found, module, call, keyword.value, post, frame)
        if not found.payloads and not found.trouble:
            found.trouble.append((call, "the body of the request was not found"))
        return found

    def _spread(
        self, found: Bodies, module: Module, call: ast.Call, node: ast.expr, post: Post, frame: Frame | None
    ) -> None:
        """``post(url, **options)``: the body is one of the options."""
        kinds = {name: kind for kind, places in _kinds(post) for name in places if isinstance(name, str)}
        if frame is not None and isinstance(node, ast.Name) and not isinstance(frame.function, ast.Lambda):
            kwarg = frame.function.args.kwarg
            if kwarg is not None and kwarg.arg == node.id:
                for keyword in frame.caller.call.keywords:
                    if keyword.arg in kinds:
                        where = frame.caller.module
                        carriers = frozenset({call, frame.caller.call})
                        self._body(found, where, keyword.value, kinds[keyword.arg], frame.outer, carriers, 0)
                return
        for name, kind in kinds.items():
            for origin in self.tracer.origins(module, node, (("key", name),)):
                if isinstance(origin, Display | Made) and not getattr(origin, "path", ()):
                    self._body(found, origin.module, origin.node, kind, None, frozenset({call}), 0)

    def _body(
        self,
        found: Bodies,
        module: Module,
        node: ast.expr,
        kind: str,
        frame: Frame | None,
        carriers: frozenset[ast.Call],
        depth: int,
    ) -> None:
        if depth > _DEPTH:
            found.trouble.append((node, "the body of the request cannot be followed"))
            return
        if isinstance(node, ast.Constant) and node.value is None:
            return
        if isinstance(node, ast.Name) and frame is not None and self._is_parameter(module, node, frame):
            assert not isinstance(frame.function, ast.Lambda)
            passed = list(arguments_for(frame.function, node.id, frame.caller))
            for value, path in passed:
                if path:
                    found.trouble.append((value, "the body of the request cannot be followed"))
                    continue
                where, wider = frame.caller.module, carriers | {frame.caller.call}
                self._body(found, where, value, kind, frame.outer, wider, depth + 1)
            return
        if kind in {"text", "data"}:
            self._text(found, module, node, kind, frame, carriers, depth)
            return
        form: Form = "files" if kind == "files" else "json"
        if form == "files" and not self._is_mapping(module, node):
            return
        self._add(found, Payload(module, node, form, carriers), frame)

    def _text(
        self,
        found: Bodies,
        module: Module,
        node: ast.expr,
        kind: str,
        frame: Frame | None,
        carriers: frozenset[ast.Call],
        depth: int,
    ) -> None:
        """A body that is text, bytes or the fields of a form."""

        def on(value: ast.expr, *more: ast.Call, where: Module = module, new: str = kind) -> None:
            self._body(found, where, value, new, frame, carriers | set(more), depth + 1)

        if isinstance(node, ast.Call):
            name = self.tracer.qualified(module, node.func)
            if name in self.facts.dumps and node.args:
                on(node.args[0], node, new="json")
                return
            if name == "builtins.bytes" and node.args:
                on(node.args[0], node)
                return
            if isinstance(node.func, ast.Attribute) and node.func.attr == "encode":
                on(node.func.value)
                return
            if name is not None and name in self.facts.forms:
                fields = argument(node, (0, self.facts.forms[name]), 0)
                if fields is not None:
                    self._add(found, Payload(module, fields, "files", carriers | {node}), frame)
                    return
        if template(module, node) is not None:
            self._add(found, Payload(module, node, "text", carriers), frame)
            return
        if isinstance(node, ast.IfExp):
            on(node.body)
            on(node.orelse)
            return
        if isinstance(node, ast.Name):
            values = [
                binding.value
                for binding in module.bindings(node)
                if binding.kind == "assign" and binding.value is not None and not binding.steps
            ]
            texts = [
                value
                for value in values
                if self._makes_text(module, value) or self._is_own(module, node, value)
            ]
            if values and len(texts) == len(values):
                for value in dict.fromkeys(texts):
                    on(value)
                return
        made = [
            origin
            for origin in self.tracer.origins(module, node)
            if isinstance(origin, Made) and origin.name in self.facts.dumps and origin.node is not node
        ]
        if made:
            for origin in made:
                on(origin.node, where=origin.module)
            return
        if kind == "data" and self._is_mapping(module, node):
            self._add(found, Payload(module, node, "form", carriers), frame)
            return
        if any(
            isinstance(o, Made) and o.name in self.facts.form_builders
            for o in self.tracer.origins(module, node)
        ):
            put = fields_of(self.tracer, self.facts, module, node)
            found.trouble.extend(put.trouble)
            self._add(found, Payload(module, node, "fields", carriers, tuple(put.added)), frame)
        elif isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp)) or any(
            isinstance(o, Constant)
            or (isinstance(o, Unknown) and isinstance(o.node, (ast.JoinedStr, ast.BinOp)))
            for o in self.tracer.origins(module, node)
        ):
            found.trouble.append((node, "its body is written as text"))
        else:
            found.trouble.append((node, "its body cannot be followed"))

    def _is_own(self, module: Module, node: ast.Name, value: ast.expr) -> bool:
        """Whether a name holds the text of JSON for this use alone."""
        uses = {use for binding in module.bindings(node) for use in binding.uses}
        return uses == {node} and template(module, value) is not None

    def _makes_text(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression is the text of a mapping: what ``json.dumps`` returns, encoded or not."""
        while isinstance(node, ast.Call):
            name = self.tracer.qualified(module, node.func)
            if name in self.facts.dumps or name in self.facts.forms:
                return True
            if name == "builtins.bytes" and node.args:
                node = node.args[0]
            elif isinstance(node.func, ast.Attribute) and node.func.attr == "encode":
                node = node.func.value
            else:
                return False
        return isinstance(node, (ast.IfExp, ast.Name))

    def _is_mapping(self, module: Module, node: ast.expr) -> bool:
        origins = self.tracer.origins(module, node)
        return bool(origins) and all(
            (isinstance(o, Display) and isinstance(o.node, ast.Dict))
            or (isinstance(o, Made) and o.name == "builtins.dict")
            or (isinstance(o, Unknown) and isinstance(o.node, ast.DictComp))
            or (isinstance(o, Constant) and o.node.value is None)
            or (isinstance(o, Parameter) and o.annotation is None and "dict" in _annotation(o).lower())
            for o in origins
        )

    def _is_parameter(self, module: Module, node: ast.Name, frame: Frame) -> bool:
        bindings = module.bindings(node)
        return bool(bindings) and all(
            binding.kind == "parameter" and binding.scope.node is frame.function for binding in bindings
        )

    def _add(self, found: Bodies, payload: Payload, frame: Frame | None) -> None:
        if frame is not None:
            why = "its body is put together in a helper that sends other requests as well"
            found.trouble.append((payload.node, why))
            return
        if all(known.node is not payload.node for known in found.payloads):
            found.payloads.append(payload)


def _kinds(post: Post) -> tuple[tuple[str, Places], ...]:
    """What a body can be, and where the function takes one of that kind."""
    return ("json", post.json), ("text", post.text), ("data", post.data), ("files", post.files)


def _annotation(origin: Parameter) -> str:
    node = origin.binding.node
    annotation = node.annotation if isinstance(node, ast.arg) else None
    return ast.unparse(annotation) if annotation is not None else ""


def argument(call: ast.Call, places: Places, shift: int) -> ast.expr | None:
    """The argument that a call passes at one of these places."""
    for place in places:
        if isinstance(place, str):
            for keyword in call.keywords:
                if keyword.arg == place:
                    return keyword.value
        elif place + shift < len(call.args):
            value = call.args[place + shift]
            if not any(isinstance(a, ast.Starred) for a in call.args[: place + shift + 1]):
                return value
    return None
