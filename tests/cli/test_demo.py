from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from migrator import demo, pipeline
from migrator.report.style import Style

if TYPE_CHECKING:
    import pytest

    from migrator.catalog import Catalog
    from migrator.types import Report


class Listener:
    def __init__(self) -> None:
        self.text = ""

    def __call__(self, part: str | bytes) -> None:
        self.text += part if isinstance(part, str) else part.decode()


def test_the_sample_runs_fails_and_runs_again_even_with_a_clock_that_is_behind() -> None:
    heard, home = Listener(), Path.cwd()
    original = {path: path.read_bytes() for path in demo.sample_folder().rglob("*.py")}
    assert demo.demo(heard, date(2020, 1, 1), Style()) == 0
    verdicts = [line.strip() for line in heard.text.splitlines() if line.startswith("  -> ")]
    assert verdicts == ["-> passed", "-> failed", "-> passed"]
    assert "Unknown parameter" in heard.text
    assert "+++ b/postcards/config.py" in heard.text
    assert "IMG020 manual" in heard.text
    assert "A second rewrite changes nothing" in heard.text.split("What happened")[1]
    assert Path.cwd() == home
    assert {path: path.read_bytes() for path in demo.sample_folder().rglob("*.py")} == original


def test_it_fails_when_the_rewrite_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = pipeline.run

    def idle(job: pipeline.Job) -> tuple[Report, Catalog]:
        report, catalog = real(job)
        return replace(report, files=(), findings=(), sites=()), catalog

    monkeypatch.setattr(pipeline, "run", idle)
    heard = Listener()
    assert demo.demo(heard, date(2026, 11, 22), Style()) == 1
    assert "The rewrite changed nothing." in heard.text
    assert "The rewritten sample does not run on today's API." in heard.text
