"""Processes that may die. The pool of the standard library gives up wholly when one does; this one goes on."""

from __future__ import annotations

import contextlib
import pickle
import queue
import signal
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from migrator.executor import child
from migrator.executor.base import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable

ATTEMPTS = 2
"""Workers that one job may take down."""
_GRACE = 2.0
"""Seconds that an idle worker gets to leave by itself."""


class ProcessExecutor(Executor):
    """Runs jobs in ``workers`` processes, one thread here per process.

    Each thread knows the one job that its process is at, so a death costs that job a second attempt and nobody
    else anything. ``limit`` is in seconds per attempt; a process that takes longer is ended, which counts as a
    death. Processes are started anew, never forked: there are threads here.
    """

    shares_files = True

    def __init__(self, workers: int, limit: float | None = 600.0) -> None:
        self.workers = workers
        self._limit = limit
        self._jobs: queue.SimpleQueue[tuple[Future[Any], bytes] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._threads: list[threading.Thread] = []

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
                        worker = worker or _Worker()
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
    """One process and the pipes to it."""

    def __init__(self, folder: str | None = None) -> None:
        # isolated: a file such as `pickle.py` in the current folder must not become part of this program
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", child.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        with contextlib.suppress(OSError):
            child.put(self._to, pickle.dumps([path for path in sys.path if path]))

    def run(self, packed: bytes, limit: float | None) -> tuple[bool, Any]:
        """Whether the job returned, and what it returned or raised."""
        late = threading.Event()
        watch = threading.Timer(limit, self._stop, (late,)) if limit is not None else None
        if watch is not None:
            watch.daemon = True
            watch.start()
        try:
            child.put(self._to, packed)
            answer = child.get(self._from)
        except (EOFError, OSError):
            if late.is_set():
                raise _Died(f"took longer than {limit:g} seconds") from None
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
            raise _Died(_how(self._process.returncode)) from None
        finally:
            if watch is not None:
                watch.cancel()
        good, value = pickle.loads(answer)  # noqa: S301 - from our own process
        return good, value

    def _stop(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def end(self, *, now: bool = False) -> None:
        """Let the process go, by force when it does not go by itself or ``now``."""
        with contextlib.suppress(OSError):
            self._to.close()
        if not now:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._from.close()


def run_apart(folder: str, fn: Callable[..., Any], *args: Any) -> Any:
    """``fn(*args)`` in a process of its own whose current folder is ``folder``.

    Raises:
        OSError: When there is no such folder.
        WorkerLost: When the process dies.
    """
    worker = _Worker(folder)
    try:
        good, value = worker.run(pickle.dumps((fn, args, {})), None)
    except _Died as death:
        raise WorkerLost(f"its process {death}") from None
    finally:
        worker.end()
    if not good:
        raise value
    return value


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"was killed by signal {-code}"
    return f"ended with code {code}"
