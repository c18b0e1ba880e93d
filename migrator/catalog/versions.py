"""Versions of packages: the ranges that rules and projects state, and what two ranges have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass

Version = tuple[int, ...]
_PART = re.compile(r"\s*(===|==|~=|>=|<=|!=|\^|~|>|<|=)?\s*v?(\d+(?:\.\d+)*)(\.\*)?[\w.+!-]*\s*$")
_ENDLESS: Version = (10**9,)


@dataclass(frozen=True, slots=True)
class Range:
    """Versions from ``low`` on and below ``high``. ``low == ()`` stands for the first, ``high`` may be endless."""

    low: Version = ()
    high: Version = _ENDLESS

    def meets(self, other: Range) -> bool:
        """Whether a version lies in both."""
        return max(self.low, other.low) < min(self.high, other.high)

    def within(self, other: Range) -> bool:
        """Whether every version of this range lies in the other one."""
        return other.low <= self.low and self.high <= other.high

    def meet(self, other: Range) -> Range:
        """What both have in common."""
        return Range(max(self.low, other.low), min(self.high, other.high))


def parse(text: str) -> Range | None:
    """The range of ``>=2.30,<3``, ``==1.2.*``, ``~=1.4``, ``^2.1`` or ``1.2.3``; ``None`` for anything else.

    Suffixes such as ``.post1`` or ``rc2`` are read as the release that they belong to; ``!=`` leaves no gap.
    """
    found = Range()
    if text.strip() in {"", "*"}:
        return found
    for part in text.split(","):
        match = _PART.match(part)
        if match is None:
            return None
        operator, digits, star = match.groups()
        version = _trimmed(tuple(int(one) for one in digits.split(".")[:6]))
        parts = digits.count(".") + 1
        found = found.meet(_single(operator or "==", version, parts, star=bool(star)))
    return found


def _single(operator: str, version: Version, parts: int, *, star: bool) -> Range:
    match operator:
        case "==" | "===" | "=":
            return Range(version, _after(version, parts) if star else (*version, 0))
        case ">=":
            return Range(version)
        case ">":
            return Range((*version, 0))
        case "<":
            return Range((), version)
        case "<=":
            return Range((), (*version, 0))
        case "~=":
            return Range(version, _after(version, max(parts - 1, 1)))
        case "~":
            return Range(version, _after(version, min(parts, 2)))
        case "^":
            lead = next((index for index, number in enumerate(version) if number), parts - 1)
            return Range(version, _after(version, lead + 1))
    return Range()


def _after(version: Version, parts: int) -> Version:
    """The first version whose first ``parts`` numbers are higher."""
    padded = (*version, *(0,) * parts)[:parts]
    return (*padded[:-1], padded[-1] + 1)


def _trimmed(version: Version) -> Version:
    """``2.30.0`` is the same version as ``2.30``."""
    while version and version[-1] == 0:
        version = version[:-1]
    return version
