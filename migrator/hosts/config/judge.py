"""What becomes of the settings of one file: which are evidently image settings, and what they turn into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.codemod.plan.part import worst
from migrator.codemod.plan.redirected import redirected
from migrator.hosts.config.evidence import Evidence
from migrator.hosts.config.olds import Olds
from migrator.hosts.config.others import Others
from migrator.hosts.config.programs import Programs, verdict
from migrator.hosts.config.tables import Tables
from migrator.hosts.config.voice import Voice, shown
from migrator.hosts.words import Names

if TYPE_CHECKING:
    from migrator.catalog.frameworks import Framework
    from migrator.catalog.model import EndpointName, Translation
    from migrator.hosts.base import HostContext
    from migrator.hosts.config.document import Document, Setting
    from migrator.hosts.settle import Change
    from migrator.types import Fix, SourceFile

_ENDPOINT: EndpointName = "generations"


class Judge:
    """Judges one file."""

    def __init__(self, file: SourceFile, document: Document, context: HostContext) -> None:
        self.document = document
        self.context = context
        self.catalog = context.catalog
        self.today = context.options.today
        self.names = Names.of(context.catalog, self.today)
        self.voice = Voice(file, context)
        self.evidence = Evidence(document, context, self.names)
        self.tables = Tables(document, self.evidence)
        self.programs = Programs(document, context)
        self.others = Others(self.voice, context, self.evidence, self.tables)
        self.olds = Olds(self.voice, context, self.evidence, self.programs)

    @property
    def mentions(self) -> int:
        """How many texts for people name the models."""
        return self.voice.mentions

    def changes(self) -> list[Change]:
        """Every finding, with its edits where there are some."""
        for one in self.document.settings:
            if (program := self.programs.action(one)) is not None:
                self._action(one, program)
            elif (name := self.programs.route(one)) is not None:
                self._route(one, name)
        aliases = self.programs.aliases()
        for one in self.document.settings:
            if one.value in aliases:
                self.voice.settled(one)
        models = [
            one
            for one in self.document.settings
            if one.place == "value" and one.value in self.names.exact and not self.voice.done(one)
        ]
        plain = []
        for one in models:
            if self.tables.is_mark(one) or self.tables.of_many(one) or self.others.mixed.behind(one):
                self.others.alone(one)
            elif self.tables.in_registry(one):
                self.others.listed(one)
            else:
                plain.append(one)
        for one in plain:
            if self.tables.is_label(one):
                self.voice.settled(one)
                self.voice.mentions += 1
            elif self.tables.names_itself(one):
                self.voice.mentioned(one, one.value)
                self.voice.settled(one)
            else:
                self._model(one)
        for one in self.document.settings:
            if self.voice.done(one) or (not self.tables.is_mark(one) and self.olds.judge(one)):
                continue
            self.others.judge(one)
        return self.voice.changes

    # models

    def _model(self, model: Setting) -> None:
        self.voice.settled(model)
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
            self.voice.settled(one)
            parts.append((one, translation, parameter))
            if translation.kind == "replace":
                doubtful = self.evidence.serves_others(one) or one.value in self.context.compared
                fixes.append("review" if doubtful else "safe")
            elif not self.evidence.is_read(one, parameter):
                # what the API refuses still stands beside it, and whether code sends it is not known
                fixes.append("review")
        if self.olds.has_wrong_sides(model):
            fixes.append("review")
        if any(translation.kind == "replace" and not one.editable for one, translation, _ in parts):
            fixes.append("manual")
        fix = worst(*fixes)
        why = self.evidence.why(model, fix)
        if model.remark:
            why += f" What stands behind it ({model.remark.strip()}) is taken for a comment."
        program = self.programs.reader(model)
        if program is not None:
            certainty, said = verdict(program)
            fix, why = worst(fix, certainty), why + said
        self.voice.say(
            "IMG001",
            fix if model.editable else "manual",
            model,
            f"The setting {shown(model)} names {model.value}, which {self.voice.fate(model.value)}.{why}",
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
        self.voice.say(
            rule.id if rule is not None else "IMG060", "manual", one,
            f"{program.title}: {version.why}", version.suggestion,
        )  # fmt: skip

    def _route(self, one: Setting, name: str) -> None:
        """An entry of a router: the name that it sends requests to."""
        said = redirected(
            one.value, name, self.voice.fate(name), self.catalog.calls.prefixes, self.context.target.id
        )
        self.voice.say("IMG001", said.fix, one, said.message, said.suggestion, said.new)

    def _sibling(self, one: Setting, translation: Translation, parameter: str, fix: Fix, group: str) -> None:
        rule = translation.rule or "IMG008"
        target = self.context.target.id
        if translation.kind == "replace" and translation.value is not None:
            self.voice.say(
                rule, fix if one.editable else "manual", one,
                f"The setting {shown(one)} is {one.value!r}, which {target} refuses.",
                f"Set it to {translation.value}.", translation.value, group,
            )  # fmt: skip
        elif translation.kind == "drop":
            used = (
                "The calls that are migrated do not send it any more, so nothing reads it."
                if self.evidence.is_read(one, parameter)
                else f"Code that sends it to {target} fails."
            )
            self.voice.say(
                rule, "manual", one, f"The setting {shown(one)} fills {parameter}, which is gone. {used}",
                "Remove the setting, and the code that passes it on.",
            )  # fmt: skip
        else:
            fallback = f", or {translation.value}" if translation.value else ""
            self.voice.say(
                rule, "manual", one,
                f"The setting {shown(one)} is {one.value!r}, which {target} may refuse.",
                f"Set it to a value that {target} takes{fallback}.",
            )  # fmt: skip
