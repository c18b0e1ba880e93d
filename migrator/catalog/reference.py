"""The rules as a page of Markdown, for ``docs/rules.md``: what ``migrator explain`` says of each, and its examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.catalog.words import WORDS

if TYPE_CHECKING:
    from migrator.catalog.model import Rule
    from migrator.catalog.queries import Catalog

_HEAD = """# Rules

Made from `rules/` by `python tools/rules_reference.py`; do not edit it by hand. `migrator explain ID` prints the same.

`safe` is applied by `--write`, `review` with `--unsafe` too, `manual` is left to a person.

| word | means here |
| --- | --- |
{words}

| rule | fix | what |
| --- | --- | --- |
"""


def reference(catalog: Catalog) -> str:
    """The whole page, with a final newline. The same rules always give the same text."""
    rules = [catalog.rules[name] for name in sorted(catalog.rules)]
    rows = [f"| [{one.id}](#{one.id.lower()}) | {one.fix} | {_cell(one.title)} |" for one in rules]
    words = [f"| {_cell(word)} | {_cell(hint)} |" for word, hint in WORDS.items()]
    return _HEAD.format(words="\n".join(words)) + "\n".join(rows) + "\n\n" + "\n".join(map(_section, rules))


def _section(rule: Rule) -> str:
    parts = [f"## {rule.id}\n", f"**{rule.title}** ({rule.fix})\n", f"{_flowing(rule.why)}\n"]
    if rule.suggestion:
        parts.append(f"What to do: {_flowing(rule.suggestion)}\n")
    if rule.mapping:
        rows = [f"| `{old}` | `{new}` |" for old, new in rule.mapping.items()]
        if rule.otherwise:
            rows.append(f"| anything else that the target refuses | `{rule.otherwise}`, to be confirmed |")
        parts.append("\n".join(["| before | after |", "| --- | --- |", *rows]) + "\n")
    for example in rule.examples:
        parts.append(f"Before:\n\n```python\n{example.before.rstrip()}\n```\n")
        if example.after is not None:
            parts.append(f"After:\n\n```python\n{example.after.rstrip()}\n```\n")
    parts.append(f"Source: {_flowing(rule.fact.source)}, checked {rule.fact.checked}.\n")
    return "\n".join(parts)


def _flowing(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _flowing(text).replace("|", "\\|")
