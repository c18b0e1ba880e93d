"""Programs that differ from real ones in what they do: statements lost, doubled, moved, wrapped, taken from elsewhere."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from random import Random

Mutation = Callable[[str, Random], str]


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _blocks(text: str) -> list[list[ast.stmt]]:
    """Every run of statements with lines of their own."""
    found = []
    for node in ast.walk(_parsed(text)):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                lines = [line for one in block for line in range(_first(one), one.end_lineno + 1)]
                if len(lines) == len(set(lines)) and _first(block[0]) > getattr(node, "lineno", 0):
                    found.append(block)
    return found


def _first(node: ast.stmt) -> int:
    return min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])


def _cut(lines: list[str], node: ast.stmt) -> list[str]:
    return lines[_first(node) - 1 : node.end_lineno]


def lose(text: str, random: Random) -> str:
    """One statement less."""
    blocks = [block for block in _blocks(text) if len(block) > 1]
    if not blocks:
        return text
    node = random.choice(random.choice(blocks))
    lines = text.split("\n")
    return "\n".join(lines[: _first(node) - 1] + lines[node.end_lineno :])


def double(text: str, random: Random) -> str:
    """One statement twice."""
    blocks = _blocks(text)
    if not blocks:
        return text
    node = random.choice(random.choice(blocks))
    lines = text.split("\n")
    return "\n".join(lines[: node.end_lineno] + _cut(lines, node) + lines[node.end_lineno :])


def swap(text: str, random: Random) -> str:
    """Two neighbours in the other order."""
    blocks = [block for block in _blocks(text) if len(block) > 1]
    if not blocks:
        return text
    block = random.choice(blocks)
    at = random.randrange(len(block) - 1)
    one, two = block[at : at + 2]
    lines = text.split("\n")
    middle = lines[one.end_lineno : _first(two) - 1]
    moved = [*_cut(lines, two), *middle, *_cut(lines, one)]
    return "\n".join([*lines[: _first(one) - 1], *moved, *lines[two.end_lineno :]])


def wrap(text: str, random: Random) -> str:
    """One statement inside another."""
    blocks = _blocks(text)
    if not blocks:
        return text
    node = random.choice(random.choice(blocks))
    lines = text.split("\n")
    inner = _cut(lines, node)
    blank = inner[0][: len(inner[0]) - len(inner[0].lstrip())]
    head, tail = random.choice(
        [
            ("if ready:", []),
            ("with lock:", []),
            ("try:", ["except ValueError:", "    pass"]),
            ("for _ in range(2):", []),
            ("while not done():", []),
            ("def inner(self, url):", []),
            ("async def inner(*, client=None):", []),
            ("class Inner(Base):", []),
        ]
    )
    body = [f"    {line}" if line.strip() else line for line in inner]
    return "\n".join(
        [
            *lines[: _first(node) - 1],
            blank + head,
            *body,
            *(blank + line for line in tail),
            *lines[node.end_lineno :],
        ]
    )


def merge_names(text: str, random: Random) -> str:
    """Two names of the program become one."""
    names = sorted({node.id for node in ast.walk(_parsed(text)) if isinstance(node, ast.Name)})
    if len(names) < 2:
        return text
    one, two = random.sample(names, 2)
    spans = sorted(
        (node.lineno, node.col_offset, node.end_col_offset)
        for node in ast.walk(_parsed(text))
        if isinstance(node, ast.Name) and node.id == one and node.lineno == node.end_lineno
    )
    lines = [line.encode() for line in text.split("\n")]
    for row, start, end in reversed(spans):
        if (
            lines[row - 1][start:end] == one.encode()
        ):  # offsets inside f-strings are not to be trusted before 3.12
            lines[row - 1] = lines[row - 1][:start] + two.encode() + lines[row - 1][end:]
    return b"\n".join(lines).decode()


MUTATIONS: dict[str, Mutation] = {
    "lose": lose,
    "double": double,
    "swap": swap,
    "wrap": wrap,
    "merge names": merge_names,
}


def mutated(text: str, names: list[str], random: Random) -> str:
    """``text`` after the mutations that leave it a program."""
    for name in names:
        try:
            made = MUTATIONS[name](text, random)
            _parsed(made)
        except SyntaxError:
            continue
        text = made
    return text
