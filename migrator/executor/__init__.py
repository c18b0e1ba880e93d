"""Where CPU-heavy jobs run: processes of this machine, threads, or a Dask cluster; the same code for all.

A job is a module-level function with picklable arguments. A worker that dies loses nothing: its job runs again,
and a job that kills its worker twice fails alone with :class:`WorkerLost`.
"""

from __future__ import annotations

from migrator.executor.base import WorkerLost, shares_files
from migrator.executor.choose import open_executor
from migrator.executor.window import results_of

__all__ = ["WorkerLost", "open_executor", "results_of", "shares_files"]
