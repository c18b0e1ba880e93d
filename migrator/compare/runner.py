"""Runs a plan: asks every source, retries what is worth it, and writes down what became of every task."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.compare import store
from migrator.compare.estimate import measured
from migrator.compare.journal import Outcome
from migrator.compare.lanes import Lane
from migrator.compare.limits import Limiter, backoff
from migrator.compare.sources.base import AskError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from migrator.catalog import Catalog
    from migrator.compare.booking import Books
    from migrator.compare.budget import Budget
    from migrator.compare.lanes import Job
    from migrator.compare.plan import Plan, Task
    from migrator.compare.progress import Progress
    from migrator.compare.sources.base import Answer, Column, Source, Trouble

ATTEMPTS: Mapping[Trouble, int] = {
    "rate_limit": 5,
    "server": 5,
    "transport": 5,
    "malformed": 3,
    "timeout": 1,
}
"""Attempts per class of trouble; one for every class that is not named. A timeout may have been paid for."""
ACCOUNT: frozenset[Trouble] = frozenset({"auth", "quota", "unverified"})
"""Troubles of an account, not of a task: they are tried again when the run is."""
_STRIKES = 3
"""Account troubles in a row after which a source is asked no more."""
_ARCHIVE_SLOTS = 4
_SIMULATED_BASE_S = 0.02
"""The first pause before asking a simulator again, in seconds."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a run goes about it. ``slots``, ``per_minute`` and ``timeout_s`` override what the rules say."""

    slots: int | None = None
    per_minute: float | None = None
    timeout_s: float | None = None
    retry_s: float = 1.0


