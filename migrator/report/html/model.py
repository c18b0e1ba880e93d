"""A run as the page shows it: pairs of sides, each with its picture or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from migrator.report.html.words import seconds, usd

if TYPE_CHECKING:
    from migrator.report.html.pictures import Look

STATES = {
    "ok": "Made",
    "blocked": "Blocked by moderation",
    "failed": "Failed",
    "skipped_budget": "Over budget",
    "unmatched": "Not in the archive",
    "pending": "Not made yet",
    "absent": "No task in this run",
    "unfit": "Not for this model",
    "unreadable": "No picture to show",
}
"""The state of a side, in words. The last three are the page's own."""

WORST = ("fail", "warn", "info", "skipped", "pass")


@dataclass(frozen=True, slots=True)
class Source:
    """One column of the run."""

    name: str
    role: str
    kind: str
    model: str
    simulated: bool
    place: str = ""
    """Which folder, server or deployment it is, where model and kind do not say it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check's outcome on one picture."""

    name: str
    status: str
    message: str


@dataclass(frozen=True, slots=True)
class Side:
    """What one source gave for one prompt and sample. ``thumb`` and ``whole`` are addresses, or empty."""

    source: Source
    state: str
    reason: str = ""
    error: str = ""
    sha: str | None = None
    look: Look | None = None
    thumb: str = ""
    whole: str = ""
    facts: str = ""
    latency: float | None = None
    cost: float | None = None
    cost_is: str = "unknown"
    attempts: int = 0
    request: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)
    request_id: str = ""
    checks: tuple[Check, ...] = ()

    @property
    def has_picture(self) -> bool:
        """Whether there is something to look at."""
        return bool(self.thumb)

    @property
    def caption(self) -> str:
        """Size, format, bytes, time and cost; lines break only between them."""
        parts = self.facts.split(" · ") if self.facts else []
        parts += [seconds(self.latency)] if self.latency is not None else []
        parts += [usd(self.cost)] if self.cost is not None else []
        return "\u00a0· ".join(part.replace(" ", "\u00a0") for part in parts)

    @property
    def label(self) -> str:
        """The state in words."""
        return STATES.get(self.state, self.state)

    def problems(self) -> list[Check]:
        """The checks that did not simply pass, worst first."""
        wanted = [check for check in self.checks if check.status in ("fail", "warn")]
        return sorted(wanted, key=lambda check: (WORST.index(check.status), check.name))


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter of the request, before and after. ``kind``: same, changed, added, removed."""

    name: str
    old: str
    new: str
    kind: str


@dataclass(frozen=True, slots=True)
class Edit:
    """The input of an edit: addresses of its picture, its mask and the overlay of what changed outside."""

    input: str
    mask: str
    heat: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One prompt and sample across all sources. ``number`` counts from 1 in the order of the suite."""

    number: int
    prompt_id: str
    sample: int
    prompt: str
    tags: tuple[str, ...]
    sides: tuple[Side, ...]
    old: Side | None
    new: Side | None
    changes: tuple[Change, ...]
    flags: tuple[str, ...]
    edit: Edit | None = None
    origin: str = ""

    @property
    def badness(self) -> tuple[int, ...]:
        """Sorts the worst first: lost pictures, failed checks of the new side, warnings, then the old order."""
        lost = {"blocked": 0, "failed": 1, "unreadable": 2, "pending": 3, "skipped_budget": 3, "absent": 3}
        new = self.new
        if new is None:
            return (9, 0, 0, self.number)
        failed = sum(check.status == "fail" for check in new.checks)
        warned = sum(check.status == "warn" for check in new.checks)
        return (lost.get(new.state, 5), -failed, -warned, self.number)
