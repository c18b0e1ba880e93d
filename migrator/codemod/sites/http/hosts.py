"""Who is asked: the addresses that a call can send to, with what its client puts in front of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Made
from migrator.codemod.sites.http.bodies import argument
from migrator.codemod.sites.http.texts import OWN, UNKNOWN
from migrator.codemod.sites.http.urls import Address, Frame, UrlReader
from migrator.codemod.sites.site import Receiver

if TYPE_CHECKING:
    from migrator.catalog.queries import Catalog
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module


class HostReader:
    """Works out addresses and who answers there."""

    def __init__(self, tracer: Tracer, catalog: Catalog) -> None:
        self.tracer = tracer
        self.catalog = catalog
        self.facts = catalog.http
        self.urls = UrlReader(tracer, catalog.http)

    def addresses(
        self, module: Module, url: ast.expr, callee: ast.expr, frame: Frame | None, *, follow: bool
    ) -> tuple[list[Address], list[str]]:
        """The addresses of endpoints that a url can be, and every other text that it can be."""
        good: list[Address] = []
        rest: list[str] = []
        bases = self._bases(module, callee)
        for text in self.urls.texts(module, url, frame, follow=follow):
            whole = [text]
            if bases and "://" not in text and not text.startswith((OWN, UNKNOWN)):
                whole = [f"{base.rstrip('/')}/{text.lstrip('/')}" for base in bases]
            for one in whole:
                found = self.urls.address(one)
                if found is None:
                    rest.append(one)
                else:
                    good.append(found)
        return good, rest

    def _bases(self, module: Module, callee: ast.expr) -> list[str]:
        """What a client puts in front of every url."""
        found: list[str] = []
        for where, made, name in self.clients(module, callee):
            base = argument(made, self.facts.bases.get(name, ()), 0)
            if base is None:
                continue
            texts = self.urls.texts(where, base)
            if name.startswith("http.client."):
                texts = [text if text.startswith((OWN, UNKNOWN)) else f"https://{text}" for text in texts]
            found.extend(texts)
        return list(dict.fromkeys(found))

    def clients(self, module: Module, callee: ast.expr) -> list[tuple[Module, ast.Call, str]]:
        """The constructor calls that can have made the client of a method, with their names."""
        if not isinstance(callee, ast.Attribute):
            return []
        return [
            (origin.module, origin.node, origin.name)
            for origin in self.tracer.origins(module, callee.value)
            if isinstance(origin, Made) and not origin.path
        ]

    def receiver(
        self, module: Module, callee: ast.expr, good: list[Address], rest: list[str]
    ) -> Receiver | None:
        """Who answers at these addresses; ``None`` where that is nobody outside this machine."""
        made = tuple((where, node) for where, node, _ in self.clients(module, callee))
        if not good or all(address.host in self.facts.local for address in good):
            return None
        if any(address.is_relative for address in good) and module.is_test:
            return None
        providers = {self._provider(address) for address in good}
        if "azure" in providers:
            return Receiver("azure", made, "the url is one of Azure's")
        if "foreign" in providers:
            shown = next(address.shown for address in good if self._provider(address) == "foreign")
            return Receiver("foreign", made, f"its url is {shown!r}")
        if any(address.is_relative for address in good):
            return Receiver("unresolved", made, "nothing in the code says which host it asks", doubtful=True)
        if providers == {"openai"} and not any(UNKNOWN in text for text in rest):
            return Receiver("openai", made)
        return Receiver("unresolved", made, "the host of its url is not in the code")

    def _provider(self, address: Address) -> str:
        if address.is_azure:
            return "azure"
        if address.is_own:
            return "openai"
        if not address.host:
            return "unresolved"
        for known, provider in self.catalog.calls.hosts.items():
            if address.host == known or address.host.endswith(f".{known}"):
                return provider
        return "foreign"
