"""Names of models in text, and the words of a key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from migrator.catalog import Catalog
    from migrator.catalog.model import KeyWords

_CUT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@lru_cache(maxsize=4096)
def words_of(key: str) -> tuple[str, ...]:
    """The words of a key in lower case: ``openaiImage_model`` is ``openai image model``."""
    return tuple(word.lower() for word in _CUT.findall(key))


@dataclass(frozen=True, slots=True)
class KeyMeaning:
    """What a key is about: the argument that it fills, and the words before that."""

    parameter: str | None
    prefix: tuple[str, ...]


def meaning(key: str, words: KeyWords) -> KeyMeaning:
    """What ``key`` is about. A key of a model has the parameter ``model``."""
    parts = list(words_of(key))
    number: tuple[str, ...] = ()
    if len(parts) > 1 and parts[-1].isdigit():
        # IMAGE_MODEL_2 is a model as well, and goes with IMAGE_QUALITY_2
        number = (parts.pop(),)
    known = _ending(parts, words.parameters)
    if known is not None:
        return KeyMeaning(known.parameter, known.prefix + number)
    while len(parts) > 1 and parts[-1] in words.tails:
        parts.pop()
    if parts and (parts[-1] in words.models or parts[-1] in words.tails):
        return KeyMeaning("model", tuple(parts[:-1]) + number)
    return KeyMeaning(None, tuple(parts) + number)


def several(key: str, words: KeyWords) -> KeyMeaning:
    """What a key that holds several values is about, ``IMAGE_SIZES`` for one: the argument, and the words before it."""
    parts = words_of(key)
    return _ending(parts, words.many) or KeyMeaning(None, parts)


def means_models(key: str, words: KeyWords) -> bool:
    """Whether a key is about models, one or several, and its value is not a text for people."""
    parts = words_of(key)
    return words.labels.isdisjoint(parts) and any(
        part in words.models or words.many.get(part) == "model" for part in parts
    )


def _ending(parts: Sequence[str], endings: Mapping[str, str]) -> KeyMeaning | None:
    joined = " ".join(parts)
    for ending, parameter in endings.items():
        if joined == ending or joined.endswith(" " + ending):
            return KeyMeaning(parameter, tuple(parts[: len(parts) - len(ending.split())]))
    return None


@dataclass(frozen=True, slots=True)
class Names:
    """Finds names of leaving models in text."""

    exact: frozenset[str]
    pattern: re.Pattern[str]
    prose: re.Pattern[str]
    within: re.Pattern[str]
    """Finds a name that is part of a longer word too, as in ``my-dall-e-3``, also in the spelling of people."""
    hint: re.Pattern[str]
    """Matches quickly whatever can hold a name or a host, and more."""

    @classmethod
    def of(cls, catalog: Catalog, today: date) -> Names:
        """The names that code has to move off, and how people write them."""
        return _names(catalog.leaving(today), catalog.hosts.marketing)

    def inside(self, text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
        """Every name that stands as a word of its own."""
        return self.pattern.finditer(text, start, len(text) if end is None else end)

    def spoken(self, text: str) -> bool:
        """Whether people write of the models anywhere in ``text``, which may be large."""
        small = text.lower()
        return any(word in small for word in ("dall", *self.exact)) and self.prose.search(text) is not None


@lru_cache(maxsize=8)
def _names(leaving: tuple[str, ...], marketing: tuple[str, ...]) -> Names:
    joined = "|".join(re.escape(name) for name in leaving)
    shown = "|".join(re.escape(name).replace(r"\ ", r"[\s_-]?") for name in marketing)
    return Names(
        frozenset(leaving),
        re.compile(rf"(?<![\w-])(?<!\w\.)(?:{joined})(?![\w-]|\.\w)"),
        re.compile(
            rf"(?<![\w-])(?:{joined})(?![\w-]|\.\w)|(?<![\w/-])(?:{shown}|DALL[\s_-]?E[\s_-]?[23]?)(?![\w-])",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?<![A-Za-z0-9])(?:(?:{'|'.join(map(re.escape, sorted(leaving, key=len, reverse=True)))})"
            rf"(?![A-Za-z0-9]|\.\d)|(?i:{shown}|DALL[\s_-]?E[\s_-]?[23])(?![A-Za-z0-9]))"
        ),
        re.compile("dall|image|" + "|".join(re.escape(name[:6]) for name in leaving), re.IGNORECASE),
    )


class Lines:
    """Line and column, 1-based and in characters, of offsets."""

    def __init__(self, text: str) -> None:
        from migrator.codemod.offsets import Offsets  # noqa: PLC0415 - only where something was found

        self._offsets = Offsets(text)

    def at(self, offset: int) -> tuple[int, int]:
        """The position of one character."""
        return self._offsets.position(offset)