class Runner:
    """One run. :meth:`stop` may be called at any time from the same thread."""

    def __init__(
        self,
        plan: Plan,
        sources: Mapping[str, Source],
        books: Books,
        catalog: Catalog,
        folder: Path,
        budget: Budget,
        pace: Pace,
        progress: Progress,
    ) -> None:
        self.plan = plan
        self.columns = {column.name: column for column in plan.columns}
        self.sources = sources
        self.books = books
        self.catalog = catalog
        self.folder = folder
        self.budget = budget
        self.pace = pace
        self.progress = progress
        self.lanes: dict[str, Lane] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._flying: set[asyncio.Task[Any]] = set()
        self._stops = 0

    @property
    def stopped(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stops > 0

    def stop(self) -> None:
        """Sends no more; what is out may come back. A second call gives up what is out as well."""
        self._stops += 1
        for lane in self.lanes.values():
            lane.close("the run was interrupted")
        for worker in self._workers:
            if self._stops > 1 or worker not in self._flying:
                worker.cancel()

    async def run(self, todo: list[Task]) -> None:
        """Deals with every task of ``todo``; those of a source that was closed stay pending.

        Raises:
            UserError: When results cannot be written.
        """
        limiters: dict[tuple[str, str], Limiter] = {}
        for name, source in self.sources.items():
            column = self.columns[name]
            key = (getattr(source, "host", name), column.model)
            limiter = limiters.setdefault(key, self._limiter(column))
            lane = Lane(source, [task for task in todo if task.source == name], limiter)
            self.lanes[name] = lane
            # twice as many as slots: while one picture is put on disk, the next is asked for
            for _ in range(2 * limiter.slots):
                self._workers.add(asyncio.create_task(self._work(lane, column)))
        if not self._workers:
            return
        done, pending = await asyncio.wait(self._workers, return_when=asyncio.FIRST_EXCEPTION)
        failed = next((one.exception() for one in done if not one.cancelled() and one.exception()), None)
        for worker in pending:
            worker.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        if failed is not None:
            raise failed

    def _limiter(self, column: Column) -> Limiter:
        service = self.catalog.service
        if not column.live:
            return Limiter(_ARCHIVE_SLOTS)
        rate = self.pace.per_minute
        if rate is None and column.kind in ("openai", "azure") and column.base_url is None:
            rate = float(service.images_per_minute)
        return Limiter(self.pace.slots or service.concurrency, rate)

    async def _work(self, lane: Lane, column: Column) -> None:
        while (job := await lane.next()) is not None:
            try:
                await self._deal(lane, column, job)
            finally:
                lane.done()

    async def _deal(self, lane: Lane, column: Column, job: Job) -> None:
        task = job.task
        price = task.estimate.usd or 0.0
        if not await self.budget.reserve(price):
            await self.settle(task, "skipped_budget", reason="the budget does not reach for it")
            return
        spent = 0.0
        try:
            # on the books before it has a slot, so that no slot waits for the disk
            attempt = await self.books.start(task.id, price) if column.live else None
            try:
                await lane.limiter.enter()
            except BaseException:
                self._withdraw(attempt)
                raise
            if lane.closed is not None:
                self._withdraw(attempt)
                lane.limiter.leave()
                return
            me = asyncio.current_task()
            assert me is not None
            self._flying.add(me)
            try:
                spent = await self._attempt(lane, column, job, attempt, price)
            finally:
                self._flying.discard(me)
        finally:
            self.budget.settle(price, spent)

    def _withdraw(self, attempt: int | None) -> None:
        if attempt is not None:
            self.books.withdraw(attempt)

    async def _attempt(
        self, lane: Lane, column: Column, job: Job, attempt: int | None, price: float
    ) -> float:
        """One attempt, on the books as ``attempt``; what it cost, or may have cost, in USD."""
        task = job.task
        holding = True
        self.progress.started()
        try:
            try:
                answer = await lane.source.ask(task, self._patience(task))
                # the slot is free for the next request while this picture goes to disk
                lane.limiter.leave()
                holding = False
                file, picture = await asyncio.to_thread(store.keep, self.folder, answer.data)
            except store.NoPictureError as error:
                failure = AskError("malformed", f"the answer is no picture: {error}", billed=True)
            except AskError as error:
                failure = error
            else:
                return await self._made(lane, column, task, answer, file, picture)
            spent = price if failure.billed else 0.0
            if attempt is not None:
                await self.books.end(attempt, failure.trouble, failure.message, failure.request_id, spent)
            await self._failed(lane, column, job, failure)
            return spent
        finally:
            if holding:
                lane.limiter.leave()
            self.progress.ended()

    async def _made(
        self, lane: Lane, column: Column, task: Task, answer: Answer, file: str, picture: store.Picture
    ) -> float:
        """Writes down a picture that is safe on disk; what it cost in USD."""
        cost, cost_is = self.cost(column, task, answer)
        await self.settle(
            task,
            "ok",
            file=file,
            latency_s=answer.latency_s,
            cost=cost,
            cost_is=cost_is,
            usage=dict(answer.usage) if answer.usage else None,
            request_id=answer.request_id,
            simulated=answer.simulated,
            picture=picture.as_json(),
        )
        lane.strikes = 0
        lane.limiter.answered(answer.headers)
        return cost or 0.0

    def _patience(self, task: Task) -> float:
        return self.pace.timeout_s or self.catalog.service.patience_for(task.request.get("quality"))

    def cost(self, column: Column, task: Task, answer: Answer) -> tuple[float | None, str]:
        """What an answer cost in USD, and whether that is measured, estimated or unknown."""
        if answer.cost_usd is not None:
            return answer.cost_usd, "measured"
        if not column.live:
            return None, "unknown"
        share = self.catalog.service.batch.price_share if self.plan.batch else 1.0
        counted = None if column.price_usd is not None else measured(column.facts, answer.usage, share)
        if counted is not None:
            return round(counted, 6), "measured"
        return (task.estimate.usd, "estimated") if task.estimate.usd is not None else (None, "unknown")

    async def _failed(self, lane: Lane, column: Column, job: Job, failure: AskError) -> None:
        trouble = failure.trouble
        job.troubles[trouble] += 1
        if trouble == "rate_limit":
            lane.limiter.throttled(failure.wait_s, failure.headers)
        if job.troubles[trouble] < ATTEMPTS.get(trouble, 1):
            base = _SIMULATED_BASE_S if column.simulated else self.pace.retry_s
            lane.again(job, max(failure.wait_s or 0.0, backoff(job.troubles[trouble], base)))
            return
        if trouble in ACCOUNT:
            lane.strikes += 1
            if lane.strikes >= _STRIKES:
                lane.close(failure.message, trouble)
        await self.fail(job.task, failure)

    async def fail(self, task: Task, failure: AskError) -> None:
        """Writes that a task ended without a picture."""
        blocked = failure.trouble == "moderation"
        await self.settle(
            task,
            "blocked" if blocked else "failed",
            request_id=failure.request_id,
            reason="the safety system refused the prompt" if blocked else failure.message,
            error={"class": failure.trouble, "code": failure.code, "message": failure.message},
        )

    async def settle(
        self,
        task: Task,
        state: Any,
        *,
        file: str | None = None,
        latency_s: float | None = None,
        cost: float | None = None,
        cost_is: Any = "unknown",
        **record: Any,
    ) -> None:
        """Writes the outcome of ``task``."""
        if state != "ok":
            cost, cost_is = (0.0, "measured") if state == "skipped_budget" else (None, "unknown")
        await self.books.settle(Outcome(task.id, state, file, latency_s, cost, cost_is, record))
        self.progress.finished(state, cost or 0.0)
