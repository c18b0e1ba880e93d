"""Runs the hosts over the files that are not Python, and lays their results over the codemod's report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, cast

from migrator.types import FileResult, Finding, Prose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from migrator.hosts.base import Host, HostContext, HostResult
    from migrator.types import Report, SiteSummary, SourceFile

HOSTS: Mapping[str, str] = {
    "notebook": "migrator.hosts.notebook.host:HOST",
    "yaml": "migrator.hosts.config.host:YAML",
    "json": "migrator.hosts.config.host:JSON",
    "batch": "migrator.hosts.config.batch:BATCH",
    "toml": "migrator.hosts.config.host:TOML",
    "ini": "migrator.hosts.config.host:INI",
    "dotenv": "migrator.hosts.config.host:DOTENV",
    "dockerfile": "migrator.hosts.config.host:DOCKERFILE",
    "javascript": "migrator.hosts.languages.javascript:HOST",
    "php": "migrator.hosts.languages.php:HOST",
    "ruby": "migrator.hosts.languages.ruby:HOST",
    "go": "migrator.hosts.languages.go:HOST",
    "jvm": "migrator.hosts.languages.jvm:HOST",
    "csharp": "migrator.hosts.languages.csharp:HOST",
    "rust": "migrator.hosts.languages.rust:HOST",
    "shell": "migrator.hosts.languages.shell:HOST",
    "other": "migrator.hosts.languages.other:HOST",
    "text": "migrator.hosts.markdown.host:TEXT",
    "markdown": "migrator.hosts.markdown.host:MARKDOWN",
}
"""Kind of file, as ``rules/hosts.yaml`` names it, to the host that treats it: ``module:attribute``.

They are imported when the first file of their kind turns up.
"""


@dataclass(frozen=True, slots=True)
class HostsOutcome:
    """What all hosts together found."""

    files: tuple[FileResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    sites: tuple[SiteSummary, ...] = ()
    prose: Prose = field(default_factory=Prose)

    def onto(self, report: Report) -> Report:
        """``report`` with these results merged in. Problems with reading a file are not repeated."""
        known = {(one.rule, one.path, one.line, one.column, one.message) for one in report.findings}
        new = [
            one
            for one in self.findings
            if (one.rule, one.path, one.line, one.column, one.message) not in known
        ]
        paths = {one.path for one in self.files}
        return replace(
            report,
            files=tuple(
                sorted(
                    (*self.files, *(one for one in report.files if one.path not in paths)),
                    key=lambda one: one.path,
                )
            ),
            findings=tuple(
                sorted(
                    (*report.findings, *new),
                    key=lambda one: (one.path, one.line, one.column, one.rule, one.message),
                )
            ),
            sites=(*report.sites, *self.sites),
            prose=Prose(report.prose.files + self.prose.files, report.prose.mentions + self.prose.mentions),
        )


@dataclass(frozen=True, slots=True)
class Treated:
    """What the host of its kind made of one file; ``failed`` is the finding about a host that broke."""

    result: HostResult | None = None
    failed: Finding | None = None


def treated(kind: str, file: SourceFile, context: HostContext, before: str | None = None) -> Treated:
    """Treats one file. ``before`` is what the codemod made of it already, which happens to notebooks only."""
    try:
        result = host_of(kind).run(file, context)
        if before is not None:
            # findings are about the file as it was, the new text builds on what was made of it
            after = before
            if result.after is not None:
                after = host_of(kind).run(replace(file, text=before), context).after or before
            result = replace(result, after=after)
    except (Exception, RecursionError) as error:
        return Treated(failed=_failure(file, error))
    return Treated(result)


def run_hosts(
    files: Iterable[tuple[str, SourceFile]],
    context: HostContext,
    problems: Iterable[Finding] = (),
    changed: Mapping[str, str] | None = None,
    treat: Callable[[Sequence[tuple[str, SourceFile]], HostContext], Sequence[Treated]] | None = None,
) -> HostsOutcome:
    """Treats each file by the host of its kind. ``problems`` are files that could not be read.

    ``changed`` are texts that the codemod has changed already; ``treat`` may do all other files somewhere else.
    """
    so_far = changed or {}
    given = list(files)
    free = [(kind, file) for kind, file in given if file.path not in so_far]
    away = iter(treat(free, context) if treat else [treated(kind, file, context) for kind, file in free])
    findings: list[Finding] = list(problems)
    results = [FileResult(problem.path, "error") for problem in findings]
    sites: list[SiteSummary] = []
    texts = mentions = 0
    for kind, file in given:
        before = so_far.get(file.path)
        one = next(away) if before is None else treated(kind, file, context, before)
        if one.failed is not None:
            findings.append(one.failed)
            results.append(FileResult(file.path, "error", file))
            continue
        assert one.result is not None
        result = one.result
        findings.extend(result.findings)
        sites.extend(result.sites)
        mentions += result.mentions
        texts += result.mentions > 0
        if result.after is not None and result.after != file.text:
            results.append(FileResult(file.path, "changed", file, result.after))
        elif result.findings or result.status == "error":
            results.append(FileResult(file.path, result.status, file))
    return HostsOutcome(tuple(results), tuple(findings), tuple(sites), Prose(texts, mentions))


def host_of(kind: str) -> Host:
    """The host that treats ``kind``."""
    module, _, attribute = HOSTS[kind].partition(":")
    return cast("Host", getattr(import_module(module), attribute))


def _failure(file: SourceFile, error: BaseException) -> Finding:
    return Finding(
        "IMG093",
        "manual",
        file.path,
        1,
        1,
        1,
        f"This file could not be analysed ({type(error).__name__}: {error}), so it was left alone.",
        "Migrate it by hand, and report what it looks like.",
    )
