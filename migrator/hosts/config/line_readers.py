"""Formats of one setting per line: INI and properties, .env."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.hosts.config.document import Document, Key, ParseError, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")
_SECTION = re.compile(r"\s*\[(?P<name>[^\]]+)\]\s*(?:[;#].*)?$")
_INI = re.compile(r"(?P<key>[^=:\s\[;#!][^=:]*?)[ \t]*(?P<sign>[=:])[ \t]*(?P<value>.*?)[ \t]*$")
_INI_REMARK = re.compile(r"(?<=\S)[ \t]+[;#].*$")
"""What may be a comment behind a value: configparser keeps it unless told otherwise, other readers cut it off."""
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_ENV = re.compile(r"[ \t]*(?:export[ \t]+|set[ \t]+)?(?P<key>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*")
_ENV_COMMENT = re.compile(r"[ \t]+#.*$")
_UNSAID = re.compile(r"[ \t\ufeff]*(?:#.*)?$")
"""A line of a .env file that says nothing."""
_END = re.compile(r"[ \t]*;?[ \t]*(?:#.*)?$")
"""What may follow a value in quotes."""


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
            document.settings.append(_key(section, head["name"].strip(), line, start))
            continue
        stripped = line.strip()
        if not stripped or stripped[0] in ";#!":
            document.shape.append(None)
            continue
        indented = line[:1] in {" ", "\t"} and bool(group)
        found = None if continued or indented else _INI.match(line)
        was, continued = continued, stripped.endswith("\\")
        if found is None:
            document.shape.append(line)
            if group and (was or indented):
                group[-1] = _longer(group[-1], text, start, line)
            else:
                document.settings.append(_stray(section, line, start))
            continue
        value, at, remark = _taken_apart(found["value"], start + found.start("value"))
        key = found["key"].strip()
        setting = Setting((*section, key), value, at, at + len(value), not continued, remark=remark)
        group.append(setting)
        document.settings.append(_key(setting.path, key, line, start))
        document.shape.append((setting.path, setting.value))
    document.settings.extend(one for group in document.groups for one in group)
    document.groups = [group for group in document.groups if group]
    return document


def _taken_apart(value: str, at: int) -> tuple[str, int, str]:
    """A value without quotes, where it begins, and what stands behind it like a comment."""
    behind = None if _QUOTED.fullmatch(value) else _INI_REMARK.search(value)
    remark = ""
    if behind and not value.count('"', 0, behind.start()) % 2:
        value, remark = value[: behind.start()], behind.group()
    if _QUOTED.fullmatch(value):
        value, at = value[1:-1], at + 1
    return value, at, remark


def _key(path: tuple[Key, ...], name: str, line: str, start: int) -> Setting:
    at = start + line.index(name)
    return Setting(path, name, at, at + len(name), False, "key")


def _stray(path: tuple[Key, ...], line: str, start: int) -> Setting:
    return Setting(path, line.strip(), start, start + len(line), False, "stray")


def _longer(last: Setting, text: str, start: int, line: str) -> Setting:
    """A value with one more line. What stands alone below its key can be edited like one beside it."""
    more = line.strip()
    if last.value or more.endswith("\\") or not last.editable:
        return Setting(last.path, f"{last.value}{last.remark}\n{more}", last.start, start + len(line), False)
    value, at, remark = _taken_apart(more, text.index(more, start))
    return Setting(last.path, value, at, at + len(value), remark=remark)


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
            if not _UNSAID.match(line[1]):
                document.settings.append(_stray((), line[1], at))
            at = line.end()
            continue
        start = found.end()
        quote = text[start : start + 1]
        if quote in {'"', "'"}:
            end = _closing(text, quote, start)
            value = text[start + 1 : end]
            rest = _LINE.match(text, end + 1)
            at = rest.end() if rest else len(text)
            behind = rest[1] if rest else ""
            whole = _END.match(behind) is not None
            plain = whole and "\\" not in value and "\n" not in value
            setting = Setting((found["key"],), value, start + 1, end, plain)
            if not whole:
                document.settings.append(_stray((), behind, end + 1))
        else:
            value = _ENV_COMMENT.sub("", text[start : line.end(1)]).rstrip()
            value = "" if value.startswith("#") else value
            setting = Setting((found["key"],), value, start, start + len(value))
            at = line.end()
        document.settings.append(setting)
        document.shape.append((setting.path, setting.value))
    document.groups = [[one for one in document.settings if one.place == "value"]]
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
