"""Values that hold the name of a leaving model among other text: lists, remarks, parts of longer names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.hosts.words import means_models, several, words_of

if TYPE_CHECKING:
    from migrator.catalog import Catalog
    from migrator.catalog.model import KeyWords
    from migrator.hosts.config.document import Setting
    from migrator.hosts.words import Names

_CODE = re.compile(r"[={}`$]|--|://|\w\(")
_SETTING = re.compile(r"^[ \t\"']*[\w.-]*(?i:model|engine|deployment)[\w.-]*[\"']?[ \t]*[:=]", re.MULTILINE)
"""A line of settings in a text of several lines."""
_CUT = re.compile(r"[,;|=\n]|:\s")
_AROUND = " \t\r\\\"'`[](){}<>*-"
"""What may stand around an entry of a list that is written as one text."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_FEW = 2
"""Words beside a name that do not make a text for people yet: ``the best NAME``, ``NAME / flux``."""


class Mixed:
    """Answers for one file."""

    def __init__(self, catalog: Catalog, names: Names) -> None:
        self.catalog = catalog
        self.names = names
        self.words: KeyWords = catalog.hosts.words

    def name_in(self, one: Setting) -> str:
        """The leaving model that a program can get out of a value; "" where the value is a text for people."""
        if means_models(one.key, self.words) and (found := self._within(one.value)):
            return found
        found_alone = next(self.names.inside(one.value), None)
        if found_alone is not None and (self._is_program(one) or self._is_list(one) or self._is_terse(one)):
            return found_alone.group()
        return ""

    def behind(self, one: Setting) -> str:
        """A model behind a value that looks like its comment: it may be a list with semicolons as well."""
        found = self.names.within.search(one.remark)
        if found is None or (one.value not in self.names.exact and not self._holds_several(one)):
            return ""
        return found.group()

    def _within(self, text: str) -> str:
        """A name in the value of a key that means models, also as a part of a word or as people spell it."""
        found = self.names.within.search(text)
        return found.group() if found else ""

    def _holds_several(self, one: Setting) -> bool:
        return several(one.key, self.words).parameter == "model"

    def _is_program(self, one: Setting) -> bool:
        keys = {
            word for part in one.path if isinstance(part, str) for word in (part.lower(), *words_of(part))
        }
        if not self.words.labels.isdisjoint(words_of(one.key)):
            return False
        return (
            not self.words.commands.isdisjoint(keys)
            or bool("\n" in one.value and _SETTING.search(one.value))
            or not re.search(r"\s", one.value)
            or bool(_CODE.search(one.value))
        )

    def _is_list(self, one: Setting) -> bool:
        """Whether a text is a row of words, one of which is a model, with commas between them or one in each line."""
        if not self.words.labels.isdisjoint(words_of(one.key)):
            return False
        pieces = [piece.strip(_AROUND) for piece in _CUT.split(one.value)]
        if not any(piece in self.names.exact for piece in pieces):
            words = one.value.split()
            return all(self.catalog.model(word) is not None for word in words)
        return not any(re.search(r"\s", piece) for piece in pieces)

    def _is_terse(self, one: Setting) -> bool:
        """Whether a value of an environment variable, or of a key about pictures, is little more than the name."""
        words = words_of(one.key)
        if not self.words.labels.isdisjoint(words):
            return False
        if not one.key.isupper() and self.words.images.isdisjoint(words):
            return False
        return len(_WORD.findall(self.names.within.sub("", one.value))) <= _FEW
