"""Opens columns: reads archives, starts simulators, makes clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.compare.sources.archive import ArchiveSource
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AsyncExitStack

    from migrator.catalog import Catalog
    from migrator.compare.secrets import Secrets
    from migrator.compare.sources.base import Column, Source
    from migrator.compare.sources.live import LiveSource
    from migrator.compare.suite import Suite


def archives(columns: Iterable[Column], suite: Suite) -> dict[str, ArchiveSource]:
    """The archives among ``columns`` by name, read. Raises UserError."""
    return {one.name: ArchiveSource(one, suite.prompts) for one in columns if one.kind == "archive"}


async def open_sources(
    stack: AsyncExitStack,
    columns: Iterable[Column],
    catalog: Catalog,
    secrets: Secrets,
    known: dict[str, ArchiveSource],
    *,
    latency: float = 0.0,
    seed: int = 0,
) -> dict[str, Source]:
    """Every column by name, opened; ``stack`` closes them. One simulator serves all columns of a day.

    Raises:
        UserError: When a key is missing or a simulator cannot start.
    """
    from migrator.compare.sources.live import LiveSource  # noqa: PLC0415 - only where something is asked
    from migrator.simulator import Simulator, SimulatorError  # noqa: PLC0415

    opened: dict[str, Source] = dict(known)
    simulators: dict[object, Simulator] = {}
    for column in columns:
        if column.name in opened:
            continue
        base_url = None
        if column.kind == "simulator":
            simulator = simulators.get(column.day)
            if simulator is None:
                try:
                    simulator = Simulator(catalog, today=column.day, latency=latency, seed=seed)
                    simulators[column.day] = stack.enter_context(simulator)
                except SimulatorError as error:
                    raise UserError(str(error)) from None
            base_url = simulator.base_url
        source: LiveSource = LiveSource(column, catalog, secrets, base_url)
        stack.push_async_callback(source.close)
        opened[column.name] = source
    return opened
