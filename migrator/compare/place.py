"""Whether a folder may become, or go on being, the folder of a run: nothing of anybody else is written over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.compare import journal as journals
from migrator.compare import results
from migrator.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.compare.journal import Journal
    from migrator.compare.plan import Plan

SIGNOFF = "verdicts.json"
_OURS = (
    results.NAME,
    "index.html",
    "results.csv",
    "junit.xml",
    SIGNOFF,
    "assets",
    "images",
    "inputs",
    "thumbs",
)
"""What a run writes, and what must not be somebody else's."""


def check_free(folder: Path) -> None:
    """Raises UserError for a file, and for a folder without a journal that holds what a run would replace."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file; --out needs a folder, or a name that is free")
    if (folder / journals.NAME).exists():
        return
    taken = next((name for name in _OURS if (folder / name).exists()), None)
    if taken:
        raise UserError(
            f"{folder} is not the folder of a run, and its {taken} would be replaced: choose another --out"
        )


def take_over(folder: Path, plan: Plan, journal: Journal) -> str | None:
    """Makes the journal the one of ``plan``; a sentence when another run with common tasks stood there.

    A suite that grew goes on with the pictures it has. Raises UserError for a run that has nothing to do with
    ``plan``, and for one that people signed off.
    """
    before = journal.about("run")
    known = set(journal.states())
    said = None
    if before not in (None, plan.run) and known:
        shared = len(known & {task.id for task in plan.tasks})
        if not shared:
            raise UserError(f"{folder} holds another run ({before}): choose another --out")
        if (folder / SIGNOFF).exists():
            raise UserError(
                f"{folder} holds run {before}, which people signed off, and this is run {plan.run}:"
                f" choose another --out, or take {SIGNOFF} away to go on with the pictures"
            )
        said = (
            f"{folder} held run {before}; {shared:,} of its {len(known):,} tasks count for this one as well"
        )
    journal.note("run", plan.run)
    return said
