"""Ranges of versions, as requirement files and rules write them."""

from __future__ import annotations

import pytest

from migrator.catalog.versions import Range, parse


def within(inner: str, outer: str) -> bool:
    one, other = parse(inner), parse(outer)
    assert one is not None
    assert other is not None
    return one.within(other)


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        ("==2.30.0", ">=2.30,<3"),
        ("2.30", "==2.30.0"),
        ("==1.6.4", "<1.7"),
        ("==1.109.1", ">=1.53"),
        ("~=1.70", ">=1.53,<2"),
        ("~=1.70.2", ">=1.70,<1.71"),
        ("^1.7", ">=1.7,<2"),
        ("^0.2.70", ">=0.2.70,<0.3"),
        ("~1.6.4", ">=1.6,<1.7"),
        ("==1.8.*", ">=1.8,<1.9"),
        ("<=1.6.4", "<1.7"),
        (">1.7", ">=1.7"),
        ("==2.0.0rc1", ">=2"),
        ("==0.9.8.post1", "<0.14"),
    ],
)
def test_a_range_lies_in_another(inner: str, outer: str) -> None:
    assert within(inner, outer)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("==2.29.0", ">=2.30,<3"),
        ("==3", "<3"),
        ("==1.7", "<1.7"),
        (">1.7", "==1.7"),
        ("==1.10", "<1.9"),
        ("^0.2.70", ">=0.3"),
    ],
)
def test_ranges_without_a_common_version_do_not_meet(one: str, other: str) -> None:
    first, second = parse(one), parse(other)
    assert first is not None
    assert second is not None
    assert not first.meets(second)
    assert not second.meets(first)


def test_no_words_ask_for_any_version() -> None:
    assert parse("") == parse("*") == Range()


@pytest.mark.parametrize("text", ["latest", "@ file:///x", ">=one", "1.2.3 || 2"])
def test_what_is_no_range_is_told_apart(text: str) -> None:
    assert parse(text) is None
