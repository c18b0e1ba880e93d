"""Finding call sites: the SDK's image methods, called directly or handed to something that calls them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import WRAPPERS, looks_like_runner, runner_position
from migrator.codemod.flow.forward import State, Walker
from migrator.codemod.flow.origins import Constant, Function
from migrator.codemod.sites.frameworks import FrameworkFinder
from migrator.codemod.sites.http.find import HttpFinder
from migrator.codemod.sites.indirect import IndirectFinder
from migrator.codemod.sites.legacy import LegacyReader
from migrator.codemod.sites.receiver import ReceiverReader
from migrator.codemod.sites.site import ArgumentCall, Receiver, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.queries import Catalog
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.project import ProjectIndex
    from migrator.codemod.index.scopes import Binding

_RESOURCE = "images"


class SiteFinder:
    """Walks the loaded modules once and yields their call sites in order of position."""

    def __init__(self, index: ProjectIndex, tracer: Tracer, catalog: Catalog) -> None:
        self.index = index
        self.tracer = tracer
        self.catalog = catalog
        self.calls = catalog.calls
        self.failures: list[tuple[Module, Exception]] = []
        self.receivers = ReceiverReader(tracer, catalog.calls)
        self.legacy = LegacyReader(tracer, catalog, self.receivers)
        self.frameworks = FrameworkFinder(
            tracer, catalog, lambda site, module, node: self._calls_of(site, module, node, "")
        )
        self.http = HttpFinder(index, tracer, catalog)
        self.indirect = IndirectFinder(tracer, catalog, self.receivers, self.is_evident)

    def find(self) -> list[Site]:
        """All call sites of the project."""
        found: list[Site] = []
        for path in sorted(self.index.modules):
            module = self.index.modules[path]
            try:
                found.extend(self._in_module(module))
            except Exception as error:  # a flaw of this tool costs one file, never the run
                self.failures.append((module, error))
        known = {site.node for site in found}
        found.extend(site for site in self.http.find() if site.node not in known)
        self.failures.extend(self.http.failures)
        return sorted(found, key=lambda site: (site.module.path, site.line, site.node.col_offset))

    def _in_module(self, module: Module) -> Iterator[Site]:
        found = []
        for name, endpoint in self.calls.methods.items():
            for reference in module.loads.get(name, ()):
                if not isinstance(reference, ast.Attribute):
                    continue
                client, raw = self._client(module, reference)
                receiver = self.receivers.read(*client) if client is not None else None
                if receiver is None or receiver.provider == "unresolved":
                    receiver = self.receivers.read_resource(module, reference.value) or receiver
                if receiver is None or self._is_mock(module, reference):
                    continue
                site = Site(module, reference, endpoint, receiver)
                self._calls_of(site, module, reference, raw)
                if receiver.provider == "unresolved" and not self._reads_like_one(site):
                    continue
                if receiver.provider in {"foreign", "unresolved"} and self._names_other_model(site):
                    continue
                if site.calls or site.trouble:
                    found.append(site)
        found.extend(self.indirect.find(module))
        found.extend(self._legacy_in(module))
        found.extend(self.frameworks.find(module))
        yield from sorted(found, key=lambda site: (site.line, site.node.col_offset))

    def _legacy_in(self, module: Module) -> Iterator[Site]:
        """Image calls of openai<1."""
        for call in self.legacy.by_name(module):
            site = Site(module, call.args[0], "generations", Receiver("openai"), dialect="legacy")
            site.trouble.append((call, "the method is chosen by its name at run time"))
            yield site
        for reference, endpoint, receiver in self.legacy.methods(module):
            if self._is_mock(module, reference):
                continue
            site = Site(module, reference, endpoint, receiver, dialect="legacy")
            self._calls_of(site, module, reference, "")
            if receiver.provider == "openai":
                site.receiver = self.legacy.provider(site)
            elif not self._reads_like_one(site):
                continue
            if site.receiver.provider in {"foreign", "unresolved"} and self._names_other_model(site):
                continue
            if site.calls or site.trouble:
                yield site

    def _client(self, module: Module, reference: ast.Attribute) -> tuple[tuple[Module, ast.expr] | None, str]:
        """The expression in front of ``.images``, and the raw or streaming wrapper that was passed on the way."""
        raw = ""
        node: ast.expr = reference.value
        if isinstance(node, ast.Attribute) and node.attr in self.calls.wrappers:
            raw, node = node.attr, node.value
        if isinstance(node, ast.Attribute) and node.attr == _RESOURCE:
            return (module, node.value), raw
        if isinstance(node, ast.Name):
            for binding in module.bindings(node):
                value = binding.value
                if isinstance(value, ast.Attribute) and value.attr in self.calls.wrappers:
                    raw, value = value.attr, value.value
                if isinstance(value, ast.Attribute) and value.attr == _RESOURCE and not binding.steps:
                    return (module, value.value), raw
        return None, raw

    def _is_mock(self, module: Module, reference: ast.Attribute) -> bool:
        """Whether a test only looks at a mock: ``client.images.generate.assert_called_once()``."""
        parent = module.parent(reference)
        return isinstance(parent, ast.Attribute) and (
            parent.attr in _MOCK_ATTRIBUTES or parent.attr.startswith(("assert_", "__"))
        )

    # uses of the method

    def _calls_of(self, site: Site, module: Module, node: ast.expr, raw: str) -> None:
        parent = module.parent(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            self._direct(site, module, parent, raw)
        elif isinstance(parent, ast.Call) and node in parent.args:
            self._handed_over(site, module, node, parent, raw)
        elif isinstance(parent, ast.keyword):
            call = module.parent(parent)
            site.trouble.append((call or node, f"the method is passed as {parent.arg}="))
        elif isinstance(parent, ast.Assign) and all(isinstance(t, ast.Name) for t in parent.targets):
            for target in parent.targets:
                assert isinstance(target, ast.Name)
                self._named(site, module, target, raw)
        elif isinstance(parent, ast.IfExp | ast.BoolOp):
            self._calls_of(site, module, parent, raw)
        elif isinstance(parent, ast.Expr):
            return
        else:
            site.trouble.append((node, "the method is kept as a value, so its calls cannot be seen"))

    def _direct(self, site: Site, module: Module, call: ast.Call, raw: str) -> None:
        site.calls.append(ArgumentCall(module, call))
        site.results.append(State(module, call, _KINDS.get(raw, "response")))

    def _named(self, site: Site, module: Module, target: ast.Name, raw: str) -> None:
        used = False
        for scope in (module.scope_at(target), module.names.module):
            for binding in scope.bindings.get(target.id, ()):
                if binding.node is target:
                    for where, use in [
                        *((module, use) for use in binding.uses),
                        *self._imported_uses(module, binding),
                    ]:
                        used = True
                        self._calls_of(site, where, use, raw)
                    break
            if used:
                return
        if not used:
            site.trouble.append((target, "the method is given a name and its calls cannot be seen"))

    def _imported_uses(self, module: Module, binding: Binding) -> list[tuple[Module, ast.expr]]:
        """Where other modules use a name of this module."""
        if binding.scope is not module.names.module or binding.value is None:
            return []

        def read(state: State, step: Step, node: ast.expr) -> State | None:
            del state, step, node
            return None

        states = Walker(self.tracer, read).follow([State(module, binding.value, "method")]).states
        found = [(s.module, s.node) for s in states if s.module is not module and not s.path]
        found.sort(key=lambda one: (one[0].path, one[1].lineno, one[1].col_offset))
        return [(where, node) for where, node in found if _is_imported(where, node)]

    def _handed_over(self, site: Site, module: Module, node: ast.expr, call: ast.Call, raw: str) -> None:
        """The method is an argument: the API's keywords stand on the outer call."""
        name = self.tracer.qualified(module, call.func)
        position = runner_position(call, name)
        kind = _KINDS.get(raw, "response")
        index = call.args.index(node)
        if position == index and name in WRAPPERS:
            self._partial(site, module, call, kind)
            return
        if position == index:
            site.calls.append(ArgumentCall(module, call, index + 1))
            if name == "functools.partial" or (
                isinstance(call.func, ast.Attribute) and call.func.attr == "partial"
            ):
                self._partial(site, module, call, kind)
            else:
                site.results.append(State(module, call, kind))
            return
        functions = self.tracer.functions(module, call.func)
        if any(self._forwards(function) for function in functions) or (
            not functions and (call.keywords or looks_like_runner(call))
        ):
            site.calls.append(ArgumentCall(module, call, index + 1, self._own_keywords(functions)))
            filled = self._filled_by(functions, call)
            if filled:
                site.trouble.append((call, f"the helper that makes the call sends {filled} of its own"))
            outer = module.parent(call)
            if isinstance(outer, ast.Call) and outer.func is call:
                # retry(policy)(client.images.generate)(…) and kin: the call of what comes back carries the keywords
                site.calls.append(ArgumentCall(module, outer))
                site.results.append(State(module, outer, kind))
            else:
                site.results.append(State(module, call, kind))
            return
        site.trouble.append((call, "the method is passed to a helper that is not understood"))

    def _forwards(self, function: Function) -> bool:
        """Whether a helper of the project calls its callable parameter with the arguments it was given."""
        return function.node.args.kwarg is not None

    def _filled_by(self, functions: list[Function], call: ast.Call) -> str:
        """The first argument of the API that a helper sends and its caller does not name, or an empty text."""
        given = {keyword.arg for keyword in call.keywords}
        for function in functions:
            arguments = function.node.args
            named = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
            for inner in ast.walk(function.node):
                if not (
                    isinstance(inner, ast.Call)
                    and isinstance(inner.func, ast.Name)
                    and inner.func.id in named
                ):
                    continue
                for keyword in inner.keywords:
                    passed = isinstance(keyword.value, ast.Name) and keyword.value.id == keyword.arg in given
                    if keyword.arg in self.catalog.parameter_names() and not passed:
                        return keyword.arg or ""
        return ""

    def _own_keywords(self, functions: list[Function]) -> frozenset[str]:
        """What helpers keep for themselves: parameters that they name and the API does not have."""
        named = {
            argument.arg
            for function in functions
            for argument in (*function.node.args.args, *function.node.args.kwonlyargs)
        }
        return frozenset(named - self.catalog.parameter_names())

    def _partial(self, site: Site, module: Module, call: ast.Call, kind: str) -> None:
        """``partial(method, …)``: further keywords and the answer are at the calls of what it made."""
        todo: list[tuple[Module, ast.expr]] = [(module, call)]
        seen: set[ast.expr] = set()
        found = False
        while todo:
            where, node = todo.pop()
            if node in seen:
                continue
            seen.add(node)
            parent = where.parent(node)
            if isinstance(parent, ast.Call) and parent.func is node:
                found = True
                site.calls.append(ArgumentCall(where, parent))
                site.results.append(State(where, parent, kind))
            elif isinstance(parent, ast.Call) and node in parent.args:
                name = self.tracer.qualified(where, parent.func)
                position = runner_position(parent, name)
                index = parent.args.index(node)
                functions = self.tracer.functions(where, parent.func)
                if any(self._forwards(function) for function in functions):
                    position = index
                if position is not None and index == position:
                    found = True
                    site.calls.append(ArgumentCall(where, parent, position + 1))
                    site.results.append(State(where, parent, kind))
                else:
                    site.trouble.append((parent, "the partial is passed to a helper that is not understood"))
            elif isinstance(parent, ast.Assign):
                for target in parent.targets:
                    if isinstance(target, ast.Name):
                        for binding in where.scope_at(target).bindings.get(target.id, ()):
                            if binding.node is target:
                                todo.extend((where, use) for use in binding.uses)
                                todo.extend(self._imported_uses(where, binding))
                    elif isinstance(target, ast.Attribute):
                        todo.extend(
                            (other, reference)
                            for other, reference in self.index.references(target.attr)
                            if isinstance(reference, ast.Attribute)
                        )
            elif isinstance(parent, ast.keyword | ast.Return):
                site.trouble.append((node, "the partial travels on, so its calls cannot be seen"))
        if not found and not site.trouble:
            site.trouble.append((call, "no call of the partial was found"))

    # evidence for a client that could not be traced

    def _reads_like_one(self, site: Site) -> bool:
        """Whether the arguments alone show that this is the OpenAI API: an image model, or its own keywords."""
        names: set[str] = set()
        known = {
            parameter
            for model in self.catalog.models.values()
            for parameter in model.endpoints.get(site.endpoint, {})
        }
        for argument_call in site.calls:
            for keyword in argument_call.call.keywords:
                if keyword.arg is None:
                    names.add("**")
                    continue
                names.add(keyword.arg)
                if keyword.arg == "model":
                    values = [
                        origin.node.value
                        for origin in self.tracer.origins(argument_call.module, keyword.value)
                        if isinstance(origin, Constant)
                    ]
                    if any(isinstance(v, str) and self.catalog.model(v) is not None for v in values):
                        return True
                    if values and all(isinstance(v, str) for v in values):
                        return False
        plain = names - {"**", "timeout", "extra_headers", "extra_body", "extra_query"}
        if site.dialect == "legacy":
            plain -= self.catalog.legacy.options.keys()
        if not plain <= known:
            return False
        if site.endpoint == "generations":
            return ("prompt" in names and (len(plain) > 1 or "**" in names)) or names == {"**"}
        return "image" in names

    def _names_other_model(self, site: Site) -> bool:
        """Whether the call names a model, and it is none of OpenAI's image models."""
        names = [
            origin.node.value
            for argument_call in site.calls
            for keyword in argument_call.call.keywords
            if keyword.arg == "model"
            for origin in self.tracer.origins(argument_call.module, keyword.value)
            if isinstance(origin, Constant) and isinstance(origin.node.value, str)
        ]
        return bool(names) and all(self.catalog.model(name) is None for name in names)

    def is_evident(self, site: Site) -> bool:
        """Whether an untraced client is nevertheless certain: the call names a model that only OpenAI had."""
        if any(self.catalog.model(name) is not None for name in self.http.models(site)):
            return True
        for argument_call in site.calls:
            for keyword in argument_call.call.keywords:
                if keyword.arg == "model":
                    for origin in self.tracer.origins(argument_call.module, keyword.value):
                        if isinstance(origin, Constant) and isinstance(origin.node.value, str):
                            if self.catalog.model(origin.node.value) is not None:
                                return True
        return False


def _is_imported(module: Module, node: ast.expr) -> bool:
    """Whether an expression is a name that an import made, or an attribute of one."""
    if isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and any(one.kind == "import" for one in module.bindings(node))


_MOCK_ATTRIBUTES = frozenset(
    {
        "return_value", "side_effect", "called", "call_count", "call_args", "call_args_list", "mock_calls",
        "reset_mock", "await_count", "await_args", "method_calls",
    }
)  # fmt: skip
_KINDS = {"with_raw_response": "raw", "with_streaming_response": "raw"}
