"""Jobs on a Dask cluster, with the extra ``cluster``.

Its workers need this package installed in the same version. Dask sends pickled code between its parts without
asking who they are, so use a network that you trust, or Dask's own TLS settings.
"""

from __future__ import annotations

import logging
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from migrator.errors import UserError
from migrator.executor.base import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE = 10.0
"""Seconds to wait for the scheduler."""


class ClusterExecutor(Executor):
    """``concurrent.futures`` over a Dask client. ``address`` is ``HOST:PORT``.

    Dask itself runs a lost worker's jobs again elsewhere; one that takes down several workers in a row becomes
    :class:`WorkerLost`.
    """

    shares_files = False

    def __init__(self, address: str) -> None:
        try:
            import distributed  # noqa: PLC0415 - an extra
        except ImportError:
            raise UserError(
                "the executor dask:// needs the extra `cluster`: pip install dalle-migrator[cluster]"
            ) from None
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise UserError(f"dask://{address} is not dask://HOST:PORT")
        make: Any = distributed.Client
        quiet = logging.getLogger("distributed")
        before = quiet.level
        quiet.setLevel(logging.CRITICAL)
        try:
            self._client: Any = make(f"tcp://{address}", timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UserError(
                f"no Dask scheduler answers at {address} ({type(error).__name__}); start one with `dask scheduler`"
            ) from None
        finally:
            quiet.setLevel(before)
        self.workers: int = sum(self._client.nthreads().values())

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run ``fn(*args, **kwargs)`` on the cluster."""
        future: Future[Any] = Future()
        remote = self._client.submit(fn, *args, **kwargs, pure=False)
        future.set_running_or_notify_cancel()

        def settle(done: Any) -> None:
            try:
                future.set_result(done.result())
            except Exception as error:  # whatever the job raised, or the end of the cluster
                future.set_exception(_lost(error) or error)
            except BaseException as error:  # a job that was cancelled when the cluster closed
                future.set_exception(WorkerLost(f"the cluster dropped it ({type(error).__name__})"))
            finally:
                done.release()

        remote.add_done_callback(settle)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; it goes on without us."""
        del wait, cancel_futures
        self._client.close()


def _lost(error: BaseException) -> WorkerLost | None:
    if type(error).__name__ != "KilledWorker":
        return None
    return WorkerLost("the Dask workers that ran it died, one after the other")
