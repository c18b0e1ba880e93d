"""Runs of `migrator compare` in this process, against simulators that the test can question."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from migrator.catalog import load as load_rules
from migrator.compare import plan as plans
from migrator.compare import run as runs
from migrator.compare import suite as suites
from migrator.compare.secrets import Secrets
from migrator.compare.sources import opening, spec
from migrator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = date(2026, 11, 22)


@dataclass
class Bench:
    """Runs suites in one folder."""

    folder: Path

    def plan(self, suite: str, **columns: Any) -> plans.Plan:
        return self._plan(suite, columns)[0]

    def _plan(self, suite: str, columns: dict[str, Any], *, batch: bool = False) -> tuple[plans.Plan, Any]:
        path = self.folder / "suite.yaml"
        path.write_text(suite)
        rules = load_rules()
        asked = suites.load(str(path), rules)
        named = {"old": (), "new": (), **columns}
        made = spec.columns(rules, TODAY, asked, **named)
        return plans.make(asked, made, rules, batch=batch), opening.archives(made, asked)

    def run(
        self,
        suite: str,
        *,
        pace: runs.Pace | None = None,
        options: dict[str, Any] | None = None,
        batch: bool = False,
        **columns: Any,
    ) -> runs.Ended:
        made, archives = self._plan(suite, columns, batch=batch)
        chosen = runs.Options(
            self.folder / "run", pace=pace or runs.Pace(slots=8, retry_s=0.01), **(options or {})
        )
        made = runs.priced(made, chosen)
        self.said = io.StringIO()
        return runs.execute(made, load_rules(), Secrets(), archives, chosen, self.said)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(load_rules(), today=TODAY) as simulator:
        yield simulator


@pytest.fixture
def old_server() -> Iterator[Simulator]:
    with Simulator(load_rules(), "dalle") as simulator:
        yield simulator
