"""Formatting that changes no meaning: comments, blank lines, indentation, line ends, encodings, names."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Callable, Mapping
from random import Random

Texts = dict[str, str]
Noise = Callable[[str, Random], str]


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(text).readline))


def _at_line_ends(text: str, kinds: set[int], make: Callable[[], str]) -> str:
    """Put text at the end of lines, where a token of these kinds ends one (never inside a string)."""
    lines = text.split("\n")
    for token in _tokens(text):
        row, column = token.start
        if token.type in kinds and token.string == "\n" and lines[row - 1][:column].strip():
            if "#" not in lines[row - 1]:
                lines[row - 1] = lines[row - 1][:column] + make()
    return "\n".join(lines)


def comments(text: str, random: Random) -> str:
    """A comment behind some lines, also inside brackets."""
    kinds = {tokenize.NEWLINE, tokenize.NL}
    return _at_line_ends(text, kinds, lambda: random.choice(["", "  # note", " # größe: 1,(2)[", "   "]))


def blank_lines(text: str, random: Random) -> str:
    """Blank lines and lines with nothing but a comment after some statements."""
    lines = text.split("\n")
    after = {token.start[0] for token in _tokens(text) if token.type == tokenize.NEWLINE}
    found = []
    for number, line in enumerate(lines, 1):
        found.append(line)
        if number in after and random.random() < 0.3:
            indent = line[: len(line) - len(line.lstrip())]
            found.append(random.choice(["", f"{indent}# between", "   "]))
    return "\n".join(found)


def tabs(text: str, random: Random) -> str:
    """One tab for four blanks of indentation."""
    inside = {
        row
        for token in _tokens(text)
        if token.type == tokenize.STRING or "FSTRING" in tokenize.tok_name[token.type]
        for row in range(token.start[0] + 1, token.end[0] + 1)
    }
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        blank = len(line) - len(line.lstrip(" "))
        lines.append(line if number in inside or blank % 4 else "\t" * (blank // 4) + line[blank:])
    return "\n".join(lines)


def spread_out(text: str, random: Random) -> str:
    """Line breaks after commas and opening brackets of calls."""
    lines = text.split("\n")
    places = []
    depth = 0
    strings = 0
    for token in _tokens(text):
        name = tokenize.tok_name[token.type]
        strings += (name == "FSTRING_START") - (name == "FSTRING_END")
        if token.type != tokenize.OP:
            continue
        depth += token.string in "([{"
        depth -= token.string in ")]}"
        if depth and not strings and token.string in "([{," and random.random() < 0.3:
            places.append(token.end)
    for row, column in reversed(places):
        line = lines[row - 1]
        if "#" not in line[column:]:
            lines[row - 1] = line[:column] + "\n" + " " * random.randint(0, 12) + line[column:].lstrip()
    return "\n".join(lines)


def no_end(text: str, random: Random) -> str:
    """No line end at the end of the file."""
    return text.rstrip("\n")


NOISES: dict[str, Noise] = {
    "comments": comments,
    "blank lines": blank_lines,
    "tabs": tabs,
    "spread out": spread_out,
    "no end": no_end,
}
LINE_ENDS = ("\n", "\r\n", "\r")
ENCODINGS = ("utf-8", "utf-8-sig", "latin-1", "cp1252")


def renamed(files: Mapping[str, str], names: Mapping[str, str]) -> Texts:
    """Every identifier of ``names`` under another name; texts in strings stay."""
    found: Texts = {}
    for path, text in files.items():
        lines = text.split("\n")
        for token in reversed(_tokens(text)):
            if token.type == tokenize.NAME and token.string in names and not keyword.iskeyword(token.string):
                row, column = token.start
                line = lines[row - 1]
                lines[row - 1] = line[:column] + names[token.string] + line[column + len(token.string) :]
        found[path] = "\n".join(lines)
    return found


def encoded(text: str, encoding: str, line_end: str) -> bytes:
    """The bytes of a file that declares its encoding where it must."""
    if encoding in {"latin-1", "cp1252"}:
        text = f"# -*- coding: {encoding} -*-\n# äöü\n{text}"
    return text.replace("\n", line_end).encode(encoding, "strict")
