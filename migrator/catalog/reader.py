"""Reads mappings with a closed set of keys; every complaint names file, line and what is allowed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeVar

from migrator.catalog.errors import CatalogError, did_you_mean
from migrator.catalog.model import Fact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.catalog.tree import Tree

T = TypeVar("T", bound=str)


class Table:
    """One mapping that is being read. ``what`` names it in errors, ``facts`` are the known sources.

    The mapping of a whole file has no name.
    """

    def __init__(self, tree: Tree, what: str = "", facts: Mapping[str, Fact] | None = None) -> None:
        """Raises CatalogError when ``tree`` is not a mapping."""
        if not isinstance(tree.value, dict):
            raise tree.fail(f"{what or 'a rule file'} must be a mapping of names to values")
        self.tree = tree
        self.what = what
        self.entries = tree.value
        self.facts = facts or {}

    def close(self, *allowed: str) -> Table:
        """Refuses keys that are not ``allowed``."""
        for key, tree in self.entries.items():
            if key not in allowed:
                hint = did_you_mean(key, allowed)
                raise tree.fail(
                    self._said(f"unknown key {key!r}.{hint} Allowed: {', '.join(sorted(allowed))}")
                )
        return self

    def fail(self, key: str, message: str) -> CatalogError:
        """The error about the value of ``key``, or about the mapping when it has no such key."""
        return self.entries.get(key, self.tree).fail(self._said(message))

    def _said(self, message: str) -> str:
        return f"{self.what}: {message}" if self.what else message

    def table(self, key: str) -> Table:
        """The mapping under ``key``; an empty one when it is not there."""
        from migrator.catalog.tree import Tree  # noqa: PLC0415 - only needed for the empty one

        return Table(
            self.entries.get(key, Tree({}, self.tree.where)),
            f"{self.what}, {key}" if self.what else key,
            self.facts,
        )

    def tables(self) -> dict[str, Table]:
        """Every entry as a mapping of its own."""
        return {key: Table(tree, f"{self.what} {key!r}", self.facts) for key, tree in self.entries.items()}

    def items(self, key: str) -> list[Tree]:
        """The list under ``key``; empty when it is not there."""
        tree = self.entries.get(key)
        if tree is None:
            return []
        if not isinstance(tree.value, list):
            raise self.fail(key, f"{key} must be a list")
        return tree.value

    def optional(self, key: str) -> str | None:
        """The text under ``key``."""
        if key not in self.entries:
            return None
        value = self.entries[key].value
        if not isinstance(value, str):
            raise self.fail(key, f"{key} must be text; put it in quotes")
        return value.strip()

    def text(self, key: str) -> str:
        """The text under ``key``, which must be there and not empty."""
        value = self.optional(key)
        if not value:
            raise self.fail(key, f"{key} is missing")
        return value

    def choice(self, key: str, allowed: tuple[T, ...], default: T | None = None) -> T:
        """One of ``allowed``."""
        value = self.optional(key) if default is not None else self.text(key)
        if value is None:
            return default if default is not None else allowed[0]
        if value not in allowed:
            hint = did_you_mean(value, allowed)
            raise self.fail(key, f"{key} cannot be {value!r}.{hint} Allowed: {', '.join(allowed)}")
        return next(one for one in allowed if one == value)

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under ``key``; empty when it is not there."""
        values = []
        for item in self.items(key):
            if not isinstance(item.value, str) or not item.value:
                raise item.fail(f"{self.what}: {key} must hold texts; put them in quotes")
            values.append(item.value)
        return tuple(values)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.entries[key].value if key in self.entries else default
        if not isinstance(value, bool):
            raise self.fail(key, f"{key} must be true or false")
        return value

    def number(self, key: str) -> float | None:
        """A number that is not negative."""
        value = self.entries[key].value if key in self.entries else None
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            raise self.fail(key, f"{key} must be a number that is not negative")
        return value

    def integer(self, key: str) -> int | None:
        """A whole number that is not negative."""
        value = self.number(key)
        if value is not None and not isinstance(value, int):
            raise self.fail(key, f"{key} must be a whole number")
        return value

    def integer_of(self, key: str) -> int:
        """A whole number that must be there."""
        value = self.integer(key)
        if value is None:
            raise self.fail(key, f"{key} is missing")
        return value

    def day(self, key: str) -> date | None:
        """A date."""
        value = self.entries[key].value if key in self.entries else None
        if value is not None and not isinstance(value, date):
            raise self.fail(key, f"{key} must be a date such as 2026-12-01, not {value!r}")
        return value

    def day_of(self, key: str) -> date:
        """A date that must be there."""
        value = self.day(key)
        if value is None:
            raise self.fail(key, f"{key} is missing")
        return value

    def numbers(self, key: str) -> dict[str, float]:
        """A mapping of names to numbers."""
        inner = self.table(key)
        return {name: inner.number(name) or 0 for name in inner.entries}

    def integers(self, key: str) -> dict[str, int]:
        """A mapping of names to whole numbers."""
        inner = self.table(key)
        return {name: inner.integer_of(name) for name in inner.entries}

    def pairs(self, key: str) -> dict[str, str]:
        """A mapping of texts to texts."""
        inner = self.table(key)
        return {name: inner.text(name) for name in inner.entries}

    def fact(self, inherited: Fact | None = None) -> Fact:
        """``source`` (the name of a listed source, or free text with its own ``checked`` date)."""
        if "source" not in self.entries and inherited is not None:
            return inherited
        source, checked = self.text("source"), self.day("checked")
        known = self.facts.get(source)
        if known is not None:
            return known if checked is None else Fact(known.source, checked)
        if checked is None:
            hint = did_you_mean(source, self.facts)
            raise self.fail(
                "source", f"source {source!r} is not listed under sources, so it needs a checked date.{hint}"
            )
        return Fact(source, checked)
