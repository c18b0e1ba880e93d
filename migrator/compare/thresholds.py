"""What the gate allows: the defaults, and what suites and options say instead."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from migrator.catalog.errors import did_you_mean
from migrator.compare.checks.text import WRONG
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the gate allows; ``None`` is no limit. Shares are from 0 to 1, costs in USD, times in seconds.

    ``max_failures``: pictures of the new column that are missing or not as asked. ``max_newly_blocked``: prompts
    that the old side drew and the new one refuses. ``max_text_cer``: wrong letters per letter of a text that the
    suite names. ``text_alpha``: how sure "the text got worse" must be. ``max_outside_mask``: share of the kept part
    of an edit that may change where the suite says ``preserve: strict``. ``max_cost_usd`` and ``max_cost_per_picture``:
    of the new column. ``max_latency_p90_s``: nine of ten answers. ``require_signoff``: every pair needs a verdict.
    """

    max_failures: int | None = 0
    max_newly_blocked: int | None = 0
    max_text_cer: float | None = WRONG
    text_alpha: float | None = 0.05
    max_outside_mask: float | None = 0.02
    max_cost_usd: float | None = None
    max_cost_per_picture: float | None = None
    max_latency_p90_s: float | None = None
    require_signoff: bool = False


def thresholds_from(
    values: Mapping[str, Any], base: Thresholds | None = None, where: str = "gate"
) -> Thresholds:
    """The thresholds of a suite's ``gate:`` mapping over ``base`` (the defaults). ``none`` or ``null`` lifts a limit.

    Raises:
        UserError: For a name or a value that makes no sense.
    """
    known = {field.name: field for field in fields(Thresholds)}
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise UserError(f"{where}: unknown threshold {name!r}.{did_you_mean(str(name), tuple(known))}")
        found[name] = _checked(where, name, value)
    return replace(base or Thresholds(), **found)


def _checked(where: str, name: str, value: Any) -> Any:
    if name == "require_signoff":
        if not isinstance(value, bool):
            raise UserError(f"{where}: {name} must be true or false, not {value!r}")
        return value
    if value is None or (isinstance(value, str) and value.lower() == "none"):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise UserError(f"{where}: {name} must be a number from 0 up, or none, not {value!r}")
    if name in {"max_failures", "max_newly_blocked"} and value != int(value):
        raise UserError(f"{where}: {name} must be a whole number, not {value!r}")
    return value
