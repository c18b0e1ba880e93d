"""How the service is used by many requests: limits, patience, what its refusals mean, the Batch API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.catalog.model import Fact
    from migrator.catalog.reader import Table


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """The terms of a batch. ``price_share`` is its price as a share of the usual one, sizes are bytes."""

    price_share: float
    max_requests: int
    max_bytes: int
    window: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Service:
    """What a runner starts from. Times are seconds."""

    images_per_minute: int
    """Where no answer names a limit."""
    concurrency: int
    patience: float
    """How long one answer may take."""
    patience_slow: float
    slow_qualities: tuple[str, ...]
    blocked_codes: tuple[str, ...]
    """Error codes of a prompt that was refused."""
    quota_codes: tuple[str, ...]
    """Error codes of an account that may not spend more."""
    unverified: str
    """Id of the API error for an organization that must be verified."""
    batch: BatchTerms
    limits_fact: Fact

    def patience_for(self, quality: object) -> float:
        """Seconds that an answer of ``quality`` may take."""
        return self.patience_slow if quality in self.slow_qualities else self.patience


def service(root: Table) -> Service:
    """The section ``service`` of the rules."""
    table = root.table("service").close("batch", "limits", "patience", "refusals")
    limits = table.table("limits").close("checked", "concurrency", "images_per_minute", "source")
    patience = table.table("patience").close("checked", "slow", "slow_qualities", "source", "usual")
    refusals = table.table("refusals").close("blocked", "checked", "quota", "source", "unverified")
    batch = table.table("batch").close(
        "checked", "max_bytes", "max_requests", "price_share", "source", "window"
    )
    patience.fact()
    refusals.fact()
    unverified = refusals.text("unverified")
    if unverified not in root.table("errors").entries:
        raise refusals.fail("unverified", f"errors has no {unverified!r}")
    share = batch.number("price_share")
    if share is None:
        raise batch.fail("price_share", "price_share is missing")
    return Service(
        images_per_minute=limits.integer_of("images_per_minute"),
        concurrency=limits.integer_of("concurrency"),
        patience=patience.integer_of("usual"),
        patience_slow=patience.integer_of("slow"),
        slow_qualities=patience.texts("slow_qualities"),
        blocked_codes=refusals.texts("blocked"),
        quota_codes=refusals.texts("quota"),
        unverified=unverified,
        batch=BatchTerms(
            share,
            batch.integer_of("max_requests"),
            batch.integer_of("max_bytes"),
            batch.text("window"),
            batch.fact(),
        ),
        limits_fact=limits.fact(),
    )
