"""What can be said about a picture by looking at it alone. Pure, picklable, without network.

One module per question. `run_checks` answers all of them for one picture, `check_run` for a whole run.
"""

from __future__ import annotations

from migrator.compare.checks.many import check_run
from migrator.compare.checks.model import CheckJob, CheckResult, Status
from migrator.compare.checks.one import run_checks

__all__ = ["CheckJob", "CheckResult", "Status", "check_run", "run_checks"]
