"""Failures on demand: a prompt with ``[[sim:NAME]]`` fails that way, with ``[[sim:NAME*2]]`` only twice.

``FAULTS`` lists the names. ``moderation`` is refused like an unsafe prompt; ``timeout`` hangs until the
client gives up, ``slow`` answers two seconds late, ``cut`` stops in the middle of the body, ``malformed``
sends broken JSON; ``expired`` lets a batch end before the request was worked on.
"""

from __future__ import annotations

import hashlib
import re
import threading
from typing import TYPE_CHECKING

from migrator.simulator.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r"\[\[sim:([a-z0-9_-]{1,32})(?:\*([0-9]{1,4}))?\]\]")

_LIMIT_HEADERS = {
    "retry-after-ms": "240",
    "x-ratelimit-limit-requests": "5",
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-reset-requests": "240ms",
}
_SERVER = "The server had an error while processing your request. Sorry about that!"

REFUSALS: Mapping[str, Refusal] = {
    "429": Refusal(
        429,
        "Rate limit reached on images per min (IPM): Limit 5. Please try again in 240ms.",
        type="requests",
        code="rate_limit_exceeded",
        headers=_LIMIT_HEADERS,
    ),
    "input-images": Refusal(
        429,
        "Rate limit reached on input-images per min: Limit 250. Please try again in 240ms.",
        type="input-images",
        code="rate_limit_exceeded",
        headers=_LIMIT_HEADERS,
    ),
    "billing": Refusal(400, "Billing hard limit has been reached", code="billing_hard_limit_reached"),
    "500": Refusal(500, _SERVER, type="server_error"),
    "502": Refusal(502, "Bad gateway.", type="server_error"),
    "503": Refusal(503, "The engine is currently overloaded, please try again later.", type="server_error"),
}
TOLD: Mapping[str, str] = {
    "moderation": "moderation_blocked",
    "quota": "insufficient_quota",
    "unverified": "organization_not_verified",
}
"""Faults whose answers the rules tell, by the id of the error there."""
TRANSPORT = ("timeout", "slow", "cut", "malformed")
BATCH = ("expired",)
"""Faults of a request in a batch; a single request has nothing of the kind."""
FAULTS: tuple[str, ...] = (*REFUSALS, *TOLD, *TRANSPORT, *BATCH)


def unknown_fault(name: str) -> Refusal:
    """A token whose name is not in ``FAULTS``; said plainly, as a silent success would mislead a test."""
    return Refusal(
        400, f"The simulator has no fault '{name}'. It has: {', '.join(FAULTS)}.", code="sim_unknown"
    )


class FaultPlan:
    """Decides which fault, if any, hits a request. Safe to use from several threads.

    ``shares`` maps a fault to the share of requests (0 to 1) that it hits, drawn from ``seed`` and the number
    of the request, so the same run fails in the same places.

    Raises:
        ValueError: for a fault that does not exist, or shares that are negative or sum to more than 1.
    """

    def __init__(self, shares: Mapping[str, float] | None = None, seed: int = 0) -> None:
        self._shares = dict(shares or {})
        for name, share in self._shares.items():
            if name not in FAULTS:
                raise ValueError(f"unknown fault {name!r}; known: {', '.join(FAULTS)}")
            if share < 0:
                raise ValueError(f"the share of fault {name!r} is negative")
        if sum(self._shares.values()) > 1:
            raise ValueError("the shares of the faults sum to more than 1")
        self._seed = seed
        self._count = 0
        self._hits: dict[str, int] = {}
        self._lock = threading.Lock()

    def next(self, prompt: str) -> str | None:
        """The fault for the next request with ``prompt``, if any. An unknown name is returned as it is."""
        with self._lock:
            self._count += 1
            for match in _TOKEN.finditer(prompt):
                key = hashlib.sha256(f"{match.group()}\0{prompt}".encode()).hexdigest()
                self._hits[key] = self._hits.get(key, 0) + 1
                if match.group(2) is None or self._hits[key] <= int(match.group(2)):
                    return match.group(1)
            return self._drawn()

    def _drawn(self) -> str | None:
        if not self._shares:
            return None
        raw = hashlib.sha256(f"{self._seed}:{self._count}".encode()).digest()
        point = int.from_bytes(raw[:8], "big") / 2**64
        for name, share in self._shares.items():
            if point < share:
                return name
            point -= share
        return None


def without_tokens(prompt: str) -> str:
    """``prompt`` without fault tokens, as it is drawn."""
    return _TOKEN.sub("", prompt).strip()
