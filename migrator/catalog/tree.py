"""YAML text as plain values that remember their file and line, and how one file overrides another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from migrator.catalog.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Scalar = str | int | float | bool | date | None

MAX_BYTES = 1_000_000
"""No honest rule file is larger."""
MAX_DEPTH = 40
"""Levels of nesting; the packaged rules need eight."""
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep, which no"
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Tree:
    """One value of a rule file. ``value`` is a scalar, a list of trees or a dict of text to tree."""

    value: Scalar | list[Tree] | dict[str, Tree]
    where: str
    """``file:line`` of its first character, 1-based."""

    def fail(self, message: str) -> CatalogError:
        """The error to raise about this value."""
        return CatalogError(f"{self.where}: {message}")


def read(
    path: Path, name: str, *, trusted: bool = False, kind: str = "rule file", limit: int = MAX_BYTES
) -> Tree:
    """The tree of a file, shown as ``name``. Raises CatalogError for anything but plain, small YAML.

    ``kind`` is what complaints call such a file, ``limit`` is in bytes.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise CatalogError(f"{name}: cannot be read: {error.strerror or error}") from None
    if len(data) > limit:
        raise CatalogError(f"{name}: larger than {limit:,} bytes, which no {kind} needs to be")
    try:
        return parse(data.decode("utf-8"), name, trusted=trusted, kind=kind)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CatalogError(f"{name}:{line}: not UTF-8 text") from None


def parse(text: str, name: str, *, trusted: bool = False, kind: str = "rule file") -> Tree:
    """The tree of YAML ``text``. Only mappings with text keys, lists and scalars; no aliases, no tags.

    ``trusted`` skips the guard against files that are made to harm, which takes as long as the parsing.
    """
    import yaml  # noqa: PLC0415 - costs 15 ms that most commands need not pay twice

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if not trusted:
            _survey(yaml.parse(text, Loader=loader), name, kind)
        node = yaml.compose(text, Loader=loader)
        if node is None:
            return Tree({}, f"{name}:1")
        return _tree(node, name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        problem = _one_line(error.problem or error.context)
        if "nesting depth" in problem:  # a limit of libyaml's own, since PyYAML 6.0.4, when it reads ahead
            raise CatalogError(f"{where}: {_TOO_DEEP} {kind} needs to be") from None
        raise CatalogError(f"{where}: not valid YAML: {problem}") from None
    except yaml.YAMLError as error:
        raise CatalogError(f"{name}: not valid YAML: {_one_line(str(error))}") from None


def merge(base: Tree, over: Tree) -> Tree:
    """``over`` laid on ``base``: mappings merge key by key, null removes a key, everything else replaces."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(base.value)
    for key, tree in over.value.items():
        if tree.value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged[key], tree) if key in merged else tree
    return Tree(merged, over.where)


def _survey(events: Iterable[Any], name: str, what: str) -> None:
    # the compiled composer recurses without a limit and takes the interpreter down with it, events do not
    depth = 0
    for event in events:
        kind = type(event).__name__
        where = f"{name}:{event.start_mark.line + 1}"
        if kind.endswith(("SequenceStartEvent", "MappingStartEvent")):
            depth += 1
        elif kind.endswith(("SequenceEndEvent", "MappingEndEvent")):
            depth -= 1
        elif kind == "AliasEvent":
            raise CatalogError(f"{where}: YAML aliases (&name, *name) are not allowed in {what}s")
        if depth > MAX_DEPTH:
            raise CatalogError(f"{where}: {_TOO_DEEP} {what} needs to be")


def _tree(node: Any, name: str) -> Tree:
    where = f"{name}:{node.start_mark.line + 1}"
    kind = node.tag.removeprefix(_TAG)
    if kind == "map":
        entries: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            key = _tree(key_node, name)
            if not isinstance(key.value, str):
                raise key.fail("a key must be plain text; put it in quotes")
            if key.value in entries:
                raise key.fail(f"{key.value!r} is defined twice (first at {entries[key.value].where})")
            tree = _tree(value_node, name)
            # the line of the key is where a reader looks for an entry
            entries[key.value] = Tree(tree.value, key.where)
        return Tree(entries, where)
    if kind == "seq":
        return Tree([_tree(item, name) for item in node.value], where)
    return Tree(_scalar(kind, node.value, where), where)


def _scalar(kind: str, text: str, where: str) -> Scalar:
    try:
        if kind == "str":
            return text
        if kind == "int":
            return int(text.replace("_", ""))
        if kind == "float":
            return float(text.replace("_", ""))
        if kind == "bool":
            return {"true": True, "false": False}[text.lower()]
        if kind == "null":
            return None
        if kind == "timestamp":
            return date.fromisoformat(text)
    except (ValueError, KeyError):
        raise CatalogError(
            f"{where}: {text!r} is read as a {kind} but is not one; put it in quotes"
        ) from None
    raise CatalogError(f"{where}: the YAML tag or key {kind!r} is not allowed here")


def _one_line(text: str | None) -> str:
    return " ".join((text or "unreadable").split())
