"""One answer, the places that read a url from it, and what each use of that url asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

    from migrator.codemod.flow.forward import State, Trail
    from migrator.codemod.flow.origins import Step
    from migrator.codemod.index.module import Module
    from migrator.codemod.plan.attachments import Attaching
    from migrator.codemod.plan.downloads import Decoding
    from migrator.codemod.plan.part import FileEdit
    from migrator.codemod.sites.site import Site
    from migrator.types import Fix


URL, B64, REVISED = "url", "b64_json", "revised_prompt"


@dataclass(eq=False, slots=True)
class Read:
    """One place where a url is read from a picture. ``node`` is the expression whose value is the url."""

    site: Site
    module: Module
    node: ast.expr
    guarded: bool = False
    ends: list[End] = field(default_factory=list)
    trail: Trail | None = None


@dataclass(frozen=True, slots=True)
class End:
    """What one use of a url asks for.

    ``form``: ``any`` every form will do, ``b64`` plain base64 is best, ``text`` it must be a string that stands for
    the picture.
    """

    form: str
    fix: Fix
    rule: str
    module: Module
    node: ast.AST
    message: str = ""
    suggestion: str = ""
    edits: tuple[FileEdit, ...] = ()
    decoding: Decoding | Attaching | None = None
    tested: bool = False
    """Whether a test of the project looks at the url here: the test has to follow, the program can move."""


@dataclass(frozen=True, slots=True)
class Misuse:
    """A call that takes base64 for an address or the name of a file. ``called`` is the source of its callee."""

    module: Module
    node: ast.Call
    called: str


@dataclass(eq=False, slots=True)
class Answer:
    """Everything that the answer of one site reaches."""

    site: Site
    reads: list[Read] = field(default_factory=list)
    b64_reads: list[tuple[Module, ast.expr]] = field(default_factory=list)
    revised: list[tuple[Module, ast.expr]] = field(default_factory=list)
    parsed: list[tuple[Module, ast.expr]] = field(default_factory=list)
    """Where the body of an HTTP answer becomes a mapping."""
    refusing: list[tuple[Module, ast.AST]] = field(default_factory=list)
    """Tests that lead past a url when there is base64, where nothing is sure to use the base64."""
    mingled: list[tuple[Module, ast.expr]] = field(default_factory=list)
    """Urls that take the same way as the base64 in whose place they stand."""
    idle: list[tuple[Module, ast.If]] = field(default_factory=list)
    """Tests for a url whose block does something that the code for base64 does not."""
    cleared: list[tuple[Module, ast.expr]] = field(default_factory=list)
    """Where the base64 is taken out of a picture that is read later."""
    misuses: list[Misuse] = field(default_factory=list)
    trail: Trail | None = None
    accesses: list[tuple[State, Step, ast.expr]] = field(default_factory=list)
    """Every read of a field of an answer of openai<1, with the expression that reads."""
