"""Settings that are no model of their own: lists and tables of models, models among other text, addresses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.hosts.config.addresses import UNREAD, endpoint_of, is_read
from migrator.hosts.config.mixed import Mixed
from migrator.hosts.config.voice import shown
from migrator.hosts.words import words_of

if TYPE_CHECKING:
    from migrator.hosts.base import HostContext
    from migrator.hosts.config.document import Key, Setting
    from migrator.hosts.config.evidence import Evidence
    from migrator.hosts.config.tables import Tables
    from migrator.hosts.config.voice import Voice

_PREFIXED = re.compile(r"(?:[\w.-]+[/:])+")


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
        self._places: set[tuple[Key, ...]] = set()
        self._schemas: set[tuple[Key, ...]] = set()
        self.mixed = Mixed(self.catalog, self.names)

    def listed(self, one: Setting) -> None:
        """A model among others: a registry, a table of prices, a list to choose from. Said once per place."""
        self.voice.settled(one)
        if one.place == "value" and self.tables.is_beside_choices(one):
            self.voice.say(
                "IMG041", "manual", one,
                f"The setting {shown(one)} names {one.value}, which {self.voice.fate(one.value)}. What may be chosen is "
                "listed beside it.",
                f"Set it to {self.context.target.id}, and add that to the list.",
            )  # fmt: skip
            return
        where = next((part for part in reversed(one.path[:-1]) if isinstance(part, str)), "")
        in_where = f" ({where})" if where else ""
        self._once(
            one,
            f"{one.value} stands in a list or table of models{in_where}; it {self.voice.fate(one.value)}.",
        )

    def alone(self, one: Setting) -> None:
        """A model that is a label for other tools, one of many by the name of its key, or has others behind it."""
        self.voice.settled(one)
        if self.tables.is_label(one):
            self.voice.mentions += 1
        elif self.tables.is_mark(one):
            self.voice.say(
                "IMG040", "manual", one,
                f"The label {shown(one)} is {one.value}, which {self.voice.fate(one.value)}. Labels are read by other "
                "tools than the program.",
                f"Set it to {self.context.target.id} if such a tool uses it.",
            )  # fmt: skip
        else:
            self.voice.mentioned(one, one.value)

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
        if endpoint_of(one.value, self.catalog):
            self._address(one)
            return
        if one.remark and (name := self.mixed.behind(one)):
            self.voice.mentioned(replace(one, end=one.end + len(one.remark) + 1), name)
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
        if found is not None and (one.place == "key" or _PREFIXED.fullmatch(one.value[: found.start()])):
            # `openai/NAME`: the name that a router of models knows it by
            self._routed(one, found.group())
        elif one.place == "key":
            part = self.names.within.search(one.value) if self.tables.in_registry(one) else None
            if part is not None:
                self._routed(one, part.group())
        elif name := self.mixed.name_in(one):
            if one.place == "item" and self.tables.in_registry(one):
                self._routed(one, name)
            else:
                self.voice.mentioned(one, name)
        else:
            self.voice.mentions += len(self.names.prose.findall(one.value)) if found is None else 1

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
        self._once(one, f"{one.value} stands in a list or table of models; {name} {fate}.")

    def _once(self, one: Setting, message: str) -> None:
        place = self.tables.place(one)
        if place in self._places or place[:-1] in self._schemas:
            return
        self._places.add(place)
        if one.place == "value" and self.tables.is_choice(one):
            # a default, and what may be chosen beside it, are one place
            self._schemas.add(place)
        self.voice.say(
            "IMG041", "manual", one, message,
            f"Add {self.context.target.id} with its own figures, and remove what is gone.",
        )  # fmt: skip
