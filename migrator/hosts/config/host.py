"""One configuration file: read, judged, edited, and read again to prove that nothing else changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from migrator.hosts.base import HostContext, HostResult
from migrator.hosts.config.document import ParseError
from migrator.hosts.config.formats import differs_only, read
from migrator.hosts.config.judge import Judge
from migrator.hosts.settle import Silencer, settle
from migrator.hosts.words import Lines, Names
from migrator.types import Finding, SourceFile

_BEFORE = re.compile(r"(?:[:=]|^[ \t]*-)[ \t]*$", re.MULTILINE)
_BEHIND = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:[\r\n]|$)")
TOO_MUCH = 400_000
"""Characters above which a file is data and no configuration: it is searched, not read."""


@dataclass(frozen=True, slots=True)
class ConfigHost:
    """The host of one format."""

    kind: str

    def run(self, file: SourceFile, context: HostContext) -> HostResult:
        """Findings and the new text of one configuration file."""
        if len(file.text) > TOO_MUCH:
            return too_large(file, context)
        try:
            document = read(self.kind, file.text, context.catalog.hosts.kind)
        except ParseError as error:
            names = Names.of(context.catalog, context.options.today)
            if next(names.inside(file.text), None) is None:
                return HostResult(mentions=sum(1 for _ in names.prose.finditer(file.text)))
            return _problem(
                file, "IMG092", error.at, f"The file cannot be read as {self.kind}, so it was left alone: {error}",
                "Repair it, or change the names of models in it by hand.",
            )  # fmt: skip
        judge = Judge(file, document, context)
        changes = judge.changes()
        after, findings, made = settle(file, changes, context.options)
        if after is not None and not differs_only(
            self.kind,
            document,
            after,
            [edit for change in made for edit in change.edits],
            context.catalog.hosts.kind,
        ):
            findings = tuple(
                replace(
                    one, applied=False, fix="manual", message=f"{one.message} (It could not be edited alone.)"
                )
                if one.applied
                else one
                for one in findings
            )
            after = None
        return HostResult(after, findings, mentions=judge.mentions)


def too_large(file: SourceFile, context: HostContext) -> HostResult:
    """A word about the first place of a large file that names a model and nothing else."""
    names = Names.of(context.catalog, context.options.today)
    for match in names.inside(file.text):
        if _stands_alone(file.text, match.start(), match.end()):
            found = _problem(
                file, "IMG094", match.start(),
                f"The file has {len(file.text):,} characters, too many to be written by hand, and names {match[0]}",
                "If a program reads settings from it, change the names by hand.",
            )  # fmt: skip
            silencer = Silencer(file, context.options)
            return HostResult(findings=tuple(one for one in found.findings if not silencer.silences(one)))
    return HostResult(mentions=int(names.spoken(file.text)))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a name is a whole string, or the whole value of a line that needs no quotes."""
    if text[start - 1 : start] in {'"', "'", "`"} and text[end : end + 1] in {'"', "'", "`"}:
        return True
    return _BEFORE.search(text, text.rfind("\n", 0, start) + 1, start) is not None and bool(
        _BEHIND.match(text, end)
    )


def _problem(file: SourceFile, rule: str, at: int, message: str, suggestion: str) -> HostResult:
    line, column = Lines(file.text).at(min(at, len(file.text)))
    return HostResult(
        findings=(Finding(rule, "manual", file.path, line, column, line, f"{message}.", suggestion),),
        status="error",
    )


YAML = ConfigHost("yaml")
JSON = ConfigHost("json")
TOML = ConfigHost("toml")
INI = ConfigHost("ini")
DOTENV = ConfigHost("dotenv")
DOCKERFILE = ConfigHost("dockerfile")
