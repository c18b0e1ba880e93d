"""Imports that a migration needs, and those that it leaves without a use."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrator.codemod.rewrite import AddHelper, AddImport, Around, DropImport, DropStatement, Replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.context import Context
    from migrator.codemod.plan.part import FileEdit
    from migrator.codemod.rewrite import Edit


def import_as(module: Module, name: str) -> tuple[str, AddImport]:
    """The name under which code can use a module, and the import that makes sure of it.

    An import that the file has already is used as it is; a name that means something else anywhere in the file
    is left alone, and the import gets an underscore.
    """
    shadowed = any(
        candidate in scope.bindings
        for scope in module.names.scopes.values()
        if scope is not module.names.module
        for candidate in (name,)
    )
    for bound, bindings in module.names.module.bindings.items():
        for binding in bindings:
            node = binding.node
            if (
                isinstance(node, ast.alias)
                and node.name == name
                and isinstance(module.parents[node], ast.Import)
            ):
                if len(bindings) == 1 and (bound != name or not shadowed):
                    return bound, AddImport(name, alias=node.asname)
    if shadowed or name in module.names.module.bindings:
        return f"_{name}", AddImport(name, alias=f"_{name}")
    return name, AddImport(name)


def name_as(module: Module, name: str) -> tuple[str, AddImport | None]:
    """How code can write a class of another package, and the import that this needs, if there is none yet."""
    package, _, last = name.rpartition(".")
    inner = {
        name
        for scope in module.names.scopes.values()
        if scope is not module.names.module
        for name in scope.bindings
    }
    for bound, bindings in module.names.module.bindings.items():
        if len(bindings) != 1 or bound in inner:
            continue
        for binding in bindings:
            node, statement = binding.node, module.parents.get(binding.node)
            if (
                not isinstance(node, ast.alias)
                or not isinstance(statement, ast.ImportFrom)
                or statement.level
            ):
                continue
            found = f"{statement.module}.{node.name}"
            if found == name:
                return bound, None
            if found == package:
                return f"{bound}.{last}", None
    if last in inner or last in module.names.module.bindings:
        return f"_{last}", AddImport(package, last, f"_{last}")
    return last, AddImport(package, last)


def with_imports(module: Module, code: str, names: tuple[str, ...]) -> tuple[str, list[FileEdit]]:
    """Helper code with the modules that it needs under the names they have in this file."""
    edits: list[FileEdit] = []
    for name in names:
        bound, edit = import_as(module, name)
        edits.append((module.path, edit))
        if bound != name:
            code = re.sub(rf"(?<![\w.;]){name}\.", f"{bound}.", code)
    return code, edits


_TIDIED = frozenset({"requests", "httpx", "aiohttp"})


def unused_imports(
    context: Context, edits: list[FileEdit], keeps: Callable[[Module, ast.AST], bool]
) -> list[FileEdit]:
    """Edits that drop imports of download libraries whose every use was replaced, unless a person ``keeps`` the line."""
    by_file: dict[str, list[Edit]] = {}
    for path, edit in edits:
        by_file.setdefault(path, []).append(edit)
    found: list[FileEdit] = []
    for path, file_edits in sorted(by_file.items()):
        module = context.index.modules[path]
        for name, bindings in module.names.module.bindings.items():
            if name not in _TIDIED or len(bindings) != 1 or bindings[0].kind != "import":
                continue
            uses = bindings[0].uses
            if not uses or not all(_is_gone(module, use, file_edits) for use in uses):
                continue
            if keeps(module, bindings[0].node):
                continue
            if any(name in _text_of(edit) for edit in file_edits) or _is_named_elsewhere(
                context, module, name
            ):
                continue
            found.append((path, DropImport(name)))
    return found


def _is_gone(module: Module, use: ast.Name, edits: list[Edit]) -> bool:
    span = module.span(use)
    for edit in edits:
        if isinstance(edit, Around) and span in edit.span and span not in edit.hole:
            return True
        if isinstance(edit, (Replace, DropStatement)) and span in edit.span:
            return True
    return False


def _text_of(edit: Edit) -> str:
    match edit:
        case Around(before=before, after=after):
            return before + after
        case Replace(text=text):
            return text
        case AddHelper(code=code):
            return code
        case AddImport(module=module):
            return module
    return ""


def _is_named_elsewhere(context: Context, module: Module, name: str) -> bool:
    """Whether tests patch the name in this module, or other modules import it from here."""
    dotted = f"{context.index.module_name(module).rpartition('.')[2]}.{name}"
    if any(dotted in other.file.text for other in context.index.modules.values() if other is not module):
        return True
    return any(file.path != module.path for file in context.index.project.related([dotted.encode()]))
