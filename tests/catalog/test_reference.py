"""The page of rules in the documentation is the rules."""

from __future__ import annotations

from pathlib import Path

from migrator.catalog import load
from migrator.catalog.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_page_of_rules_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(load()), "run python tools/rules_reference.py"


def test_the_page_has_a_section_and_a_link_for_every_rule() -> None:
    text = reference(load())
    for name in load().rules:
        assert f"\n## {name}\n" in text
        assert f"[{name}](#{name.lower()})" in text
