"""A profile of how badly the simulator behaves: faults with their shares, latency, and the seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.catalog import tree
from migrator.catalog.reader import Table
from migrator.simulator.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares of requests (0 to 1) by fault, seconds of an answer, in general and by quality, and the seed."""

    faults: Mapping[str, float] = field(default_factory=dict)
    latency: float | None = None
    latency_of: Mapping[str, float] = field(default_factory=dict)
    seed: int | None = None


def read(path: Path) -> Profile:
    """The profile in a YAML file with ``faults``, ``latency`` (a number, or seconds by quality) and ``seed``.

    Raises:
        CatalogError: With file and line, for what is not valid.
    """
    root = Table(tree.read(path, str(path), kind="fault profile"), "a fault profile")
    root.close("faults", "latency", "seed")
    faults = root.table("faults").close(*FAULTS)
    shares = root.numbers("faults")
    if sum(shares.values()) > 1:
        raise faults.fail("", "the shares sum to more than 1")
    latency = root.entries.get("latency")
    by_quality = latency is not None and isinstance(latency.value, dict)
    return Profile(
        faults=shares,
        latency=None if by_quality else root.number("latency"),
        latency_of=root.numbers("latency") if by_quality else {},
        seed=root.integer("seed"),
    )
