"""The report for people: the diff, what needs a person grouped by file, a summary that says what is next."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from migrator.discover.walk import printable
from migrator.report.counts import count, left
from migrator.report.diff import diff, diff_bytes
from migrator.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.report.counts import Counts
    from migrator.types import Finding, Report

_PLAIN = Style()
_CHOICE = "--url-as data-uri"
"""What a suggestion names where a person can settle all such findings at once."""
_FIX_STYLE = {"safe": "green", "review": "yellow", "manual": "red"}


def diffs(report: Report, style: Style = _PLAIN) -> bytes:
    """Every change as one patch: coloured for a terminal, else in the files' own bytes for ``git apply``."""
    changed = sorted((one for one in report.files if one.status == "changed"), key=lambda one: one.path)
    if not style.terminal:
        return b"".join(diff_bytes(one) for one in changed)
    lines = [_diff_line(line, style) for one in changed for line in diff(one).split("\n")[:-1]]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def _diff_line(line: str, style: Style) -> str:
    if line.startswith(("--- ", "+++ ")):
        return style.paint(line, "bold")
    names = {"+": "green", "-": "red", "@": "cyan"}
    return style.paint(line, *([names[line[0]]] if line[:1] in names else []))


def changes(report: Report, style: Style = _PLAIN) -> str:
    """One line per file that changes, for runs that print no diff."""
    word = "changed" if report.written else "would change"
    paths = sorted(one.path for one in report.files if one.status == "changed")
    return "".join(f"{style.paint(word, 'green')} {style.harmless(printable(path))}\n" for path in paths)


def findings(report: Report, style: Style = _PLAIN) -> str:
    """What is left for a person, grouped by file."""
    # several call sites can have the same thing said of the same line: people read it once
    once = {(one.rule, one.path, one.line, one.column, one.message): one for one in reversed(left(report))}
    return "\n".join(
        "".join(finding(one, style) for one in group)
        for _, group in groupby(reversed(once.values()), key=lambda one: one.path)
    )


def finding(finding: Finding, style: Style = _PLAIN) -> str:
    """One finding: where, which rule, how far it can be trusted, what and what now."""
    place = f"{printable(finding.path)}:{finding.line}:{finding.column}"
    painted = (
        f"{style.paint(place, 'bold')} {style.paint(finding.rule, 'cyan')} "
        f"{style.paint(finding.fix, _FIX_STYLE[finding.fix])} "
    )
    text = painted + style.harmless(" ".join(finding.message.split())) + "\n"
    for line in finding.suggestion.strip("\n").splitlines():
        text += style.paint(f"    {line}".rstrip(), "dim") + "\n"
    return text


def summary(
    report: Report, style: Style = _PLAIN, *, unsafe: bool = False, command: str = "migrator rewrite"
) -> str:
    """A few closing lines: what was found, what is left, what to do next and how to verify."""
    counts = count(report)
    lines = [style.paint(_totals(report, counts), "bold")]
    lines += _next_steps(report, counts, unsafe=unsafe, command=command)
    return "".join(f"{line}\n" for line in lines)


def _totals(report: Report, counts: Counts) -> str:
    fine = counts.sites - counts.migrated - counts.left
    if not counts.files_changed and not counts.left and not left(report):
        if not counts.sites:
            return "Nothing to migrate: no use of a retired image model was found."
        return f"Nothing to migrate: {_plural(counts.sites, 'call site')}, and nothing is left to do."
    done = "written" if report.written else "would change"
    if not counts.sites:
        return f"No call sites. {_plural(counts.files_changed, 'file')} {done}."
    verb = "migrated" if report.written else "can be migrated"
    parts = [f"{_plural(counts.sites, 'call site')}: {counts.migrated} {verb} to {report.target}"]
    if counts.left:
        parts.append(f"{counts.left} left for a person")
    if fine:
        parts.append(f"{fine} fine already")
    return ", ".join(parts) + f". {_plural(counts.files_changed, 'file')} {done}."


def _next_steps(report: Report, counts: Counts, *, unsafe: bool, command: str) -> Iterator[str]:
    if counts.errors:
        yield f"{_plural(counts.errors, 'file')} could not be treated, and {_was(counts.errors)} left alone."
    if counts.pending:
        yield f"Nothing was written. To apply the diff: {command} --write"
    if counts.review and not unsafe:
        yield (
            f"{_plural(counts.review, 'finding')} to review: the rewrite changes something that you must "
            f"weigh. To see {'it' if counts.review == 1 else 'them'} as a diff: {command} --unsafe"
        )
        if any(_CHOICE in f.suggestion and f.fix == "review" and not f.applied for f in report.findings):
            yield (
                "Where a url leaves the project, you can decide once for all of it: --url-as data-uri, or "
                "--url-as file; such calls then need no review."
            )
    elif counts.review:
        yield f"{_plural(counts.review, 'finding')} to review."
    if counts.manual:
        yield f"{_plural(counts.manual, 'finding')} to treat by hand: each says what to do."
    if report.prose.mentions:
        yield (
            f"{_plural(report.prose.mentions, 'mention')} of retired models in texts for people, in "
            f"{_plural(report.prose.files, 'file')}. To see what --docs would change: {command} --docs"
        )
    if waiting := left(report):
        yield f"Why a rule exists: migrator explain {waiting[0].rule}"
    if report.written and counts.files_changed:
        yield "To verify: read `git diff`, run your tests, and rewrite again (it must change nothing)."


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
