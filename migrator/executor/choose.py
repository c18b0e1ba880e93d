"""An executor by its name on the command line."""

from __future__ import annotations

import os
from concurrent.futures import Executor, ThreadPoolExecutor

from migrator.errors import UserError

_DASK = "dask://"


def open_executor(spec: str = "processes", jobs: int | None = None, limit: float | None = 600.0) -> Executor:
    """The executor that ``spec`` names: ``processes``, ``threads`` or ``dask://HOST:PORT``.

    ``jobs`` is the number of workers here (default: one per core); a cluster has its own. Use it in a ``with``.
    ``limit`` is the seconds that a process gets for one job; ``None`` for as long as it takes.

    Raises:
        UserError: For an unknown name, a missing extra and a cluster that does not answer.
    """
    count = max(1, jobs or os.cpu_count() or 1)
    if spec == "processes":
        from migrator.executor.processes import ProcessExecutor  # noqa: PLC0415 - one of three

        return ProcessExecutor(count, limit)
    if spec == "threads":
        return ThreadPoolExecutor(count, thread_name_prefix="migrator-job")
    if spec.startswith(_DASK):
        from migrator.executor.cluster import ClusterExecutor  # noqa: PLC0415 - an extra

        return ClusterExecutor(spec[len(_DASK) :])
    raise UserError(f"unknown executor {spec!r}: use processes, threads or dask://HOST:PORT")
