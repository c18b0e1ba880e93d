"""Which settings are one of many (a table of models, a list to choose from), or a name of something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.hosts.words import meaning, words_of

if TYPE_CHECKING:
    from migrator.hosts.config.document import Document, Key, Setting
    from migrator.hosts.config.evidence import Evidence

_ITSELF = (("id",), ("name",))
"""Keys by which an entry of a table says which one it is."""


class Tables:
    """Answers about the settings of one file."""

    def __init__(self, document: Document, evidence: Evidence) -> None:
        self.document = document
        self.evidence = evidence
        self.names = evidence.names
        self.words = evidence.words
        # by the length of the path to a list, then by that path and the last key: entries and their values
        self._entries: dict[int, dict[tuple[tuple[Key, ...], Key], set[tuple[Key, str]]]] = {}
        self._lists: dict[tuple[tuple[Key, ...], Key], bool] = {}
        self._choices: set[tuple[Key, ...]] | None = None

    def in_registry(self, one: Setting) -> bool:
        """Whether a setting stands in a list or a table of models."""
        names_itself = words_of(one.key) in _ITSELF
        for number, part in enumerate(one.path[:-1]):
            # entries of a list, or of a mapping whose entries each say who they are
            if part in self.names.exact:
                return True
            if isinstance(part, int) or (names_itself and number == len(one.path) - 2):
                if self._many(one.path[:number], one.path[-1]):
                    return True
            if isinstance(part, int):
                continue
            if not self.words.registries.isdisjoint({part.lower(), *words_of(part)}):
                if not self._is_settings(one, number):
                    return True
        return self.is_choice(one)

    def place(self, one: Setting) -> tuple[Key, ...]:
        """Where the list or table of a setting stands: what is in one place is told of once."""
        for number, part in enumerate(one.path[:-1]):
            if isinstance(part, int) or part in self.names.exact:
                return one.path[:number]
            if not self.words.registries.isdisjoint({part.lower(), *words_of(part)}):
                return one.path[: number + 1]
        return one.path[:-1]

    def is_beside_choices(self, one: Setting) -> bool:
        """Whether a setting has a name of its own, and what may be chosen stands in a list beside it."""
        words = words_of(one.key)
        return self.is_choice(one) and not set(words) <= self.words.tails and self._means_model(one)

    def _means_model(self, one: Setting) -> bool:
        return meaning(one.key, self.words).parameter == "model"

    def _is_settings(self, one: Setting, number: int) -> bool:
        """Whether a key that may hold choices holds what is passed on: ``options: {model: …, size: …}``."""
        part, behind = one.path[number], one.path[number + 1 :]
        words = words_of(str(part))
        return (
            not self.words.options.isdisjoint(words[-1:])
            and self.words.registries.isdisjoint(words[:-1])
            and len(behind) == 1
            and meaning(one.key, self.words).parameter is not None
        )

    def of_many(self, one: Setting) -> bool:
        """Whether the key of a model says that it is one of many, or one of the past, and no call reads it."""
        if self.evidence.reads(one, "model"):
            return False
        words = words_of(one.key)
        above = one.path[-2] if len(one.path) > 1 else None
        if (
            isinstance(above, str)
            and self._means_model(one)
            and not self.words.past.isdisjoint(words_of(above))
        ):
            # `[old]` with a model, a size and so on
            return words not in _ITSELF
        # a word such as `options` at the end holds choices; before the end it holds what is passed on
        inside = self.words.registries - self.words.options
        return not inside.isdisjoint(words) or not self.words.registries.isdisjoint(words[-1:])

    def is_mark(self, one: Setting) -> bool:
        """Whether a setting is a label for other tools: of a container, of a cluster."""
        return any(
            isinstance(part, str) and not self.words.marks.isdisjoint(words_of(part)[-1:])
            for part in one.path[:-1]
        )

    def is_choice(self, one: Setting) -> bool:
        """Whether a list of allowed values stands beside the setting, as in a JSON schema."""
        above = one.path[:-1]
        if self._choices is None:
            self._choices = {
                other.path[:place]
                for other in self.document.settings
                if other.place == "item" and other.value in self.names.exact
                for place in range(len(other.path))
                if isinstance(key := other.path[place], str) and key.lower() in self.words.registries
            }
        return above in self._choices

    def _many(self, above: tuple[Key, ...], last: Key) -> bool:
        """Whether a list has several entries that name different things under the same key."""
        size = len(above)
        if size not in self._entries:
            entries = self._entries[size] = {}
            for one in self.document.settings:
                if len(one.path) > size + 1 and one.place != "key":
                    entries.setdefault((one.path[:size], one.path[-1]), set()).add(
                        (one.path[size], one.value)
                    )
        key = (above, last)
        if key not in self._lists:
            seen = self._entries[size].get(key, set())
            self._lists[key] = len({entry for entry, _ in seen}) > 1 and len({v for _, v in seen}) > 1
        return self._lists[key]

    def names_itself(self, one: Setting) -> bool:
        """Whether a bare ``name`` or ``id`` stands where nothing speaks of models or pictures: a package, a resource."""
        words = words_of(one.key)
        if not words or not set(words) <= self.words.tails or self.evidence.reads(one, "model"):
            return False
        above = next((part for part in reversed(one.path[:-1]) if isinstance(part, str)), "")
        return (self.words.models | self.words.images).isdisjoint(words_of(above))

    def is_label(self, one: Setting) -> bool:
        """Whether a value is a text for people."""
        return not self.words.labels.isdisjoint(words_of(one.key)) and not self.evidence.reads(one)
