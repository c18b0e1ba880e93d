"""Files with answers that a test replays: JSON, and the cassettes of VCR."""

from __future__ import annotations

import ast
import json
import posixpath
from typing import TYPE_CHECKING

from migrator.codemod.plan.advice.pictures import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Scene

_SUFFIXES = (".json", ".yaml", ".yml")
_DECORATORS = frozenset({"vcr", "use_cassette", "default_cassette", "betamax"})
_MANY = 200
"""Files of one test after which no further ones are opened."""


def recordings(scene: Scene, module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Where a test takes an answer from a file that has a url and no base64, with the path of that file."""
    paths = _near(module.path, scene.context.index.project.other_paths())
    if not paths:
        return
    seen: set[str] = set()
    for node, path in (*_read(module, paths), *_replayed(module, paths)):
        if path in seen or len(seen) > _MANY:
            continue
        seen.add(path)
        text = scene.context.index.project.text(path) or ""
        if _is_cassette(path) or not path.endswith(".json"):
            old = (
                any(endpoint in text for endpoint in scene.catalog.http.endpoints) and "b64_json" not in text
            )
        else:
            old = _is_answer(text)
        if old:
            yield node, path


def _near(path: str, others: tuple[str, ...]) -> list[str]:
    """The files that a test can mean: those below its folder or the one above, and of the folder of tests."""
    folder = posixpath.dirname(path)
    tops = {folder, posixpath.dirname(folder)}
    return [
        one
        for one in others
        if one.endswith(_SUFFIXES)
        and any(top == "" or posixpath.dirname(one) == top or one.startswith(f"{top}/") for top in tops)
    ]


def _read(module: Module, paths: list[str]) -> Iterator[tuple[ast.AST, str]]:
    """Files whose name stands in the test, or is an argument that lacks only its ending."""
    names: dict[str, list[str]] = {}
    folder = posixpath.dirname(module.path)
    tops = (folder, posixpath.dirname(folder))
    for path in paths:
        base = posixpath.basename(path)
        names.setdefault(base, []).append(path)
        if any(top and path.startswith(f"{top}/") for top in tops):
            names.setdefault(base.rpartition(".")[0], []).append(path)
    for node in module.parents:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        base = posixpath.basename(node.value)
        if base.endswith(_SUFFIXES) or isinstance(module.parent(node), ast.Call):
            for path in names.get(base, ()):
                yield node, path


def _replayed(module: Module, paths: list[str]) -> Iterator[tuple[ast.AST, str]]:
    """The cassettes of tests that are marked to replay one: they are named after the module or the test."""
    stem = posixpath.basename(module.path).rpartition(".")[0]
    for node in module.parents:
        if not (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test")):
            continue
        owner = module.enclosing_class(node)
        marks = [*node.decorator_list, *(owner.decorator_list if owner else ())]
        if not any(_replays(mark) for mark in marks) and not _all_replay(module):
            continue
        for path in paths:
            base = posixpath.basename(path)
            if not _is_cassette(path) or (node.name not in base and stem not in path):
                continue
            rest = base.partition(node.name)[2]
            if rest[:1] in {".", "["}:
                yield node, path


def _replays(mark: ast.expr) -> bool:
    if isinstance(mark, ast.Call):
        return called(mark) in _DECORATORS
    return isinstance(mark, ast.Attribute) and mark.attr in _DECORATORS


def _all_replay(module: Module) -> bool:
    """``pytestmark = pytest.mark.vcr`` at the top of a module."""
    return any(
        isinstance(statement, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in statement.targets)
        and any(
            isinstance(one, ast.Attribute) and one.attr in _DECORATORS for one in ast.walk(statement.value)
        )
        for statement in module.tree.body
    )


def _is_cassette(path: str) -> bool:
    return any("cassette" in part for part in path.split("/")[:-1])


def _is_answer(text: str) -> bool:
    """Whether JSON holds an answer of the Images API whose pictures have a url and no base64."""
    try:
        todo: list[object] = [json.loads(text)]
    except (ValueError, RecursionError):
        return False
    while todo:
        match todo.pop():
            case dict() as table:
                entries = table.get("data")
                if isinstance(entries, list) and any(_has_only_a_url(one) for one in entries):
                    return True
                todo.extend(table.values())
            case list() as entries:
                todo.extend(entries)
    return False


def _has_only_a_url(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("url"), str) and not entry.get("b64_json")
