"""The verdicts of people on a run, as far as they speak of the pictures that are there now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.compare.tasks import key_of, sha_of
from migrator.compare.verdicts import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from migrator.compare.tasks import Task

_AGAINST = {"reject", "needs_work", "both_bad"}


class Signoff:
    """Who said what: ``rejected`` and ``open`` are pairs as ``prompt#sample``, ``stale`` counts outdated verdicts."""

    def __init__(
        self, verdicts: Mapping[str, Any] | None, couples: Sequence[tuple[Task, Task]], tasks: Sequence[Task]
    ) -> None:
        shas: dict[str, tuple[str | None, str | None]] = {
            key_of(task): (None, sha_of(task)) for task in tasks
        }
        shas.update({key_of(b): (sha_of(a), sha_of(b)) for a, b in couples})
        latest: dict[tuple[str, str, bool], str] = {}
        self.stale = 0
        reviewer = str((verdicts or {}).get("reviewer", ""))
        for entry in sorted((verdicts or {}).get("verdicts") or (), key=lambda one: str(one.get("at") or "")):
            key = f"{entry.get('prompt_id')}#{entry.get('sample', 0)}"
            if key not in shas or (entry.get("left"), entry.get("right")) != shas[key]:
                self.stale += 1
                continue
            verdict = str(entry.get("verdict"))
            # a preference given after a decision does not take it back
            latest[key, str(entry.get("reviewer", reviewer)), verdict in DECISIONS] = verdict
        given: dict[str, set[str]] = {}
        for (key, *_), verdict in latest.items():
            given.setdefault(key, set()).add(verdict)
        self._given = given
        self.rejected = [key for key, words in given.items() if words & _AGAINST]
        self.open = [
            key_of(task) for task in tasks if key_of(task) not in given and task["state"] in {"ok", "blocked"}
        ]

    def accepts(self, key: str) -> bool:
        """Whether somebody accepted this and nobody rejected it."""
        words = self._given.get(key, set())
        return bool(words & {"accept", "new", "tie"}) and not words & _AGAINST
