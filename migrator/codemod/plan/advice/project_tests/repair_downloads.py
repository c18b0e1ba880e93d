"""A replaced download stays in place, and is expected not to happen."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.codemod.plan.advice.pictures import called
from migrator.codemod.plan.advice.scene import import_aliases
from migrator.codemod.plan.context import literal
from migrator.codemod.rewrite import AddArgument, DropStatement, Replace
from migrator.codemod.rewrite import Arguments as CallEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.advice.project_tests.stubs import Stubs
    from migrator.codemod.plan.advice.scene import Scene
    from migrator.codemod.plan.part import FileEdit
    from migrator.types import Fix


class DownloadRepair:
    """Repairs replaced downloads of one test file. ``name`` is that of the module under test."""

    def __init__(self, scene: Scene, owner: Module, module: Module, name: str) -> None:
        self.scene = scene
        self.module = module
        self.stem = name.rpartition(".")[2]
        self.libraries = {
            alias.asname or alias.name: alias.name
            for alias in import_aliases(owner)
            if isinstance(owner.parents[alias], ast.Import)
        }
        """The modules that the code under test imports, by the name that it gives them."""

    def repair(self, call: ast.Call, found: list[FileEdit]) -> Fix | None:
        """A replaced download stays in place, and is expected not to happen."""
        target = call.args[0]
        if (whole := self._through_the_module(call)) is not None:
            found.append((self.module.path, Replace(self.module.span(call), whole)))
            return "safe"
        if not isinstance(target, ast.Constant) or not isinstance(target.value, str):
            return None
        parts = target.value.split(".")
        if self.stem in parts:
            rest = parts[parts.index(self.stem) + 1 :]
            if len(rest) > 1:
                # the module need not import the library any more; the function is the same one
                found.append(
                    (
                        self.module.path,
                        Replace(self.module.span(target), literal(".".join(rest), self.module)),
                    )
                )
            elif called(call) == "patch" and not any(keyword.arg == "create" for keyword in call.keywords):
                found.append(
                    (self.module.path, CallEdit(self.module.span(call), (AddArgument("create", "True"),)))
                )
            else:
                return None
        for use in self.assertions(call):
            found.append(
                (self.module.path, Replace(self.module.span(use), f"{self._owner(use)}.assert_not_called()"))
            )
        return "safe"

    def _through_the_module(self, call: ast.Call) -> str | None:
        """``monkeypatch.setattr(art.requests, "get", …)``: the module need not import the library any more."""
        match call:
            case ast.Call(
                func=ast.Attribute(attr="setattr"),
                args=[
                    ast.Attribute(attr=bound, value=ast.Name(id=self.stem)),
                    ast.Constant(value=str(name)),
                    new,
                ],
                keywords=[],
            ) if (library := self.libraries.get(bound)) is not None:
                text = literal(f"{library}.{name}", self.module)
                return f"{self.module.source(call.func)}({text}, {self.module.source(new)})"
        return None

    def stub(self, stubs: Stubs, call: ast.Call, found: list[FileEdit]) -> Fix | None:
        """An answer that is kept ready and not asked for any more goes, for strict libraries insist on its use."""
        statements = stubs.uses(call)
        if statements is None:
            return None
        found.extend((self.module.path, DropStatement(self.module.span(one))) for one in statements)
        return "safe"

    def _owner(self, use: ast.Call) -> str:
        assert isinstance(use.func, ast.Attribute)
        return self.module.source(use.func.value)

    def assertions(self, call: ast.Call) -> Iterator[ast.Call]:
        """Calls that expect the replaced function to have been called."""
        name = self._bound_name(call)
        function = self.module.function(call) or self._decorated(call)
        if name is None or function is None:
            return
        for inner in ast.walk(function):
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
                owner = inner.func.value
                if (
                    isinstance(owner, ast.Name)
                    and owner.id == name
                    and inner.func.attr.startswith("assert_called")
                ):
                    yield inner

    def _decorated(self, call: ast.Call) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        parent = self.module.parent(call)
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) and call in parent.decorator_list:
            return parent
        return None

    def _bound_name(self, call: ast.Call) -> str | None:
        """The name under which a test has the replacement."""
        parent = self.module.parent(call)
        match parent:
            case ast.withitem(optional_vars=ast.Name(id=name)):
                return name
            case ast.Assign(targets=[ast.Name(id=name)]):
                return name
        function = self._decorated(call)
        if function is None or len(call.args) > 1:
            return None
        patches = [
            one
            for one in function.decorator_list
            if isinstance(one, ast.Call) and called(one) in self.scene.catalog.advice.test_patches
        ]
        given = [one for one in reversed(patches) if len(one.args) < (3 if called(one) == "object" else 2)]
        names = [argument.arg for argument in function.args.args if argument.arg not in {"self", "cls"}]
        place = given.index(call)
        return names[place] if place < len(names) else None
