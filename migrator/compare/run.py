"""One run from a plan to its results: opens the sources, asks for what is left, writes everything down."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from migrator.compare import results, store
from migrator.compare.batch import Batcher
from migrator.compare.booking import Books
from migrator.compare.budget import Budget
from migrator.compare.estimate import Estimate
from migrator.compare.journal import Journal
from migrator.compare.place import check_free, take_over
from migrator.compare.progress import Progress
from migrator.compare.resume import left, settle_known
from migrator.compare.runner import Pace, Runner
from migrator.compare.sources.opening import open_sources
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TextIO

    from migrator.catalog import Catalog
    from migrator.compare.plan import Plan
    from migrator.compare.secrets import Secrets
    from migrator.compare.sources.archive import ArchiveSource

EXIT_SOME, EXIT_INCOMPLETE, EXIT_BUDGET, EXIT_INTERRUPTED = 1, 3, 4, 130


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. Money in USD; ``assume_usd`` is for one picture whose price the rules do not know."""

    folder: Path
    pace: Pace = field(default_factory=Pace)
    budget_usd: float | None = None
    assume_usd: float | None = None
    retry_failed: bool = False
    retry_blocked: bool = False
    latency_s: float = 0.0
    seed: int = 0
    poll_s: float | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its results, and the exit code of the command."""

    results: dict[str, Any]
    exit_code: int


def priced(plan: Plan, options: Options) -> Plan:
    """The plan with ``assume_usd`` where no price is known. Raises UserError when a budget needs one."""
    from dataclasses import replace  # noqa: PLC0415

    if options.assume_usd is not None:
        assumed = Estimate(options.assume_usd, "likely", "a price was assumed")
        tasks = (replace(t, estimate=assumed) if t.estimate.usd is None else t for t in plan.tasks)
        return replace(plan, tasks=tuple(tasks))
    unknown = next((task for task in plan.tasks if task.estimate.usd is None), None)
    if unknown is not None and options.budget_usd is not None:
        raise UserError(
            f"--budget needs to know what a picture may cost, but {unknown.estimate.note}."
            " Pass --assume-usd with the most that one picture can cost."
        )
    return plan


def execute(
    plan: Plan,
    catalog: Catalog,
    secrets: Secrets,
    archives: dict[str, ArchiveSource],
    options: Options,
    stream: TextIO,
) -> Ended:
    """Runs ``plan`` in its folder; what an earlier run of it has done is not done again.

    Raises:
        UserError: When the folder, a key or a source cannot be used.
    """
    check_free(options.folder)
    with Journal(options.folder) as journal:
        said = take_over(options.folder, plan, journal)
        if said:
            stream.write(f"{said}\n")
        store.sweep(options.folder)
        plan.inputs.copy(options.folder)
        if journal.about("created") is None:
            journal.note("created", results.now())
        return asyncio.run(_execute(plan, catalog, secrets, archives, options, stream, journal))


async def _execute(
    plan: Plan,
    catalog: Catalog,
    secrets: Secrets,
    archives: dict[str, ArchiveSource],
    options: Options,
    stream: TextIO,
    journal: Journal,
) -> Ended:
    lost = journal.open_attempts()
    todo = left(
        plan, journal, options.folder, retry_failed=options.retry_failed, retry_blocked=options.retry_blocked
    )
    before = len(plan.tasks) - len(todo)
    todo = settle_known(plan, todo, archives, journal)
    spent = journal.spent()
    budget = Budget(options.budget_usd, spent)
    notes = [*plan.notes, *(note for one in archives.values() for note in one.notes())]
    if lost:
        notes.append(
            f"{lost} request{'' if lost == 1 else 's'} had left when an earlier run was killed:"
            " they may have been paid for without a picture"
        )
    asked = {task.source for task in todo}
    wanted = [column for column in plan.columns if column.name in asked]
    done = len(plan.tasks) - len(todo)
    closed: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        progress = stack.enter_context(Progress(stream, len(plan.tasks), done, options.budget_usd, spent))
        if before and todo:
            progress.say(f"{before:,} of {len(plan.tasks):,} tasks are done already; going on")
        sources = await open_sources(
            stack, wanted, catalog, secrets, archives, latency=options.latency_s, seed=options.seed
        )
        running = {name: source for name, source in sources.items() if name in asked}
        books = await stack.enter_async_context(Books(journal))
        runner = Runner(plan, running, books, catalog, options.folder, budget, options.pace, progress)
        batcher = Batcher(runner, options.poll_s)
        apart = {name: source for name, source in running.items() if plan.batch and source.column.live}
        direct = [task for task in todo if task.source not in apart]
        runner.sources = {name: source for name, source in running.items() if name not in apart}
        with _interrupts(runner, batcher, progress.say):
            await asyncio.gather(runner.run(direct), batcher.run(todo, apart))
        closed = {name: lane.closed for name, lane in runner.lanes.items() if lane.closed} | batcher.closed
        quota = batcher.quota or any(lane.trouble == "quota" for lane in runner.lanes.values())
        notes += [f"{name}: asked no more: {why}" for name, why in closed.items() if not runner.stopped]
    # after the books are closed: what stood in line is taken back by then
    found = results.build(plan, journal, sources, budget, closed, notes)
    return Ended(found, exit_code(found, stopped=runner.stopped, quota=quota))


def exit_code(found: dict[str, Any], *, stopped: bool, quota: bool) -> int:
    """The exit code of a run with these results."""
    states = results.counts(found)
    if stopped:
        return EXIT_INTERRUPTED
    if states["skipped_budget"] or quota:
        return EXIT_BUDGET
    if states["pending"]:
        return EXIT_INCOMPLETE
    return EXIT_SOME if set(states) - {"ok"} else 0


@contextlib.contextmanager
def _interrupts(runner: Runner, batcher: Batcher, say: Callable[[str], None]) -> Iterator[None]:
    """Ctrl-C stops asking; a second one gives up what is out."""
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        if not runner.stopped:
            say("Stopping: waiting for what is out and paid for. Ctrl-C again gives it up.")
        runner.stop()
        batcher.stop()

    if sys.platform == "win32":
        before = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(interrupted))
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
        return
    wanted = (signal.SIGINT, signal.SIGTERM)
    for number in wanted:
        loop.add_signal_handler(number, interrupted)
    try:
        yield
    finally:
        for number in wanted:
            loop.remove_signal_handler(number)
