"""Which of a host's changes are made: by fix, ``--unsafe``, ``--select``, ``--ignore`` and comments."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.codemod.options import Options
    from migrator.types import Finding, SourceFile

_COMMENT = re.compile(r"migrator:\s*ignore(?:\[([^\]\n]*)\])?", re.IGNORECASE)
_MARK = re.compile(r"#|//|/\*|<!--|;|--")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Replacement:
    """``text`` in the place of the characters ``start`` to ``end`` (half-open) of the original."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A finding with the edits that settle it. Changes with the same ``group`` are made together or not at all."""

    finding: Finding
    edits: tuple[Replacement, ...] = ()
    group: str = ""


class Silencer:
    """Answers what people asked not to hear of, for one file."""

    def __init__(self, file: SourceFile, options: Options) -> None:
        self._options = options
        self._lines: dict[int, frozenset[str]] = {}
        if "migrator:" in file.text.lower():
            for number, line in enumerate(_LINE_END.split(file.text), 1):
                match = _COMMENT.search(line)
                if match and _MARK.search(line, 0, match.start()):
                    names = {name.strip().upper() for name in (match.group(1) or "").split(",")} - {""}
                    # alone on its line it speaks for the next one
                    alone = _MARK.match(line.lstrip()) is not None
                    self._lines[number + alone] = frozenset(names)

    def silences(self, finding: Finding) -> bool:
        """Whether this finding is neither shown nor acted on."""
        if any(finding.rule.startswith(name) for name in self._options.ignore):
            return True
        if self._options.select and not any(finding.rule.startswith(n) for n in self._options.select):
            return True
        for line in range(finding.line, finding.end_line + 1):
            names = self._lines.get(line)
            if names is not None and (not names or any(finding.rule.startswith(name) for name in names)):
                return True
        return False


def settle(
    file: SourceFile, changes: Sequence[Change], options: Options
) -> tuple[str | None, tuple[Finding, ...], tuple[Change, ...]]:
    """The new text (``None`` when nothing changes), the findings to show, and the changes that were made."""
    silencer = Silencer(file, options)
    shown = [change for change in changes if not silencer.silences(change.finding)]
    blocked = {
        change.group
        for change in changes
        if change.group
        and change.edits
        and (silencer.silences(change.finding) or not _wanted(change, options))
    }
    made = [one for one in shown if one.edits and _wanted(one, options) and one.group not in blocked]
    text = apply(file.text, (edit for change in made for edit in change.edits))
    applied = {id(one) for one in made}
    findings = tuple(replace(one.finding, applied=id(one) in applied) for one in shown)
    return (text if text != file.text else None), findings, tuple(made)


def apply(text: str, edits: Iterable[Replacement]) -> str:
    """``text`` with ``edits`` made. The same edit may come twice.

    Raises:
        ValueError: When two edits overlap.
    """
    parts: list[str] = []
    at = 0
    for edit in sorted(set(edits), key=lambda one: (one.start, one.end)):
        if edit.start < at:
            raise ValueError("two edits overlap")
        parts += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join((*parts, text[at:]))


def _wanted(change: Change, options: Options) -> bool:
    fix = change.finding.fix
    return fix == "safe" or (fix == "review" and options.unsafe)
