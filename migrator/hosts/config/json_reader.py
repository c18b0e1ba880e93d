"""JSON with positions, in one pass and without recursion; comments, trailing commas and JSON5 words are read."""

from __future__ import annotations

import json
import re

from migrator.hosts.config.document import MAX_DEPTH, Document, Key, ParseError, Setting, variable_name

_TOKEN = re.compile(
    r"""
    (?P<space>[\s\ufeff]+)
  | (?P<string>"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
  | (?P<comment>//[^\n\r]*|/\*.*?\*/)
  | (?P<mark>[{}\[\],:])
  | (?P<word>[^\s{}\[\],:"'/]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_LITERAL = re.compile(
    r"true|false|null|undefined|[+-]?(?:Infinity|NaN|0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
)


class _Level:
    """An object or a list that is being read."""

    __slots__ = ("count", "key", "mapping", "own", "path", "state")

    def __init__(self, mapping: bool, path: tuple[Key, ...]) -> None:
        self.mapping, self.path = mapping, path
        self.own: list[Setting] = []
        self.key = ""
        self.count = 0
        self.state = "key" if mapping else "value"


def read(text: str) -> Document:
    """The settings of JSON ``text``.

    Raises:
        ParseError: For text that is no JSON, not even with comments.
    """
    document = Document()
    shape = document.shape
    stack: list[_Level] = []
    done = False
    at, size = 0, len(text)
    match_at = _TOKEN.match
    while at < size:
        token = match_at(text, at)
        if token is None:
            raise ParseError("a string, a comment or a sign here is not complete", at)
        kind, start, at = token.lastgroup, at, token.end()
        if kind in {"space", "comment"}:
            continue
        word = token.group()
        if done:
            raise ParseError("there is something after the end of the value", start)
        level = stack[-1] if stack else None
        if kind == "mark" and word in "}],:":
            _close_or_separate(word, level, stack, document, start)
            done = not stack and word in "}]"
            shape.append(word)
            continue
        if level is not None and level.state == "key":
            if kind == "mark" or (kind == "word" and not _WORD.fullmatch(word)):
                raise ParseError("a name in quotes is expected here", start)
            level.key = _plain(word, start) if kind == "string" else word
            level.state = ":"
            document.settings.append(_setting((*level.path, level.key), level.key, word, start, at, "key"))
            shape.append(("key", level.key))
            continue
        if level is not None and level.state != "value":
            raise ParseError(f"{'a colon' if level.state == ':' else 'a comma'} is expected here", start)
        path: tuple[Key, ...] = (
            () if level is None else (*level.path, level.key if level.mapping else level.count)
        )
        if level is not None:
            level.state = ","
        if kind == "mark":
            if len(stack) >= MAX_DEPTH:
                raise ParseError("it is nested too deeply", start)
            stack.append(_Level(word == "{", path))
            shape.append(word)
            continue
        if kind == "string":
            value = _plain(word, start)
            place = "value" if level is None or level.mapping else "item"
            setting = _setting(path, value, word, start, at, place)
            document.settings.append(setting)
            if level is not None:
                level.own.append(setting)
            shape.append(("string", value))
        else:
            if not _LITERAL.fullmatch(word):
                raise ParseError("this is no JSON value", start)
            if word.isdigit() and level is not None and level.mapping:
                document.settings.append(Setting(path, word, start, at, False))
            shape.append(word)
        done = level is None
    if stack or not done:
        raise ParseError("the file ends too early", size)
    _named(document)
    return document


def _close_or_separate(
    word: str, level: _Level | None, stack: list[_Level], document: Document, at: int
) -> None:
    if level is None:
        raise ParseError(f"{word!r} is not expected here", at)
    if word == ":" and level.state == ":":
        level.state = "value"
    elif word == "," and level.state == ",":
        level.count += 1
        level.state = "key" if level.mapping else "value"
    elif word == ("}" if level.mapping else "]") and level.state != ":":
        if level.mapping and level.state == "value":
            raise ParseError("a value is missing here", at)
        if level.own:
            document.groups.append(level.own)
        stack.pop()
    else:
        raise ParseError(f"{word!r} is not expected here", at)


def _plain(word: str, at: int) -> str:
    if "\\" not in word:
        return word[1:-1]
    if word[0] == "'":
        return word[1:-1].replace("\\'", "'")
    try:
        value = json.loads(word, strict=False)
    except ValueError:
        raise ParseError("this string has an escape that JSON does not know", at) from None
    return str(value)


def _setting(path: tuple[Key, ...], value: str, word: str, start: int, end: int, place: str) -> Setting:
    quoted = word[:1] in {'"', "'"}
    inner = (start + 1, end - 1) if quoted else (start, end)
    plain = word[1:-1] == value if quoted else word == value
    return Setting(
        path, value, *inner, plain, "key" if place == "key" else "item" if place == "item" else "value"
    )


def _named(document: Document) -> None:
    """``{"name": "IMAGE_MODEL", "value": "some-model"}`` in a list stands for a setting of that name."""
    lists: dict[tuple[Key, ...], list[Setting]] = {}
    replaced: dict[int, Setting] = {}
    for group in document.groups:
        keys = {one.path[-1]: one for one in group if one.place == "value"}
        value = keys.get("value")
        named = {str(key).lower(): one for key, one in keys.items()}
        name = variable_name(named, value.path[:-1]) if value is not None else None
        if name is None or value is None or len(name.path) < 2 or not isinstance(name.path[-2], int):
            continue
        known = Setting(
            (*value.path[:-2], name.value), value.value, value.start, value.end, value.editable, "value"
        )
        lists.setdefault(value.path[:-2], []).append(known)
        group.remove(value)
        replaced[id(value)] = known
    if replaced:
        document.settings = [replaced.get(id(one), one) for one in document.settings]
    document.groups.extend(lists.values())
