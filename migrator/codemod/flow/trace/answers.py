"""Remembers answers, knows which questions are open, and ends long hunts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.codemod.flow.origins import Origin

_DEPTH = 200

_FUEL = 6_000
"""Steps that one question may take."""

_WHOLE, _TIRED = 1_000_000, -1
"""What an answer ran into: no open question at all; or an end of patience, so that it is nowhere whole."""


class Answers:
    """Answers each question once, however it is asked again within itself."""

    def __init__(self) -> None:
        self._memo: dict[tuple[object, ...], tuple[Origin, ...]] = {}
        self._active: dict[tuple[object, ...], int] = {}
        self._fuel = _FUEL
        self.answered = 0
        self._low = _WHOLE
        self._partial: dict[tuple[object, ...], tuple[tuple[Origin, ...], int]] = {}

    def ask(
        self, key: tuple[object, ...], produce: Callable[[], Iterator[Origin]], tired: Origin
    ) -> tuple[Origin, ...]:
        """Answer a question once. A question inside itself has no answer of its own, and ``tired`` ends long hunts.

        An answer that ran into an open question, say the one at place 3 of those that are open, is only true as part
        of that one: it is kept until that one is answered. ``_low`` is the outermost place that was run into.
        """
        known = self.known(key)
        if known is not None:
            return known
        place = len(self._active)
        if place > _DEPTH:
            self._low = _TIRED
            return ()
        if not place:
            self._fuel = _FUEL
        self._fuel -= 1
        self.answered += 1
        if self._fuel < 0:
            self._low = _TIRED
            return (tired,)
        before, self._low = self._low, _WHOLE
        parts = len(self._partial)
        self._active[key] = place
        try:
            found = tuple(dict.fromkeys(produce()))
        finally:
            del self._active[key]
        if self._low >= place or not place:
            self._memo[key] = found
            while len(self._partial) > parts:
                self._partial.popitem()  # parts of this answer; asked again, they find it whole
            self._low = before
        else:
            self._partial[key] = (found, self._low)
            self._low = min(self._low, before)
        return found

    def known(self, key: tuple[object, ...]) -> tuple[Origin, ...] | None:
        """What is known of a question without any work, as part of the question under way; ``None``: not asked yet."""
        found = self._memo.get(key)
        if found is not None:
            return found
        return self.unfinished(key)

    def unfinished(self, key: tuple[object, ...]) -> tuple[Origin, ...] | None:
        """What is known so far of a question that is only answered as part of one that is open; else ``None``."""
        found: tuple[Origin, ...] = ()
        place = self._active.get(key)
        if place is None:
            partial = self._partial.get(key)
            if partial is None:
                return None
            found, place = partial
        self._low = min(self._low, place)
        return found

    @property
    def open_questions(self) -> int:
        """How many questions are being answered now, one within the other."""
        return len(self._active)

    def run_into(self, place: int) -> None:
        """Note that the answer under way is only true as part of the open question at ``place``."""
        self._low = min(self._low, place)

    def whole(self, ask: Callable[[], tuple[Origin, ...]]) -> tuple[tuple[Origin, ...], bool]:
        """What ``ask`` finds, and whether this is all, not only what a question that is open leaves."""
        before, self._low = self._low, _WHOLE
        found = ask()
        is_whole = self._low == _WHOLE
        self._low = min(self._low, before)
        return found, is_whole
