"""Small projects in memory, migrated by the real codemod."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import dedent
from typing import Any

import pytest

from migrator.catalog import load
from migrator.codemod import Options, migrate
from migrator.types import Finding, Report, SourceFile

TODAY = date(2026, 11, 22)


class MemoryProject:
    """What the codemod asks of a project, answered from a dict."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = {path: SourceFile(path, text) for path, text in files.items()}
        self._needles = load().needles()

    @property
    def problems(self) -> Sequence[Finding]:
        return ()

    @property
    def code(self) -> Sequence[str]:
        return [path for path in self._files if path.endswith(".py")]

    def candidates(self) -> Sequence[SourceFile]:
        return self._holding(self._needles)

    def related(self, words: Sequence[bytes], narrow: Sequence[bytes] = ()) -> Sequence[SourceFile]:
        known = self.candidates()
        return [file for file in self._holding(words) if file not in known]

    def _holding(self, words: Sequence[bytes]) -> list[SourceFile]:
        files = [file for path, file in self._files.items() if path.endswith(".py")]
        return [f for f in files if any(word in f.text.encode() for word in words)]

    def open(self, path: str) -> SourceFile | None:
        return self._files.get(path) if path.endswith(".py") else None

    def exists(self, path: str) -> bool:
        return path in self._files

    def in_scope(self, path: str) -> bool:
        return path in self._files

    def text(self, path: str) -> str | None:
        file = self._files.get(path)
        return None if file is None or path.endswith(".py") else file.text

    def other_paths(self) -> tuple[str, ...]:
        return tuple(path for path in self._files if not path.endswith(".py"))

    def misfit(self, path: str, text: str) -> str:
        return ""


@dataclass
class Migrated:
    """A report, and every file as it is afterwards."""

    report: Report
    files: dict[str, str]

    def of(self, rule: str) -> list[Finding]:
        """The findings of one rule."""
        return [finding for finding in self.report.findings if finding.rule == rule]

    def advice(self) -> list[str]:
        """The rules of the findings beside the sites, in order of place."""
        return [f.rule for f in self.report.findings if f.rule.startswith(("IMG03", "IMG04"))]


Migrate = Callable[..., Migrated]


@pytest.fixture
def migrated() -> Migrate:
    """Migrates files given by path, or one module ``app.py``; checks that a second run has no advice left."""

    def run(files: dict[str, str] | str, **options: Any) -> Migrated:
        sources = {"app.py": files} if isinstance(files, str) else files
        sources = {path: dedent(text).lstrip("\n") for path, text in sources.items()}
        done = _once(sources, options)
        assert done.report.sites, "the example has no call site"
        assert done.of("IMG093") == []
        if any(site.migrated for site in done.report.sites):
            again = _once(done.files, options)
            assert again.files == done.files
            if all(site.migrated for site in done.report.sites):
                assert again.advice() == []
        return done

    return run


def _once(files: dict[str, str], options: dict[str, Any]) -> Migrated:
    catalog = load()
    choices = {"target": catalog.default_target, "today": TODAY, **options}
    report = migrate(MemoryProject(files), catalog, Options(**choices))
    after = {result.path: result.after for result in report.files if result.after is not None}
    return Migrated(report, {**files, **after})
