"""Settings that git ignores: reported like others, and never written, for they are one person's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.hosts.run import HostsOutcome, run_hosts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.hosts.base import HostContext
    from migrator.types import SourceFile

_WHY = " Git ignores the file, so it is left alone: change it wherever the program runs."


def run_ignored(files: Sequence[SourceFile], context: HostContext) -> HostsOutcome:
    """What would have to change in each file. Of values, findings show only names of models and old arguments."""
    kinds = [(kind, file) for file in files if (kind := context.catalog.hosts.kind(file.path)) is not None]
    outcome = run_hosts(kinds, context)
    findings = tuple(
        replace(one, fix="manual", applied=False, message=f"{one.message}{_WHY}") for one in outcome.findings
    )
    # without their text: a report shows the lines of files, and these hold keys
    results = tuple(
        replace(one, status="unchanged" if one.status == "changed" else one.status, before=None, after=None)
        for one in outcome.files
    )
    return replace(outcome, files=results, findings=findings)
