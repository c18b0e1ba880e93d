"""Values that only the old models took, where no setting that names a model answers for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.codemod.plan.part import worst
from migrator.hosts.config.voice import shown
from migrator.hosts.words import meaning, means_models, several, words_of

if TYPE_CHECKING:
    from migrator.catalog.model import EndpointName, Translation
    from migrator.hosts.base import HostContext
    from migrator.hosts.config.document import Key, Setting
    from migrator.hosts.config.evidence import Evidence
    from migrator.hosts.config.programs import Programs
    from migrator.hosts.config.voice import Voice

_ENDPOINT: EndpointName = "generations"
_CUT = re.compile(r"[\s,;|\"'()\[\]]+")
_NUMBER = re.compile(r"\d{2,5}")


class Olds:
    """Answers for one file."""

    def __init__(self, voice: Voice, context: HostContext, evidence: Evidence, programs: Programs) -> None:
        self.voice = voice
        self.context = context
        self.catalog = context.catalog
        self.today = context.options.today
        self.target = context.target
        self.words = context.catalog.hosts.words
        self.evidence = evidence
        self.programs = programs
        parameters = {name for model in self.catalog.models.values() for name in model.endpoints[_ENDPOINT]}
        self._old = {
            name: self.catalog.guard(_ENDPOINT, name, self.target, self.today)
            for name in parameters - {"model"}
        }
        self._values = frozenset(value for known in self._old.values() for value in known)
        self._beside: dict[tuple[Key, ...], set[tuple[str, ...]]] | None = None
        self._sides: dict[tuple[Key, ...], dict[tuple[str, ...], str]] | None = None

    def judge(self, one: Setting) -> bool:
        """Says what is to be said of a setting; whether there was something."""
        if one.place not in {"value", "item"}:
            return False
        if one.value in self._values:
            return self._single(one) if one.place == "value" else self._listed(one, [one.value])
        if _NUMBER.fullmatch(one.value):
            return self._side(one)
        if one.place == "value" and (program := self.programs.owner(one)) is not None:
            return self._owned(one, program.title)
        if one.place == "value" and any(sign in one.value for sign in ",;|\n "):
            return self._listed(one, [piece for piece in _CUT.split(one.value) if piece])
        return False

    def _single(self, one: Setting) -> bool:
        meant = meaning(one.key, self.words)
        new = self._old.get(meant.parameter or "", {}).get(one.value)
        if new is None or meant.parameter is None:
            return False
        if (program := self.programs.owner(one)) is not None:
            return self._owned(one, program.title)
        reads = self.evidence.reads(one, meant.parameter)
        translation = self.catalog.translate(_ENDPOINT, meant.parameter, one.value, self.target, self.today)
        rule = translation.rule or "IMG008"
        said = f"The setting {shown(one)} is {one.value!r}, which {self.target.id} refuses"
        if reads:
            doubtful = one.value in self.context.compared or self.evidence.serves_others(one)
            fix = worst(self.evidence.together(reads), "review" if doubtful else "safe")
            self.voice.say(
                rule, fix if one.editable else "manual", one, f"{said}; {reads[0].site} reads it.",
                f"Set it to {new}.", new,
            )  # fmt: skip
            return True
        if not self._is_about_pictures(one, meant.prefix):
            return False
        self.voice.say(rule, "manual", one, f"{said}.", f"Set it to {new}, if a GPT Image call reads it.")
        return True

    def _owned(self, one: Setting, title: str) -> bool:
        """A setting of a program that the rules know, where no retired model stands beside it."""
        parameter = meaning(one.key, self.words).parameter
        if parameter in {None, "model"}:
            return False
        assert parameter is not None
        translation = self.catalog.translate(_ENDPOINT, parameter, one.value, self.target, self.today)
        if translation.kind == "keep":
            return False
        said = f"{title} sends the setting {shown(one)} as {parameter}"
        if translation.kind == "drop":
            message, todo = f"{said}, which GPT Image models refuse.", "Remove the setting."
        else:
            message = f"{said}, and {self.target.id} refuses {one.value!r}."
            todo = f"Set it to {translation.value}." if translation.value else "Remove the setting."
        self.voice.say(translation.rule or "IMG008", "manual", one, message, todo)
        return True

    def _listed(self, one: Setting, pieces: list[str]) -> bool:
        """Several values in one text or in a list: sizes to choose from, for one."""
        meant = several(one.key, self.words)
        if meant.parameter in {None, "model"}:
            return False
        assert meant.parameter is not None
        old = [piece for piece in pieces if piece in self._old.get(meant.parameter, ())]
        if not old:
            return False
        reads = self.evidence.reads(one, meant.parameter)
        if not reads and not self._is_about_pictures(one, meant.prefix):
            return False
        translation = self.catalog.translate(_ENDPOINT, meant.parameter, old[0], self.target, self.today)
        new = ", ".join(dict.fromkeys(self._old[meant.parameter][piece] for piece in old))
        self.voice.say(
            translation.rule or "IMG008", "manual", one,
            f"The setting {shown(one)} offers {', '.join(old)}, which {self.target.id} refuses.",
            f"Offer {new} in place of it, if a GPT Image call gets what is chosen.",
        )  # fmt: skip
        return True

    def has_wrong_sides(self, model: Setting) -> bool:
        """Whether a width and a height that go with a model make a size which the target refuses."""
        prefix = meaning(model.key, self.words).prefix
        return any(
            self.evidence.same_thing(prefix, before) and self._refusal(size)
            for before, size in self._sizes(model.path[:-1]).items()
        )

    def _sizes(self, above: tuple[Key, ...]) -> dict[tuple[str, ...], str]:
        """Widths with the height beside them in one mapping, by the words before the last of their keys."""
        if self._sides is None:
            self._sides = {}
            first: dict[tuple[tuple[Key, ...], tuple[str, ...]], list[str]] = {}
            for one in self.evidence.document.settings:
                words = words_of(one.key)
                if one.place == "value" and words and words[-1] in self.words.sides and one.value.isdigit():
                    place = (one.path[:-1], words[:-1])
                    both = first.setdefault(place, ["", ""])
                    both[self.words.sides.index(words[-1])] = one.value
                    if all(both):
                        self._sides.setdefault(place[0], {})[place[1]] = "x".join(both)
        return self._sides.get(above, {})

    def _refusal(self, size: str) -> Translation | None:
        translation = self.catalog.translate(_ENDPOINT, "size", size, self.target, self.today)
        return None if translation.kind == "keep" else translation

    def _side(self, one: Setting) -> bool:
        """A width: with the height beside it, it is a size."""
        words = words_of(one.key)
        if words[-1:] != self.words.sides[:1]:
            return False
        size = self._sizes(one.path[:-1]).get(words[:-1])
        translation = self._refusal(size) if size else None
        if translation is None or not (
            self.programs.owner(one) is not None or self._is_about_pictures(one, words[:-1])
        ):
            return False
        new = f" such as {translation.value}" if translation.value else ""
        self.voice.say(
            translation.rule or "IMG004", "manual", one,
            f"The setting {shown(one)} and the one of the height ask for {size}, which {self.target.id} refuses.",
            f"Set both to a size that it takes{new}.",
        )  # fmt: skip
        return True

    def _is_about_pictures(self, one: Setting, prefix: tuple[str, ...]) -> bool:
        """Whether a key speaks of the old models, or a retired model is named beside it."""
        if "dalle" in prefix or "dall" in prefix:
            return True
        if self._beside is None:
            self._beside = self._models()
        above = one.path[:-1]
        while above and isinstance(above[-1], int):
            above = above[:-1]
        if one.place == "item":
            above = above[:-1]
        models = self._beside.get(above, set())
        if not prefix or prefix in models:
            # a bare `quality` goes with whatever model stands beside it
            return bool(models)
        return self.evidence.may_be_pictures(prefix) and any(
            self.evidence.same_thing(model, prefix) for model in models
        )

    def _models(self) -> dict[tuple[Key, ...], set[tuple[str, ...]]]:
        """Where leaving models are named: the place of their key, and the words before it."""
        found: dict[tuple[Key, ...], set[tuple[str, ...]]] = {}
        for one in self.evidence.document.settings:
            if one.place not in {"value", "item"} or not means_models(one.key, self.words):
                continue
            if self.evidence.names.within.search(one.value):
                above = one.path[:-1]
                while above and isinstance(above[-1], int):
                    above = above[:-1]
                above = above[:-1] if one.place == "item" else above
                prefix = meaning(one.key, self.words)
                words = prefix.prefix if prefix.parameter == "model" else several(one.key, self.words).prefix
                found.setdefault(above, set()).add(words)
        return found
