"""A plan: the edits that migrate one call site, and the findings that explain them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast

    from migrator.codemod.index.module import Module
    from migrator.codemod.rewrite import Edit
    from migrator.codemod.sites.site import Site
    from migrator.types import Fix

_ORDER = {"safe": 0, "review": 1, "manual": 2}

FileEdit = tuple[str, "Edit"]
"""The path of a file and an edit of its text."""


def worst(*fixes: Fix) -> Fix:
    """The most careful of several kinds of fix."""
    return max(fixes, key=_ORDER.__getitem__, default="safe")


@dataclass(frozen=True, slots=True)
class Part:
    """One finding of a plan, with the edits that it stands for."""

    rule: str
    fix: Fix
    module: Module
    node: ast.AST
    message: str
    suggestion: str = ""
    edits: tuple[FileEdit, ...] = ()


@dataclass(slots=True)
class Plan:
    """Everything that has to happen to one site. It is applied whole or not at all."""

    site: Site
    parts: list[Part] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    needs: set[int] = field(default_factory=set)
    """Identities of other sites that must be migrated as well for this plan to be right."""
    tested: list[tuple[Module, ast.AST]] = field(default_factory=list)
    """Where tests of the project look at the text of a url that this site's picture had."""

    @property
    def fix(self) -> Fix:
        """How far the whole plan can be trusted."""
        return worst("safe", *(part.fix for part in self.parts))

    @property
    def edits(self) -> list[FileEdit]:
        """All edits of the plan."""
        return [edit for part in self.parts for edit in part.edits]


@dataclass(frozen=True, slots=True)
class Advice:
    """A finding beside the sites, with a fix of its own where there is one."""

    part: Part
    site: Site | None = None
