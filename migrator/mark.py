"""Comments above what is left for a person: one ``# TODO(migrator): …`` line each, never twice."""

from __future__ import annotations

import ast
import difflib
import io
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.report.counts import left
from migrator.types import FileResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from migrator.types import Finding, Report, SourceFile

_SUFFIXES = (".py", ".pyi", ".pyw")
_LIMIT = 200
"""Characters of a message that go into a comment."""


def mark(report: Report, read: Callable[[str], SourceFile | None]) -> Report:
    """``report`` with a comment added to the text of each Python file that holds something left for a person.

    ``read`` brings a file that the run did not change. The lines of findings stay those of the original.
    """
    waiting: dict[str, list[Finding]] = {}
    for finding in left(report):
        if finding.path.endswith(_SUFFIXES):
            waiting.setdefault(finding.path, []).append(finding)
    known = {file.path: file for file in report.files}
    marked: dict[str, FileResult] = {}
    for path, findings in waiting.items():
        file = known.get(path)
        before = file.before if file is not None and file.before is not None else read(path)
        if before is None or (file is not None and file.status == "error"):
            continue
        text = file.after if file is not None and file.after is not None else before.text
        new = _marked(before.text, text, findings)
        if new != text:
            marked[path] = FileResult(path, "changed", before, new)
    files = {**known, **marked}
    return replace(report, files=tuple(files[path] for path in sorted(files)))


def _marked(original: str, text: str, findings: Iterable[Finding]) -> str:
    try:
        starts = _starts(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError):
        return text
    lines = _lines(text)
    moved = _line_map(_lines(original), lines)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    comments: dict[int, list[str]] = {}
    for finding in findings:
        at = moved(finding.line)
        line = starts.get(at, at)
        if not 1 <= line <= len(lines):
            continue
        code = lines[line - 1]
        indentation = code[: len(code) - len(code.lstrip(" \t"))]
        comment = f"{indentation}# TODO(migrator): {finding.rule} {_short(finding.message)}{end}"
        if comment not in comments.setdefault(line, []) and not _is_marked(lines, line, comment):
            comments[line].append(comment)
    for line in sorted(comments, reverse=True):
        lines[line - 1 : line - 1] = comments[line]
    new = "".join(lines)
    return new if _same_code(text, new) else text


def _same_code(text: str, new: str) -> bool:
    try:
        return ast.dump(ast.parse(text)) == ast.dump(ast.parse(new))
    except (SyntaxError, ValueError, RecursionError):
        return False


def _lines(text: str) -> list[str]:
    """Lines as Python counts them: form feeds and other separators end none."""
    return list(io.StringIO(text, newline=""))


def _short(message: str) -> str:
    words = " ".join(message.split())
    return words if len(words) <= _LIMIT else words[: _LIMIT - 1].rstrip() + "…"


def _is_marked(lines: list[str], line: int, comment: str) -> bool:
    """Whether the comments right above ``line`` (1-based) hold this one already."""
    above = line - 2
    while above >= 0 and lines[above].lstrip().startswith("#"):
        if lines[above].split() == comment.split():
            return True
        above -= 1
    return False


def _starts(tree: ast.Module) -> dict[int, int]:
    """For each line inside a statement or the head of one, the line above which a comment about it belongs."""
    spans: list[tuple[int, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.stmt, ast.ExceptHandler)):
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or first
            spans.append((first, max(last, first)))
    starts: dict[int, int] = {}
    for first, last in sorted(spans):
        for line in range(first, last + 1):
            starts.setdefault(line, starts.get(first, first))
    return starts


def _line_map(old: list[str], new: list[str]) -> Callable[[int], int]:
    """Where a line of the original stands in the new text, 1-based."""
    if old == new:
        return lambda line: line
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()

    def moved(line: int) -> int:
        for tag, start, end, at, stop in blocks:
            if start <= line - 1 < end:
                inside = line - 1 - start
                return at + (inside if tag == "equal" else min(inside, max(stop - at - 1, 0))) + 1
        return line

    return moved
