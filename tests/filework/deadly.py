"""Jobs that take their worker down, for other processes to import."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.filework import jobs

if TYPE_CHECKING:
    from migrator.filework.jobs import Analysed, Projects


def analyse(job: Projects) -> tuple[Analysed, ...]:
    """Dies with the project ``s4``, each time."""
    if any(file.path.startswith("s4/") for part in job.parts for file in part.files):
        os.kill(os.getpid(), signal.SIGKILL)
    return jobs.analyse(job)


def numbered(job: tuple[list[int], Projects]) -> tuple[Analysed, ...]:
    return analyse(job[1])


def once(job: tuple[list[int], Projects]) -> tuple[Analysed, ...]:
    """The third job takes its worker down, the first time."""
    mark, seen = Path(job[1].folder, "killed"), Path(job[1].folder, "seen")
    with seen.open("a") as file:
        file.write("x")
    if seen.stat().st_size >= 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return jobs.analyse(job[1])
