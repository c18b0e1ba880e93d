"""Small projects in memory, migrated by the real codemod."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from textwrap import dedent
from typing import Any

from migrator.catalog import Catalog, load
from migrator.codemod import Options, migrate
from migrator.discover.decode import decode
from migrator.types import Finding, Report, SiteSummary, SourceFile

TODAY = date(2026, 11, 22)
TARGET = "gpt-image-2.6-flare"
Files = Mapping[str, "str | bytes"]


@lru_cache(maxsize=1)
def catalog() -> Catalog:
    """The packaged rules, loaded once."""
    return load()


class Project:
    """A project that lives in a dict. ``outside`` holds paths that may be read and not changed."""

    def __init__(self, files: Files, outside: Sequence[str] = ()) -> None:
        self.files = {path: source_file(path, content) for path, content in files.items()}
        self.outside = frozenset(outside)
        self.problems: Sequence[Finding] = ()

    @property
    def code(self) -> Sequence[str]:
        """The paths of the Python files."""
        return [path for path in self.files if path.endswith(".py")]

    def candidates(self) -> Sequence[SourceFile]:
        """The Python files in which a needle occurs."""
        found = self.related(catalog().needles())
        return [file for file in found if file.path not in self.outside]

    def related(self, words: Sequence[bytes], narrow: Sequence[bytes] = ()) -> Sequence[SourceFile]:
        """Python files that contain any of these words."""
        texts = [word.decode() for word in words]
        return [
            file
            for path, file in self.files.items()
            if path.endswith(".py") and any(text in file.text for text in texts)
        ]

    def open(self, path: str) -> SourceFile | None:
        """One Python file."""
        return self.files.get(path) if path.endswith(".py") else None

    def exists(self, path: str) -> bool:
        """Whether a path is a file of the project."""
        return path in self.files

    def in_scope(self, path: str) -> bool:
        """Whether a file may be edited."""
        return path in self.files and path not in self.outside

    def text(self, path: str) -> str | None:
        """A file that is not Python."""
        file = self.files.get(path)
        return None if file is None or path.endswith(".py") else file.text

    def other_paths(self) -> tuple[str, ...]:
        """The files that are not Python."""
        return tuple(path for path in self.files if not path.endswith(".py"))

    def misfit(self, path: str, text: str) -> str:
        """Every text fits."""
        return ""


def source_file(path: str, content: str | bytes) -> SourceFile:
    """Text as it is; bytes decoded as the tool does it."""
    return SourceFile(path, content) if isinstance(content, str) else decode(path, content)


@dataclass(frozen=True)
class Result:
    """A report and every file as it is afterwards. ``before`` are the files as they were read."""

    report: Report
    before: dict[str, SourceFile]
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The only file, or the one that is called ``app.py``."""
        return self.texts["app.py"] if "app.py" in self.texts else next(iter(self.texts.values()))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings in order of place."""
        return self.report.findings

    @property
    def sites(self) -> tuple[SiteSummary, ...]:
        """All call sites."""
        return self.report.sites

    @property
    def changed(self) -> dict[str, str]:
        """The files that differ from what was read."""
        return {path: text for path, text in self.texts.items() if text != self.before[path].text}

    @property
    def left(self) -> list[Finding]:
        """Findings that a person has to look at."""
        return [one for one in self.findings if not one.applied and one.fix != "safe"]

    def of(self, rule: str) -> list[Finding]:
        """The findings of one rule."""
        return [one for one in self.findings if one.rule == rule]

    def rules(self) -> set[str]:
        """The rules of all findings."""
        return {one.rule for one in self.findings}

    def encoded(self) -> dict[str, bytes]:
        """Every file as bytes, as it would be written."""
        return {path: self.before[path].encode(text) for path, text in self.texts.items()}


def clean(files: Files | str) -> dict[str, str | bytes]:
    """``app.py`` for a bare text; indentation that only serves the test is taken away."""
    given: Files = {"app.py": files} if isinstance(files, str) else files
    return {
        path: dedent(content).lstrip("\n") if isinstance(content, str) else content
        for path, content in given.items()
    }


def once(files: Files, outside: Sequence[str] = (), **options: Any) -> Result:
    """One run, without any check of its own."""
    project = Project(files, outside)
    chosen = Options(**{"target": TARGET, "today": TODAY, **options})
    report = migrate(project, catalog(), chosen)
    texts = {path: file.text for path, file in project.files.items()}
    texts |= {one.path: one.after for one in report.files if one.after is not None}
    return Result(report, dict(project.files), texts)


def rewrite(files: Files | str, outside: Sequence[str] = (), **options: Any) -> Result:
    """Migrate files given by path, or one ``app.py``; what must hold after every run is checked on the way."""
    done = once(clean(files), outside, **options)
    check_result(done, **options)
    return done


def check_result(done: Result, **options: Any) -> None:
    """The invariants that every single run can be asked for."""
    for path, text in done.changed.items():
        parse(text)
        done.before[path].encode(text)
    for finding in done.findings:
        check_position(done, finding)
    by_site = {}
    for site in done.sites:
        by_site.setdefault(site.site, []).append(site)
    for finding in done.findings:
        for site in by_site.get(finding.site, ()) if len(by_site.get(finding.site, ())) == 1 else ():
            if finding.applied:
                assert site.migrated, f"{finding.rule} was applied to {site.site}, which is not migrated"
    check_requests(done, **options)


def parse(text: str) -> ast.Module:
    """The tree of a text, however deep it is."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        return ast.parse(text)
    finally:
        sys.setrecursionlimit(before)


def check_position(done: Result, finding: Finding) -> None:
    """A finding stands at a line and a column that exist in the original."""
    if finding.path not in done.before:
        return
    lines = done.before[finding.path].text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert 1 <= finding.line <= len(lines), finding
    assert finding.line <= finding.end_line <= len(lines), finding
    assert 1 <= finding.column <= len(lines[finding.line - 1].encode()) + 2, finding


def check_requests(done: Result, **options: Any) -> None:
    """What a migrated site asks for is accepted by the catalog."""
    facts = catalog()
    for finding in done.findings:
        if finding.request is None or not finding.applied:
            continue
        (endpoint,) = {site.endpoint for site in done.sites if site.site == finding.site}
        after = finding.request.after
        known = facts.model(after.get("model")) if isinstance(after.get("model"), str) else None
        model = known or facts.model(options.get("target", TARGET))
        assert model is not None
        today = options.get("today", TODAY)
        found = facts.problems(endpoint, model, after, today)
        found = [
            one
            for one in found
            if one.parameter not in {"prompt", "image"} and after.get(one.parameter) is not None
        ]
        unknown = [
            one
            for one in found
            if one.parameter not in {"timeout", "extra_headers", "extra_query", "extra_body"}
        ]
        assert not unknown, (finding.site, after, unknown)


def again(done: Result, **options: Any) -> Result:
    """A second run over the outcome of a first."""
    files = {path: replace(done.before[path], text=text) for path, text in done.texts.items()}
    project = Project({})
    project.files = files
    report = migrate(project, catalog(), Options(**{"target": TARGET, "today": TODAY, **options}))
    texts = {path: file.text for path, file in files.items()}
    texts |= {one.path: one.after for one in report.files if one.after is not None}
    return Result(report, files, texts)
