"""A project of one file: a program that stands inside another file, and imports nothing beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.hosts.composition import MisfitError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.hosts.composition import Composition
    from migrator.types import Finding, SourceFile


@dataclass(frozen=True, slots=True)
class OneFile:
    """What the codemod asks of a project, see :class:`migrator.codemod.index.project.Project`."""

    file: SourceFile
    composition: Composition | None = None
    """The pieces that the program is made of, where it is not one."""
    problems: Sequence[Finding] = ()

    @property
    def code(self) -> Sequence[str]:
        """The path of the file."""
        return (self.file.path,)

    def candidates(self) -> Sequence[SourceFile]:
        """The file itself."""
        return (self.file,)

    def related(self, words: Sequence[bytes], narrow: Sequence[bytes] = ()) -> Sequence[SourceFile]:  # noqa: ARG002
        """Nothing: there are no other files."""
        return ()

    def open(self, path: str) -> SourceFile | None:  # noqa: ARG002 - nothing can be imported
        """Nothing: there are no other files."""
        return None

    def exists(self, path: str) -> bool:
        """Whether a path is that of the file."""
        return path == self.file.path

    def in_scope(self, path: str) -> bool:
        """Whether a path is that of the file."""
        return path == self.file.path

    def text(self, path: str) -> str | None:  # noqa: ARG002
        """Nothing: there are no other files."""
        return None

    def other_paths(self) -> tuple[str, ...]:
        """Nothing: there are no other files."""
        return ()

    def misfit(self, path: str, text: str) -> str:  # noqa: ARG002
        """Why the pieces cannot take the new text; "" when they can."""
        try:
            if self.composition is not None:
                self.composition.split(text)
        except MisfitError as error:
            return str(error)
        return ""
