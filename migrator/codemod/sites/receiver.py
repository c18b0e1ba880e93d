"""Who answers a call: OpenAI, Azure, somebody else's API behind the same SDK, or something else entirely."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from migrator.codemod.flow.origins import (
    Class,
    Constant,
    External,
    Function,
    Instance,
    Made,
    Parameter,
    Unknown,
)
from migrator.codemod.flow.shapes import annotation_types
from migrator.codemod.index.module import dotted
from migrator.codemod.sites.site import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.model import ClientCall
    from migrator.codemod.flow.origins import Origin
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module

_OWN_SETTINGS = ("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_BASE_URL", "OPENAI_ENDPOINT")
_NO_CLIENT = object()


class ReceiverReader:
    """Decides what an expression in front of ``.images`` is."""

    def __init__(self, tracer: Tracer, calls: ClientCall) -> None:
        self.tracer = tracer
        self.calls = calls

    def read(self, module: Module, node: ast.expr) -> Receiver | None:
        """The receiver, or ``None`` when it is certainly no client of the SDK."""
        providers: set[str] = set()
        made: list[tuple[Module, ast.Call]] = []
        unresolved = other = stranger = own = False
        declared = self._declared(module, node)
        if declared is not None:
            providers.add(declared)
        for origin in self.tracer.origins(module, node):
            found = self._provider(origin)
            if found is not None:
                providers.add(found)
                if isinstance(origin, Made):
                    made.append((origin.module, origin.node))
            elif self._is_nothing(origin):
                continue
            elif self._is_of_a_test(module, origin):
                unresolved = True
            elif (isinstance(origin, (Unknown, Parameter)) and not getattr(origin, "annotation", None)) or (
                isinstance(origin, Instance) and not self._defines_images(origin)
            ):
                unresolved = True
                own = own or (isinstance(origin, Instance) and not self._passes_on(origin))
            else:
                other = True
                stranger = stranger or self._is_stranger(origin)
        if not providers:
            stored = self._stored_elsewhere(node)
            if stored is not None:
                return stored
            if stranger:
                return None
            if other or own:
                return Receiver("unresolved", (), "its class is not one of the SDK's", doubtful=True)
            return Receiver(
                "unresolved",
                (),
                "the client's origin could not be found in the project",
                doubtful=self._speaks_of_others(module),
            )
        both = {"azure", "openai"} <= providers
        if "azure" in providers and not both:
            return Receiver("azure", tuple(made), "the client is an Azure client")
        for where, call in made:
            why = self._foreign(where, call)
            if why:
                return Receiver("foreign", tuple(made), why)
        if other and not unresolved:
            return Receiver("unresolved", tuple(made), "the client can also be one of another library")
        return Receiver("openai", tuple(made), also_azure=both)

    def read_resource(self, module: Module, node: ast.expr) -> Receiver | None:
        """The receiver when ``node`` itself is a client's ``images``, under whatever name."""
        if not isinstance(node, (ast.Name, ast.Attribute, ast.Call)):
            return None
        for origin in self.tracer.origins(module, node):
            match origin:
                case Made(name=name, path=path) if path and path[-1] == ("attr", self.calls.attribute):
                    provider = self.calls.constructors.get(name)
                    if provider is not None:
                        why = self._foreign(origin.module, origin.node)
                        made = ((origin.module, origin.node),)
                        if provider == "azure":
                            return Receiver("azure", made, "the client is an Azure client")
                        return Receiver("foreign" if why else "openai", made, why)
                case External(name=name):
                    stem, _, last = name.removesuffix(".?").rpartition(".")
                    if last == self.calls.attribute and stem in self.calls.modules:
                        return Receiver("openai")
                case Parameter(annotation=str(annotation), path=path):
                    if annotation in self.calls.resources and not path:
                        return Receiver("openai")
                    if annotation in self.calls.constructors and path == (("attr", self.calls.attribute),):
                        return Receiver(
                            "azure" if self.calls.constructors[annotation] == "azure" else "openai"
                        )
        return None

    def _passes_on(self, origin: Instance) -> bool:
        """Whether objects of a class hand unknown attributes on to something else."""
        for cls in self.tracer.family(Class(origin.module, origin.node)):
            scope = cls.module.names.scopes.get(cls.node)
            if scope is not None and scope.bindings.keys() & {"__getattr__", "__getattribute__"}:
                return True
        return False

    def _speaks_of_others(self, module: Module) -> bool:
        """Whether a file imports another provider's client, and not the SDK."""
        tops = set()
        for alias in module.aliases:
            statement = module.parents[alias]
            name = (statement.module or "") if isinstance(statement, ast.ImportFrom) else alias.name
            tops.add(name.partition(".")[0])
        return bool(tops & set(self.calls.strangers)) and not tops & {
            m.partition(".")[0] for m in self.calls.modules
        }

    def _is_of_a_test(self, module: Module, origin: Origin) -> bool:
        """Whether a test hands its stand-in to this code, which says nothing about who answers the program."""
        where = getattr(origin, "module", None)
        if where is None or where is module or module.is_test:
            return False
        return bool(where.is_test)

    def _is_stranger(self, origin: Origin) -> bool:
        """Whether this is certainly another library's client: a class with ``images`` of its own, or a known name."""
        if isinstance(origin, (Instance, Class)):
            return True
        name = getattr(origin, "name", "") or getattr(origin, "annotation", "") or ""
        return name.partition(".")[0] in self.calls.strangers

    def _declared(self, module: Module, node: ast.expr) -> str | None:
        """The provider that the declared return type of a property or a factory function names."""
        functions: list[tuple[Module, ast.FunctionDef | ast.AsyncFunctionDef]] = []
        if isinstance(node, ast.Call):
            functions.extend(
                (origin.module, origin.node)
                for origin in self.tracer.origins(module, node.func)
                if isinstance(origin, Function) and not isinstance(origin.node, ast.Lambda)
            )
        functions.extend(
            (origin.module, origin.node)
            for origin in self.tracer.origins(module, node)
            if isinstance(origin, Function) and not isinstance(origin.node, ast.Lambda)
        )
        for where, function in functions:
            for name in annotation_names(self.tracer, where, function.returns):
                if name in self.calls.constructors:
                    return self.calls.constructors[name]
        return None

    def _stored_elsewhere(self, node: ast.expr) -> Receiver | None:
        """``app.state.client``: some code of the project stores a client under this attribute."""
        if not isinstance(node, ast.Attribute):
            return None
        self.tracer.index.search(node.attr)
        for module in list(self.tracer.index.modules.values()):
            for target in module.attribute_stores.get(node.attr, ()):
                statement = module.statement(target)
                value = getattr(statement, "value", None)
                if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or value is None:
                    continue
                for origin in self.tracer.origins(module, value):
                    provider = self._provider(origin)
                    if provider is not None:
                        made = ((origin.module, origin.node),) if isinstance(origin, Made) else ()
                        why = self._foreign(*made[0]) if made else ""
                        if provider == "azure":
                            return Receiver("azure", made, "the client is an Azure client")
                        return Receiver("foreign" if why else "openai", made, why)
        return None

    def _provider(self, origin: Origin) -> str | None:
        match origin:
            case Made(name=name):
                if name in self.calls.constructors:
                    return self.calls.constructors[name]
                return self._wrapped(origin)
            case External(name=name):
                stem = name.removesuffix(".?")
                if stem in self.calls.modules:
                    return "openai"
                return self.calls.constructors.get(stem)
            case Parameter(annotation=str(annotation)):
                return self.calls.constructors.get(annotation)
            case Instance():
                return self._subclass(origin)
        return None

    def _wrapped(self, origin: Made) -> str | None:
        """``wrap(OpenAI())`` from a tracing library is still that client."""
        for argument in origin.node.args[:2]:
            for inner in self.tracer.origins(origin.module, argument):
                if isinstance(inner, Made) and inner.name in self.calls.constructors:
                    return self.calls.constructors[inner.name]
        return None

    def _subclass(self, origin: Instance) -> str | None:
        for cls in self.tracer.family(Class(origin.module, origin.node)):
            for base in cls.node.bases:
                name = self.tracer.qualified(cls.module, base)
                if name is not None and name in self.calls.constructors:
                    return self.calls.constructors[name]
        return None

    def _defines_images(self, origin: Instance) -> bool:
        for cls in self.tracer.family(Class(origin.module, origin.node)):
            scope = cls.module.names.scopes.get(cls.node)
            if scope is not None and "images" in scope.bindings:
                return True
            if any(True for _ in self.tracer.attribute_stores(cls, "images")):
                return True
        return False

    def _is_nothing(self, origin: Origin) -> bool:
        return isinstance(origin, Constant) and origin.node.value is None

    def _foreign(self, module: Module, call: ast.Call) -> str:
        """Why a client's ``base_url`` may lead away from OpenAI, or an empty text."""
        for keyword in call.keywords:
            if keyword.arg == "base_url":
                return self.foreign_url(module, keyword.value)
            if keyword.arg == "azure_endpoint":
                return ""
            if keyword.arg is None:
                for origin in self.tracer.origins(module, keyword.value, (("key", "base_url"),)):
                    if isinstance(origin, Constant) and self._foreign_text(origin.node.value):
                        return f"base_url is {origin.node.value!r}"
                for value in _put_in(module, keyword.value, "base_url"):
                    why = self.foreign_url(module, value)
                    if why:
                        return why
        return ""

    def foreign_url(self, module: Module, value: ast.expr) -> str:
        """Why a base url may lead away from OpenAI, or an empty text."""
        for origin in self.tracer.origins(module, value):
            match origin:
                case Constant(node=node):
                    if node.value == "":
                        return "base_url is empty, to be filled in"
                    if self._foreign_text(node.value):
                        return f"base_url is {node.value!r}"
                case Made(node=node) if self._own_setting(node):
                    if len(node.args) > 1:
                        inner = self.foreign_url(origin.module, node.args[1])
                        if inner:
                            return inner
                case External(name="os.environ.?"):
                    if not self._own_setting(value):
                        return "base_url comes from the environment"
                case _:
                    return "base_url is not known here"
        return ""

    def _own_setting(self, node: ast.expr) -> bool:
        """Whether the value is the setting that the SDK itself would read."""
        return any(
            isinstance(child, ast.Constant) and child.value in _OWN_SETTINGS for child in ast.walk(node)
        )

    def _foreign_text(self, value: object) -> bool:
        if not isinstance(value, str) or not value:
            return False
        try:
            host = urlsplit(value).hostname or ""
        except ValueError:
            return True
        return not any(
            provider == "openai" and (host == known or host.endswith(f".{known}"))
            for known, provider in self.calls.hosts.items()
        )


