"""Settings of programs that the rules know: Open WebUI, the proxy of LiteLLM, actions of Home Assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.hosts.words import meaning, words_of

if TYPE_CHECKING:
    from migrator.catalog.frameworks import Framework
    from migrator.hosts.base import HostContext
    from migrator.hosts.config.document import Document, Setting
    from migrator.types import Fix

_ACTIONS = frozenset({"action", "service"})
"""Keys under which Home Assistant is told what to do."""


class Programs:
    """Answers about the settings of one file."""

    def __init__(self, document: Document, context: HostContext) -> None:
        self.document = document
        self.words = context.catalog.hosts.words
        self.names = frozenset(context.catalog.leaving(context.options.today))
        self.target = context.target.id
        frameworks = context.catalog.frameworks
        self._actions = {".".join(one.asks): one for one in frameworks if one.kind == "method"}
        self._owners = {
            words_of(name)[:-1]: one
            for one in frameworks
            if one.kind == "settings"
            for name in one.names
            if "." in name
        }
        endings = (*self.words.parameters, *self.words.models, *self.words.tails, *self.words.sides)
        self._ends = frozenset(words_of(ending)[-1:] for ending in endings)
        keys = {setting.key for setting in document.settings}
        self._readers = [
            one for one in frameworks if one.kind == "settings" and not keys.isdisjoint(one.asks)
        ]

    def action(self, one: Setting) -> Framework | None:
        """The package whose action a setting names, as ``action: openai_conversation.generate_image`` does."""
        return self._actions.get(one.value) if one.key in _ACTIONS and one.place == "value" else None

    def reader(self, model: Setting) -> Framework | None:
        """The program that reads a model, where other settings of the file show that it is the one."""
        found = next((one for one in self._readers if model.key in one.names), None)
        return found or self.owner(model)

    def owner(self, one: Setting) -> Framework | None:
        """The program whose setting this is, by the words before its last one: ``spring.ai.….quality``."""
        if not self._owners or words_of(one.key)[-1:] not in self._ends:
            return None
        words = words_of(".".join(part for part in one.path if isinstance(part, str)))
        meant = meaning(one.key, self.words)
        before = (
            words[:-1]
            if meant.parameter is None
            else words[: len(words) - len(words_of(one.key)) + len(meant.prefix)]
        )
        return next((found for own, found in self._owners.items() if before[-len(own) :] == own), None)

    def aliases(self) -> frozenset[str]:
        """The names that the routers of the file are asked for: what they stand for is said in their own entries."""
        entries = {
            one.path[:number]
            for one in self.document.settings
            for number, part in enumerate(one.path[:-1])
            if part in self.words.routes
        }
        return frozenset(
            one.value
            for one in self.document.settings
            if one.place == "value" and one.key in self.words.route_names and one.path[:-1] in entries
        )

    def route(self, one: Setting) -> str | None:
        """The leaving model of an entry such as ``litellm_params: {model: openai/NAME}``, and nothing else."""
        above = one.path[-2] if len(one.path) > 1 else None
        if one.place != "value" or one.key not in self.words.models or above not in self.words.routes:
            return None
        name = one.value.rpartition("/")[2]
        return name if name in self.names else None


def verdict(framework: Framework) -> tuple[Fix, str]:
    """How far a changed setting can be trusted when the version is not known, and what each version does."""
    said = " ".join(f"Version {one.text}: {one.why} {one.suggestion}".strip() for one in framework.versions)
    return "review", f" {framework.title} reads it. {said}"
