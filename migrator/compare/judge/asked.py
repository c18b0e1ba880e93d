"""A judge that a comparison brings along: what it would ask and cost, known before anything is sent."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.compare.judge.question import ANSWER_TOKENS, tokens_at_most
from migrator.compare.judge.run import JudgeOptions, judge
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from migrator.catalog import Catalog
    from migrator.compare.plan import Plan

SIMULATOR = "simulator"
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """``MODEL``, ``MODEL@URL`` or ``simulator``. Prices are USD per million tokens, ``None`` where not known."""

    model: str
    base_url: str | None = None
    key_env: str = "OPENAI_API_KEY"
    price_in: float | None = None
    price_out: float | None = None

    @property
    def simulated(self) -> bool:
        """Whether the simulator is the judge."""
        return self.model == SIMULATOR

    @property
    def priced(self) -> bool:
        """Whether both prices are known."""
        return self.price_in is not None and self.price_out is not None


def parse(spec: str, price: str | None, key_env: str, budget: float | None) -> Asked:
    """The judge as options name it. ``price`` is ``IN:OUT``.

    Raises:
        UserError: For what is none, a key that is missing, and a budget without a price.
    """
    model, _, url = spec.partition("@")
    if not model or (url and not url.startswith(("http://", "https://"))):
        raise UserError(f"{spec!r} is no judge: MODEL, MODEL@https://HOST/v1, or {SIMULATOR}")
    if model == SIMULATOR:
        return Asked(model, price_in=0.0, price_out=0.0)
    prices = _prices(price)
    if not os.environ.get(key_env, "").strip():
        raise UserError(
            f"the judge needs a key: set {key_env}, or name another variable with --judge-key-env"
        )
    if budget is not None and prices[0] is None:
        raise UserError(
            f"what {model} costs as a judge is not known, so --budget cannot be kept: pass --judge-price IN:OUT"
            " (USD per million tokens)"
        )
    return Asked(model, url or None, key_env, *prices)


def _prices(text: str | None) -> tuple[float | None, float | None]:
    if text is None:
        return None, None
    try:
        first, second = (float(part) for part in text.split(":"))
    except ValueError:
        first = second = -1.0
    if not (0 <= first < _MILLION and 0 <= second < _MILLION):
        raise UserError(f"{text!r} is not --judge-price IN:OUT, USD per million tokens, such as 2.5:10")
    return first, second


def estimate(plan: Plan, asked: Asked) -> tuple[int, float | None]:
    """Pairs that the judge would see, and the most that it can cost in USD; ``None`` where that is not known.

    Raises:
        UserError: For a plan without an old and a new column.
    """
    roles = {
        role: next((one.name for one in plan.columns if one.role == role), None) for role in ("old", "new")
    }
    if None in roles.values():
        raise UserError("--judge compares an old column with a new one: add --old or --new")
    sides = [
        {(task.prompt_id, task.sample) for task in plan.tasks if task.source == name and not task.refused}
        for name in roles.values()
    ]
    prompts = {prompt.id: prompt for prompt in plan.suite.prompts}
    pairs = sides[0] & sides[1]
    if asked.price_in is None or asked.price_out is None:
        return len(pairs), None
    tokens = sum(tokens_at_most(prompts[key].text, list(prompts[key].expect_text)) for key, _ in pairs)
    return len(pairs), 2 * (tokens * asked.price_in + len(pairs) * ANSWER_TOKENS * asked.price_out) / _MILLION


def estimate_text(plan: Plan, asked: Asked) -> str:
    """The line of the plan that speaks of the judge."""
    pairs, usd = estimate(plan, asked)
    cost = "nothing to pay" if asked.simulated else "price unknown" if usd is None else f"at most ${usd:.2f}"
    return f"  judge  {asked.model}  {pairs:,} pair{'' if pairs == 1 else 's'} in both orders, {cost}, advisory\n"


def ask(
    asked: Asked,
    results: dict[str, Any],
    folder: Path,
    catalog: Catalog,
    budget: float | None,
    step: Callable[[int, int], None],
) -> str | None:
    """Judges the pairs of ``results``, in place, with what pictures left of ``budget`` (USD).

    Returns in one sentence why there is no judgement, if there is none: it is advice, and no run fails for it.
    """
    left = None
    if budget is not None:
        left = max(0.0, budget - ((results.get("budget") or {}).get("spent_usd") or 0.0))
    with _options(asked, catalog, left) as options:
        try:
            judge(results, folder, options, step)
        except UserError as error:
            return f"not judged: {error}"
    results["judge"]["simulated"] = asked.simulated
    return None


@contextmanager
def _options(asked: Asked, catalog: Catalog, left: float | None) -> Iterator[JudgeOptions]:
    if not asked.simulated:
        key = os.environ.get(asked.key_env, "").strip()
        yield JudgeOptions(asked.model, asked.base_url, key, left, asked.price_in, asked.price_out)
        return
    from migrator.simulator import Simulator  # noqa: PLC0415 - the server library loads here

    with Simulator(catalog) as server:
        yield JudgeOptions(SIMULATOR, server.base_url, "simulated", None, 0.0, 0.0)
