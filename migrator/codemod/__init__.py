"""The codemod: reads a project, plans every call site, and returns the changed texts and the findings.

Nothing of the project is imported or executed, and nothing is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.codemod.options import Options

if TYPE_CHECKING:
    from migrator.catalog.queries import Catalog
    from migrator.codemod.index.project import Project
    from migrator.types import Report

__all__ = ["Options", "migrate"]


def migrate(project: Project, catalog: Catalog, options: Options) -> Report:
    """Plan and apply the migration of a project in memory.

    Raises:
        CatalogError: The target is unknown, cannot be a target, or is shut down.
    """
    from migrator.codemod.run import Run  # noqa: PLC0415 - the analysis is heavy to import

    return Run(project, catalog, options).report()
