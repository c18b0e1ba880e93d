"""The edits that a plan can ask for. Spans are character offsets in the original text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from migrator.types import Span


@dataclass(frozen=True, slots=True)
class Replace:
    """The characters of ``span`` become ``text``. No other edit may lie inside."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Around:
    """``span`` becomes ``before``, its part ``hole`` with the edits inside it, and ``after``.

    The engine puts brackets around the hole where it would not stay one expression without them.
    """

    span: Span
    hole: Span
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DropArgument:
    """Removes the keyword argument; nothing happens when it is not there."""

    keyword: str


@dataclass(frozen=True, slots=True)
class SetArgument:
    """Gives the keyword argument the value ``code``, and adds it when it is not there."""

    keyword: str
    code: str


@dataclass(frozen=True, slots=True)
class AddArgument:
    """Adds a keyword argument; nothing happens when it is there with the same code."""

    keyword: str
    code: str


@dataclass(frozen=True, slots=True)
class RenameArgument:
    """Renames the keyword argument; nothing happens when it is not there."""

    keyword: str
    new: str


@dataclass(frozen=True, slots=True)
class DropPosition:
    """Removes the positional argument at ``index`` (of the original call, from 0)."""

    index: int


ArgumentChange: TypeAlias = DropArgument | SetArgument | AddArgument | RenameArgument | DropPosition


@dataclass(frozen=True, slots=True)
class Arguments:
    """Changes the arguments of the call expression at ``span``, after the edits inside it."""

    span: Span
    changes: tuple[ArgumentChange, ...]


@dataclass(frozen=True, slots=True)
class DropEntry:
    """Removes every entry with this string key."""

    key: str


@dataclass(frozen=True, slots=True)
class SetEntry:
    """Gives every entry with this string key the value ``code``, and adds one when there is none."""

    key: str
    code: str


@dataclass(frozen=True, slots=True)
class AddEntry:
    """Adds an entry; nothing happens when the key is there with the same code."""

    key: str
    code: str


EntryChange: TypeAlias = DropEntry | SetEntry | AddEntry


@dataclass(frozen=True, slots=True)
class Entries:
    """Changes the entries of the dict display at ``span``, after the edits inside it."""

    span: Span
    changes: tuple[EntryChange, ...]


@dataclass(frozen=True, slots=True)
class DropElement:
    """Removes the element at ``index`` (of the original display, from 0)."""

    index: int


@dataclass(frozen=True, slots=True)
class AddElement:
    """Adds an element at the end."""

    code: str


ElementChange: TypeAlias = DropElement | AddElement


@dataclass(frozen=True, slots=True)
class Elements:
    """Changes the elements of the list, tuple or set display at ``span``, after the edits inside it."""

    span: Span
    changes: tuple[ElementChange, ...]


@dataclass(frozen=True, slots=True)
class DropStatement:
    """Removes the simple statement at ``span`` with its lines; an emptied block gets ``pass``."""

    span: Span


@dataclass(frozen=True, slots=True)
class ReplaceStatement:
    """The statement at ``span`` becomes ``lines``: statements without indentation, maybe compound."""

    span: Span
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InsertBefore:
    """Puts ``lines`` before the statement at ``span``, at its indentation."""

    span: Span
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InsertAfter:
    """Puts ``lines`` after the statement at ``span``, at its indentation."""

    span: Span
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unwrap:
    """The ``with``, ``if`` or ``try`` statement at ``span`` becomes its body, with the edits inside it.

    Of an ``if`` only the body stays; of a ``try`` the body, then ``else``, then ``finally``.
    """

    span: Span


@dataclass(frozen=True, slots=True)
class AddImport:
    """``import module [as alias]`` or ``from module import name [as alias]`` at the top of the module."""

    module: str
    name: str | None = None
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class DropImport:
    """Removes the binding ``name`` from module level, or from the import statement at ``span``."""

    name: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class AddHelper:
    """Puts a function definition below the leading imports, once."""

    code: str


StatementEdit: TypeAlias = DropStatement | ReplaceStatement | InsertBefore | InsertAfter | Unwrap
ModuleEdit: TypeAlias = AddImport | DropImport | AddHelper
Edit: TypeAlias = Replace | Around | Arguments | Entries | Elements | StatementEdit | ModuleEdit


class EditConflict(Exception):  # noqa: N818 - a normal outcome for the caller, who leaves that site alone
    """Edits that cannot be applied together. ``edits`` are those at fault, as far as known."""

    def __init__(self, message: str, *edits: Edit) -> None:
        super().__init__(message)
        self.edits = edits
