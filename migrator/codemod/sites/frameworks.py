"""Uses of packages that make pictures for their users: their classes, functions and tool loaders."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.callables import getter_default
from migrator.codemod.flow.naming import callable_names
from migrator.codemod.flow.origins import Constant, Display, Made
from migrator.codemod.sites.routes import Routes
from migrator.codemod.sites.site import ArgumentCall, Receiver, Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.catalog.frameworks import Framework
    from migrator.catalog.model import EndpointName
    from migrator.catalog.queries import Catalog
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module

_DEPTH = 4
"""Lists and tables inside of each other that an argument is looked through."""
_ANY_MODEL = "{model}"
"""What stands for any leaving model among the texts that a loader is asked for."""


class FrameworkFinder:
    """Finds sites whose request another package makes. ``follow`` collects the calls of a function."""

    def __init__(
        self, tracer: Tracer, catalog: Catalog, follow: Callable[[Site, Module, ast.expr], None]
    ) -> None:
        self.tracer = tracer
        self.catalog = catalog
        self.follow = follow
        self.routes = Routes(tracer, catalog)
        self.by_last: dict[str, list[tuple[str, EndpointName, Framework]]] = {}
        for framework in catalog.frameworks:
            if framework.kind == "settings":
                continue
            for name, endpoint in framework.names.items():
                self.by_last.setdefault(name.rpartition(".")[2], []).append((name, endpoint, framework))

    def find(self, module: Module) -> Iterator[Site]:
        """The sites of one module."""
        for last, entries in self.by_last.items():
            for local in self._local_names(module, last):
                for reference in module.loads.get(local, ()):
                    yield from self._at(module, reference, entries)

    def _local_names(self, module: Module, last: str) -> list[str]:
        renamed = [alias.asname for alias in module.aliases if alias.asname and alias.name == last]
        return list(dict.fromkeys((last, *renamed)))

    def _at(
        self,
        module: Module,
        reference: ast.Name | ast.Attribute,
        entries: list[tuple[str, EndpointName, Framework]],
    ) -> Iterator[Site]:
        qualified = self.tracer.qualified(module, reference)
        for name, endpoint, framework in entries:
            if framework.kind == "method":
                parent = module.parent(reference)
                if isinstance(reference, ast.Attribute) and isinstance(parent, ast.Call):
                    if parent.func is reference and self._asks(module, parent, framework):
                        yield self._site(module, reference, endpoint, framework, parent)
            elif name == qualified or (
                # a method of an object: `router.image_generation` is `litellm.Router.image_generation`
                framework.kind == "loader"
                and isinstance(reference, ast.Attribute)
                and name in callable_names(self.tracer, module, reference)
            ):
                yield from self._use(module, reference, endpoint, framework)

    def _use(
        self,
        module: Module,
        reference: ast.Name | ast.Attribute,
        endpoint: EndpointName,
        framework: Framework,
    ) -> Iterator[Site]:
        parent = module.parent(reference)
        if framework.kind == "function":
            site = Site(
                module, reference, endpoint, Receiver("openai"), dialect="framework", framework=framework
            )
            self.follow(site, module, reference)
            site.receiver = self._receiver(site, framework)
            if (site.calls or site.trouble) and not self._is_elsewhere(site, framework):
                yield site
        elif isinstance(parent, ast.Call) and parent.func is reference:
            if framework.kind == "class" or self._asks(module, parent, framework):
                yield self._site(module, reference, endpoint, framework, parent)
        elif isinstance(parent, ast.ClassDef) and reference in parent.bases:
            site = Site(
                module, reference, endpoint, Receiver("openai"), dialect="framework", framework=framework
            )
            site.trouble.append((reference, f"{parent.name} is a subclass of it"))
            yield site
        elif isinstance(parent, ast.Call) and parent.args[:1] == [reference] and len(parent.args) == 1:
            if self.tracer.qualified(module, parent.func) == "functools.partial":
                yield self._site(module, reference, endpoint, framework, parent, 1)

    def _site(
        self,
        module: Module,
        reference: ast.expr,
        endpoint: EndpointName,
        framework: Framework,
        call: ast.Call,
        shift: int = 0,
    ) -> Site:
        site = Site(module, reference, endpoint, Receiver("openai"), dialect="framework", framework=framework)
        site.calls.append(ArgumentCall(module, call, shift))
        site.receiver = self._receiver(site, framework)
        return site

    def _asks(self, module: Module, call: ast.Call, framework: Framework) -> bool:
        """Whether a loader is asked for the tool that makes pictures."""
        given: set[object] = {one.node.value for one in constants_given(self.tracer, module, call)}
        gone = [text for text in given if isinstance(text, str) and self._is_gone(text)]
        if gone and not (framework.aliases and self._is_live(module, call, gone)):
            given.add(_ANY_MODEL)
        return given.issuperset(framework.asks)

    def _is_live(self, module: Module, call: ast.Call, names: list[str]) -> bool:
        """Whether the project's routers send these names to live models, and the call asks for nothing old beside."""
        routes = [self.routes.by(name) for name in names]
        models = [self.routes.models(route) for found in routes for route in found]
        if not all(routes) or not all(models):
            return False
        if any(self._is_gone(str(one.node.value)) for found in models for one in found):
            return False
        return all(
            keyword.arg is not None and not self._is_old(module, keyword.arg, keyword.value)
            for keyword in call.keywords
            if keyword.arg != "model"
        )

    def _is_old(self, module: Module, parameter: str, value: ast.expr) -> bool:
        """Whether a live model may refuse an argument."""
        target = self.catalog.models[self.catalog.default_target]
        accepted = target.endpoints["generations"].get(parameter)
        known = any(parameter in one.endpoints.get("generations", {}) for one in self.catalog.models.values())
        if accepted is None:
            return known
        if accepted.kind not in {"enum", "size"}:
            return False
        origins = self.tracer.origins(module, value)
        return not all(
            isinstance(one, Constant)
            and (one.node.value is None or target.accepts(accepted, str(one.node.value)))
            for one in origins
        )

    def _is_gone(self, text: str) -> bool:
        """Whether a text names a model that code has to leave, also behind the name of a provider."""
        model = self.catalog.model(text.rpartition("/")[2])
        return model is not None and not model.is_target

    def _receiver(self, site: Site, framework: Framework) -> Receiver:
        if framework.azure:
            return Receiver("azure", (), "it runs an Azure deployment")
        for argument_call in site.calls:
            for keyword in argument_call.call.keywords:
                if keyword.arg in framework.url_arguments and not _is_none(keyword.value):
                    return Receiver("foreign", (), f"{keyword.arg}= leads the call to another address")
        models = self._models(site, framework)
        if framework.azure_prefix and any(name.startswith(framework.azure_prefix) for name in models):
            return Receiver("azure", (), "its model is a deployment on Azure")
        if not models and framework.answers:
            return Receiver("unresolved", (), "the model, and with it the provider, is not in the code")
        return Receiver("openai")

    def _models(self, site: Site, framework: Framework) -> list[str]:
        """The names of models that are written in the calls, or in what feeds them."""
        keywords = [key for key, parameter in framework.arguments.items() if parameter == "model"]
        values: list[tuple[Module, ast.expr]] = []
        for argument_call in site.calls:
            call = argument_call.call
            values.extend((argument_call.module, k.value) for k in call.keywords if k.arg in keywords)
            for place, node in enumerate(call.args[argument_call.shift :]):
                if place < len(framework.order) and framework.order[place] in keywords:
                    values.append((argument_call.module, node))
        names: list[str] = []
        seen: set[ast.expr] = set()
        while values:
            module, value = values.pop()
            if value in seen:
                continue  # a setting may be its own default
            seen.add(value)
            for origin in self.tracer.origins(module, value):
                if isinstance(origin, Constant) and isinstance(origin.node.value, str):
                    names.append(origin.node.value)
                elif isinstance(origin, Made) and (default := getter_default(origin.node)) is not None:
                    values.append((origin.module, default))
        return names

    def _is_elsewhere(self, site: Site, framework: Framework) -> bool:
        """Whether a function that serves many providers is only asked for models of others."""
        models = self._models(site, framework)
        return (
            bool(models)
            and site.receiver.provider != "azure"
            and all(self.catalog.model(name) is None for name in models)
        )


def constants_given(tracer: Tracer, module: Module, call: ast.Call) -> Iterator[Constant]:
    """The constants in the arguments of a call, and in lists and tables that are one."""
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        yield from _constants(tracer, module, argument, _DEPTH)


def _constants(tracer: Tracer, module: Module, value: ast.expr, depth: int) -> Iterator[Constant]:
    for origin in tracer.origins(module, value) if depth else ():
        if isinstance(origin, Constant):
            yield origin
        elif isinstance(origin, Display):
            display = origin.node
            inner = display.values if isinstance(display, ast.Dict) else display.elts
            for one in inner:
                yield from _constants(tracer, origin.module, one, depth - 1)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
