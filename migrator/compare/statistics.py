"""The statistics of a comparison, standard library only. The unit is the prompt: samples are averaged first."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
SEED = 20_260_101
_RESAMPLES, _DRAWS = 10_000, 2_000_000
"""Resamples of the bootstrap, and how many single draws it makes at most."""
_FEWEST = 1_000
_FEWEST_PROMPTS = 6
"""Prompts below which a percentile interval is far too narrow to be shown."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(successes: float, total: float, z: float = Z95) -> Interval:
    """A proportion with Wilson's score interval. ``successes`` may be a sum of averages; nothing known is 0 to 1."""
    if total <= 0:
        return Interval(math.nan, 0.0, 1.0)
    share = min(1.0, max(0.0, successes / total))
    bottom = 1 + z * z / total
    middle = (share + z * z / (2 * total)) / bottom
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / bottom
    return Interval(share, max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share)))


def sign_test(wins: int, losses: int) -> float:
    """Exact two-sided p for "both are equally likely", ties left out. 1 when there is nothing to count."""
    total = wins + losses
    if total == 0:
        return 1.0
    return min(1.0, 2 * _tail(max(wins, losses), total))


def sign_test_worse(wins: int, losses: int) -> float:
    """Exact one-sided p for "losses are not the likelier": small when there are too many of them."""
    total = wins + losses
    return 1.0 if total == 0 else _tail(losses, total)


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p for pairs in which one side passed and the other did not."""
    return sign_test(only_first, only_second)


def _tail(least: int, total: int, share: float = 0.5) -> float:
    """P(X >= least) for X binomial; in logarithms, so that thousands of pairs are no trouble."""
    if least <= 0:
        return 1.0
    logs = [
        math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)
        + k * math.log(share) + (total - k) * math.log1p(-share)
        for k in range(least, total + 1)
    ]  # fmt: skip
    return min(1.0, math.fsum(math.exp(one) for one in logs))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the values lie, between neighbours linearly. NaN for none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    at = (len(ordered) - 1) * share
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean, or NaN for none."""
    return math.fsum(values) / len(values) if values else math.nan


def median(values: Sequence[float]) -> float:
    """The middle value, or NaN for none."""
    return percentile(values, 0.5)


def bootstrap(
    clusters: Sequence[Sequence[float]],
    statistic: Callable[[Sequence[float]], float] = mean,
    seed: int = SEED,
    rounds: int | None = None,
) -> Interval:
    """A statistic of all values with its percentile interval, drawing whole prompts.

    ``clusters`` are the values of each prompt; the seed is fixed, so the same run gives the same interval. Fewer than
    six prompts have no interval (NaN).
    """
    filled = [list(cluster) for cluster in clusters if cluster]
    if not filled:
        return Interval(math.nan, math.nan, math.nan)
    estimate = statistic([value for cluster in filled for value in cluster])
    if len(filled) < _FEWEST_PROMPTS:
        return Interval(estimate, math.nan, math.nan)
    chance = random.Random(seed)  # noqa: S311 - statistics, not secrets
    rounds = rounds or max(_FEWEST, min(_RESAMPLES, _DRAWS // len(filled)))
    drawn = []
    for _ in range(rounds):
        sample = chance.choices(filled, k=len(filled))
        drawn.append(statistic([value for cluster in sample for value in cluster]))
    return Interval(estimate, percentile(drawn, 0.025), percentile(drawn, 0.975))


@lru_cache(maxsize=64)
def prompts_needed(rate: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Decided prompts after which a true win rate of ``rate`` is told from 50 % with this power.

    The exact two-sided sign test; the number from which on the power stays above, not the first lucky one.
    """
    if not 0.5 < rate < 1:
        raise ValueError("the rate must lie between 0.5 and 1")
    enough, least_run = 0, 40
    total = 5
    while total < 5_000:
        if _power(total, rate, alpha) >= power:
            enough = enough or total
            if total - enough >= least_run:
                return enough
        else:
            enough = 0
        total += 1
    raise ValueError("so small a difference takes more prompts than a suite has")


def _power(total: int, rate: float, alpha: float) -> float:
    least = next((k for k in range(total // 2 + 1, total + 1) if 2 * _tail(k, total) <= alpha), None)
    return 0.0 if least is None else _tail(least, total, rate)


def can_tell(total: int, alpha: float = 0.05) -> bool:
    """Whether that many decided prompts could give a clear answer at all, were all of them the same way."""
    return sign_test(total, 0) <= alpha
