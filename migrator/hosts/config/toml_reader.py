"""TOML strings with their positions, checked against the standard parser before anything is believed."""

from __future__ import annotations

import re
import sys
from typing import Any

from migrator.hosts.config.document import MAX_DEPTH, Document, Key, ParseError, Setting, core

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'", re.DOTALL
)
_SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_OTHER = re.compile(r"[^\s,\]}#]+(?: \d\d:[\d:.Z+-]+)?")


def read(text: str) -> Document:
    """The settings of TOML ``text``.

    Raises:
        ParseError: For text that is no TOML.
    """
    if _is_deep(text):
        # the standard parser recurses
        raise ParseError("it is nested too deeply", 0)
    try:
        tables = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise _located(text, error) from None
    except RecursionError:
        raise ParseError("it is nested too deeply", 0) from None
    document = Document()
    document.shape = [tables]
    reader = _Reader(text, document)
    try:
        reader.run()
    except (ParseError, RecursionError):
        reader.failed = True
    if reader.failed or not _agrees(document, tables):
        # the standard parser reads it, this one reads it otherwise: nothing is edited by such positions
        document.settings = [_locked(one) for one in document.settings]
        document.groups = [[_locked(one) for one in group] for group in document.groups]
    return document


def _is_deep(text: str) -> bool:
    """Whether brackets open faster than they close, strings not told apart: more than any file needs."""
    depth = 0
    for match in re.finditer(r"[\[{]+|[\]}]+", text):
        depth = max(depth + (len(match[0]) if match[0][0] in "[{" else -len(match[0])), 0)
        if depth > MAX_DEPTH:
            return True
    return False


def _located(text: str, error: Exception) -> ParseError:
    found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    message = re.sub(r" \(at .*\)$", "", str(error))
    if not found:
        return ParseError(message, len(text))
    lines = re.split(r"(?<=\n)", text)
    return ParseError(message, sum(map(len, lines[: int(found[1]) - 1])) + int(found[2]) - 1)


def _locked(setting: Setting) -> Setting:
    return Setting(setting.path, setting.value, setting.start, setting.end, False, setting.place)


def _agrees(document: Document, tables: dict[str, Any]) -> bool:
    return all(
        _at(tables, one.path) == one.value or _at(tables, one.path, strip=True) == one.value
        for one in document.settings
        if one.place != "key"
    )


def _at(value: Any, path: tuple[Key, ...], *, strip: bool = False) -> object:
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    if type(value) is int:
        return str(value)
    return value.strip() if strip and isinstance(value, str) else value


class _Reader:
    def __init__(self, text: str, document: Document) -> None:
        self.text = text
        self.document = document
        self.at = 0
        self.failed = False
        self.counts: dict[tuple[Key, ...], int] = {}
        self.groups: dict[tuple[Key, ...], list[Setting]] = {}

    def run(self) -> None:
        prefix: tuple[Key, ...] = ()
        while True:
            self._skip(_SKIP)
            if self.at >= len(self.text):
                break
            if self.text[self.at] == "[":
                prefix = self._header()
            else:
                self._pair(prefix)
        self.document.groups.extend(group for group in self.groups.values() if group)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _expect(self, sign: str) -> None:
        if not self.text.startswith(sign, self.at):
            raise ParseError(f"{sign!r} is expected here", self.at)
        self.at += len(sign)

    def _header(self) -> tuple[Key, ...]:
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self._keys()
        self._expect("]]" if many else "]")
        path: tuple[Key, ...] = ()
        for number, key in enumerate(keys, 1):
            path = (*path, key)
            if many and number == len(keys):
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._skip(_BLANK)
            found = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
            if not found:
                raise ParseError("a key is expected here", self.at)
            keys.append(_unquoted(found.group()))
            self.at = found.end()
            self._skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _pair(self, prefix: tuple[Key, ...]) -> None:
        start = self.at
        keys = self._keys()
        path: tuple[Key, ...] = prefix
        for key in keys:
            path = (*path, key)
            if path in self.counts:
                path = (*path, self.counts[path])
        raw = self.text[start : self.at].rstrip()
        quoted = raw[:1] in {'"', "'"}
        self.document.settings.append(
            Setting(path, keys[-1], start + quoted, start + len(raw) - quoted, False, "key")
        )
        self._skip(_BLANK)
        self._expect("=")
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: tuple[Key, ...]) -> None:
        sign = self.text[self.at : self.at + 1]
        if sign in {'"', "'"}:
            self._string(path)
        elif sign == "[":
            self._list(path)
        elif sign == "{":
            self._inline(path)
        else:
            found = _OTHER.match(self.text, self.at)
            if not found:
                raise ParseError("a value is expected here", self.at)
            if found.group().isdigit() and isinstance(path[-1], str):
                self.document.settings.append(Setting(path, found.group(), self.at, found.end(), False))
            self.at = found.end()

    def _string(self, path: tuple[Key, ...]) -> None:
        found = _STRING.match(self.text, self.at)
        if not found:
            raise ParseError("this string is not complete", self.at)
        start, self.at = self.at, found.end()
        value = _unquoted(found.group())
        place = core(self.text, start, self.at, value)
        kind = "item" if path and isinstance(path[-1], int) else "value"
        setting = Setting(
            path,
            value.strip() if place else value,
            *(place or (start, self.at)),
            place is not None,
            "item" if kind == "item" else "value",
        )
        self.document.settings.append(setting)
        self.groups.setdefault(path[:-1], []).append(setting)

    def _list(self, path: tuple[Key, ...]) -> None:
        self.at += 1
        number = 0
        while True:
            self._skip(_SKIP)
            if self.text.startswith("]", self.at):
                self.at += 1
                return
            self._value((*path, number))
            number += 1
            self._skip(_SKIP)
            if self.text.startswith(",", self.at):
                self.at += 1

    def _inline(self, path: tuple[Key, ...]) -> None:
        self.at += 1
        while True:
            self._skip(_SKIP)
            if self.text.startswith("}", self.at):
                self.at += 1
                return
            self._pair(path)
            self._skip(_SKIP)
            if self.text.startswith(",", self.at):
                self.at += 1


def _unquoted(raw: str) -> str:
    if raw[:1] not in {'"', "'"}:
        return raw
    try:
        return str(tomllib.loads("x = " + raw.replace("\r\n", "\n"))["x"])
    except tomllib.TOMLDecodeError:
        raise ParseError("this string cannot be read", 0) from None
