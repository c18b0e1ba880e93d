"""Prompt suites out of code: the prompts of the call sites, as far as the code itself tells them.

Nothing of the project is executed. `templates` turns expressions into texts with named gaps, `collect` gathers them
over a project, `writing` makes a suite file of them.
"""

from __future__ import annotations

from migrator.compare.harvest.collect import Found, Harvest, Left, harvest
from migrator.compare.harvest.writing import suite_text

__all__ = ["Found", "Harvest", "Left", "harvest", "suite_text"]
