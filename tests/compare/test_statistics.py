"""The statistics, held against published and hand-counted figures."""

from __future__ import annotations

import math

import pytest

from migrator.compare import statistics
from migrator.compare.statistics import (
    bootstrap,
    can_tell,
    mcnemar,
    median,
    percentile,
    prompts_needed,
    sign_test,
    sign_test_worse,
    wilson,
)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (30, 50, 0.46, 0.72),
        (60, 100, 0.50, 0.69),
        (29, 30, 0.83, 0.99),
        (0, 30, 0.0, 0.11),
        (30, 30, 0.89, 1.0),
    ],
)
def test_wilson_gives_the_known_bounds(k: int, n: int, low: float, high: float) -> None:
    found = wilson(k, n)
    assert (round(found.low, 2), round(found.high, 2)) == (low, high)
    assert found.low <= found.value <= found.high


def test_nothing_counted_is_nothing_known() -> None:
    found = wilson(0, 0)
    assert math.isnan(found.value)
    assert (found.low, found.high) == (0.0, 1.0)
    assert sign_test(0, 0) == 1.0
    assert math.isnan(median([]))
    assert math.isnan(bootstrap([]).value)


def test_the_exact_sign_test_gives_the_known_p() -> None:
    assert sign_test(15, 5) == pytest.approx(0.041, abs=0.0005)
    assert sign_test(14, 6) == pytest.approx(0.115, abs=0.0005)
    assert sign_test(5, 15) == sign_test(15, 5)
    assert sign_test(5, 5) == 1.0
    assert mcnemar(6, 0) == pytest.approx(2 * 0.5**6)
    assert sign_test_worse(0, 5) == pytest.approx(0.5**5)
    assert sign_test_worse(5, 0) == 1.0


def test_the_sign_test_stands_thousands_of_pairs() -> None:
    assert 0 < sign_test(5_400, 4_600) < 1e-10
    assert sign_test(5_010, 4_990) > 0.5


@pytest.mark.parametrize(("rate", "prompts"), [(0.60, 204), (0.65, 90), (0.70, 52)])
def test_the_number_of_prompts_that_a_win_rate_needs_is_as_documented(rate: float, prompts: int) -> None:
    assert statistics._power(prompts, rate, 0.05) >= 0.8
    assert statistics._power(prompts - 10, rate, 0.05) < 0.8
    assert prompts <= prompts_needed(rate) <= prompts * 1.1


def test_fewer_than_six_decided_prompts_can_tell_nothing() -> None:
    assert [can_tell(n) for n in (0, 5, 6, 100)] == [False, False, True, True]


def test_percentiles_lie_between_neighbours() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 0.9) == 10
    assert percentile([7], 0.9) == 7


def test_the_bootstrap_draws_whole_prompts_and_repeats_itself() -> None:
    alone = [[float(n % 5)] for n in range(40)]
    repeated = [[value[0]] * 10 for value in alone]
    narrow = bootstrap(alone)
    assert bootstrap(alone) == narrow
    assert bootstrap(repeated) == narrow  # ten copies of a sample are no more evidence than one
    assert narrow.low < narrow.value == 2.0 < narrow.high
    assert math.isnan(bootstrap([[1.0, 2.0]]).low)


def test_a_handful_of_prompts_has_no_interval() -> None:
    few, enough = ([[float(n)] for n in range(count)] for count in (5, 6))
    assert math.isnan(bootstrap(few).low)
    assert bootstrap(enough).low < bootstrap(enough).high


def test_the_interval_of_the_mean_covers_about_as_often_as_it_says() -> None:
    import random

    chance = random.Random(3)
    hits = 0
    for _ in range(60):
        found = bootstrap(
            [[chance.gauss(1.0, 2.0)] for _ in range(40)], seed=chance.randrange(10**6), rounds=600
        )
        hits += found.low <= 1.0 <= found.high
    assert hits >= 50
