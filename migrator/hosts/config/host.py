"""One configuration file: read, judged, edited, and read again to prove that nothing else changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from migrator.hosts.base import HostContext, HostResult
from migrator.hosts.config.document import ParseError
from migrator.hosts.config.formats import differs_only, read
from migrator.hosts.config.judge import Judge
from migrator.hosts.settle import settle
from migrator.hosts.words import Lines
from migrator.types import Finding, SourceFile

TOO_MUCH = {"yaml": 600_000, "toml": 600_000}
"""Characters above which a file is data and no configuration, for formats that are slow to read."""


@dataclass(frozen=True, slots=True)
class ConfigHost:
    """The host of one format."""

    kind: str

    def run(self, file: SourceFile, context: HostContext) -> HostResult:
        """Findings and the new text of one configuration file."""
        if len(file.text) > TOO_MUCH.get(self.kind, len(file.text)):
            return _problem(
                file, "IMG094", 0, f"The file has {len(file.text):,} characters: too many for a configuration file",
                "If it holds settings, change the names in it by hand.",
            )  # fmt: skip
        try:
            document = read(self.kind, file.text)
        except ParseError as error:
            return _problem(
                file, "IMG092", error.at, f"The file cannot be read as {self.kind}, so it was left alone: {error}",
                "Repair it, or change the names of models in it by hand.",
            )  # fmt: skip
        judge = Judge(file, document, context)
        changes = judge.changes()
        after, findings, made = settle(file, changes, context.options)
        if after is not None and not differs_only(
            self.kind, file.text, after, [edit for change in made for edit in change.edits]
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
