"""What a report adds up to. Every format and the exit code use these, so that they cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.types import Report


@dataclass(frozen=True, slots=True)
class Counts:
    """``pending`` are files whose edits were not written; ``errors`` are files that could not be treated."""

    sites: int
    migrated: int
    left: int
    files_changed: int
    pending: int
    applied: int
    review: int
    manual: int
    errors: int

    @property
    def exit_code(self) -> int:
        """0 when nothing is left to do, else 1."""
        return 1 if self.pending or self.review or self.manual or self.errors or self.left else 0


def count(report: Report) -> Counts:
    """Adds up ``report``. A finding that is not applied is left, whatever its kind."""
    changed = sum(file.status == "changed" for file in report.files)
    migrated = sum(site.migrated for site in report.sites)
    open_findings = [finding for finding in report.findings if not finding.applied]
    return Counts(
        sites=len(report.sites),
        migrated=migrated,
        left=len(report.sites) - migrated,
        files_changed=changed,
        pending=0 if report.written else changed,
        applied=len(report.findings) - len(open_findings),
        review=sum(finding.fix != "manual" for finding in open_findings),
        manual=sum(finding.fix == "manual" for finding in open_findings),
        errors=sum(file.status == "error" for file in report.files),
    )
