"""Calls that bring a picture together with what is made for its old size: another picture, or a drawing on it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.advice.pictures import called, place
from migrator.codemod.plan.advice.scene import imports_one_of, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.pictures import Pictures
    from migrator.codemod.plan.advice.scene import Scene

_POINTS = frozenset({"xy", "org", "pt1", "pt2", "center", "pts"})
"""Keywords that take coordinates."""


class Meetings:
    """Looks at the calls of one module that get the picture of a site."""

    def __init__(self, scene: Scene, module: Module, pictures: Pictures) -> None:
        self._scene = scene
        self._module = module
        self._pictures = pictures
        self._facts = scene.catalog.advice
        self._lays_out = imports_one_of(module, self._facts.layout_imports)

    def calls(self) -> Iterator[ast.Call]:
        """The calls that join the picture with another one, or draw on it."""
        return (call for call in self._module.calls if self.is_join(call) or self._draws(call))

    def is_join(self, call: ast.Call) -> bool:
        """Whether a call puts the picture together with something that is not the picture."""
        name = self._scene.tracer.qualified(self._module, call.func) or ""
        joins = self._facts.layout_joins
        known = name in joins or f"{name.rpartition('.')[0]}.*" in joins
        method = f".{called(call)}" in joins and self._lays_out
        if not (known or method) or place(self._module, call) in self._pictures.measured:
            return False
        parts = [*call.args, *(keyword.value for keyword in call.keywords)]
        if known:
            parts = [
                one
                for part in parts
                for one in (part.elts if isinstance(part, (ast.List, ast.Tuple)) else [part])
            ]
        elif isinstance(call.func, ast.Attribute):
            parts = [*parts[:1], call.func.value]
        others = [part for part in parts if not isinstance(part, (ast.Constant, ast.UnaryOp))]
        held = [self._pictures.within(part) for part in others]
        return any(held) and not all(held)

    def draws_beyond(self, call: ast.Call, edge: int) -> bool:
        """Whether a call draws on the picture at a coordinate beyond ``edge``, in pixels."""
        return self._draws(call) and any(
            (value := number(child)) is not None and value > edge
            for point in self._points(call)
            for child in ast.walk(point)
            if isinstance(child, ast.Constant)
        )

    def _draws(self, call: ast.Call) -> bool:
        if called(call) not in self._facts.layout_draws or not self._lays_out:
            return False
        if place(self._module, call) in self._pictures.measured or not isinstance(call.func, ast.Attribute):
            return False
        return self._pictures.within(call.func.value) or self._on_first(call)

    def _on_first(self, call: ast.Call) -> bool:
        """``cv2.rectangle(picture, start, end, color)``."""
        return bool(call.args) and self._pictures.within(call.args[0])

    def _points(self, call: ast.Call) -> list[ast.expr]:
        given = call.args[1:3] if self._on_first(call) else call.args[:1]
        return [*given, *(keyword.value for keyword in call.keywords if keyword.arg in _POINTS)]
