"""Writes to the journal beside the event loop, and what comes at the same time in one step to the disk.

A step to the disk takes milliseconds. On the event loop each of them would hold up every other request, and
one after the other they would be the limit of a fast run.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.compare.journal import Journal, Outcome


class Books:
    """The journal for coroutines. Each call returns when what it wrote is safe, or raises UserError.

    A call that is cancelled is written all the same. To be entered and left in the event loop that uses it.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._waiting: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()
        self._changed = threading.Condition()
        self._open = True
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="migrator-journal", daemon=True)

    async def __aenter__(self) -> Books:
        self._thread.start()
        return self

    async def __aexit__(self, *_ended: object) -> None:
        with self._changed:
            self._open = False
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    async def start(self, task: str, reserved: float) -> int:
        """A request is about to leave; see :meth:`Journal.start`."""
        numbers: list[int] = []
        try:
            await self._put(lambda: numbers.append(self.journal.start(task, reserved)))
        except asyncio.CancelledError:
            # its request will never leave; what is written by then is taken back in its turn
            self._add(lambda: self.journal.withdraw(*numbers))
            raise
        return numbers[0]

    def withdraw(self, attempt: int) -> None:
        """Takes back an attempt whose request never left; nobody has to wait for it."""
        self._add(lambda: self.journal.withdraw(attempt))

    async def end(
        self, attempt: int, trouble: str, message: str, request_id: str | None, spent: float
    ) -> None:
        """An attempt brought no picture; see :meth:`Journal.end`."""
        await self._put(lambda: self.journal.end(attempt, trouble, message, request_id, spent))

    async def settle(self, outcome: Outcome) -> None:
        """What became of a task; see :meth:`Journal.settle`."""
        await self._put(lambda: self.journal.settle(outcome))

    async def _put(self, write: Callable[[], Any]) -> Any:
        return await self._add(write)

    def _add(self, write: Callable[[], Any]) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self._loop.create_future()
        with self._changed:
            self._waiting.append((write, future))
            self._changed.notify()
        return future

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._open and not self._waiting:
                    self._changed.wait()
                work = list(self._waiting)
                self._waiting.clear()
            if not work:
                return
            try:
                with self.journal.step():
                    answers = [write() for write, _ in work]
            except Exception as error:  # it belongs to those who wait, whatever it is
                self._answer(work, [error] * len(work))
            else:
                self._answer(work, answers)

    def _answer(self, work: list[tuple[Callable[[], Any], asyncio.Future[Any]]], answers: list[Any]) -> None:
        def settle() -> None:
            for (_, future), answer in zip(work, answers, strict=True):
                if future.done():  # whoever waited was cancelled
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

        self._loop.call_soon_threadsafe(settle)
