"""The facts: loads, validates and answers questions about the rule files."""

from __future__ import annotations

from migrator.catalog.errors import CatalogError
from migrator.catalog.loader import load
from migrator.catalog.model import Problem, Translation
from migrator.catalog.queries import Catalog

__all__ = ["Catalog", "CatalogError", "Problem", "Translation", "load"]
