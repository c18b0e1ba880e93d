from __future__ import annotations

import ast

import libcst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.codemod.rewrite import code, mapping_literal, string_literal

LIKES = [
    '"hd"',
    "'hd'",
    'u"hd"',
    "r'hd'",
    '"""hd"""',
    "'''hd'''",
    'Rb"hd"',
    'f"{x}"',
    "('a'\n  \"b\")",
    "name",
]


@pytest.mark.parametrize(
    ("like", "expected"),
    [
        ('"hd"', '"high"'),
        ("'hd'", "'high'"),
        ('u"hd"', 'u"high"'),
        ("r'hd'", "r'high'"),
        ('"""hd"""', '"""high"""'),
        ("'h' \"d\"", "'high'"),
        ("f'{x}'", "'high'"),
        ("quality", '"high"'),
    ],
)
def test_a_literal_looks_like_the_one_it_replaces(like: str, expected: str) -> None:
    assert string_literal("high", like) == expected


@given(st.text(), st.sampled_from(LIKES))
def test_a_literal_means_its_value(value: str, like: str) -> None:
    assert ast.literal_eval(string_literal(value, like)) == value


@pytest.mark.parametrize(
    "value", ["a'b\"c", "\\", "\\'", "\n", "\r\n", "\x00", "\ud800", "é😀", "'", '"', '"""', "{x}"]
)
@pytest.mark.parametrize("like", LIKES)
def test_hard_values_survive_every_style(value: str, like: str) -> None:
    assert ast.literal_eval(string_literal(value, like)) == value


def test_a_mapping_is_one_line_in_the_quotes_asked_for() -> None:
    assert mapping_literal({"hd": "high", "standard": "medium"}) == '{"hd": "high", "standard": "medium"}'
    assert mapping_literal({"it's": "x"}, quote="'") == "{'it\\'s': 'x'}"
    assert mapping_literal({}) == "{}"


def test_the_code_of_a_node_is_its_source() -> None:
    assert code(libcst.parse_expression("f( a, b )")) == "f( a, b )"
