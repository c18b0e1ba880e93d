"""Every example of the rules is what the tool really does."""

from __future__ import annotations

import ast

import pytest

from tests.codemod.support import catalog, rewrite

_TOP = (
    "from openai import OpenAI\n\nclient = OpenAI()\nprompt = input()\npicture = open('picture.png', 'rb')\n"
)
_CASES = [
    pytest.param(rule.id, example, id=f"{rule.id}-{number}")
    for rule in catalog().rules.values()
    for number, example in enumerate(rule.examples)
]


def _statements(text: str) -> list[str]:
    """A program as a set of statements: where an import stands is no matter of the rules."""
    return sorted(ast.unparse(one) for one in ast.parse(text).body)


@pytest.mark.parametrize(("rule", "example"), _CASES)
def test_an_example_of_a_rule_is_what_the_tool_does(rule: str, example: object) -> None:
    before, after = example.before, example.after  # type: ignore[attr-defined]
    done = rewrite({"app.py": _TOP + before}, unsafe=True)
    if not _shows_what_stays(rule, before, after):
        assert rule in done.rules()
    if after is None:
        assert done.changed == {}
        return
    expected = sorted({*_statements(_TOP), *_statements(after)})
    assert sorted(set(_statements(done.text))) == expected


def _shows_what_stays(rule: str, before: str, after: str | None) -> bool:
    """Whether the parameter of the rule has the same value in both halves: an example of what needs no change."""
    name = catalog().rules[rule].parameter

    def values(text: str) -> list[str]:
        return [
            ast.unparse(one.value)
            for one in ast.walk(ast.parse(text))
            if isinstance(one, ast.keyword) and one.arg == name
        ]

    return after is not None and bool(values(before)) and values(before) == values(after)


def test_every_rule_that_changes_a_call_shows_an_example() -> None:
    changing = {"set_model", "require", "map_value", "map_size", "drop"}
    without = [one.id for one in catalog().rules.values() if one.operation in changing and not one.examples]
    assert without == []
