"""The journal of a run: what was asked, and what came of it. SQLite, one writer, safe against being killed.

An attempt is written before its request leaves, an outcome after its picture is safe on disk. An attempt
without an end may have been paid for: it counts as spent until its task is asked again.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

State = Literal["ok", "blocked", "failed", "skipped_budget", "unmatched"]
"""``pending`` is the state of a task without an outcome."""

NAME = "journal.sqlite"
VERSION = 1
_TABLES = """
create table if not exists about (key text primary key, value text not null);
create table if not exists attempts (
  number integer primary key, task text not null, started real not null, ended real,
  reserved real not null default 0, trouble text, message text, request_id text, batch text);
create index if not exists attempts_of on attempts (task);
create table if not exists outcomes (
  task text primary key, state text not null, file text, latency real, cost real, cost_is text not null,
  record text not null, at real not null);
create table if not exists batches (
  shard text primary key, source text not null, tasks text not null, file text, batch text, state text not null);
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task. ``record`` holds the rest of its entry in results.json as plain JSON values."""

    task: str
    state: State
    file: str | None = None
    latency_s: float | None = None
    cost_usd: float | None = None
    cost_is: Literal["measured", "estimated", "unknown"] = "unknown"
    record: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shard:
    """One batch: its tasks, the file it was uploaded as and its id, as far as they are known."""

    id: str
    source: str
    tasks: tuple[str, ...]
    state: Literal["planned", "uploaded", "submitted", "done", "lost"]
    file: str | None = None
    batch: str | None = None


class Journal:
    """The journal in the folder of a run, opened for one process at a time; its threads take turns.

    Raises:
        UserError: When another run has it open, or it is no journal of ours.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._turn = threading.RLock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # autocommit: every statement below is one durable step
            self._db = sqlite3.connect(self.path, timeout=1.0, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise UserError(f"{folder}: cannot be used for a run: {error}") from None
        try:
            self._open()
        except sqlite3.OperationalError as error:
            self._db.close()
            if "locked" in str(error):
                raise UserError(f"{folder}: another run is working here; wait for it, or use --out") from None
            raise UserError(f"{self.path}: cannot be used: {error}") from None
        except sqlite3.Error as error:
            self._db.close()
            raise UserError(f"{self.path}: is no journal of a run: {error}") from None

    def _open(self) -> None:
        # the lock is kept until the end, and the system drops it when the process dies
        self._db.execute("pragma locking_mode=exclusive")
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=full")
        self._db.execute("begin exclusive")
        self._db.execute("commit")
        self._db.executescript(_TABLES)
        found = self.about("version")
        if found is None:
            self.note("version", str(VERSION))
        elif found != str(VERSION):
            raise UserError(f"{self.path}: written by another version of this tool; use a new --out")

    def close(self) -> None:
        """Ends the work with it. What was written stays."""
        self._db.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_ended: object) -> None:
        self.close()

    @contextmanager
    def step(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside is safe on disk at its end, or none of it is there.

        Raises:
            UserError: When the disk takes nothing.
        """
        with self._turn:
            outermost = not self._db.in_transaction
            try:
                if outermost:
                    self._db.execute("begin")
                yield self._db
                if outermost:
                    self._db.execute("commit")
            except BaseException as error:
                if outermost and self._db.in_transaction:
                    self._db.execute("rollback")
                if isinstance(error, sqlite3.Error):
                    raise UserError(f"{self.path}: cannot be written: {error}") from None
                raise

    def about(self, key: str) -> str | None:
        """A fact about the run."""
        row = self._db.execute("select value from about where key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def note(self, key: str, value: str) -> None:
        """Keeps a fact about the run."""
        with self.step() as db:
            db.execute("insert or replace into about values (?, ?)", (key, value))

    # Attempts

    def start(self, task: str, reserved: float, batch: str | None = None) -> int:
        """Writes that a request is about to leave; the number of the attempt. ``reserved`` in USD."""
        with self.step() as db:
            row = db.execute(
                "insert into attempts (task, started, reserved, batch) values (?, ?, ?, ?)",
                (task, time.time(), reserved, batch),
            )
        return int(row.lastrowid or 0)

    def withdraw(self, *attempts: int) -> None:
        """Takes back attempts whose request never left."""
        with self.step() as db:
            db.executemany("delete from attempts where number = ?", [(number,) for number in attempts])

    def start_many(self, tasks: Sequence[tuple[str, float]], batch: str) -> None:
        """Writes that the requests of a batch are about to leave."""
        with self.step() as db:
            db.executemany(
                "insert into attempts (task, started, reserved, batch) values (?, ?, ?, ?)",
                [(task, time.time(), reserved, batch) for task, reserved in tasks],
            )

    def end(
        self, attempt: int, trouble: str | None, message: str | None, request_id: str | None, spent: float
    ) -> None:
        """Writes how an attempt ended that brought no picture. ``spent``: what it may have cost, in USD."""
        with self.step() as db:
            db.execute(
                "update attempts set ended = ?, trouble = ?, message = ?, request_id = ?, reserved = ?"
                " where number = ?",
                (time.time(), trouble, message, request_id, spent, attempt),
            )

    def attempts(self) -> dict[str, int]:
        """How often each task was asked."""
        return dict(self._db.execute("select task, count(*) from attempts group by task"))

    # Outcomes

    def settle(self, outcome: Outcome) -> None:
        """Writes the outcome of a task, once and for all, and ends its open attempts."""
        self.settle_many([outcome])

    def settle_many(self, outcomes: Sequence[Outcome]) -> None:
        """Writes several outcomes in one step."""
        now = time.time()
        rows = [
            (
                one.task,
                one.state,
                one.file,
                one.latency_s,
                one.cost_usd,
                one.cost_is,
                json.dumps(one.record, sort_keys=True),
                now,
            )
            for one in outcomes
        ]
        with self.step() as db:
            db.executemany("insert or replace into outcomes values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            db.executemany(
                "update attempts set ended = ?, reserved = 0 where task = ? and ended is null",
                [(now, one.task) for one in outcomes],
            )

    def outcomes(self) -> Iterator[Outcome]:
        """Every outcome."""
        rows = self._db.execute("select task, state, file, latency, cost, cost_is, record from outcomes")
        for task, state, file, latency, cost, cost_is, record in rows:
            yield Outcome(task, state, file, latency, cost, cost_is, json.loads(record))

    def states(self) -> dict[str, tuple[State, str | None, str | None]]:
        """State, file and class of the error of every task that has an outcome."""
        rows = self._db.execute("select task, state, file, record from outcomes")
        return {
            task: (state, file, (json.loads(record).get("error") or {}).get("class"))
            for task, state, file, record in rows
        }

    def forget(self, tasks: Sequence[str]) -> None:
        """Takes outcomes back, so that their tasks are asked again."""
        with self.step() as db:
            db.executemany("delete from outcomes where task = ?", [(task,) for task in tasks])

    def spent(self) -> float:
        """USD that outcomes cost, and that requests without a picture may have cost."""
        made = self._db.execute("select coalesce(sum(cost), 0) from outcomes").fetchone()[0]
        lost = self._db.execute("select coalesce(sum(reserved), 0) from attempts").fetchone()[0]
        return float(made) + float(lost)

    def open_attempts(self) -> int:
        """Requests that left and of which nothing is known: the run was killed."""
        row = self._db.execute("select count(*) from attempts where ended is null and batch is null")
        return int(row.fetchone()[0])

    # Batches

    def keep_shard(self, shard: Shard) -> None:
        """Writes how far a batch has come."""
        with self.step() as db:
            db.execute(
                "insert or replace into batches values (?, ?, ?, ?, ?, ?)",
                (shard.id, shard.source, json.dumps(shard.tasks), shard.file, shard.batch, shard.state),
            )

    def release(self, shard: str) -> None:
        """Ends the attempts of a batch that brought nothing and cost nothing."""
        with self.step() as db:
            db.execute(
                "update attempts set ended = ?, reserved = 0 where batch = ? and ended is null",
                (time.time(), shard),
            )

    def shards(self) -> list[Shard]:
        """Every batch of the run."""
        rows = self._db.execute("select shard, source, tasks, state, file, batch from batches")
        return [
            Shard(shard, source, tuple(json.loads(tasks)), state, file, batch)
            for shard, source, tasks, state, file, batch in rows
        ]