def _put_in(module: Module, mapping: ast.expr, key: str) -> Iterator[ast.expr]:
    """What a file puts under a key into a mapping of its own: ``name[key] = value`` after ``name = {…}``."""
    for binding in module.bindings(mapping) if isinstance(mapping, ast.Name) else ():
        if not isinstance(binding.value, (ast.Dict, ast.Call)):
            continue
        for use in binding.uses:
            place = module.parent(use)
            if isinstance(place, ast.Subscript) and place.value is use and isinstance(place.ctx, ast.Store):
                statement = module.parent(place)
                if (
                    isinstance(place.slice, ast.Constant)
                    and place.slice.value == key
                    and isinstance(statement, ast.Assign)
                ):
                    yield statement.value


def annotation_names(tracer: Tracer, module: Module, annotation: ast.expr | None) -> list[str]:
    """The dotted external names in an annotation, quoted ones included."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            quoted = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return []
        found = []
        for part in annotation_types(quoted):
            chain = dotted(part)
            bindings = module.names.module.bindings.get(chain[0], ()) if chain else ()
            for binding in bindings:
                base = tracer.qualified_binding(module, binding)
                if base is not None and chain is not None:
                    found.append(".".join((base, *chain[1:])))
        return found
    names = [tracer.qualified(module, part) for part in annotation_types(annotation)] if annotation else []
    return [name for name in names if name]
