"""What ties a setting to pictures: the code that reads it, the model beside it, the words of its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.hosts.words import meaning, words_of

if TYPE_CHECKING:
    from migrator.hosts.base import HostContext
    from migrator.hosts.config.document import Document, Key, Setting
    from migrator.hosts.words import KeyMeaning, Names
    from migrator.types import Fix, Read


class Evidence:
    """Answers about the settings of one file."""

    def __init__(self, document: Document, context: HostContext, names: Names) -> None:
        self.document = document
        self.context = context
        self.names = names
        self.words = context.catalog.hosts.words
        self._meanings: dict[str, KeyMeaning] = {}
        self._paired: dict[int, dict[int, list[tuple[Setting, str]]]] = {}
        # the groups of each model, and what stands in mappings of options, by the path of the mapping around them
        self._groups: dict[int, list[list[Setting]]] = {}
        for group in document.groups:
            for one in group:
                if one.value in names.exact:
                    self._groups.setdefault(id(one), []).append(group)
        self._nested: dict[tuple[Key, ...], list[Setting]] = {}
        for one in document.settings:
            above = one.path[-2] if len(one.path) > 1 else None
            if isinstance(above, str) and above.lower() in self.words.options:
                self._nested.setdefault(one.path[:-2], []).append(one)

    def trust(self, model: Setting) -> Fix:
        """How far the change of a setting that names a model can be trusted."""
        reads = self.reads(model, "model")
        meant = self._meant(model)
        if self._on_azure(model):
            return "review"
        if model.value in self.context.compared:
            # the call that was migrated translates the old name, which other code insists on
            return "manual" if reads and all(read.migrated for read in reads) else "review"
        if reads:
            return self.together(reads)
        # `image: …` may be the name of a container's image
        return "safe" if meant.parameter == "model" else "review"

    def _on_azure(self, model: Setting) -> bool:
        """Whether the name is that of a deployment, as the key says or what it stands below."""
        above = (word for part in model.path[:-1] if isinstance(part, str) for word in words_of(part))
        return "azure" in above or not {"azure", "deployment"}.isdisjoint(words_of(model.key))

    def together(self, reads: list[Read]) -> Fix:
        """A setting goes with the calls that read it: with all of them, with none, or a person looks."""
        migrated = {read.migrated for read in reads}
        return "review" if len(migrated) > 1 else "safe" if migrated == {True} else "manual"

    def why(self, model: Setting, fix: Fix) -> str:
        """The reason of what :meth:`trust` says, as further sentences."""
        if fix == "safe":
            return ""
        if self._on_azure(model):
            return " On Azure this is the name of a deployment: create one of a GPT Image model first."
        if model.value in self.context.compared:
            kept = " The old name keeps working: it is translated at the call." if fix == "manual" else ""
            return f" Python code checks something against {model.value!r}: check that branch.{kept}"
        reads = [read for read in self.reads(model, "model") if not read.migrated]
        if reads:
            return f" The call that reads it ({reads[0].site}) is not migrated, and a setting goes with its call."
        return ""

    def siblings(self, model: Setting) -> list[tuple[Setting, str]]:
        """Settings that go with this model, each with the argument that it fills."""
        found: dict[int, tuple[Setting, str]] = {}
        for group in self._groups.get(id(model), ()):
            for one, parameter in self._pairs(group).get(id(model), ()):
                found[id(one)] = (one, parameter)
        for one in self._options(model):
            fills = self._meant(one).parameter
            if one.place == "value" and fills is not None and fills != "model":
                found.setdefault(id(one), (one, fills))
        return list(found.values())

    def _pairs(self, group: list[Setting]) -> dict[int, list[tuple[Setting, str]]]:
        """The models of a group, each with the settings that are closer to it than to the others."""
        known = self._paired.get(id(group))
        if known is None:
            known = self._paired[id(group)] = {}
            # models of one name are equally close, and the first of them counts
            models = {one.key: one for one in reversed(group) if one.value in self.names.exact}
            models = {key: models[key] for key in reversed(models)}
            same = {self._meant(one).prefix: one for one in reversed(models.values())}
            for one in group:
                meant = self._meant(one)
                if one.place != "value" or meant.parameter is None or meant.parameter == "model":
                    continue
                closest = same.get(meant.prefix) or max(
                    models.values(), key=lambda other: self._closeness(other, one)
                )
                if self._closeness(closest, one):
                    known.setdefault(id(closest), []).append((one, meant.parameter))
        return known

    def _options(self, model: Setting) -> list[Setting]:
        """What stands in a mapping of options beside a model, unless it names a model of its own."""
        found = self._nested.get(model.path[:-1], [])
        own = {one.path[-2] for one in found if self._meant(one).parameter == "model"}
        return [one for one in found if one.path[-2] not in own]

    def _meant(self, one: Setting) -> KeyMeaning:
        if one.key not in self._meanings:
            self._meanings[one.key] = meaning(one.key, self.words)
        return self._meanings[one.key]

    def _closeness(self, model: Setting, one: Setting) -> int:
        """How surely a setting goes with a model: 0 not at all, more is surer."""
        meant = self._meant(one)
        prefix = self._meant(model).prefix
        if prefix == meant.prefix:
            return 3
        sites = {read.site for read in self.reads(model, "model")}
        if any(read.site in sites for read in self.reads(one, meant.parameter)):
            return 2
        return 1 if self.same_thing(prefix, meant.prefix) else 0

    def same_thing(self, model: tuple[str, ...], other: tuple[str, ...]) -> bool:
        """Whether the words before a model's key and those before another key speak of the same."""
        if model == other:
            return True
        return self.may_be_pictures(other) and (self.is_any_picture(model) or set(other) <= set(model))

    def may_be_pictures(self, before: tuple[str, ...]) -> bool:
        """Whether the words before a key can be about pictures."""
        return not self.words.images.isdisjoint(before) or "openai" in before

    def is_any_picture(self, before: tuple[str, ...]) -> bool:
        """Whether the words before a model's key say no more than that it makes pictures."""
        return not before or not self.words.images.isdisjoint(before)

    def reads(self, one: Setting, parameter: str | None = None) -> list[Read]:
        """The calls whose ``parameter`` this setting feeds."""
        return [
            read
            for read in self.context.reads
            if (parameter is None or read.parameter == parameter)
            and (read.name == one.key or _loose(read.name) == _loose(one.key))
            and self._specific(one)
        ]

    def _specific(self, one: Setting) -> bool:
        """A key such as ``size`` alone proves nothing; one that speaks of pictures, or that has a long name, does."""
        words = words_of(one.key)
        around = {word for part in one.path if isinstance(part, str) for word in words_of(part)}
        return len(words) > 2 or not self.words.images.isdisjoint(around)

    def serves_others(self, one: Setting) -> bool:
        """Whether an anchor carries the value elsewhere without a key that says that it is about pictures."""
        speaks = not self.words.images.isdisjoint(words_of(one.key))
        return one.shared == "value" or (one.shared == "mapping" and not speaks)

    def is_read(self, one: Setting, parameter: str) -> bool:
        """Whether migrated calls read a setting, and no others."""
        reads = self.reads(one, parameter)
        return bool(reads) and all(read.migrated for read in reads)


def _loose(name: str) -> str:
    return name.lower().replace("-", "_")
