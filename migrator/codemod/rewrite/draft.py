"""The texts of a run's files with the edits chosen so far; trying further ones renders only what they touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .edits import EditConflict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .edits import Edit


class ClashError(Exception):
    """Edits that cannot be applied on top of those before them: in which file, and why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class Draft:
    """``text_of`` gives a file as it is, ``misfit`` says why a new text cannot stand there (empty if it can)."""

    def __init__(self, text_of: Callable[[str], str], misfit: Callable[[str, str], str]) -> None:
        self._text_of = text_of
        self._misfit = misfit
        self._edits: dict[str, tuple[Edit, ...]] = {}
        self._texts: dict[str, str] = {}
        self._last: dict[str, tuple[tuple[Edit, ...], str]] = {}

    @property
    def texts(self) -> dict[str, str]:
        """The new text of every file with an edit, by path."""
        return dict(sorted(self._texts.items()))

    def add(self, edits: Iterable[tuple[str, Edit]]) -> None:
        """Takes all of ``edits``, each with its path, or none of them.

        Raises:
            ClashError: They cannot be applied beside those that were taken before.
        """
        touched: dict[str, tuple[Edit, ...]] = {}
        for path, edit in edits:
            touched[path] = (*touched.get(path, self._edits.get(path, ())), edit)
        texts = {path: self._rendered(path, touched[path]) for path in sorted(touched)}
        self._edits.update(touched)
        self._texts.update(texts)

    def restart(self, edits: Iterable[tuple[str, Edit]]) -> None:
        """Like :meth:`add`, instead of those that were taken before."""
        self._edits, self._texts = {}, {}
        self.add(edits)

    def _rendered(self, path: str, edits: tuple[Edit, ...]) -> str:
        last, text = self._last.get(path, ((), ""))
        if last == edits:
            return text
        from .engine import apply  # noqa: PLC0415 - libcst takes longer to import than small runs take

        try:
            text = apply(self._text_of(path), edits)
        except EditConflict as error:
            raise ClashError(path, str(error)) from None
        if reason := self._misfit(path, text):
            raise ClashError(path, reason)
        self._last[path] = edits, text
        return text
