"""Call sites that do not name the SDK's method: it is chosen at run time, or the client posts to a path."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant
from migrator.codemod.sites.site import ArgumentCall, Receiver, Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.catalog.model import EndpointName
    from migrator.catalog.queries import Catalog
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.sites.receiver import ReceiverReader

_RESOURCE = "images"
_POST = "post"


class IndirectFinder:
    """Yields sites whose method is not in the code; all of them are trouble, since nothing can be proved."""

    def __init__(
        self,
        tracer: Tracer,
        catalog: Catalog,
        receivers: ReceiverReader,
        is_evident: Callable[[Site], bool],
    ) -> None:
        self._tracer = tracer
        self._methods = catalog.calls.methods
        self._paths = {path.strip("/"): endpoint for path, endpoint in catalog.http.endpoints.items()}
        self._receivers = receivers
        self._is_evident = is_evident

    def find(self, module: Module) -> Iterator[Site]:
        """All such sites of a module."""
        yield from self._chosen_by_name(module)
        yield from self._called_by_path(module)
        yield from self._posted(module)

    def _chosen_by_name(self, module: Module) -> Iterator[Site]:
        """``getattr(client.images, name)``: which method is called is not in the code."""
        for reference in module.loads.get(_RESOURCE, ()):
            call = module.parent(reference)
            if (
                isinstance(reference, ast.Attribute)
                and isinstance(call, ast.Call)
                and self._tracer.qualified(module, call.func) == "builtins.getattr"
                and call.args[0] is reference
            ):
                receiver = self._receivers.read(module, reference.value)
                if receiver is not None and receiver.provider != "unresolved":
                    site = Site(module, reference, "generations", receiver)
                    site.trouble.append((call, "the method is chosen by its name at run time"))
                    yield site

    def _called_by_path(self, module: Module) -> Iterator[Site]:
        """``call("images.generate", model=…)``: a helper finds the method by its path."""
        for name, endpoint in self._methods.items():
            for constant in module.strings:
                call = module.parent(constant)
                if (
                    constant.value == f"{_RESOURCE}.{name}"
                    and isinstance(call, ast.Call)
                    and constant in call.args
                ):
                    site = Site(module, call.func, endpoint, Receiver("openai"))
                    site.calls.append(ArgumentCall(module, call, call.args.index(constant) + 1))
                    if self._is_evident(site):
                        site.trouble.append((call, "the method is found by its path at run time"))
                        yield site

    def _posted(self, module: Module) -> Iterator[Site]:
        """``client.post("/images/generations", body=…, cast_to=…)``: the client's own way around its methods."""
        for reference in module.loads.get(_POST, ()):
            call = module.parent(reference)
            if not (
                isinstance(reference, ast.Attribute)
                and isinstance(call, ast.Call)
                and call.func is reference
                and any(keyword.arg == "cast_to" for keyword in call.keywords)
            ):
                continue
            endpoint = self._endpoint(module, call)
            receiver = self._receivers.read(module, reference.value) if endpoint is not None else None
            if endpoint is not None and receiver is not None:
                site = Site(module, reference, endpoint, receiver)
                site.trouble.append(
                    (
                        call,
                        "the request goes through the client's own post(); the body and the answer are not followed",
                    )
                )
                yield site

    def _endpoint(self, module: Module, call: ast.Call) -> EndpointName | None:
        """The endpoint that the path of a post can be, if any."""
        given = call.args[:1] or [one.value for one in call.keywords if one.arg == "path"]
        for path in given:
            for origin in self._tracer.origins(module, path):
                if isinstance(origin, Constant) and isinstance(origin.node.value, str):
                    found = self._paths.get(origin.node.value.strip("/"))
                    if found is not None:
                        return found
        return None
