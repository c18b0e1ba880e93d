"""Finds blocks of code in a text, with what stands before the code on every line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

_PYTHON = frozenset(
    {"python", "py", "python3", "py3", "ipython", "ipython3", "python-exec", "jupyter-python"}
)
_DOCTEST = frozenset({"pycon", "pycon3", "doctest", "python-repl", "python-console"})
_OPENING = re.compile(
    r"(?P<quote>(?:[ \t]*>)*)(?P<indent>[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)"
    r"(?P<fence>`{3,}|~{3,})(?P<info>[^\r\n]*)"
)
_LANGUAGE = re.compile(r"[ \t]*\{?[ \t]*[.=]?(?:(?:code-cell|code-block|code)\}[ \t]*)?(?P<name>[\w+#-]+)")
_DIRECTIVE = re.compile(
    r"(?P<indent>[ \t]*)\.\.[ \t]+(?:code-block|code|sourcecode)::[ \t]*(?P<name>[\w+-]*)[ \t]*"
)
_DOCTEST_DIRECTIVE = re.compile(r"(?P<indent>[ \t]*)\.\.[ \t]+doctest::.*")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code. ``line`` is the 1-based line of its first line of code.

    ``prefixes`` is what stands before the code on each line (indentation, ``> ``), ``lines`` the code without
    line ends. ``language`` is the first word behind the opening, lower case.
    """

    language: str
    line: int
    prefixes: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def is_doctest(self) -> bool:
        """Whether it shows a session of the interpreter, with its prompts and answers."""
        first = next((line for line in self.lines if line.strip()), "")
        return self.language in _DOCTEST or (self.is_python and first.lstrip().startswith(">>>"))

    @property
    def is_python(self) -> bool:
        """Whether it is marked as Python."""
        return self.language in _PYTHON

    @property
    def code(self) -> str:
        """The code, lines joined with a newline."""
        return "\n".join(self.lines)


def lines_of(text: str) -> list[str]:
    """The lines of a text without their ends."""
    return re.split(r"\r\n|\n|\r", text)


def fences(text: str) -> list[Block]:
    """The fenced blocks of Markdown, those in lists and quotations too."""
    found: list[Block] = []
    lines = lines_of(text)
    row = 0
    while row < len(lines):
        opening = _OPENING.fullmatch(lines[row])
        row += 1
        if opening is None or ("`" in opening["fence"] and "`" in opening["info"]):
            continue
        fence, start = opening["fence"], row
        quoted = ">" in opening["quote"]
        closing = re.compile(rf"[ \t>]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*")
        # a quotation ends with its last line
        while row < len(lines) and not closing.fullmatch(lines[row]):
            if quoted and not lines[row].lstrip().startswith(">"):
                break
            row += 1
        language = _LANGUAGE.match(opening["info"])
        # one space behind `>` belongs to the quotation
        width = max(len(opening["indent"].expandtabs(4)) - quoted, 0)
        found.append(_block(lines[start:row], start, language, quoted, width))
        row += 1
    return found


def directives(text: str) -> list[Block]:
    """The code blocks of reStructuredText."""
    found: list[Block] = []
    lines = lines_of(text)
    row = 0
    while row < len(lines):
        opening = _DIRECTIVE.fullmatch(lines[row]) or _DOCTEST_DIRECTIVE.fullmatch(lines[row])
        row += 1
        if opening is None:
            continue
        outer = len(opening["indent"])
        while row < len(lines) and lines[row].lstrip().startswith(":"):
            row += 1
        start = row
        while row < len(lines) and (not lines[row].strip() or _indent(lines[row]) > outer):
            row += 1
        end = row
        while end > start and not lines[end - 1].strip():
            end -= 1
        while start < end and not lines[start].strip():
            start += 1
        name = opening.groupdict().get("name", "doctest").lower()
        body = lines[start:end]
        found.append(_made(name, start + 1, ["" for _ in body], body))
    return found


def _block(body: list[str], start: int, language: re.Match[str] | None, quoted: bool, width: int) -> Block:
    prefixes: list[str] = []
    codes: list[str] = []
    for line in body:
        at = 0
        if quoted:
            mark = re.match(r"(?:[ \t]{0,3}>[ \t]?)+", line)
            at = mark.end() if mark else 0
        blank = len(list(takewhile(lambda char: char in " \t", line[at : at + width])))
        prefixes.append(line[: at + blank])
        codes.append(line[at + blank :])
    return _made(language["name"].lower() if language else "", start + 1, prefixes, codes)


def _made(language: str, line: int, prefixes: list[str], codes: list[str]) -> Block:
    """A block without the indentation that all of its code shares."""
    shared = min((_indent(code) for code in codes if code.strip()), default=0)
    prefixes = [
        prefix + code[: min(shared, _indent(code))] for prefix, code in zip(prefixes, codes, strict=True)
    ]
    codes = [code[min(shared, _indent(code)) :] for code in codes]
    return Block(language, line, tuple(prefixes), tuple(codes))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
