"""Processes that may die. The pool of the standard library gives up wholly when one does; this one goes on."""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import queue
import signal
import threading
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from migrator.executor.base import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnContext
    from multiprocessing.process import BaseProcess

ATTEMPTS = 2
"""Workers that one job may take down."""
_GRACE = 2.0
"""Seconds that an idle worker gets to leave by itself."""


class ProcessExecutor(Executor):
    """Runs jobs in ``workers`` processes, one thread here per process.

    Each thread knows the one job that its process is at, so a death costs that job a second attempt and nobody
    else anything. ``limit`` is in seconds per attempt; a process that takes longer is ended, which counts as a
    death. Processes are spawned, never forked: there are threads here.
    """

    shares_files = True

    def __init__(self, workers: int, limit: float | None = 600.0) -> None:
        self.workers = workers
        self._limit = limit
        self._jobs: queue.SimpleQueue[tuple[Future[Any], bytes] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._threads: list[threading.Thread] = []
        self._context = multiprocessing.get_context("spawn")

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run ``fn(*args, **kwargs)`` in a process. What cannot be pickled fails in the future."""
        future: Future[Any] = Future()
        try:
            packed = pickle.dumps((fn, args, kwargs))
        except Exception as error:  # pickling raises whatever an object's own code raises
            future.set_exception(error)
            return future
        with self._lock:
            if self._closed:
                raise RuntimeError("the executor is shut down")
            self._jobs.put((future, packed))
            if len(self._threads) < self.workers:
                thread = threading.Thread(target=self._serve, name="migrator-job", daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs, and end the processes when those under way are done."""
        with self._lock:
            first = not self._closed
            self._closed = True
            if cancel_futures:
                with contextlib.suppress(queue.Empty):
                    while True:
                        item = self._jobs.get_nowait()
                        if item is not None:
                            item[0].cancel()
            if first or cancel_futures:
                for _ in self._threads:
                    self._jobs.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _serve(self) -> None:
        worker: _Worker | None = None
        try:
            while (item := self._jobs.get()) is not None:
                future, packed = item
                if not future.set_running_or_notify_cancel():
                    continue
                for attempt in range(1, ATTEMPTS + 1):
                    try:
                        worker = worker or _Worker(self._context)
                        good, value = worker.run(packed, self._limit)
                    except _Died as death:
                        if worker is not None:
                            worker.end(now=True)
                        worker = None
                        if attempt == ATTEMPTS:
                            future.set_exception(WorkerLost(f"its worker process {death}, {ATTEMPTS} times"))
                        continue
                    except Exception as error:  # no process could be had
                        future.set_exception(error)
                        break
                    if good:
                        future.set_result(value)
                    else:
                        future.set_exception(value)
                    break
        finally:
            if worker is not None:
                worker.end()


class _Died(Exception):  # noqa: N818
    """The process is gone, or was too slow. The text says how, after "its worker process"."""


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, context: SpawnContext) -> None:
        self._pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def run(self, packed: bytes, limit: float | None) -> tuple[bool, Any]:
        """Whether the job returned, and what it returned or raised."""
        try:
            self._pipe.send_bytes(packed)
            if not self._pipe.poll(limit):
                raise _Died(f"took longer than {limit:g} seconds")
            answer = self._pipe.recv_bytes()
        except (EOFError, OSError):
            self._process.join(_GRACE)
            code = self._process.exitcode
            raise _Died(_how(code)) from None
        good, value = pickle.loads(answer)  # noqa: S301 - from our own process
        return good, value

    def end(self, *, now: bool = False) -> None:
        """Let the process go, by force when it does not go by itself or ``now``."""
        self._pipe.close()
        if not now:
            self._process.join(_GRACE)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._process.close()


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"was killed by signal {-code}"
    return f"ended with code {code}"


def _work(pipe: Connection) -> None:
    """The life of a worker: one job after the other until the pipe closes."""
    # Ctrl-C reaches the whole group; who stops and when is decided by the parent
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            packed = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            fn, args, kwargs = pickle.loads(packed)  # noqa: S301 - from our own parent
            answer = pickle.dumps((True, fn(*args, **kwargs)))
        except Exception as error:  # the job's own failure is its result
            answer = _packed_error(error)
        try:
            pipe.send_bytes(answer)
        except OSError:
            return


def _packed_error(error: Exception) -> bytes:
    """The exception, or its words when it does not survive the trip."""
    try:
        packed = pickle.dumps((False, error))
        pickle.loads(packed)  # noqa: S301 - made in the line above
    except Exception:
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return packed
