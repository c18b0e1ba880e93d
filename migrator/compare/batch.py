"""Runs a plan through the Batch API: half the price, no rate to heed, an answer within a day.

Each shard of tasks becomes one batch. What was uploaded and submitted is on the books before and after every
step, so a run that ends in between finds its batches again, by their id or by the shard in their metadata, and
pays for none of them twice.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from migrator.compare import store
from migrator.compare.batch_files import body_of, groups, lines_of, name_of
from migrator.compare.journal import Shard
from migrator.compare.limits import backoff
from migrator.compare.runner import ATTEMPTS
from migrator.compare.sources import replies
from migrator.compare.sources.base import Answer, AskError
from migrator.compare.sources.live import MARK, LiveSource
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from openai.types import Batch

    from migrator.compare.plan import Task
    from migrator.compare.runner import Runner
    from migrator.compare.sources.base import Source, Trouble

T = TypeVar("T")

AT_A_TIME = 4
POLL_S = 30.0
_POLL_SIMULATED_S = 0.1
_ROUNDS = 3
_CALLS = 5
_ENDED = ("completed", "failed", "expired", "cancelled")


class Batcher:
    """The batches of one run. ``runner`` writes outcomes and knows the budget."""

    def __init__(self, runner: Runner, poll_s: float | None = None) -> None:
        self.runner = runner
        self.journal = runner.books.journal
        self.folder = runner.folder / "batches"
        self.tasks = {task.id: task for task in runner.plan.tasks}
        self.closed: dict[str, str] = {}
        self.quota = False
        self._poll_s = poll_s
        self._troubles: Counter[tuple[str, Trouble]] = Counter()
        self._work: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Waits no longer. Batches that were submitted go on without us."""
        for work in self._work:
            work.cancel()

    async def run(self, todo: list[Task], sources: Mapping[str, Source]) -> None:
        """Deals with every task of ``todo``; what a batch left undone stays pending.

        Raises:
            UserError: When results cannot be written.
        """
        self._work = {
            asyncio.create_task(self._column(name, source, todo)) for name, source in sources.items()
        }
        if self._work:
            done, _ = await asyncio.wait(self._work)
            failed = next((one.exception() for one in done if not one.cancelled() and one.exception()), None)
            if failed is not None:
                raise failed

    async def _column(self, name: str, source: Source, todo: list[Task]) -> None:
        assert isinstance(source, LiveSource)
        mine = {task.id: task for task in todo if task.source == name}
        gate = asyncio.Semaphore(AT_A_TIME)

        async def one(shard: Shard) -> None:
            async with gate:
                await self._shard(source, shard)

        try:
            known = [shard for shard in self.journal.shards() if shard.source == name]
            open_ = [shard for shard in known if shard.state in ("uploaded", "submitted")]
            for shard in open_:
                self._take_back(shard)
            for _ in range(_ROUNDS):
                waiting = {task for shard in open_ for task in shard.tasks}
                fresh = [task for task in mine.values() if task.id not in waiting]
                shards = [*open_, *await self._planned(name, fresh)]
                await asyncio.gather(*(one(shard) for shard in shards))
                states = self.journal.states()
                mine = {key: task for key, task in mine.items() if key not in states}
                open_ = []
                if not mine or not shards:
                    return
        except AskError as error:
            self.closed[name] = error.message
            self.quota |= error.trouble == "quota"

    async def _planned(self, source: str, tasks: list[Task]) -> list[Shard]:
        """New shards for ``tasks``, as far as the budget reaches."""
        affordable = []
        for task in tasks:
            # nothing comes back before the batches have left, so there is nothing to wait for
            if self.runner.budget.take(task.estimate.usd or 0.0):
                affordable.append(task)
            else:
                await self.runner.settle(task, "skipped_budget", reason="the budget does not reach for it")
        # the same tasks may go into a second batch, which must not be taken for the first
        salt = len(self.journal.shards())
        return [
            Shard(name_of(group, salt), source, tuple(task.id for task in group), "planned")
            for group in groups(affordable)
        ]

    def _take_back(self, shard: Shard) -> None:
        """What the journal counts as spent on an open batch is only reserved."""
        usd = sum(self.tasks[name].estimate.usd or 0.0 for name in shard.tasks if name in self.tasks)
        self.runner.budget.spent = max(0.0, self.runner.budget.spent - usd)
        self.runner.budget.reserved += usd

    # One batch

    async def _shard(self, source: LiveSource, shard: Shard) -> None:
        """Brings one batch from where it is to its end."""
        batch = await self._submitted(source, shard)
        if batch is None:
            return
        pause = self._poll_s or (_POLL_SIMULATED_S if source.column.simulated else POLL_S)
        while batch.status not in _ENDED:
            await asyncio.sleep(pause)
            batch = await self._call(source, partial(source.client.batches.retrieve, batch.id))
        shard = Shard(shard.id, shard.source, shard.tasks, "submitted", shard.file, batch.id)
        if batch.status == "failed":
            told = (
                batch.errors.data[0].message if batch.errors and batch.errors.data else "no reason was given"
            )
            self.journal.release(shard.id)
            self.journal.keep_shard(Shard(shard.id, shard.source, shard.tasks, "lost", shard.file, batch.id))
            raise AskError("refused", f"the batch {batch.id} was refused: {told}")
        for number, file in enumerate((batch.output_file_id, batch.error_file_id)):
            if file is not None:
                path = self.folder / f"{shard.id}.{('answers', 'errors')[number]}.jsonl"
                await self._download(source, file, path)
                await self._settle(source, shard, path)
                path.unlink(missing_ok=True)
        self._leftover(shard, batch.status)
        self.journal.keep_shard(Shard(shard.id, shard.source, shard.tasks, "done", shard.file, batch.id))
        (self.folder / f"{shard.id}.jsonl").unlink(missing_ok=True)

    async def _submitted(self, source: LiveSource, shard: Shard) -> Batch | None:
        """The batch of ``shard``: the one that is there already, or a new one.

        ``None`` for one that is gone and whose tasks the plan does not hold any more.
        """
        batches = source.client.batches
        file = shard.file
        if shard.batch is not None:
            try:
                return await self._call(source, partial(batches.retrieve, shard.batch))
            except AskError as error:
                if error.code != "404":
                    raise
                file = None
                self.journal.release(shard.id)
        elif shard.state == "uploaded":
            found = await self._find(source, shard.id)
            if found is not None:
                self.journal.keep_shard(
                    Shard(shard.id, shard.source, shard.tasks, "submitted", file, found.id)
                )
                return found
        if not all(name in self.tasks for name in shard.tasks):
            self.journal.keep_shard(Shard(shard.id, shard.source, shard.tasks, "lost"))
            self.journal.release(shard.id)
            return None
        endpoint = f"/v1/images/{self.tasks[shard.tasks[0]].endpoint}"
        if file is None:
            path = self.folder / f"{shard.id}.jsonl"
            await asyncio.to_thread(self._write, path, shard, endpoint)
            uploaded = await self._call(
                source, lambda: source.client.files.create(file=path, purpose="batch")
            )
            file = uploaded.id
            self.journal.keep_shard(Shard(shard.id, shard.source, shard.tasks, "uploaded", file))
        self.journal.start_many(
            [(name, self.tasks[name].estimate.usd or 0.0) for name in shard.tasks], shard.id
        )
        window: Any = self.runner.catalog.service.batch.window
        batch = await self._call(
            source,
            lambda: batches.create(
                input_file_id=file,
                endpoint=_literal(endpoint),
                completion_window=window,
                metadata={"run": self.runner.plan.run, "shard": shard.id},
            ),
        )
        self.journal.keep_shard(Shard(shard.id, shard.source, shard.tasks, "submitted", file, batch.id))
        return batch

    async def _find(self, source: LiveSource, shard: str) -> Batch | None:
        """The batch that was submitted for ``shard`` just before a run ended."""
        page = await self._call(source, lambda: source.client.batches.list(limit=100))
        async for batch in page:
            if (batch.metadata or {}).get("shard") == shard:
                return batch
        return None

    def _write(self, path: Path, shard: Shard, endpoint: str) -> None:
        lines = [
            json.dumps(
                {"custom_id": name, "method": "POST", "url": endpoint, "body": body_of(self.tasks[name])},
                ensure_ascii=False,
            )
            for name in shard.tasks
        ]
        store.write(path, "".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))

    async def _download(self, source: LiveSource, file: str, path: Path) -> None:
        async def once() -> None:
            async with source.client.files.with_streaming_response.content(file) as answer:
                with path.open("wb") as stream:
                    async for part in answer.iter_bytes(2**20):
                        stream.write(part)

        path.parent.mkdir(parents=True, exist_ok=True)
        await self._call(source, once)

    async def _settle(self, source: LiveSource, shard: Shard, path: Path) -> None:
        """Writes the outcomes of a file of answers, one line at a time: it may be larger than the memory."""
        wanted = set(shard.tasks)
        for line in lines_of(path):
            try:
                entry = json.loads(line)
                name = entry["custom_id"]
            except (ValueError, RecursionError, KeyError, TypeError):
                continue
            if name not in wanted or name not in self.tasks:
                continue
            wanted.discard(name)
            await self._answered(source, self.tasks[name], entry)

    async def _answered(self, source: LiveSource, task: Task, entry: Mapping[str, Any]) -> None:
        response = entry.get("response")
        response = response if isinstance(response, dict) else {}
        status, body = response.get("status_code"), response.get("body")
        request_id = response.get("request_id") if isinstance(response.get("request_id"), str) else None
        if not isinstance(status, int):
            return  # the batch ended before this request: it stays pending
        price = task.estimate.usd or 0.0
        try:
            if status != 200 or not isinstance(body, dict):
                raise replies.refusal(self.runner.catalog, status, body, {}, request_id)
            reply = replies.picture_of(body)
            if reply.data is None:
                raise AskError("malformed", "the batch holds a url instead of a picture", billed=True)
            file, picture = await asyncio.to_thread(store.keep, self.runner.folder, reply.data)
        except store.NoPictureError as error:
            await self._failed(task, AskError("malformed", f"the answer is no picture: {error}", billed=True))
        except AskError as error:
            error.request_id = request_id
            await self._failed(task, error)
        else:
            answer = Answer(reply.data, usage=reply.usage, request_id=request_id)
            cost, cost_is = self.runner.cost(source.column, task, answer)
            await self.runner.settle(
                task,
                "ok",
                file=file,
                cost=cost,
                cost_is=cost_is,
                usage=dict(reply.usage) if reply.usage else None,
                request_id=request_id,
                simulated=source.column.simulated or source.marked,
                picture=picture.as_json(),
            )
            self.runner.budget.settle(price, cost or 0.0)

    async def _failed(self, task: Task, failure: AskError) -> None:
        """Leaves what is worth another round pending, and writes down the rest."""
        self._troubles[task.id, failure.trouble] += 1
        if self._troubles[task.id, failure.trouble] < min(_ROUNDS, ATTEMPTS.get(failure.trouble, 1)):
            return
        price = task.estimate.usd or 0.0
        await self.runner.fail(task, failure)
        self.runner.budget.settle(price, price if failure.billed else 0.0)

    def _leftover(self, shard: Shard, status: str) -> None:
        """Frees the money of what the batch did not do."""
        states = self.journal.states()
        left = [name for name in shard.tasks if name in self.tasks and name not in states]
        for name in left:
            self.runner.budget.settle(self.tasks[name].estimate.usd or 0.0, 0.0)
        self.journal.release(shard.id)
        if left:
            self.runner.progress.say(
                f"batch {shard.batch}: {status}, {len(left)} of {len(shard.tasks)} left over"
            )

    async def _call(self, source: LiveSource, call: Callable[[], Awaitable[T]]) -> T:
        """What ``call`` returns, tried again where that may help. Raises AskError."""
        import openai  # noqa: PLC0415 - loaded by the source

        for attempt in range(1, _CALLS + 1):
            try:
                return await call()
            except openai.APIStatusError as error:
                headers = {str(k).lower(): str(v) for k, v in error.response.headers.items()}
                source.marked |= MARK in headers
                found = replies.refusal(self.runner.catalog, error.status_code, error.body, headers)
                found.message = source.clean(found.message)
                found.code = "404" if error.status_code == 404 else found.code
            except openai.OpenAIError as error:
                reason = type(error.__cause__ or error).__name__
                found = AskError("transport", f"the connection failed: {reason}")
            except OSError as error:
                raise UserError(f"{self.folder}: {error.strerror or error}") from None
            if attempt == _CALLS or found.trouble not in ("rate_limit", "server", "transport", "timeout"):
                raise found
            base = 0.02 if source.column.simulated else self.runner.pace.retry_s
            await asyncio.sleep(max(found.wait_s or 0.0, backoff(attempt, base)))
        raise AssertionError


def _literal(endpoint: str) -> Any:
    return endpoint
