"""The codemod: reads a project, plans every call site, and returns the changed texts and the findings.

Nothing of the project is imported or executed, and nothing is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.codemod.options import Options
from migrator.types import Report, place, unread

if TYPE_CHECKING:
    from migrator.catalog.queries import Catalog
    from migrator.codemod.index.project import Project
    from migrator.types import Choose

__all__ = ["Options", "migrate"]


def migrate(project: Project, catalog: Catalog, options: Options, choose: Choose | None = None) -> Report:
    """Plan and apply the migration of a project in memory.

    ``choose`` is shown the rewrite of each call site that could be applied, and decides.

    Raises:
        CatalogError: The target is unknown, cannot be a target, or is shut down.
    """
    target, warning = catalog.target(options.target, options.today)
    if not project.candidates():
        return Report(
            target.id,
            unread(project.problems),
            tuple(sorted(project.problems, key=place)),
            (),
            warnings=(warning,) if warning else (),
        )
    from migrator.codemod.run import Run  # noqa: PLC0415 - costs more to import than a tree to dismiss

    return Run(project, catalog, options, choose).report()
