"""Calls of openai<1 to Azure: what the code says of the resource, and the client of today that takes it.

The old package reached pictures on Azure by a service without deployments, which ended with DALL-E 2. The current
one calls a deployment, by a module-level client (``openai.api_type``, ``openai.azure_endpoint``) or one of its own.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.codemod.flow.origins import Constant
from migrator.codemod.plan.context import literal
from migrator.codemod.plan.part import FileEdit, Part
from migrator.codemod.rewrite import AddArgument, Arguments, Replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.legacy import LegacyReader
    from migrator.codemod.sites.site import Site

_DAY = len("2025-04-01")
_MODEL = "model"


@dataclass(frozen=True, slots=True)
class Resource:
    """The Azure resource of a call, as far as the code names it."""

    names: dict[str, str]
    """Old names of keywords and settings to those of the constructor; the key's says what kind of key it is."""
    is_fixed: bool
    """Whether the whole resource is set once, at the top of a module: then the module-level client knows it."""


def resource(context: Context, legacy: LegacyReader, site: Site) -> Resource | str:
    """The resource that a call goes to; or why the code does not say which one it is."""
    if site.endpoint != "generations":
        return "openai<1 made nothing but generations there"
    if len(site.calls) != 1 or site.calls[0].module is not site.module:
        return "the call is made at another place than the method"
    if any(keyword.arg is None for keyword in site.calls[0].call.keywords):
        return "some of its keywords are unpacked from elsewhere"
    azure = legacy.calls.azure
    is_fixed = True
    credential = ""
    for name in ("api_type", *azure.settings):
        found = _given(site, name)
        if found:
            is_fixed = False
        else:
            why = _scattered(legacy, site, name)
            if why:
                return f"openai.{name} {why}"
            stores = legacy.settings(site.module, name)
            found = [(module, value) for module, _, value in stores if value is not None]
            is_fixed = is_fixed and all(_is_at_top(module, target) for module, target, _ in stores)
        if name == "api_type":
            kinds = [azure.types.get(text) for one in found for text in _texts(context, *one)]
            if len(set(kinds)) != 1 or not kinds[0]:
                return "openai.api_type is not one constant"
            credential = kinds[0]
    other = _other_type(legacy, site)
    if other:
        return f"another call of the same program has settings of its own, in {other}"
    names = {**legacy.calls.options, **azure.settings, "api_key": credential, "api_type": ""}
    return Resource(names, is_fixed and credential == "api_key")


def _given(site: Site, name: str) -> list[tuple[Module, ast.expr]]:
    return [(site.module, one.value) for one in site.calls[0].call.keywords if one.arg == name]


def _scattered(legacy: LegacyReader, site: Site, name: str) -> str:
    """Why the assignments of a setting do not say what it is when the call is made."""
    stores = legacy.settings(site.module, name)
    if not stores:
        return "is not set in the code"
    if any(value is None for _, _, value in stores):
        return "is not set by a plain assignment"
    if len(stores) > 1:
        return "is set in more than one place"
    module, target, _ = stores[0]
    if not isinstance(
        module.parent(module.statement(target)), (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)
    ):
        return "is set under a condition"
    if module not in legacy.connected(site.module):
        return f"is set in {module.path}, which nothing imports together with this call"
    return ""


def _is_at_top(module: Module, target: ast.AST) -> bool:
    return isinstance(module.parent(module.statement(target)), ast.Module)


def _texts(context: Context, module: Module, value: ast.expr) -> list[str]:
    """The constants that a value can be; empty where it can be anything else."""
    origins = context.tracer.origins(module, value)
    if not all(isinstance(origin, Constant) for origin in origins):
        return []
    return [str(origin.node.value) for origin in origins if isinstance(origin, Constant)]


def _other_type(legacy: LegacyReader, site: Site) -> str | None:
    """Where the settings are renamed for Azure, no call beside this one may need them for another service."""
    own = site.calls[0].call
    for module in legacy.connected(site.module):
        for reference, _, _ in legacy.methods(module):
            call = module.parent(reference)
            if isinstance(call, ast.Call) and call is not own:
                if any(keyword.arg in {"api_type", None} for keyword in call.keywords):
                    return f"{module.path}:{call.lineno}"
    return None


