"""What every host keeps to: files in, the same findings and new text out as from the codemod."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from migrator.catalog import Catalog
    from migrator.catalog.model import Model
    from migrator.codemod.options import Options
    from migrator.types import FileStatus, Finding, Read, SiteSummary, SourceFile


@dataclass(frozen=True, slots=True)
class HostContext:
    """What a host may know: the facts, the choices of the run, and what the Python code turned out to read."""

    catalog: Catalog
    target: Model
    options: Options
    reads: tuple[Read, ...] = ()
    compared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HostResult:
    """What became of one file. ``after`` is ``None`` unless it changes; ``mentions`` counts texts for people.

    ``findings`` say with ``applied`` which of them are in ``after``.
    """

    after: str | None = None
    findings: tuple[Finding, ...] = ()
    status: FileStatus = "unchanged"
    sites: tuple[SiteSummary, ...] = ()
    mentions: int = 0


class Host(Protocol):
    """A kind of file. Which files it gets is said in ``rules/hosts.yaml``; it never touches the disk."""

    def run(self, file: SourceFile, context: HostContext) -> HostResult:
        """Findings and the new text of one file. An exception costs this file only."""
        ...
