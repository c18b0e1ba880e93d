"""What becomes of the settings of one file: which are evidently image settings, and what they turn into."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.codemod.plan.part import worst
from migrator.hosts.config.addresses import UNREAD, endpoint_of, is_read
from migrator.hosts.config.evidence import Evidence, fate
from migrator.hosts.config.programs import Programs, redirected, verdict
from migrator.hosts.config.tables import Tables
from migrator.hosts.settle import Change, Replacement
from migrator.hosts.words import Lines, Names, meaning, words_of
from migrator.types import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.catalog.frameworks import Framework
    from migrator.catalog.model import EndpointName, Translation
    from migrator.hosts.base import HostContext
    from migrator.hosts.config.document import Document, Key, Setting
    from migrator.types import Fix, SourceFile

_ENDPOINT: EndpointName = "generations"
_CODE = re.compile(r"[={}`$]|--|://|\w\(")
_SETTING = re.compile(r"^[ \t\"']*[\w.-]*(?i:model|engine|deployment)[\w.-]*[\"']?[ \t]*[:=]", re.MULTILINE)
"""A line of settings in a text of several lines."""
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
        self.evidence = Evidence(document, context, self.names)
        self.tables = Tables(document, self.evidence)
        self.programs = Programs(document, context)
        self._listed_once: set[tuple[Key, ...]] = set()
        parameters = {name for model in self.catalog.models.values() for name in model.endpoints[_ENDPOINT]}
        self._old = {
            value
            for name in parameters - {"model"}
            for value in self.catalog.guard(_ENDPOINT, name, context.target, self.today)
        }

    def changes(self) -> list[Change]:
        """Every finding, with its edits where there are some."""
        for one in self.document.settings:
            if (program := self.programs.action(one)) is not None:
                self._action(one, program)
            elif (name := self.programs.route(one)) is not None:
                self._route(one, name)
        models = [
            one
            for one in self.document.settings
            if one.place == "value" and one.value in self.names.exact and id(one) not in self._done
        ]
        registries = [one for one in models if self.tables.in_registry(one)]
        plain = [one for one in models if one not in registries]
        for one in registries:
            self._listed(one)
        for one in plain:
            if self.tables.is_label(one):
                self._done.add(id(one))
                self.mentions += 1
        plain = [one for one in plain if id(one) not in self._done]
        for one in plain:
            if self.tables.names_itself(one):
                self._mentioned(one, one.value)
                self._done.add(id(one))
            else:
                self._model(one)
        for one in self.document.settings:
            if id(one) not in self._done:
                self._other(one)
        return self._changes

    # models

    def _fate(self, name: str) -> str:
        return fate(name, self.catalog, self.today)

    def _model(self, model: Setting) -> None:
        self._done.add(id(model))
        group = str(model.start)
        siblings = self.evidence.siblings(model)
        parts: list[tuple[Setting, Translation, str]] = []
        fixes: list[Fix] = [self.evidence.trust(model)]
        for one, parameter in siblings:
            translation = self.catalog.translate(
                _ENDPOINT, parameter, one.value, self.context.target, self.today, source_model=model.value
            )
            if translation.kind == "keep":
                continue
            self._done.add(id(one))
            parts.append((one, translation, parameter))
            if translation.kind == "replace":
                doubtful = self.evidence.serves_others(one) or one.value in self.context.compared
                fixes.append("review" if doubtful else "safe")
            elif not self.evidence.is_read(one, parameter):
                # what the API refuses still stands beside it, and whether code sends it is not known
                fixes.append("review")
        if any(translation.kind == "replace" and not one.editable for one, translation, _ in parts):
            fixes.append("manual")
        fix = worst(*fixes)
        why = self.evidence.why(model, fix)
        program = self.programs.reader(model)
        if program is not None:
            certainty, said = verdict(program)
            fix, why = worst(fix, certainty), why + said
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

    def _action(self, one: Setting, program: Framework) -> None:
        """An action that asks for a retired model by itself."""
        version = program.versions[0]
        rule = self.catalog.rule_for("framework")
        self._say(
            rule.id if rule is not None else "IMG060", "manual", one,
            f"{program.title}: {version.why}", version.suggestion,
        )  # fmt: skip

    def _route(self, one: Setting, name: str) -> None:
        """An entry of a router: the name that it sends requests to."""
        said = redirected(
            one.value, name, self._fate(name), self.catalog.calls.prefixes, self.context.target.id
        )
        self._say("IMG001", said.fix, one, said.message, said.suggestion, said.new)

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
                if self.evidence.is_read(one, parameter)
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

    # everything else

    def _listed(self, one: Setting) -> None:
        """A model among others: a registry, a table of prices, a list to choose from. Said once per place."""
        self._done.add(id(one))
        above = one.path[:-1]
        while above and isinstance(above[-1], int):
            above = above[:-1]
        key = ("registry", *above[:1])
        if key in self._listed_once:
            return
        self._listed_once.add(key)
        where = next((part for part in reversed(above) if isinstance(part, str)), "")
        self._say(
            "IMG041", "manual", one,
            f"{one.value} stands in a list or table of models{f' ({where})' if where else ''}; "
            f"it {self._fate(one.value)}.",
            f"Add {self.context.target.id} with its own figures, and remove what is gone.",
        )  # fmt: skip

    def _other(self, one: Setting) -> None:
        if one.value in self.names.exact:
            if one.place == "item" and self.tables.is_label(one):
                self.mentions += 1
            elif one.place == "item" and not self.words.commands.isdisjoint(words_of(one.key)):
                self._mentioned(one, one.value)
            else:
                self._listed(one)
            return
        if one.value in self._old:
            self._refused(one)
            return
        if endpoint_of(one.value, self.catalog):
            self._address(one)
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

    def _address(self, one: Setting) -> None:
        """The address of the API: whoever sends to it does not name it, so nobody else speaks of the request."""
        rule = self.catalog.rule_for("endpoint-address")
        if one.place != "value" or self.record or rule is None or is_read(one, self.context.reads):
            return
        self._say(rule.id, "manual", one, f"The setting {_shown(one)} is {UNREAD}", rule.suggestion)

    def _routed(self, one: Setting, name: str) -> None:
        if one.place == "value" and not self.tables.in_registry(one):
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
        if key not in self._listed_once:
            self._listed_once.add(key)
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
            or bool("\n" in one.value and _SETTING.search(one.value))
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
        reads = self.evidence.reads(one, meant.parameter)
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
            doubtful = one.value in self.context.compared or self.evidence.serves_others(one)
            fix = worst(self.evidence.together(reads), "review" if doubtful else "safe")
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
