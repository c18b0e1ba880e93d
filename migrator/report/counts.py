"""What a report adds up to. Every format and the exit code use these, so that they cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.types import Finding, Report


UNWRITTEN = "IMG095"
"""The finding about a file that could not be written."""


@dataclass(frozen=True, slots=True)
class Counts:
    """``left`` are sites that need a person, ``pending`` files whose edits were not written.

    A site that needed nothing counts among ``sites`` only. ``errors`` are files that could not be treated.
    """

    sites: int
    migrated: int
    left: int
    files_changed: int
    pending: int
    review: int
    manual: int
    errors: int

    @property
    def exit_code(self) -> int:
        """0 when nothing is left to do, else 1."""
        return 1 if self.pending or self.review or self.manual or self.errors or self.left else 0


def left(report: Report) -> list[Finding]:
    """The findings that a person still has to look at, by place in the project, then by rule.

    A safe finding without an edit is evidence for the rewrite of its site; it is left only where nothing else
    says why that site was not migrated.
    """
    migrated = {site.site for site in report.sites if site.migrated}
    waiting = [finding for finding in report.findings if not finding.applied]
    explained = {finding.site for finding in waiting if finding.fix != "safe"}
    # a file that could not be written says so once, not again with every change that is not in it
    unwritten = {finding.path for finding in waiting if finding.rule == UNWRITTEN}
    explained |= {finding.site for finding in waiting if finding.path in unwritten}
    found = [
        one for one in waiting if one.fix != "safe" or not one.site or one.site not in migrated | explained
    ]
    return sorted(found, key=lambda one: (one.path, one.line, one.column, one.rule, one.message))


def count(report: Report) -> Counts:
    """Adds up ``report``."""
    changed = sum(file.status == "changed" for file in report.files)
    migrated = sum(site.migrated for site in report.sites)
    open_findings = left(report)
    return Counts(
        sites=len(report.sites),
        migrated=migrated,
        left=sum(not site.migrated and site.outcome != "done" for site in report.sites),
        files_changed=changed,
        pending=0 if report.written else changed,
        review=sum(finding.fix != "manual" for finding in open_findings),
        manual=sum(finding.fix == "manual" for finding in open_findings),
        errors=sum(file.status == "error" for file in report.files),
    )
