"""The interface of a source, and what it answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from migrator.catalog.model import Model
    from migrator.compare.plan import Task
    from migrator.compare.suite import Prompt, Value

Kind = Literal["openai", "azure", "openai-compatible", "archive", "simulator"]
KINDS: tuple[Kind, ...] = ("openai", "azure", "openai-compatible", "archive", "simulator")
Role = Literal["old", "new", "other"]
Trouble = Literal[
    "moderation",
    "unverified",
    "rate_limit",
    "quota",
    "server",
    "timeout",
    "transport",
    "malformed",
    "refused",
    "auth",
    "budget",
]
"""Classes of errors, as in results.json."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the comparison, as it was asked for. It holds no secret: keys are named, not kept.

    ``model`` is what is sent (a deployment for Azure; empty for an archive that does not say), ``facts`` what
    the rules know of it, ``day`` the day whose rules hold for it. ``headers`` are as written, with
    ``${NAME}`` for environment variables.
    """

    name: str
    role: Role
    spec: str
    kind: Kind
    model: str
    day: date
    facts: Model | None = None
    base_url: str | None = None
    path: Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    key_env: str | None = None
    key_file: Path | None = None
    api_version: str | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict)
    price_usd: float | None = None

    @property
    def simulated(self) -> bool:
        """Whether its pictures are drawn here."""
        return self.kind == "simulator"

    @property
    def provider(self) -> str:
        """Whose dates and rules hold."""
        return "azure" if self.kind == "azure" else "openai"

    @property
    def live(self) -> bool:
        """Whether its pictures are made on demand."""
        return self.kind != "archive"


@dataclass(frozen=True, slots=True)
class Answer:
    """A picture, exactly as it came. ``latency_s`` in seconds; ``cost_usd`` only where the source says it."""

    data: bytes
    latency_s: float | None = None
    usage: Mapping[str, Any] | None = None
    request_id: str | None = None
    cost_usd: float | None = None
    simulated: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class AskError(Exception):
    """A request that brought no picture. The text is one line for people, without secrets.

    ``wait_s`` is how long the service asks to wait, ``billed`` whether it may have been paid for all the same.
    """

    def __init__(
        self,
        trouble: Trouble,
        message: str,
        *,
        code: str | None = None,
        request_id: str | None = None,
        wait_s: float | None = None,
        billed: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.trouble = trouble
        self.message = message
        self.code = code
        self.request_id = request_id
        self.wait_s = wait_s
        self.billed = billed
        self.headers = headers or {}


class Source(Protocol):
    """One opened column."""

    column: Column

    def missing(self, prompt: Prompt, sample: int) -> str | None:
        """Why this source can have no picture for a sample of ``prompt``, known without asking."""
        ...

    async def ask(self, task: Task, timeout: float) -> Answer:
        """One picture within ``timeout`` seconds.

        Raises:
            AskError: When there is none.
        """
        ...

    def notes(self) -> list[str]:
        """What a person should know about this source."""
        ...

    async def close(self) -> None:
        """Frees connections."""
        ...
