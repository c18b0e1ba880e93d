"""What a test that was written for the old answers needs: new stand-ins, new expectations, no download."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.advice.project_tests.fakes import Fakes
from migrator.codemod.plan.advice.project_tests.repair_downloads import DownloadRepair
from migrator.codemod.plan.advice.project_tests.repair_pictures import PictureRepair
from migrator.codemod.plan.advice.project_tests.repair_requests import RequestRepair
from migrator.codemod.plan.advice.project_tests.stubs import Stubs

if TYPE_CHECKING:
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.scene import Move, Scene
    from migrator.codemod.plan.part import FileEdit
    from migrator.types import Fix


class Repairs:
    """Finds the edits for the places of one test file. ``name`` is that of the module under test."""

    def __init__(
        self, scene: Scene, moves: list[Move], module: Module, name: str, downloads: list[ast.Call]
    ) -> None:
        self.downloads = DownloadRepair(scene, moves[0].module, module, name)
        gone = {use for call in downloads for use in self.downloads.assertions(call)}
        fakes = Fakes(scene.catalog.advice, module)
        self.stubs = Stubs(module, fakes.urls())
        self.pictures = PictureRepair(scene, moves, module, fakes, self.stubs, gone)
        self.requests = RequestRepair(scene, moves, module)

    def of(self, node: ast.AST, kind: str) -> tuple[Fix, tuple[FileEdit, ...]] | None:
        """The edits for one place and how far they can be trusted; ``None`` where a person must do it."""
        found: list[FileEdit] = []
        fix: Fix | None = None
        if kind == "picture":
            fix = self.pictures.repair(node, found)
        elif kind == "arguments" and isinstance(node, ast.expr):
            fix = self.requests.repair(node, found)
        elif kind == "signature" and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            fix = self.requests.signature(node, found)
        elif kind == "download" and isinstance(node, ast.Call):
            fix = self.downloads.repair(node, found)
        elif kind == "stub" and isinstance(node, ast.Call):
            fix = self.downloads.stub(self.stubs, node, found)
        return None if fix is None or not found else (fix, tuple(found))
