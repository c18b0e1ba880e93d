"""What goes into the checks of a picture and what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from migrator.compare.checks.readers import Reader

Status = Literal["pass", "fail", "warn", "info", "skipped"]
ReaderFactory = Callable[[], "Reader | None"]

VERSION = 2
"""Goes up when a check starts to answer differently, so that remembered answers are thrown away."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The answer of one check: ``value`` is plain JSON, ``message`` one sentence for people."""

    status: Status
    value: Any
    message: str

    def as_dict(self) -> dict[str, Any]:
        """As it stands in ``results.json``."""
        return {"status": self.status, "value": self.value, "message": self.message}


@dataclass(frozen=True, slots=True)
class Blob:
    """A file by its path, or by its bytes where the worker cannot see this machine's files."""

    path: str
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CheckJob:
    """One picture with all that its checks must know.

    ``made_for_it`` is false for pictures that were not made for this request, such as an archive's: what differs
    from the request is then told and not counted. ``expect_is`` says where ``expect_text`` comes from: the
    suite (``given``), quotation marks in the prompt (``quoted``), or nowhere (``none``).
    """

    picture: Blob
    size: str | None = None
    output_format: str | None = None
    background: str | None = None
    made_for_it: bool = True
    expect_text: tuple[str, ...] = ()
    expect_is: Literal["given", "quoted", "none"] = "none"
    inputs: tuple[Blob, ...] = ()
    mask: Blob | None = None
    preserve: Literal["strict", "loose"] | None = None
    reader: ReaderFactory | None = None
    """Makes what reads text in pictures; ``None`` is the installed one, if any."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where looking at a picture stops."""

    file_bytes: int = 64 * 2**20
    pixels: int = 40_000_000
    svg_bytes: int = 4 * 2**20


LIMITS = Limits()
