"""What is said of the settings of one file, and which of them were spoken of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.hosts.settle import Change, Replacement
from migrator.hosts.words import Lines
from migrator.types import Finding

if TYPE_CHECKING:
    from migrator.hosts.base import HostContext
    from migrator.hosts.config.document import Setting
    from migrator.types import Fix, SourceFile


class Voice:
    """Collects the findings of one file; ``mentions`` counts its texts for people."""

    def __init__(self, file: SourceFile, context: HostContext) -> None:
        self.file = file
        self.catalog = context.catalog
        self.today = context.options.today
        self.target = context.target.id
        self.record = context.catalog.hosts.is_record(file.path)
        self.lines = Lines(file.text)
        self.changes: list[Change] = []
        self.mentions = 0
        self._done: set[int] = set()

    def fate(self, name: str) -> str:
        """What became of a model, as the end of a sentence."""
        return self.catalog.fate(name, self.today)

    def done(self, one: Setting) -> bool:
        """Whether a setting was dealt with."""
        return id(one) in self._done

    def settled(self, one: Setting) -> None:
        """From now on a setting counts as dealt with."""
        self._done.add(id(one))

    def say(
        self,
        rule: str,
        fix: Fix,
        one: Setting,
        message: str,
        suggestion: str,
        new: str | None = None,
        group: str = "",
    ) -> None:
        """One finding about a setting; ``new`` takes the place of its value, with all others of ``group`` or not at all."""
        self.settled(one)
        if self.record:
            # what was recorded, or what a test expects: a person decides
            fix, message = (
                "manual",
                f"{message} The file is a record or belongs to tests, so it is left alone.",
            )
        edits = (Replacement(one.start, one.end, new),) if new is not None and fix != "manual" else ()
        self._add(rule, fix, one.start, message, suggestion, edits, group)

    def mentioned(self, one: Setting, name: str) -> None:
        """A text that is no setting of its own names a model."""
        at = self.file.text.find(name, one.start, one.end + 1)
        self._add(
            "IMG040", "manual", at if at >= 0 else one.start,
            f"{shown(one)} names {name}, which {self.fate(name)}.",
            f"Name {self.target} if a call uses it.",
        )  # fmt: skip

    def stray(self, one: Setting, name: str) -> None:
        """A line that is not what the lines of its file are names a model."""
        at = self.file.text.find(name, one.start, one.end + 1)
        self._add(
            "IMG040", "manual", at if at >= 0 else one.start,
            f"This line could not be read as a setting (NAME = value). It names {name}, which {self.fate(name)}.",
            f"Repair the line, and name {self.target} if a program reads it.",
        )  # fmt: skip

    def _add(
        self,
        rule: str,
        fix: Fix,
        at: int,
        message: str,
        suggestion: str,
        edits: tuple[Replacement, ...] = (),
        group: str = "",
    ) -> None:
        line, column = self.lines.at(at)
        finding = Finding(rule, fix, self.file.path, line, column, line, message, suggestion)
        self.changes.append(Change(finding, edits, group))


def shown(one: Setting) -> str:
    """A setting by its last keys."""
    keys = [str(part) for part in one.path if isinstance(part, str)]
    return ".".join(keys[-2:]) or "value"
