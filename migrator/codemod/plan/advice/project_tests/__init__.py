"""Tests of the project whose stand-ins and expectations are those of the old answers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.advice.edited import Edited
from migrator.codemod.plan.advice.project_tests.fetched import expected_urls
from migrator.codemod.plan.advice.project_tests.files import Tests, method_chains
from migrator.codemod.plan.advice.project_tests.places import Reader
from migrator.codemod.plan.advice.project_tests.recordings import recordings
from migrator.codemod.plan.advice.project_tests.repairs import Repairs
from migrator.codemod.plan.part import worst
from migrator.codemod.rewrite import Replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import Advice, FileEdit
    from migrator.codemod.rewrite import Edit
    from migrator.types import Fix

_KINDS = {
    "download": ("it replaces a download that is no longer made", "remove the replaced download"),
    "picture": ("its fake pictures have no b64_json", "give fake pictures a b64_json (base64 text)"),
    "arguments": ("it expects the old arguments", "expect the new arguments"),
    "signature": ("its fake client insists on arguments that are gone", "give those arguments a default"),
    "stub": (
        "it keeps an answer ready for a download that is no longer made",
        "remove that answer and what is expected of it",
    ),
    "count": ("it counts requests, and the download is gone", "count one request fewer for each download"),
    "url": (
        "it looks at the text of a url",
        "expect a data: URI or no download, or look at the picture",
    ),
}

_SHOWN = 5
"""Files that a finding names."""


def advise(scene: Scene) -> Iterator[Advice]:
    """One finding per test file that is tied to a module with a site that is being moved."""
    rule = scene.rule("old-tests")
    edited = Edited(scene.plans)
    by_module: dict[str, list[Move]] = {}
    for move in scene.moves:
        by_module.setdefault(move.module.path, []).append(move)
    files = Tests(scene, by_module.keys())
    places: dict[str, tuple[Module, Move, list[tuple[ast.AST, str]]]] = {}
    edits: list[FileEdit] = []
    for moves in by_module.values():
        owner = moves[0].module
        name = scene.context.index.module_name(owner)
        # the stem alone: tests may import the module from anywhere
        files.read(name.rpartition(".")[2])
        alone = len(by_module) == 1
        if alone:
            # a fixture elsewhere may hand the code over: stand-ins for the method can only be for this module
            files.read_all(*method_chains(scene))
        tests = files.of(owner, name, alone=alone)
        read_url = False
        for module in tests:
            reader = Reader(scene, edited, moves, name)
            read_url = reader.read_url
            if reader.read_url:
                yield from _replayed(scene, moves[0], module)
            found = list(reader.places(module))
            downloads = [node for node, kind in found if kind == "download" and isinstance(node, ast.Call)]
            repairs = Repairs(scene, moves, module, name, downloads)
            repaired = [(mark, repair) for mark in found if (repair := repairs.of(*mark)) is not None]
            edits.extend(edit for _, (_, some) in repaired for edit in some)
            yield from _repaired(scene, moves[0], module, repaired)
            left = [mark for mark in found if all(mark is not one for one, _ in repaired)]
            if left:
                places.setdefault(module.path, (module, moves[0], []))[2].extend(left)
        for module, url in expected_urls(scene.catalog.advice, tests, edits) if read_url else ():
            marks = places.setdefault(module.path, (module, moves[0], []))[2]
            here = module.statement(url)
            if not any(module.statement(one) is here for one, _ in marks if one in module.parents):
                marks.append((url, "url"))
    for move in scene.moves:
        for module, node in move.plan.tested:
            # what expects the very url of a stand-in has changed together with that
            if not any(path == module.path and _is_inside(module, node, edit) for path, edit in edits):
                places.setdefault(module.path, (module, move, []))[2].append((node, "url"))
    for _, (module, move, marks) in sorted(places.items()):
        marks.sort(key=lambda mark: (getattr(mark[0], "lineno", 0), getattr(mark[0], "col_offset", 0)))
        said = [(kind, [node for node, one in marks if one == kind]) for kind in _KINDS]
        parts = [f"{_KINDS[kind][0]} ({_lines(nodes)})" for kind, nodes in said if nodes]
        advice = ", ".join(_KINDS[kind][1] for kind, nodes in said if nodes)
        tested = scene.context.index.module_name(move.module)
        yield scene.advice(
            move,
            rule,
            "manual",
            module,
            marks[0][0],
            f"This test was written for the old answers of {tested}: {'; '.join(parts)}.",
            f"{advice[0].upper()}{advice[1:]}.",
        )


def _replayed(scene: Scene, move: Move, module: Module) -> Iterator[Advice]:
    """One finding for the files with old answers that a test takes its pictures from."""
    found = list(recordings(scene, module))
    if not found:
        return
    shown = ", ".join(path for _, path in found[:_SHOWN]) + (" and others" if len(found) > _SHOWN else "")
    tested = scene.context.index.module_name(move.module)
    yield scene.advice(
        move, scene.rule("old-tests"), "manual", module, found[0][0],
        f"This test answers {tested} with what was recorded of the old models, which has a url and no b64_json: {shown}.",
        "Record the answers anew, or replace url by b64_json (base64 text) in the files.",
    )  # fmt: skip


def _is_inside(module: Module, node: ast.AST, edit: Edit) -> bool:
    span = module.span(node)
    return isinstance(edit, Replace) and span.start <= edit.span.start and edit.span.end <= span.end


def _repaired(
    scene: Scene,
    move: Move,
    module: Module,
    repaired: list[tuple[tuple[ast.AST, str], tuple[Fix, tuple[FileEdit, ...]]]],
) -> Iterator[Advice]:
    """One finding for everything in a test file that can be changed with the code, all of it or nothing."""
    if not repaired:
        return
    first = min((node for (node, _), _ in repaired), key=lambda node: getattr(node, "lineno", 0))
    fix = worst(*(fix for _, (fix, _) in repaired))
    edits = [edit for _, (_, some) in repaired for edit in some]
    lines = _lines(node for (node, _), _ in repaired)
    yield scene.advice(
        move,
        scene.rule("old-tests"),
        fix,
        module,
        first,
        f"This test follows {scene.context.index.module_name(move.module)}: its stand-ins answer with base64, and "
        f"what it expects is what is asked for now ({lines}).",
        "" if fix == "safe" else "Run the tests, and check what they expect of the picture.",
        tuple(dict.fromkeys(edits)),
    )


def _lines(nodes: Iterable[ast.AST]) -> str:
    lines = sorted({getattr(node, "lineno", 0) for node in nodes})
    return f"line{'' if len(lines) == 1 else 's'} {', '.join(map(str, lines))}"
