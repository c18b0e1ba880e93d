"""The call itself: from a method of ``openai.Image`` to the method of a client."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.imports import import_as
from migrator.codemod.plan.legacy.azure import Resource, constructor, resource
from migrator.codemod.plan.part import FileEdit, Part
from migrator.codemod.plan.uploads import UPLOADS, is_named, named
from migrator.codemod.rewrite import Arguments, DropArgument, DropImport, RenameArgument, Replace
from migrator.types import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.legacy import LegacyReader
    from migrator.codemod.sites.site import Site

_ADVICE = "Write the call with a client of today by hand, then run the tool again."


def call_parts(context: Context, legacy: LegacyReader, site: Site) -> Iterator[Part]:
    """The parts that turn the call into one of the current SDK."""
    package = _package(legacy, site)
    if package is None:
        yield _left(
            site,
            site.method,
            "where the method comes from is written in a way that this tool does not rewrite",
        )
        return
    name, start, edits = package
    azure = resource(context, legacy, site) if site.receiver.provider == "azure" else None
    if isinstance(azure, str):
        yield _left(site, site.node, azure)
        return
    arguments = _arguments(context, legacy, site, azure)
    if isinstance(arguments, str):
        yield _left(site, site.node, arguments)
        return
    given, changes = arguments
    edits.extend(changes)
    old = site.sdk_method.attr
    written = name or _text(site, start)
    if azure is None:
        client = _client(legacy, site, written, given, old)
    else:
        client = constructor(legacy, azure, site, written, given)
    text = f"{name}{client}"
    method = f"{context.catalog.calls.attribute}.{legacy.calls.successors[old]}"
    end = site.module.span(site.method).end
    edits.append((site.module.path, Replace(Span(start, end), f"{text}.{method}")))
    yield Part(
        "IMG071", "safe", site.module, site.method,
        f"{legacy.calls.attribute}.{old} becomes {method} of a current client.",
        edits=tuple(edits),
    )  # fmt: skip


def _left(site: Site, node: ast.AST, why: str) -> Part:
    return Part("IMG071", "manual", site.module, node, f"This call cannot be moved: {why}.", _ADVICE)


def _text(site: Site, end: int) -> str:
    """How the package is written in front of the class."""
    start = site.module.span(site.method).start
    return site.module.file.text[start:end]


def _package(legacy: LegacyReader, site: Site) -> tuple[str, int, list[FileEdit]] | None:
    """The package's name where it has to be written, where the replacement starts, and the edits of imports."""
    module, node = site.module, site.sdk_method.value
    if isinstance(node, ast.Attribute) and node.attr == legacy.calls.attribute:
        if legacy.is_package(module, node.value) and isinstance(node.value, (ast.Name, ast.Attribute)):
            return "", module.span(node.value).end, []
        return None
    if not isinstance(node, ast.Name):
        return None
    bindings = module.bindings(node)
    if len(bindings) != 1:
        return None
    binding = next(iter(bindings))
    alias = binding.node
    statement = module.parent(alias)
    if not isinstance(alias, ast.alias) or not isinstance(statement, ast.ImportFrom):
        return None
    known = {id(reference.value) for reference, _, _ in legacy.methods(module)}
    if not all(id(use) in known for use in binding.uses):
        return None
    if binding.scope is not module.names.module:
        return None
    name, imported = import_as(module, "openai")
    return name, module.span(node).start, [
        (module.path, imported),
        (module.path, DropImport(alias.asname or alias.name)),
    ]  # fmt: skip


def _arguments(
    context: Context, legacy: LegacyReader, site: Site, azure: Resource | None
) -> tuple[dict[str, str], list[FileEdit]] | str:
    """What the client's constructor gets, and the changes of the call's arguments; or why that cannot be said."""
    given: dict[str, str] = {}
    edits: list[FileEdit] = []
    names = legacy.calls.positions[site.endpoint]
    options, stray = legacy.calls.options, legacy.calls.stray
    if azure is not None:
        options = azure.names
        stray = {**stray, **dict.fromkeys(legacy.calls.azure.deployment, "model")}
    for call in site.calls:
        module = call.module
        for position, argument in enumerate(call.call.args[call.shift :]):
            if (
                isinstance(argument, ast.Starred)
                or position >= len(names)
                or names[position] in legacy.calls.options
            ):
                return "an argument is passed by position"
            prefix = f"{names[position]}="
            if names[position] in UPLOADS and not is_named(context, module, argument):
                edits.append(named(module, argument, prefix))
            else:
                start = module.span(argument).start
                edits.append((module.path, Replace(Span(start, start), prefix)))
        changes: list[DropArgument | RenameArgument] = []
        for keyword in call.call.keywords:
            if (
                keyword.arg in UPLOADS
                and site.endpoint == "edits"
                and is_named(context, module, keyword.value) is None
            ):
                edits.append(named(module, keyword.value))
            if keyword.arg is None or keyword.arg not in {**options, **stray}:
                continue
            renamed = options.get(keyword.arg) or stray.get(keyword.arg)
            if azure is not None and keyword.arg == "api_type":
                changes.append(DropArgument(keyword.arg))  # the client's class says it
                continue
            if not renamed:
                return f"{keyword.arg}= has no counterpart in the current SDK"
            if keyword.arg in stray:
                if any(other.arg == renamed for other in call.call.keywords if other is not keyword):
                    return f"{keyword.arg}= and {renamed}= are both given"
                if renamed != keyword.arg:
                    changes.append(RenameArgument(keyword.arg, renamed))
                continue
            if module is not site.module or len(site.calls) > 1:
                return f"{keyword.arg}= is given at another place than the method"
            changes.append(DropArgument(keyword.arg))
            given[renamed] = _value(module, keyword)
        if changes:
            edits.append((module.path, Arguments(module.span(call.call), tuple(changes))))
    return given, edits


def _value(module: Module, keyword: ast.keyword) -> str:
    source = module.source(keyword.value)
    if isinstance(keyword.value, (ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.Subscript)):
        return source
    return f"({source})"


def _client(legacy: LegacyReader, site: Site, package: str, given: dict[str, str], method: str) -> str:
    """The client behind the package's name: the module's own where it will do.

    The module's own takes a ``base_url`` without a slash at its end apart from the path; constructors do not.
    """
    is_async = method in legacy.calls.asynchronous
    if not is_async and not given and not legacy.settings(site.module, "api_base"):
        return ""
    arguments = dict(given)
    for old, new in legacy.calls.settings.items():
        if new not in {"api_key", "organization", "base_url"} or not (
            old == "api_key" or legacy.settings(site.module, old)
        ):
            continue
        setting = f"{package}.{new}"
        if new not in arguments:
            arguments[new] = setting
        elif not arguments[new].startswith(("'", '"')) and legacy.settings(site.module, old):
            arguments[new] = f"{arguments[new]} or {setting}"
    cls = legacy.calls.clients["async" if is_async else "sync"]
    return f".{cls}({', '.join(f'{name}={value}' for name, value in arguments.items())})"
