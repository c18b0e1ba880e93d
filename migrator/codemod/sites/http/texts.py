"""What functions and methods make of texts: joined, formatted, stripped, read from settings."""

from __future__ import annotations

import ast
import re
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Inner = Callable[[ast.expr], list[str]]

UNKNOWN = "\ue000"
"""Stands for a part of a text that is not in the code."""
OWN = "\ue001"
"""Stands for OpenAI's address, read from the setting that holds it."""
LIMIT = 24
"""How many texts one expression may have."""
SAME = frozenset({"strip", "rstrip", "lstrip", "lower", "removesuffix", "removeprefix", "encode", "decode"})
_GETTERS = frozenset({"get", "getenv", "value", "config", "setdefault", "pop", "getattr", "env", "str"})


def by_method(node: ast.Call, func: ast.Attribute, inner: Inner) -> list[str] | None:
    """Methods of texts."""
    if func.attr in SAME:
        texts = inner(func.value)
        if func.attr in {"strip", "rstrip"} and node.args:
            marks = [text for argument in node.args for text in inner(argument)]
            return [text.rstrip(marks[0]) if marks else text for text in texts]
        return texts
    if func.attr == "join" and len(node.args) == 1 and isinstance(node.args[0], (ast.List, ast.Tuple)):
        glue = inner(func.value)
        parts = [inner(element) for element in node.args[0].elts]
        return [mark.join(chosen) for mark in glue for chosen in product(*parts)][:LIMIT]
    if func.attr == "format" and isinstance(func.value, (ast.Constant, ast.Name, ast.Attribute)):
        positional = [inner(argument) for argument in node.args]
        named = {k.arg: inner(k.value) for k in node.keywords if k.arg}
        return _formatted(inner(func.value), positional, named)
    if func.attr == "replace" and len(node.args) == 2:
        old, new = inner(node.args[0]), inner(node.args[1])
        return [
            text.replace(a, b) if UNKNOWN not in text else f"{UNKNOWN}/{b.lstrip('/')}"
            for text, a, b in product(inner(func.value), old, new)
        ][:LIMIT]
    if func.attr == "joinpath":
        return [path_join(a, b) for a, b in product(inner(func.value), inner(node.args[0]))][:LIMIT]
    return None


def by_setting(node: ast.Call, inner: Inner, own_names: tuple[str, ...]) -> list[str] | None:
    """``os.getenv(name, default)`` and kin."""
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if last not in _GETTERS or not node.args:
        return None
    key = node.args[1] if last == "getattr" and len(node.args) > 1 else node.args[0]
    own = isinstance(key, ast.Constant) and key.value in own_names
    default = next((k.value for k in node.keywords if k.arg in {"default", "fallback"}), None)
    if default is None and len(node.args) > (2 if last == "getattr" else 1):
        default = node.args[-1]
    if default is None:
        return [OWN] if own else None
    texts: list[str] = [text for text in inner(default) if text]
    return [*texts, OWN] if own else [*texts, UNKNOWN]


def joined(parts: Iterable[list[str]]) -> list[str]:
    """Every text that parts give which stand one behind the other."""
    found = [""]
    for part in parts:
        found = [a + b for a, b in product(found, part)][:LIMIT]
    return found


def path_join(left: str, right: str) -> str:
    """Two parts of a path with one slash between them."""
    return f"{left.rstrip('/')}/{right.lstrip('/')}" if left else right


def url_join(left: str, right: str) -> str:
    """Like ``urljoin``; where the left side is not known the path is only put behind it."""
    if "://" in right:
        return right
    if UNKNOWN in left or OWN in left or "://" not in left:
        return path_join(left, right)
    head, _, rest = left.partition("://")
    host, slash, path = rest.partition("/")
    if right.startswith("/") or not slash:
        return f"{head}://{host}/{right.lstrip('/')}"
    return f"{head}://{host}/{path.rpartition('/')[0]}/{right}".replace(f"{host}//", f"{host}/")


def percent(templates: list[str], parts: list[list[str]]) -> list[str]:
    """Every text that ``template % parts`` can be."""
    found: list[str] = []
    for template, chosen in product(templates, product(*parts)):
        values = iter(chosen)
        found.append(re.sub(r"%(?:\(\w+\))?[sdr]", lambda _, v=values: next(v, UNKNOWN), template))  # type: ignore[misc]
    return found[:LIMIT]


def _formatted(templates: list[str], positional: list[list[str]], named: dict[str, list[str]]) -> list[str]:
    found = templates
    for name, values in named.items():
        found = [text.replace(f"{{{name}}}", value) for text, value in product(found, values)]
    for number, values in enumerate(positional):
        found = [
            re.sub(rf"\{{(?:{number})?(?:![rs])?\}}", lambda _, v=value: v, text, count=1)  # type: ignore[misc]
            for text, value in product(found, values)
        ]
    return [re.sub(r"\{\w*\}", UNKNOWN, text) for text in found][:LIMIT]
