"""Money: what may be spent, what is spoken for, what is gone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_CENT = 1e-9
"""Sums of floating point numbers may be off by this much."""


class Budget:
    """A limit in USD, or none. Money is reserved before a request leaves and settled when it ended."""

    def __init__(self, limit: float | None = None, spent: float = 0.0) -> None:
        self.limit = limit
        self.spent = spent
        self.reserved = 0.0
        self._changed = asyncio.Event()

    async def reserve(self, usd: float) -> bool:
        """Speaks for ``usd``. False when it does not fit, not even when what is out comes back cheaper."""
        while not self.take(usd):
            if self.reserved <= _CENT or (self.limit is not None and self.spent + usd > self.limit + _CENT):
                return False
            self._changed.clear()
            await self._changed.wait()
        return True

    def take(self, usd: float) -> bool:
        """Speaks for ``usd`` if it fits right now."""
        if self.limit is not None and self.spent + self.reserved + usd > self.limit + _CENT:
            return False
        self.reserved += usd
        return True

    def settle(self, reserved: float, spent: float) -> None:
        """Turns what was reserved for a request into what it cost."""
        self.reserved = max(0.0, self.reserved - reserved)
        self.spent += spent
        self._changed.set()

    def as_json(self) -> dict[str, Any] | None:
        """As in results.json."""
        if self.limit is None:
            return None
        return {
            "limit_usd": self.limit,
            "reserved_usd": round(self.reserved, 6),
            "spent_usd": round(self.spent, 6),
        }
