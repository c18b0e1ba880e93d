"""What people read: tables, explanations, examples, and the comparison with the SDK."""

from __future__ import annotations

import ast
import re
from datetime import date

import pytest

from migrator.catalog import Catalog, CatalogError, load
from migrator.catalog.drift import compare, drift, rules_surface, sdk_surface
from migrator.catalog.tables import explain, lifecycle_table, lifecycle_text, rules_table, rules_text
from migrator.catalog.words import WORDS, words_in

TODAY = date(2026, 11, 22)
RULES = sorted(load().rules)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


def test_the_life_cycle_table_leads_with_what_goes_next(catalog: Catalog) -> None:
    rows = lifecycle_table(catalog, TODAY)
    assert [row.status for row in rows] == ["deprecated"] * 3 + ["active"] * 5 + ["shut down"] * 3
    mini = next(row for row in rows if row.model == "gpt-image-1-mini")
    assert (mini.shutdown, mini.days_left, mini.replacement) == (date(2026, 12, 1), 9, "gpt-image-2.6-flare")


def test_the_status_of_a_model_is_the_one_of_the_day(catalog: Catalog) -> None:
    status = {row.model: row.status for row in lifecycle_table(catalog, date(2026, 12, 1))}
    assert status["gpt-image-1.5"] == "shut down"
    status = {row.model: row.status for row in lifecycle_table(catalog, date(2026, 1, 1))}
    assert status["dall-e-3"] == "deprecated"


def test_the_life_cycle_table_is_aligned_text(catalog: Catalog) -> None:
    lines = lifecycle_text(lifecycle_table(catalog, TODAY)).splitlines()
    assert lines[0].split() == ["model", "status", "shutdown", "days", "left", "replacement"]
    column = lines[0].index("shutdown")
    dates = [line[column : column + 10] for line in lines[1:] if "202" in line]
    assert len(dates) == 6
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", text) for text in dates)
    assert not any(line != line.rstrip() for line in lines)


def test_azure_has_dates_of_its_own(catalog: Catalog) -> None:
    rows = {row.model: row for row in lifecycle_table(catalog, TODAY, "azure")}
    assert rows["gpt-image-1-mini"].shutdown == date(2027, 4, 7)
    assert "gpt-image-2.6-flare" not in rows


def test_the_list_of_rules_names_each_once(catalog: Catalog) -> None:
    assert [row.id for row in rules_table(catalog)] == RULES
    assert len(rules_text(rules_table(catalog)).splitlines()) == len(RULES) + 1


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_why_and_what_now(catalog: Catalog, rule: str) -> None:
    text = explain(catalog, rule)
    facts = catalog.rules[rule]
    assert text.startswith(f"{rule}: {facts.title}\n")
    assert "What to do:" in text
    assert len(facts.title) <= 60
    assert facts.why.endswith(".")
    assert max(len(line) for line in text.splitlines()) <= 100


def test_words_that_a_newcomer_may_not_know_are_explained_where_they_stand(catalog: Catalog) -> None:
    text = explain(catalog, "IMG013")
    assert "\nWords:\n  data URI: a text such as data:image/png" in text
    assert "Words:" not in explain(catalog, "IMG090")
    used = {word for rule in RULES for word in words_in(explain(catalog, rule).partition("\nWords:")[0])}
    assert used == set(WORDS), "a word that no rule uses"


@pytest.mark.parametrize("rule", RULES)
def test_every_example_of_a_rule_is_python(catalog: Catalog, rule: str) -> None:
    for example in catalog.rules[rule].examples:
        ast.parse(example.before)
        if example.after is not None:
            ast.parse(example.after)
            assert example.after != example.before


def test_the_examples_show_requests_that_the_default_target_accepts(catalog: Catalog) -> None:
    target = catalog.models[catalog.default_target]
    checked = 0
    for rule in catalog.rules.values():
        for example in rule.examples:
            for call in ast.walk(ast.parse(example.after or "")):
                if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                    continue
                endpoint = catalog.calls.methods.get(call.func.attr)
                if endpoint is None:
                    continue
                request = {
                    str(keyword.arg): keyword.value.value
                    if isinstance(keyword.value, ast.Constant)
                    else {"code": "x"}
                    for keyword in call.keywords
                }
                assert catalog.problems(endpoint, target, request, TODAY) == [], rule.id
                written = [
                    one.value
                    for one in ast.walk(ast.parse(example.after or ""))
                    if isinstance(one, ast.Constant)
                ]
                assert request["model"] == target.id or (
                    request["model"] == {"code": "x"} and target.id in written
                )
                checked += 1
    assert checked >= 10


def test_the_mapping_of_a_rule_is_explained_with_its_fallback(catalog: Catalog) -> None:
    text = explain(catalog, "img003")
    assert "  standard -> medium" in text
    assert "any other value that the target refuses -> auto" in text


def test_an_unknown_rule_gets_a_suggestion(catalog: Catalog) -> None:
    with pytest.raises(CatalogError, match=r"unknown rule 'MG003'\. Did you mean 'IMG003'\?"):
        explain(catalog, "MG003")


def test_each_handler_serves_one_rule(catalog: Catalog) -> None:
    handlers = [rule.handler for rule in catalog.rules.values() if rule.handler]
    assert len(handlers) == len(set(handlers))
    found = catalog.rule_for("url-download")
    assert found is not None
    assert found.id == "IMG010"
    assert catalog.rule_for("nothing") is None


def test_a_consumer_that_refuses_data_uris_says_what_to_do(catalog: Catalog) -> None:
    silent = [one.id for one in catalog.consumers if "data-uri" not in one.accepts and not one.suggestion]
    assert silent == []


def test_downloads_over_http_take_no_data_uri_but_urllib_does(catalog: Catalog) -> None:
    accepts = {one.id: one.accepts for one in catalog.consumers}
    assert accepts["requests"] == accepts["httpx"] == accepts["aiohttp"] == ("url",)
    assert "data-uri" in accepts["urllib"]


def test_the_rules_agree_with_the_types_of_the_installed_sdk(catalog: Catalog) -> None:
    assert drift(catalog) == []


def test_drift_is_said_in_sentences_in_both_directions(catalog: Catalog) -> None:
    rules, sdk = rules_surface(catalog), sdk_surface()
    sdk["models"] = sdk["models"] - {"gpt-image-2"} | {"gpt-image-3"}
    sdk["generations quality"] = sdk["generations quality"] | {"ultra"}
    assert compare(catalog, rules, sdk) == [
        "generations quality: the SDK has 'ultra', the rules do not",
        "models: the SDK has 'gpt-image-3', the rules do not",
        "models: the rules have 'gpt-image-2', the SDK does not",
    ]


def test_a_known_difference_that_is_gone_is_reported(catalog: Catalog) -> None:
    rules, sdk = rules_surface(catalog), sdk_surface()
    sdk["models"] = sdk["models"] | {"image-alpha-001"}
    assert compare(catalog, rules, sdk) == [
        "models -image-alpha-001: listed as a known difference, but the SDK and the rules agree now"
    ]