def constructor(
    legacy: LegacyReader, found: Resource, site: Site, package: str, given: dict[str, str]
) -> str:
    """The client behind the package's name: the module's own where that one knows the resource."""
    azure, calls = legacy.calls.azure, legacy.calls
    is_async = site.sdk_method.attr in calls.asynchronous
    if not is_async and not given and found.is_fixed:
        return ""
    arguments: dict[str, str] = {}
    for old, setting in {**azure.settings, "organization": "organization"}.items():
        name = found.names[old]
        is_set = bool(legacy.settings(site.module, old))
        if name not in given:
            if is_set:
                arguments[name] = f"{package}.{setting}"
        elif old == "api_version" and (version := _too_old(legacy, site, given[name])):
            arguments[name] = version
        elif is_set and not given[name].startswith(("'", '"')):
            arguments[name] = f"{given[name]} or {package}.{setting}"
        else:
            arguments[name] = given[name]
    written = ", ".join(f"{name}={value}" for name, value in arguments.items())
    return f".{azure.clients['async' if is_async else 'sync']}({written})"


def _too_old(legacy: LegacyReader, site: Site, code: str) -> str:
    """The version to write instead of one that is written out in the call and older than GPT Image."""
    first = legacy.calls.azure.first_version
    for _, value in _given(site, "api_version"):
        if (
            isinstance(value, ast.Constant)
            and _is_before(value.value, first)
            and site.module.source(value) == code
        ):
            return literal(first, site.module)
    return ""


def azure_parts(context: Context, legacy: LegacyReader, site: Site) -> Iterator[Part]:
    """What a person has to decide about a call that moves: its deployment, and the version of the API."""
    yield _deployment(context, legacy, site)
    yield from _version(context, legacy, site)


def _deployment(context: Context, legacy: LegacyReader, site: Site) -> Part:
    azure, call = legacy.calls.azure, site.calls[0]
    named = [
        keyword
        for keyword in call.call.keywords
        if keyword.arg is not None and (keyword.arg in azure.deployment or keyword.arg == _MODEL)
    ]
    advice = context.catalog.rules["IMG021"].suggestion
    if named:
        return Part(
            "IMG021", "review", site.module, named[0].value,
            f"This call goes to the Azure deployment {site.module.source(named[0].value)}, whose name stays. It has to "
            "be a deployment of a GPT Image model; which model it runs is not in the code.",
            advice,
        )  # fmt: skip
    name = _offered(context)
    added: FileEdit = (
        site.module.path,
        Arguments(site.module.span(call.call), (AddArgument(_MODEL, literal(name, site.module)),)),
    )
    return Part(
        "IMG021", "review", site.module, site.node,
        "This call goes to Azure, and names no deployment, because the service that openai<1 asked had none. It now "
        f"asks for one called {name}.",
        f"Create a deployment of a GPT Image model and call it {name}, or write the name of yours here.",
        edits=(added,),
    )  # fmt: skip


def _offered(context: Context) -> str:
    """The name that Azure proposes for a deployment: that of a model it offers, the target where it does."""
    if context.target.life("azure") is not None:
        return context.target.id
    offered = [
        model
        for model in context.catalog.models.values()
        if not model.returns_url and (life := model.life("azure")) is not None and life.shutdown is not None
    ]
    kind = context.target.id.rpartition("-")[2]
    return max(
        offered, key=lambda model: (model.released, model.id.endswith(kind), model.id), default=context.target
    ).id


def _version(context: Context, legacy: LegacyReader, site: Site) -> Iterator[Part]:
    """A version of the API that is older than GPT Image, where the code says it."""
    first = legacy.calls.azure.first_version
    given = _given(site, "api_version")
    stores = [(m, value) for m, _, value in legacy.settings(site.module, "api_version") if value is not None]
    for module, value in given or stores:
        for origin in context.tracer.origins(module, value):
            if not isinstance(origin, Constant) or not _is_before(origin.node.value, first):
                continue
            written = origin.node is value and (bool(given) or not _is_read(legacy, site, "api_version"))
            edits: tuple[FileEdit, ...] = ()
            if written and not given:  # a keyword of the call becomes one of the client, with the new version
                edits = ((module.path, Replace(module.span(value), literal(first, module))),)
            yield Part(
                "IMG021", "review", module, value,
                f"The version {origin.node.value!s} of Azure's API has no GPT Image; the first that has is {first}"
                f"{', which takes its place' if written else ''}.",
                f"Check that your resource offers {first}, or write a later one."
                if written
                else f"Set it to {first} or a later one where it comes from.",
                edits=edits,
            )  # fmt: skip


def _is_read(legacy: LegacyReader, site: Site, name: str) -> bool:
    """Whether other code of the program takes a setting from the package, and may use it for something else."""
    return any(
        isinstance(node, ast.Attribute) and legacy.is_package(module, node.value)
        for module in legacy.connected(site.module)
        for node in module.loads.get(name, ())
    )


def _is_before(version: object, first: str) -> bool:
    """Whether a version such as 2023-06-01-preview is older; what is no day is not compared."""
    return (
        isinstance(version, str)
        and len(version) >= _DAY
        and version[:4].isdigit()
        and version[:_DAY] < first[:_DAY]
    )
