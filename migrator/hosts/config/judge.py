"""What becomes of the settings of one file: which are evidently image settings, and what they turn into."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.codemod.plan.part import worst
from migrator.hosts.settle import Change, Replacement
from migrator.hosts.words import Lines, Names, meaning, words_of
from migrator.types import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.catalog.model import EndpointName, Translation
    from migrator.hosts.base import HostContext
    from migrator.hosts.config.document import Document, Key, Setting
    from migrator.types import Fix, Read, SourceFile

_ENDPOINT: EndpointName = "generations"
_CODE = re.compile(r"[={}`$]|--|://|\w\(")
_PREFIXED = re.compile(r"(?:[\w.-]+[/:])+")


class Judge:
    """Judges one file; ``mentions`` counts its texts for people."""

    def __init__(self, file: SourceFile, document: Document, context: HostContext) -> None:
        self.file = file
        self.document = document
        self.context = context
        self.catalog = context.catalog
        self.today = context.options.today
        self.words = context.catalog.hosts.words
        self.names = Names.of(context.catalog, self.today)
        self.record = context.catalog.hosts.is_record(file.path)
        self.mentions = 0
        self.lines = Lines(file.text)
        self._done: set[int] = set()
        self._changes: list[Change] = []
        self._lists: dict[tuple[Key, ...], bool] = {}
        parameters = {name for model in self.catalog.models.values() for name in model.endpoints[_ENDPOINT]}
        self._old = {
            value
            for name in parameters - {"model"}
            for value in self.catalog.guard(_ENDPOINT, name, context.target, self.today)
        }
        self._choices: set[tuple[Key, ...]] | None = None

    def changes(self) -> list[Change]:
        """Every finding, with its edits where there are some."""
        models = [
            one for one in self.document.settings if one.place == "value" and one.value in self.names.exact
        ]
        registries = [one for one in models if self._in_registry(one)]
        plain = [one for one in models if one not in registries]
        for one in registries:
            self._listed(one)
        for one in plain:
            if self._is_label(one):
                self._done.add(id(one))
                self.mentions += 1
        plain = [one for one in plain if id(one) not in self._done]
        for one in plain:
            if self._names_itself(one):
                self._mentioned(one, one.value)
                self._done.add(id(one))
            else:
                self._model(one)
        for one in self.document.settings:
            if id(one) not in self._done:
                self._other(one)
        return self._changes

    # models

    def _model(self, model: Setting) -> None:
        self._done.add(id(model))
        group = str(model.start)
        siblings = self._siblings(model)
        parts: list[tuple[Setting, Translation, str]] = []
        fixes: list[Fix] = [self._trust(model)]
        for one, parameter in siblings:
            translation = self.catalog.translate(
                _ENDPOINT, parameter, one.value, self.context.target, self.today, source_model=model.value
            )
            if translation.kind == "keep":
                continue
            self._done.add(id(one))
            parts.append((one, translation, parameter))
            if translation.kind == "replace":
                doubtful = self._serves_others(one) or one.value in self.context.compared
                fixes.append("review" if doubtful else "safe")
            elif not self._is_read(one, parameter):
                # what the API refuses still stands beside it, and whether code sends it is not known
                fixes.append("review")
        if any(translation.kind == "replace" and not one.editable for one, translation, _ in parts):
            fixes.append("manual")
        fix = worst(*fixes)
        why = self._why(model, fix)
        self._say(
            "IMG001",
            fix if model.editable else "manual",
            model,
            f"The setting {_shown(model)} names {model.value}, which {self._fate(model.value)}.{why}",
            f"Set it to {self.context.target.id}.",
            self.context.target.id,
            group,
        )
        for one, translation, parameter in parts:
            self._sibling(one, translation, parameter, fix, group)

    def _trust(self, model: Setting) -> Fix:
        reads = self._reads(model, "model")
        meant = meaning(model.key, self.words)
        if {"azure", "deployment"} & set(words_of(model.key)):
            return "review"
        if model.value in self.context.compared:
            # the call that was migrated translates the old name, which other code insists on
            return "manual" if reads and all(read.migrated for read in reads) else "review"
        if reads:
            return "safe" if all(read.migrated for read in reads) else "review"
        # `image: …` may be the name of a container's image
        return "safe" if meant.parameter == "model" else "review"

    def _why(self, model: Setting, fix: Fix) -> str:
        if fix == "safe":
            return ""
        if {"azure", "deployment"} & set(words_of(model.key)):
            return " On Azure this is the name of a deployment: create one of a GPT Image model first."
        if model.value in self.context.compared:
            kept = " The old name keeps working: it is translated at the call." if fix == "manual" else ""
            return f" Python code checks something against {model.value!r}: check that branch.{kept}"
        reads = [read for read in self._reads(model, "model") if not read.migrated]
        if reads:
            return f" The call that reads it ({reads[0].site}) is not migrated."
        return ""

    def _fate(self, name: str) -> str:
        model = self.catalog.model(name)
        life = model.life() if model else None
        if life is None or life.shutdown is None:
            return "is retired"
        gone = life.shutdown <= self.today
        return f"{'was' if gone else 'is'} shut down on {life.shutdown}"

    def _siblings(self, model: Setting) -> list[tuple[Setting, str]]:
        """Settings that go with this model, each with the argument that it fills."""
        found: dict[int, tuple[Setting, str]] = {}
        for group in self.document.groups:
            if not any(one is model for one in group):
                continue
            models = [one for one in group if one.value in self.names.exact]
            for one in group:
                meant = meaning(one.key, self.words)
                if one.place != "value" or meant.parameter is None or meant.parameter == "model":
                    continue
                closest = max(models, key=lambda other: self._closeness(other, one))
                if closest is model and self._closeness(model, one):
                    found[id(one)] = (one, meant.parameter)
        return list(found.values())

    def _closeness(self, model: Setting, one: Setting) -> int:
        """How surely a setting goes with a model: 0 not at all, more is surer."""
        meant = meaning(one.key, self.words)
        prefix = meaning(model.key, self.words).prefix
        if prefix == meant.prefix:
            return 3
        sites = {read.site for read in self._reads(model, "model")}
        if any(read.site in sites for read in self._reads(one, meant.parameter)):
            return 2
        return 1 if self._same_thing(prefix, meant.prefix) else 0

    def _same_thing(self, model: tuple[str, ...], other: tuple[str, ...]) -> bool:
        if model == other:
            return True
        images = self.words.images
        pictures = not images.isdisjoint(other) or "openai" in other
        return pictures and (not images.isdisjoint(model) or not model or set(other) <= set(model))

    def _sibling(self, one: Setting, translation: Translation, parameter: str, fix: Fix, group: str) -> None:
        rule = translation.rule or "IMG008"
        target = self.context.target.id
        if translation.kind == "replace" and translation.value is not None:
            self._say(
                rule, fix if one.editable else "manual", one,
                f"The setting {_shown(one)} is {one.value!r}, which {target} refuses.",
                f"Set it to {translation.value}.", translation.value, group,
            )  # fmt: skip
        elif translation.kind == "drop":
            used = (
                "The calls that are migrated do not send it any more, so nothing reads it."
                if self._is_read(one, parameter)
                else f"Code that sends it to {target} fails."
            )
            self._say(
                rule, "manual", one, f"The setting {_shown(one)} fills {parameter}, which is gone. {used}",
                "Remove the setting, and the code that passes it on.",
            )  # fmt: skip
        else:
            fallback = f", or {translation.value}" if translation.value else ""
            self._say(
                rule, "manual", one,
                f"The setting {_shown(one)} is {one.value!r}, which {target} may refuse.",
                f"Set it to a value that {target} takes{fallback}.",
            )  # fmt: skip

    # what is read by code

    def _reads(self, one: Setting, parameter: str | None = None) -> list[Read]:
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

    def _serves_others(self, one: Setting) -> bool:
        """Whether an anchor carries the value elsewhere without a key that says that it is about pictures."""
        speaks = not self.words.images.isdisjoint(words_of(one.key))
        return one.shared == "value" or (one.shared == "mapping" and not speaks)

    def _is_read(self, one: Setting, parameter: str) -> bool:
        reads = self._reads(one, parameter)
        return bool(reads) and all(read.migrated for read in reads)

    # everything else

    def _in_registry(self, one: Setting) -> bool:
        names_itself = not self.words.tails.isdisjoint(words_of(one.key)) and len(words_of(one.key)) == 1
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
                return True
        return self._is_choice(one) or not self.words.registries.isdisjoint(words_of(one.key))

    def _is_choice(self, one: Setting) -> bool:
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
        if above not in self._lists:
            size = len(above)
            seen = {
                (other.path[size], other.value)
                for other in self.document.settings
                if len(other.path) > size + 1 and other.path[:size] == above and other.path[-1] == last
            }
            self._lists[above] = len({entry for entry, _ in seen}) > 1 and len({v for _, v in seen}) > 1
        return self._lists[above]

    def _names_itself(self, one: Setting) -> bool:
        """Whether a bare ``name`` or ``id`` stands where nothing speaks of models or pictures: a package, a resource."""
        words = words_of(one.key)
        if not words or not set(words) <= self.words.tails or self._reads(one, "model"):
            return False
        above = next((part for part in reversed(one.path[:-1]) if isinstance(part, str)), "")
        return (self.words.models | self.words.images).isdisjoint(words_of(above))

    def _is_label(self, one: Setting) -> bool:
        return not self.words.labels.isdisjoint(words_of(one.key)) and not self._reads(one)

    def _listed(self, one: Setting) -> None:
        """A model among others: a registry, a table of prices, a list to choose from. Said once per place."""
        self._done.add(id(one))
        above = one.path[:-1]
        while above and isinstance(above[-1], int):
            above = above[:-1]
        key = ("registry", *above[:1])
        if key in self._lists:
            return
        self._lists[key] = True
        where = next((part for part in reversed(above) if isinstance(part, str)), "")
        self._say(
            "IMG041", "manual", one,
            f"{one.value} stands in a list or table of models{f' ({where})' if where else ''}; "
            f"it {self._fate(one.value)}.",
            f"Add {self.context.target.id} with its own figures, and remove what is gone.",
        )  # fmt: skip

    def _other(self, one: Setting) -> None:
        if one.value in self.names.exact:
            if one.place == "item" and self._is_label(one):
                self.mentions += 1
            else:
                self._listed(one)
            return
        if one.value in self._old:
            self._refused(one)
            return
        if not self.names.hint.search(one.value):
            return
        host = next((host for host in self.catalog.hosts.picture_hosts if host in one.value.lower()), None)
        if host:
            self._say(
                "IMG043", "manual", one, f"{host} served the pictures of the old models.",
                "Remove the entry: GPT Image models answer with the picture itself.",
            )  # fmt: skip
            return
        found = next(self.names.inside(one.value), None)
        if found is None:
            self.mentions += len(self.names.prose.findall(one.value)) if one.place != "key" else 0
        elif one.place == "key" or _PREFIXED.fullmatch(one.value[: found.start()]):
            # `openai/NAME`: the name that a router of models knows it by
            self._routed(one, found.group())
        elif self._is_program(one):
            self._mentioned(one, found.group())
        else:
            self.mentions += 1

    def _routed(self, one: Setting, name: str) -> None:
        if one.place == "value" and not self._in_registry(one):
            self._say(
                "IMG040", "manual", one,
                f"The setting {_shown(one)} is {one.value!r}: {name} {self._fate(name)}.",
                f"Name a live model such as {one.value.replace(name, self.context.target.id)}, "
                "if the program that reads it knows it.",
            )  # fmt: skip
            return
        self._listed_name(one, name)

    def _listed_name(self, one: Setting, name: str) -> None:
        key = ("registry", *one.path[:-1][:1])
        if key not in self._lists:
            self._lists[key] = True
            self._say(
                "IMG041", "manual", one, f"{one.value} stands in a list or table of models; {name} {self._fate(name)}.",
                f"Add {self.context.target.id} with its own figures, and remove what is gone.",
            )  # fmt: skip

    def _is_program(self, one: Setting) -> bool:
        keys = {
            word for part in one.path if isinstance(part, str) for word in (part.lower(), *words_of(part))
        }
        if not self.words.labels.isdisjoint(words_of(one.key)):
            return False
        return (
            not self.words.commands.isdisjoint(keys)
            or not re.search(r"\s", one.value)
            or bool(_CODE.search(one.value))
        )

    def _mentioned(self, one: Setting, name: str) -> None:
        at = self.file.text.find(name, one.start, one.end + 1)
        line, column = self.lines.at(at if at >= 0 else one.start)
        self._changes.append(
            Change(
                Finding(
                    "IMG040", "manual", self.file.path, line, column, line,
                    f"{_shown(one)} names {name}, which {self._fate(name)}.",
                    f"Name {self.context.target.id} if a call uses it.",
                )
            )
        )  # fmt: skip

    def _refused(self, one: Setting) -> None:
        """A value of the old days where no model stands beside it."""
        meant = meaning(one.key, self.words)
        if one.place != "value" or meant.parameter in {None, "model"}:
            return
        assert meant.parameter is not None
        reads = self._reads(one, meant.parameter)
        guard = self.catalog.guard(_ENDPOINT, meant.parameter, self.context.target, self.today)
        new = guard.get(one.value)
        pictures = not self.words.images.isdisjoint(meant.prefix)
        if new is None or not (reads or pictures):
            return
        rule = (
            self.catalog.translate(
                _ENDPOINT, meant.parameter, one.value, self.context.target, self.today
            ).rule
            or "IMG008"
        )
        if reads:
            settled = all(read.migrated for read in reads) and one.value not in self.context.compared
            fix: Fix = "safe" if settled and not self._serves_others(one) else "review"
            self._say(
                rule, fix if one.editable else "manual", one,
                f"The setting {_shown(one)} is {one.value!r}, which {self.context.target.id} refuses; "
                f"{reads[0].site} reads it.",
                f"Set it to {new}.", new,
            )  # fmt: skip
        elif "dalle" in meant.prefix or "dall" in meant.prefix:
            self._say(
                rule, "manual", one,
                f"The setting {_shown(one)} is {one.value!r}, which {self.context.target.id} refuses.",
                f"Set it to {new}, if a GPT Image call reads it.",
            )  # fmt: skip

    def _say(
        self,
        rule: str,
        fix: Fix,
        one: Setting,
        message: str,
        suggestion: str,
        new: str | None = None,
        group: str = "",
    ) -> None:
        self._done.add(id(one))
        edits: Iterable[Replacement] = ()
        if self.record:
            # what was recorded, or what a test expects: a person decides
            fix, message = (
                "manual",
                f"{message} The file is a record or belongs to tests, so it is left alone.",
            )
        if new is not None and fix != "manual":
            edits = (Replacement(one.start, one.end, new),)
        line, column = self.lines.at(one.start)
        self._changes.append(
            Change(
                Finding(rule, fix, self.file.path, line, column, line, message, suggestion),
                tuple(edits),
                group,
            )
        )


def _shown(one: Setting) -> str:
    keys = [str(part) for part in one.path if isinstance(part, str)]
    return ".".join(keys[-2:]) or "value"


def _loose(name: str) -> str:
    return name.lower().replace("-", "_")
