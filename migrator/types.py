"""The values that travel between the stages. All frozen, typed and picklable; no stage knows the next one.

``SourceFile -> ProjectIndex -> Site -> Plan(Findings, Edits) -> FileResult -> Report``
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Fix = Literal["safe", "review", "manual"]
"""How far a rewrite can be trusted.

``safe``: proved from the project, applied by ``--write``. ``review``: a person must weigh it, applied with
``--unsafe`` only. ``manual``: there is no rewrite; the finding says what to do.
"""

FileStatus = Literal["changed", "unchanged", "error"]
UrlAs = Literal["data-uri", "file", "review"]
Sdk = Literal["keep", "latest"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the project, read once.

    ``text`` is decoded without touching line endings; ``encoding`` and ``bom`` turn an edited text back into
    bytes. ``path`` is the path shown to people, relative to the current folder where possible, with ``/``.
    """

    path: str
    text: str
    encoding: str = "utf-8"
    bom: bytes = b""
    inner: str = field(default="", compare=False)
    """The path below the top of the file's own project, where that is known to differ from ``path``."""

    @property
    def is_test(self) -> bool:
        """Whether the file belongs to the tests of its project: a project may itself lie in a folder of tests."""
        path = self.inner or self.path
        name = path.rpartition("/")[2]
        return (
            name.startswith("test_")
            or name.endswith("_test.py")
            or name == "conftest.py"
            or "/tests/" in f"/{path}"
        )

    def encode(self, text: str) -> bytes:
        """The bytes of ``text`` as they go back into this file."""
        return self.bom + text.encode(self.encoding)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters in ``SourceFile.text``."""

    start: int
    end: int

    def __contains__(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Request:
    """What a call site asks for, before and after: parameter name to literal value, or to ``{"code": text}``."""

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was changed, or that a person must do. Lines and columns are 1-based, of the original."""

    rule: str
    fix: Fix
    path: str
    line: int
    column: int
    end_line: int
    message: str
    suggestion: str = ""
    site: str = ""
    applied: bool = False
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file. ``after`` is ``None`` unless the file changes."""

    path: str
    status: FileStatus
    before: SourceFile | None = None
    after: str | None = None


def place(finding: Finding) -> tuple[str, int, int, str, str]:
    """The order in which findings are shown: by position, then by rule."""
    return (finding.path, finding.line, finding.column, finding.rule, finding.message)


def unread(problems: Iterable[Finding]) -> tuple[FileResult, ...]:
    """One result for each file that ``problems`` say could not be read."""
    paths = dict.fromkeys(problem.path for problem in problems)
    return tuple(FileResult(path, "error") for path in sorted(paths))


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """One call site as the inventory shows it. ``outcome`` is the worst fix among its findings, or ``done``."""

    site: str
    path: str
    line: int
    endpoint: str
    models: tuple[str, ...]
    outcome: Literal["safe", "review", "manual", "done"]
    migrated: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """The rewrite of one call site, for a person to decide: what changes where, and what is said about it."""

    site: SiteSummary
    files: tuple[FileResult, ...]
    findings: tuple[Finding, ...]


Choose = Callable[[Sequence[Proposal]], Collection[int]]
"""Which of the proposals, by position, are to be applied."""


@dataclass(frozen=True, slots=True)
class Read:
    """A name outside of the code (environment variable, key of a configuration) that feeds an image call.

    ``name`` is the last word of it, as written; ``parameter`` the argument that it fills; ``migrated`` whether
    every call that it reaches is migrated by this run, or needs nothing.
    """

    name: str
    parameter: str
    site: str
    migrated: bool


@dataclass(frozen=True, slots=True)
class Prose:
    """Texts for people that name a retired model: in how many files, and how often."""

    files: int = 0
    mentions: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one run over a project, ready for any output format."""

    target: str
    files: tuple[FileResult, ...]
    findings: tuple[Finding, ...]
    sites: tuple[SiteSummary, ...]
    written: bool = False
    warnings: tuple[str, ...] = ()
    notes: dict[str, int] = field(default_factory=dict)
    reads: tuple[Read, ...] = ()
    compared: frozenset[str] = frozenset()
    """Texts that the Python code compares something with."""
    prose: Prose = field(default_factory=Prose)
    shard: str = ""
    """Which part of a divided run this is, such as ``2/4``."""
