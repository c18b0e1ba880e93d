"""Dockerfiles: what ``ENV``, ``ARG`` and ``LABEL`` set, and the instructions around them, with the files inside of them."""

from __future__ import annotations

import re

from migrator.hosts.config.document import Document, ParseError, Setting

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")
_WORD = re.compile(
    r"""(?P<key>[A-Za-z_][\w.-]*)=(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s"'\\]|\\.)*)""", re.DOTALL
)
_GAP = re.compile(r"(?:[ \t]|\\[ \t]*(?:\r\n|\r|\n)(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*)+")
_INSTRUCTION = re.compile(r"[ \t]*(?P<name>[A-Za-z]+)[ \t]+")
_HEREDOC = re.compile(
    r"""(?P<skip>\\.|"(?:[^"\\]|\\.)*"|'[^']*'|<<<|\S<<)|(?<!\S)\d*<<(?P<tabs>-?)(?P<quote>["']?)(?P<word>[^\s<"']+)(?P=quote)""",
    re.DOTALL,
)
_WITH_FILES = frozenset({"RUN", "COPY", "ADD", "ONBUILD"})
"""Instructions behind which files may follow, up to a line with their mark (`<<EOF`)."""


def read(text: str) -> Document:
    """What ``ENV``, ``ARG`` and ``LABEL`` set in a Dockerfile; other instructions are texts.

    Raises:
        ParseError: For a quote that is never closed.
    """
    document = Document()
    at = 0
    while at < len(text):
        end = _instruction_end(text, at)
        found = _INSTRUCTION.match(text, at, end)
        name = found["name"].upper() if found else ""
        if found and name in _WITH_FILES:
            end = _files_end(text, found.end(), end)
        if found and name in {"ENV", "ARG", "LABEL"}:
            _assignments(text, found.end(), end, name, document)
        elif found:
            body = text[found.end() : end].strip()
            where = text.find(body, found.end())
            document.settings.append(Setting((name,), body, where, where + len(body), False))
            document.shape.append((name, body))
        at = end
    document.groups = [[one for one in document.settings if one.editable and len(one.path) == 1]]
    return document


def _files_end(text: str, start: int, end: int) -> int:
    """The end of the files that follow an instruction which ends at ``end``."""
    marks = [found for found in _HEREDOC.finditer(text, start, end) if found["word"]]
    for mark in marks:
        while True:
            if end >= len(text):
                raise ParseError(f"there is no line {mark['word']} that ends this part", mark.start())
            line = _LINE.match(text, end)
            assert line
            end = line.end()
            if (line[1].lstrip("\t") if mark["tabs"] else line[1]) == mark["word"]:
                break
    return end


def _instruction_end(text: str, at: int) -> int:
    """The end of the instruction that starts at ``at``: a backslash at the end of a line continues it.

    Comments and empty lines between continued lines do not end it.
    """
    continued = False
    while True:
        line = _LINE.match(text, at)
        assert line
        stripped = line[1].strip()
        at = line.end()
        passed_over = not stripped or stripped.startswith("#")
        if at >= len(text) or (passed_over and not continued):
            return at
        if not passed_over:
            continued = stripped.endswith("\\")
            if not continued:
                return at


def _assignments(text: str, at: int, end: int, name: str, document: Document) -> None:
    above = ("LABEL",) if name == "LABEL" else ()
    if name != "ARG" and not _WORD.match(text, at, end):
        # the old form: NAME and the rest of the line
        old = re.compile(r"(?P<key>\S+)[ \t]+(?P<value>[^\r\n]*?)[ \t]*(?=\r|\n|$)").match(text, at, end)
        if old:
            setting = Setting((*above, old["key"]), old["value"], old.start("value"), old.end("value"))
            document.settings.append(setting)
            document.shape.append((setting.path, setting.value))
        return
    while at < end:
        found = _WORD.match(text, at, end)
        if found:
            quote = text[found.end() : found.end() + 1]
            if quote in {'"', "'"} and text.find(quote, found.end() + 1, end) < 0:
                raise ParseError("this quote is never closed", found.end())
            value, start = found["value"], found.start("value")
            if value[:1] in {'"', "'"}:
                value, start = value[1:-1], start + 1
            plain = "\\" not in value and "\n" not in value
            setting = Setting((*above, found["key"]), value, start, start + len(value), plain)
            document.settings.append(setting)
            document.shape.append((setting.path, setting.value))
            at = found.end()
            continue
        gap = _GAP.match(text, at, end)
        at = gap.end() if gap else at + 1
