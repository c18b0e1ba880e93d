"""Image calls of openai<1: ``openai.Image.create(…)`` and kin, and where the module's settings send them."""

from __future__ import annotations

import ast
import posixpath
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from migrator.codemod.flow.origins import Class, Constant, External, Made, Parameter, Unknown
from migrator.codemod.index.links import ImportLinks
from migrator.codemod.sites.site import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.model import EndpointName
    from migrator.catalog.queries import Catalog
    from migrator.codemod.flow.origins import Origin
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.sites.receiver import ReceiverReader
    from migrator.codemod.sites.site import Site

Setting = tuple["Module", ast.Attribute, "ast.expr | None"]
"""An assignment to the package: where, its target, and the value (``None`` where it is not a plain assignment)."""


class LegacyReader:
    """Recognises the image class of openai<1, and decides who answers it."""

    def __init__(self, tracer: Tracer, catalog: Catalog, receivers: ReceiverReader) -> None:
        self.tracer = tracer
        self.index = tracer.index
        self.calls = catalog.legacy
        self.hosts = catalog.calls.hosts
        self.receivers = receivers
        self._classes = {
            *self.calls.classes,
            *(f"{module}.{self.calls.attribute}" for module in self.calls.modules),
        }
        self._settings: dict[str, list[Setting]] | None = None
        self.links = ImportLinks(self.index)
        self._keepers: dict[str, bool] = {}

    # which references are image methods

    def methods(self, module: Module) -> Iterator[tuple[ast.Attribute, EndpointName, Receiver]]:
        """The references to image methods in a module; the receiver says how sure that is."""
        for name, endpoint in self.calls.methods.items():
            for reference in module.loads.get(name, ()):
                if isinstance(reference, ast.Attribute):
                    receiver = self._receiver(module, reference.value, name)
                    if receiver is not None:
                        yield reference, endpoint, receiver

    def by_name(self, module: Module) -> Iterator[ast.Call]:
        """``getattr(openai.Image, name)``: a method of the image class that is chosen at run time."""
        for node in module.loads.get(self.calls.attribute, ()):
            call = module.parent(node)
            if (
                isinstance(call, ast.Call)
                and call.args
                and call.args[0] is node
                and self.tracer.qualified(module, call.func) == "builtins.getattr"
                and self.tracer.qualified(module, node) in self._classes
            ):
                yield call

    def _receiver(self, module: Module, node: ast.expr, method: str) -> Receiver | None:
        if isinstance(node, ast.Call) and self.tracer.qualified(module, node.func) == "builtins.super":
            owner = module.method_class(node)
            return Receiver("openai") if owner is not None and self._extends(module, owner) else None
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return None
        if self.tracer.qualified(module, node) in self._classes:
            return Receiver("openai")
        named = isinstance(node, ast.Attribute) and node.attr == self.calls.attribute
        found = other = False
        origins = self.tracer.origins(module, node)
        for origin in origins:
            if self._is_class(origin, method):
                found = True
            elif not _is_nothing(origin):
                other = other or not (_is_open(origin) or self._is_stand_in(origin))
        if found:
            if other:
                return Receiver(
                    "unresolved", (), "the class can also be one of another library", doubtful=True
                )
            return Receiver("openai")
        if not named and not other and origins and self._keeps_class(module):
            return Receiver(
                "unresolved", (), f"{module.source(node)} may be the image class, which this file keeps"
            )
        if named and not other and self._is_open_name(module, node):
            return Receiver("unresolved", (), f"what {module.source(node)} is was not found in the project")
        return None

    def _keeps_class(self, module: Module) -> bool:
        """Whether a file hands the class itself around, ``values["client"] = openai.Image``."""
        if module.path not in self._keepers:
            self._keepers[module.path] = any(
                not isinstance(parent := module.parent(node), (ast.Attribute, ast.ClassDef))
                and not (isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name))
                and self.tracer.qualified(module, node) in self._classes
                for node in module.loads.get(self.calls.attribute, ())
            )
        return self._keepers[module.path]

    def _is_class(self, origin: Origin, method: str) -> bool:
        if isinstance(origin, Class):
            return self._inherits(origin, method)
        return isinstance(origin, External) and origin.name in self._classes

    def _extends(self, module: Module, cls: ast.ClassDef) -> bool:
        return any(self.tracer.qualified(module, base) in self._classes for base in cls.bases)

    def _inherits(self, cls: Class, method: str) -> bool:
        """Whether a class of the project has the method from the package."""
        for owner in self.tracer.family(cls):
            scope = owner.module.names.scopes.get(owner.node)
            if scope is not None and method in scope.bindings:
                return False
            if self._extends(owner.module, owner.node):
                return True
        return False

    def _is_stand_in(self, origin: Origin) -> bool:
        """Whether another library offers the class under the package's name, as caches and monitors do."""
        if not isinstance(origin, External):
            return False
        stem, _, last = origin.name.rpartition(".")
        return last == self.calls.attribute and stem.rpartition(".")[2] in self.calls.modules

    def _is_open_name(self, module: Module, node: ast.expr) -> bool:
        """Whether nothing is known of what stands in front of the class."""
        base = node.value if isinstance(node, ast.Attribute) else node
        return all(
            _is_open(origin)
            or (isinstance(origin, External) and origin.name.rpartition(".")[2] in self.calls.modules)
            for origin in self.tracer.origins(module, base)
        )

    # where a call goes

    def provider(self, site: Site) -> Receiver:
        """The receiver of a site, by the keywords of its calls and the settings that reach it."""
        given: dict[str, list[tuple[Module, ast.expr]]] = {}
        for call in site.calls:
            for keyword in call.call.keywords:
                if keyword.arg is not None and keyword.arg in self.calls.options:
                    given.setdefault(keyword.arg, []).append((call.module, keyword.value))
        for name in ("api_type", "api_base"):
            if name not in given:
                given[name] = [
                    (module, value)
                    for module, _, value in self.settings(site.module, name)
                    if value is not None
                ]
        return (
            self._by_type(given["api_type"], bool(given["api_base"]))
            or self._by_base(given["api_base"])
            or (None if given["api_type"] else self._by_environment(site.module))
            or Receiver("openai")
        )

    def _by_environment(self, module: Module) -> Receiver | None:
        """``os.environ["OPENAI_API_TYPE"] = "azure"`` and kin, which the package reads when it is imported."""
        name = self.calls.type_variable
        types = "|".join(sorted(self.calls.azure.types, key=len, reverse=True))
        wanted = re.compile(rf"^[^#\n]*{name}\W{{1,8}}(?:{types})\b", re.IGNORECASE | re.MULTILINE)
        self.index.search(name)
        texts = [one.file.text for one in self.connected(module) if name in one.file.text]
        folder = posixpath.dirname(module.path)
        while True:
            texts.extend(
                self.index.project.text(posixpath.join(folder, one)) or "" for one in self.calls.type_files
            )
            if posixpath.dirname(folder) == folder:
                break
            folder = posixpath.dirname(folder)
        if any(wanted.search(text) for text in texts):
            return Receiver("azure", (), f"{name} is azure")
        return None

    def _by_type(self, values: list[tuple[Module, ast.expr]], moved: bool) -> Receiver | None:
        unknown = False
        for module, value in values:
            for child in ast.walk(value):
                if isinstance(child, ast.Constant) and child.value in self.calls.azure.types:
                    return Receiver("azure", (), "api_type is azure")
            for origin in self.tracer.origins(module, value):
                if isinstance(origin, Constant):
                    if origin.node.value in self.calls.azure.types:
                        return Receiver("azure", (), "api_type is azure")
                else:
                    unknown = True
        if unknown and moved:
            return Receiver("foreign", (), "openai.api_type is set from outside the code")
        return None

    def _by_base(self, values: list[tuple[Module, ast.expr]]) -> Receiver | None:
        for module, value in values:
            for origin in self.tracer.origins(module, value):
                if isinstance(origin, Constant) and self._provider_of(origin.node.value) == "azure":
                    return Receiver("azure", (), f"api_base is {origin.node.value!r}")
            why = self.receivers.foreign_url(module, value)
            if why:
                return Receiver("foreign", (), why.replace("base_url", "api_base"))
        return None

    def _provider_of(self, url: object) -> str:
        try:
            host = (urlsplit(url).hostname or "") if isinstance(url, str) else ""
        except ValueError:
            return ""
        return next((p for known, p in self.hosts.items() if host == known or host.endswith(f".{known}")), "")

    # settings of the module

    def settings(self, module: Module, name: str) -> list[Setting]:
        """The assignments ``openai.NAME = …`` that reach the calls in a module.

        A module that sets its own key may be a program of its own: then another program beside it, which makes
        calls and is not connected by imports, does not count. Files that only hold settings always do.
        """
        everywhere = self._all_settings()
        found = everywhere.get(name, [])
        if not any(where is module for stores in everywhere.values() for where, _, _ in stores):
            return found
        connected = self.links.together(module.path, {where.path for where, _, _ in found})
        return [one for one in found if one[0].path in connected or not self._makes_calls(one[0])]

    def _makes_calls(self, module: Module) -> bool:
        return bool(self.other_resources(module)) or any(True for _ in self.methods(module))

    def _all_settings(self) -> dict[str, list[Setting]]:
        if self._settings is None:
            self._settings = {}
            for name in ("api_base", "api_type"):  # first: files that are found so may set the others, too
                self.index.search(name, near=("openai",))
            for name in self.calls.settings:
                for module, target in list(self.index.stores(name)):
                    if self.is_package(module, target.value):
                        statement = module.statement(target)
                        value = (
                            statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
                        )
                        self._settings.setdefault(name, []).append((module, target, value))
        return self._settings

    def is_package(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression is the openai package itself."""
        if self.tracer.qualified(module, node) in self.calls.modules:
            return True
        return any(
            isinstance(origin, External) and origin.name in self.calls.modules
            for origin in self.tracer.origins(module, node)
        )

    def connected(self, module: Module) -> list[Module]:
        """The module and those that run in one program with it, as far as imports show that; by path."""
        self.index.search("import openai", "openai import")
        group = self.links.group(module.path)
        return [found for path in sorted(group) if (found := self.index.load(path)) is not None]

    # other evidence in a file

    def modern_names(self, module: Module) -> list[str]:
        """Names that a file takes from the package and that only openai>=1 has."""
        return self._names_of(module, self.calls.modern)

    def other_resources(self, module: Module) -> list[str]:
        """What else a file uses that openai>=1 has no more."""
        return self._names_of(module, self.calls.resources)

    def _names_of(self, module: Module, names: tuple[str, ...]) -> list[str]:
        found = []
        for alias in module.aliases:
            statement = module.parents[alias]
            if isinstance(statement, ast.ImportFrom) and not statement.level and statement.module:
                top, _, rest = statement.module.partition(".")
                if top in self.calls.modules and (rest.partition(".")[0] or alias.name) in names:
                    found.append(rest.partition(".")[0] or alias.name)
            elif isinstance(statement, ast.Import):
                top, _, rest = alias.name.partition(".")
                if top in self.calls.modules and rest.partition(".")[0] in names:
                    found.append(rest.partition(".")[0])
        for name in names:
            for reference in module.loads.get(name, ()):
                if isinstance(reference, ast.Attribute) and self.is_package(module, reference.value):
                    found.append(name)
                    break
        return sorted(dict.fromkeys(found))


def _is_nothing(origin: Origin) -> bool:
    """``openai = None`` where the import fails."""
    node = getattr(origin, "node", None)
    return isinstance(node, ast.Constant) and node.value is None


def _is_open(origin: Origin) -> bool:
    """Whether the origin says nothing about what it is."""
    if isinstance(origin, Parameter):
        return origin.annotation is None
    return isinstance(origin, (Made, Unknown)) or (
        isinstance(origin, External) and origin.name.startswith("builtins.openai")
    )
