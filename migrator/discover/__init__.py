"""Which files: a git-aware walk, skip reasons, and a byte search for the words of the catalog."""

from __future__ import annotations

from migrator.discover.project import FileProject, discover

__all__ = ["FileProject", "discover"]
