"""Settings that are no model of their own: lists and tables of models, lists in one text, addresses, old values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.codemod.plan.part import worst
from migrator.hosts.config.addresses import UNREAD, endpoint_of, is_read
from migrator.hosts.config.voice import shown
from migrator.hosts.words import meaning, words_of

if TYPE_CHECKING:
    from migrator.catalog.model import EndpointName
    from migrator.hosts.base import HostContext
    from migrator.hosts.config.document import Key, Setting
    from migrator.hosts.config.evidence import Evidence
    from migrator.hosts.config.tables import Tables
    from migrator.hosts.config.voice import Voice

_ENDPOINT: EndpointName = "generations"
_CODE = re.compile(r"[={}`$]|--|://|\w\(")
_SETTING = re.compile(r"^[ \t\"']*[\w.-]*(?i:model|engine|deployment)[\w.-]*[\"']?[ \t]*[:=]", re.MULTILINE)
"""A line of settings in a text of several lines."""
_PREFIXED = re.compile(r"(?:[\w.-]+[/:])+")
_CUT = re.compile(r"[,;|=\n]|:\s")
_AROUND = " \t\r\\\"'`[](){}<>*-"
"""What may stand around an entry of a list that is written as one text."""


class Others:
    """Answers for one file."""

    def __init__(self, voice: Voice, context: HostContext, evidence: Evidence, tables: Tables) -> None:
        self.voice = voice
        self.context = context
        self.catalog = context.catalog
        self.today = context.options.today
        self.words = context.catalog.hosts.words
        self.evidence = evidence
        self.names = evidence.names
        self.tables = tables
        self._listed_once: set[tuple[Key, ...]] = set()
        parameters = {name for model in self.catalog.models.values() for name in model.endpoints[_ENDPOINT]}
        self._old = {
            value
            for name in parameters - {"model"}
            for value in self.catalog.guard(_ENDPOINT, name, context.target, self.today)
        }

    def listed(self, one: Setting) -> None:
        """A model among others: a registry, a table of prices, a list to choose from. Said once per place."""
        self.voice.settled(one)
        above = one.path[:-1]
        while above and isinstance(above[-1], int):
            above = above[:-1]
        where = next((part for part in reversed(above) if isinstance(part, str)), "")
        in_where = f" ({where})" if where else ""
        self._once(
            one,
            above,
            f"{one.value} stands in a list or table of models{in_where}; it {self.voice.fate(one.value)}.",
        )

    def judge(self, one: Setting) -> None:
        """Says of a setting what is to be said, or counts the names in it."""
        found = None
        if one.place == "stray":
            if (found := next(self.names.inside(one.value), None)) is not None:
                self.voice.stray(one, found.group())
            return
        if one.value in self.names.exact:
            self._item(one)
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
            self.voice.say(
                "IMG043", "manual", one, f"{host} served the pictures of the old models.",
                "Remove the entry: GPT Image models answer with the picture itself.",
            )  # fmt: skip
            return
        found = next(self.names.inside(one.value), None)
        if found is None:
            self.voice.mentions += len(self.names.prose.findall(one.value)) if one.place != "key" else 0
        elif one.place == "key" or _PREFIXED.fullmatch(one.value[: found.start()]):
            # `openai/NAME`: the name that a router of models knows it by
            self._routed(one, found.group())
        elif self._is_program(one) or self._is_list(one):
            self.voice.mentioned(one, found.group())
        else:
            self.voice.mentions += 1

    def _item(self, one: Setting) -> None:
        if one.place == "item" and self.tables.is_label(one):
            self.voice.mentions += 1
        elif one.place == "item" and not self.words.commands.isdisjoint(words_of(one.key)):
            self.voice.mentioned(one, one.value)
        else:
            self.listed(one)

    def _address(self, one: Setting) -> None:
        """The address of the API: whoever sends to it does not name it, so nobody else speaks of the request."""
        rule = self.catalog.rule_for("endpoint-address")
        if one.place != "value" or self.voice.record or rule is None or is_read(one, self.context.reads):
            return
        self.voice.say(rule.id, "manual", one, f"The setting {shown(one)} is {UNREAD}", rule.suggestion)

    def _routed(self, one: Setting, name: str) -> None:
        fate, target = self.voice.fate(name), self.context.target.id
        if one.place == "value" and not self.tables.in_registry(one):
            self.voice.say(
                "IMG040", "manual", one, f"The setting {shown(one)} is {one.value!r}: {name} {fate}.",
                f"Name a live model such as {one.value.replace(name, target)}, if the program that reads it knows it.",
            )  # fmt: skip
            return
        self._once(one, one.path[:-1], f"{one.value} stands in a list or table of models; {name} {fate}.")

    def _once(self, one: Setting, above: tuple[Key, ...], message: str) -> None:
        key = ("registry", *above[:1])
        if key in self._listed_once:
            return
        self._listed_once.add(key)
        self.voice.say(
            "IMG041", "manual", one, message,
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

    def _is_list(self, one: Setting) -> bool:
        """Whether a text is a row of words, one of which is a model, with commas between them or one in each line."""
        if not self.words.labels.isdisjoint(words_of(one.key)):
            return False
        pieces = [piece.strip(_AROUND) for piece in _CUT.split(one.value)]
        if not any(piece in self.names.exact for piece in pieces):
            words = one.value.split()
            return all(self.catalog.model(word) is not None for word in words)
        return not any(re.search(r"\s", piece) for piece in pieces)

    def _refused(self, one: Setting) -> None:
        """A value of the old days where no model stands beside it."""
        meant = meaning(one.key, self.words)
        if one.place != "value" or meant.parameter in {None, "model"}:
            return
        assert meant.parameter is not None
        target = self.context.target
        reads = self.evidence.reads(one, meant.parameter)
        new = self.catalog.guard(_ENDPOINT, meant.parameter, target, self.today).get(one.value)
        pictures = not self.words.images.isdisjoint(meant.prefix)
        if new is None or not (reads or pictures):
            return
        translation = self.catalog.translate(_ENDPOINT, meant.parameter, one.value, target, self.today)
        rule = translation.rule or "IMG008"
        said = f"The setting {shown(one)} is {one.value!r}, which {target.id} refuses"
        if reads:
            doubtful = one.value in self.context.compared or self.evidence.serves_others(one)
            fix = worst(self.evidence.together(reads), "review" if doubtful else "safe")
            self.voice.say(
                rule, fix if one.editable else "manual", one, f"{said}; {reads[0].site} reads it.", f"Set it to {new}.", new
            )  # fmt: skip
        elif "dalle" in meant.prefix or "dall" in meant.prefix:
            self.voice.say(rule, "manual", one, f"{said}.", f"Set it to {new}, if a GPT Image call reads it.")
