"""Formats of one setting per line: INI and properties, .env, Dockerfile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.hosts.config.document import Document, ParseError, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")
_SECTION = re.compile(r"\s*\[(?P<name>[^\]]+)\]\s*(?:[;#].*)?$")
_INI = re.compile(r"(?P<key>[^=:\s\[;#!][^=:]*?)[ \t]*(?P<sign>[=:])[ \t]*(?P<value>.*?)[ \t]*$")
_ENV = re.compile(r"[ \t]*(?:export[ \t]+|set[ \t]+)?(?P<key>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*")
_ENV_COMMENT = re.compile(r"[ \t]+#.*$")
_WORD = re.compile(
    r"""(?P<key>[A-Za-z_][\w.-]*)=(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s"'\\]|\\.)*)""", re.DOTALL
)
_GAP = re.compile(r"(?:[ \t]|\\[ \t]*(?:\r\n|\r|\n)(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*)+")
_INSTRUCTION = re.compile(r"[ \t]*(?P<name>[A-Za-z]+)[ \t]+")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with the offset of its first character, without its end."""
    at = 0
    while at < len(text):
        match = _LINE.match(text, at)
        assert match
        yield at, match[1]
        at = match.end()


def read_ini(text: str) -> Document:
    """The settings of INI ``text``, of ``.properties``, and of what looks like them. Never fails."""
    document = Document()
    group: list[Setting] = []
    section: tuple[str, ...] = ()
    document.groups.append(group)
    continued = False
    for start, line in _lines(text):
        head = _SECTION.match(line)
        if head:
            section, group, continued = (head["name"].strip(),), [], False
            document.groups.append(group)
            document.shape.append(section)
            continue
        stripped = line.strip()
        if not stripped or stripped[0] in ";#!":
            document.shape.append(None)
            continue
        found = None if continued or (line[:1] in {" ", "\t"} and group) else _INI.match(line)
        was, continued = continued, stripped.endswith("\\")
        if found is None:
            # a further line of the value above, or something that is no setting
            document.shape.append(line)
            if group and (was or line[:1] in {" ", "\t"}):
                last = group[-1]
                group[-1] = Setting(
                    last.path, f"{last.value}\n{stripped}", last.start, start + len(line), False
                )
            continue
        value, at = found["value"], start + found.start("value")
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" and value[0] not in value[1:-1]:
            value, at = value[1:-1], at + 1
        setting = Setting((*section, found["key"].strip()), value, at, at + len(value), not continued)
        group.append(setting)
        document.shape.append((setting.path, setting.value))
    document.settings = [one for group in document.groups for one in group]
    document.groups = [group for group in document.groups if group]
    return document


def read_env(text: str) -> Document:
    """The settings of a ``.env`` file.

    Raises:
        ParseError: For a quote that is never closed.
    """
    document = Document()
    at = 0
    while at < len(text):
        line = _LINE.match(text, at)
        assert line
        found = _ENV.match(text, at, line.end(1))
        if found is None:
            at = line.end()
            continue
        start = found.end()
        quote = text[start : start + 1]
        if quote in {'"', "'"}:
            end = _closing(text, quote, start)
            value = text[start + 1 : end]
            plain = "\\" not in value and "\n" not in value
            setting = Setting((found["key"],), value, start + 1, end, plain)
            rest = _LINE.match(text, end)
            at = rest.end() if rest else len(text)
        else:
            value = _ENV_COMMENT.sub("", text[start : line.end(1)]).rstrip()
            value = "" if value.startswith("#") else value
            setting = Setting((found["key"],), value, start, start + len(value))
            at = line.end()
        document.settings.append(setting)
        document.shape.append((setting.path, setting.value))
    document.groups = [list(document.settings)]
    return document


def _closing(text: str, quote: str, start: int) -> int:
    at = start + 1
    while at < len(text):
        if text[at] == "\\" and quote == '"':
            at += 2
            continue
        if text[at] == quote:
            return at
        at += 1
    raise ParseError("this quote is never closed", start)


def read_docker(text: str) -> Document:
    """What ``ENV`` and ``ARG`` set in a Dockerfile; other instructions are texts.

    Raises:
        ParseError: For a quote that is never closed.
    """
    document = Document()
    at = 0
    while at < len(text):
        end = _instruction_end(text, at)
        found = _INSTRUCTION.match(text, at, end)
        name = found["name"].upper() if found else ""
        if found and name in {"ENV", "ARG"}:
            _assignments(text, found.end(), end, name, document)
        elif found:
            body = text[found.end() : end].strip()
            where = text.find(body, found.end())
            document.settings.append(Setting((name,), body, where, where + len(body), False))
            document.shape.append((name, body))
        at = end
    document.groups = [[one for one in document.settings if one.editable]]
    return document


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
    if name == "ENV" and not _WORD.match(text, at, end):
        # the old form: ENV NAME the rest of the line
        old = re.compile(r"(?P<key>\S+)[ \t]+(?P<value>[^\r\n]*?)[ \t]*(?=\r|\n|$)").match(text, at, end)
        if old:
            setting = Setting((old["key"],), old["value"], old.start("value"), old.end("value"))
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
            setting = Setting((found["key"],), value, start, start + len(value), plain)
            document.settings.append(setting)
            document.shape.append((setting.path, setting.value))
            at = found.end()
            continue
        gap = _GAP.match(text, at, end)
        at = gap.end() if gap else at + 1
