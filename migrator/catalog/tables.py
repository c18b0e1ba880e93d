"""The facts as people read them: the life-cycle table, the list of rules, the explanation of one rule."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.catalog.errors import CatalogError, did_you_mean
from migrator.catalog.words import words_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from migrator.catalog.model import Rule
    from migrator.catalog.queries import Catalog

WIDTH = 88
"""Characters of a line of explanation."""


@dataclass(frozen=True, slots=True)
class LifecycleRow:
    """One model on one day. ``days_left`` is negative after the shutdown; ``status`` is of that day."""

    model: str
    status: str
    shutdown: date | None
    days_left: int | None
    replacement: str | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in the list of rules."""

    id: str
    fix: str
    title: str


def lifecycle_table(catalog: Catalog, today: date, provider: str = "openai") -> list[LifecycleRow]:
    """Every model that ``provider`` is known to offer or to have offered: the next to go first.

    Models with a coming shutdown lead, then those without one, newest first; the dead come last.
    """
    rows = []
    for model in catalog.models.values():
        life, left = model.life(provider), model.days_left(today, provider)
        if life is None:
            continue
        status = "active" if left is None else "shut down" if left <= 0 else "deprecated"
        group = {"deprecated": 0, "active": 1, "shut down": 2}[status]
        order = -model.released.toordinal() if left is None else abs(left)
        replacement = model.replacement if left is not None else None
        rows.append(
            ((group, order, model.id), LifecycleRow(model.id, status, life.shutdown, left, replacement))
        )
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def lifecycle_text(rows: Sequence[LifecycleRow]) -> str:
    """The life-cycle table as aligned text."""
    lines = [("model", "status", "shutdown", "days left", "replacement")]
    for row in rows:
        days = "" if row.days_left is None else str(max(row.days_left, 0))
        lines.append((row.model, row.status, str(row.shutdown or ""), days, row.replacement or ""))
    return _aligned(lines, right=3)


def rules_table(catalog: Catalog) -> list[RuleRow]:
    """Every rule, by id."""
    return [RuleRow(rule.id, rule.fix, rule.title) for rule in sorted(catalog.rules.values(), key=_id)]


def rules_text(rows: Sequence[RuleRow]) -> str:
    """The list of rules as aligned text."""
    return _aligned([("rule", "fix", "title"), *((row.id, row.fix, row.title) for row in rows)])


def rule_of(catalog: Catalog, rule_id: str) -> Rule:
    """The rule with this id, in any case. Raises CatalogError when there is none."""
    rule = catalog.rules.get(rule_id) or catalog.rules.get(rule_id.upper())
    if rule is None:
        hint = did_you_mean(rule_id.upper(), catalog.rules)
        raise CatalogError(f"unknown rule {rule_id!r}.{hint} `migrator rules list` shows them all.")
    return rule


def explain(catalog: Catalog, rule_id: str) -> str:
    """What a rule means: title, why, what to do, what it changes, examples, source. Raises CatalogError."""
    rule = rule_of(catalog, rule_id)
    parts = [f"{rule.id}: {rule.title}", _wrapped(rule.why)]
    if rule.suggestion:
        parts.append(f"What to do:\n{_wrapped(rule.suggestion, '  ')}")
    if rule.mapping:
        width = max(map(len, rule.mapping))
        rows = [f"  {before:<{width}} -> {after}" for before, after in rule.mapping.items()]
        if rule.otherwise:
            rows.append(
                f"  any other value that the target refuses -> {rule.otherwise}, for a person to confirm"
            )
        parts.append("Values that the target refuses become:\n" + "\n".join(rows))
    for example in rule.examples:
        parts.append("Before:\n" + textwrap.indent(example.before.rstrip(), "  "))
        if example.after is not None:
            parts.append("After:\n" + textwrap.indent(example.after.rstrip(), "  "))
    if hints := words_in(" ".join([rule.title, rule.why, rule.suggestion or ""])):
        lines = (_wrapped(f"{word}: {hint}", "  ") for word, hint in hints.items())
        parts.append("Words:\n" + "\n".join(lines))
    parts.append(f"Usual fix: {rule.fix} ({_FIXES[rule.fix]})")
    parts.append(_wrapped(f"Source: {rule.fact.source}, checked {rule.fact.checked}"))
    return "\n\n".join(parts)


_FIXES = {
    "safe": "proved from your code; --write applies it",
    "review": "for you to judge; shown, and applied only with --unsafe",
    "manual": "nothing is changed; a person must act",
}


def _id(rule: Rule) -> str:
    return rule.id


def _wrapped(text: str, indent: str = "") -> str:
    # commands and code in the text must stay whole
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _aligned(lines: Sequence[tuple[str, ...]], right: int | None = None) -> str:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    shown = []
    for line in lines:
        cells = [
            cell.rjust(width) if column == right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        shown.append("  ".join(cells).rstrip())
    return "\n".join(shown)
