"""Gathers the prompts of a project's call sites, with the parameters that stand beside them."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from migrator.codemod.flow.trace import Tracer
from migrator.codemod.index.project import ProjectIndex
from migrator.codemod.plan.context import Context
from migrator.codemod.plan.slots import SlotReader
from migrator.codemod.plan.values import ValueReader
from migrator.codemod.sites.find import SiteFinder
from migrator.compare.harvest.templates import Template, TemplateReader
from migrator.compare.suite import MAX_SAMPLES

if TYPE_CHECKING:
    from datetime import date

    from migrator.catalog.model import Model
    from migrator.catalog.queries import Catalog
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.project import Project
    from migrator.codemod.plan.slots import Arguments
    from migrator.codemod.sites.site import Site

PROMPT = "prompt"
_NOT_OURS = frozenset(
    {"image", "mask", "model", "n", "partial_images", "prompt", "response_format", "stream", "user"}
)
"""Parameters that a suite does not set: the runner does, or they are nobody's look."""
_RECURSION = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """A prompt for the suite. ``path`` and ``line`` say where its text is written; ``samples`` is its ``n``."""

    id: str
    text: str
    endpoint: str
    parameters: dict[str, Any]
    path: str
    line: int
    samples: int = 1


@dataclass(frozen=True, slots=True)
class Left:
    """A call site whose prompt the code does not tell, or not wholly."""

    path: str
    line: int
    reason: str


@dataclass(slots=True)
class Harvest:
    """What a project gave. ``repeated`` counts prompts that were there already."""

    found: list[Found] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    sites: int = 0
    repeated: int = 0


def harvest(project: Project, catalog: Catalog, target: Model, today: date) -> Harvest:
    """The prompts of all call sites, in order of place. Parameters are those for ``target``."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION))
    try:
        return _Harvester(project, catalog, target, today).run()
    finally:
        sys.setrecursionlimit(before)


class _Harvester:
    def __init__(self, project: Project, catalog: Catalog, target: Model, today: date) -> None:
        index = ProjectIndex(project)
        self.tracer = Tracer(index)
        self.context = Context(index, self.tracer, catalog, target, today)
        self.catalog = catalog
        self.finder = SiteFinder(index, self.tracer, catalog)
        self.slots = SlotReader(self.tracer)
        self.values = ValueReader(self.context)
        self.templates = TemplateReader(self.tracer)
        self.result = Harvest()
        self.ids: set[str] = set()
        self.known: set[tuple[str, str, str]] = set()

    def run(self) -> Harvest:
        for site in self.finder.find():
            if site.receiver.provider == "foreign":
                continue
            self.result.sites += 1
            try:
                self._site(site)
            except Exception as error:  # a flaw of this tool costs one call site, never the harvest
                self._leave(site, f"it could not be analysed ({type(error).__name__}: {error})")
        for module, failure in self.finder.failures:
            self.result.left.append(Left(module.path, 1, f"the file could not be analysed ({failure})"))
        for path, (_, problem) in sorted(self.context.index.broken.items()):
            line = getattr(problem, "lineno", None) or 1
            self.result.left.append(Left(path, line, "the file does not parse"))
        return self.result

    def _site(self, site: Site) -> None:
        arguments = self.slots.read(site)
        slots = arguments.slots.get(PROMPT, [])
        if not slots:
            wanted = site.endpoint != "variations"
            self._leave(site, "no prompt is in sight" if wanted else "variations have no prompt")
            return
        parameters = self._parameters(site, arguments)
        samples = self._samples(arguments)
        for slot in slots:
            found, outside = self.templates.read(slot.module, slot.value)
            for template in found:
                self._add(site, template, parameters, samples)
            for reason in outside:
                self._leave(site, f"the prompt is not, or not only, in the code: {reason}")

    def _add(self, site: Site, template: Template, parameters: dict[str, Any], samples: int) -> None:
        key = (template.text.strip(), site.endpoint, repr(sorted(parameters.items())))
        if key in self.known:
            self.result.repeated += 1
            return
        self.known.add(key)
        self.result.found.append(
            Found(
                self._id(site, template),
                template.text.strip(),
                site.endpoint,
                parameters,
                template.module.path,
                template.node.lineno,
                samples,
            )
        )

    def _parameters(self, site: Site, arguments: Arguments) -> dict[str, Any]:
        """What the site sets to one literal, as the target takes it."""
        allowed = self.catalog.parameter_names() - _NOT_OURS
        found: dict[str, Any] = {}
        old = self._literal(arguments, "model")
        for name in sorted(arguments.slots.keys() & allowed):
            value = self._literal(arguments, name)
            if value is None:
                continue
            answer = self.catalog.translate(
                site.endpoint, name, value, self.context.target, self.context.today,
                source_model=old if isinstance(old, str) else None,
            )  # fmt: skip
            if answer.kind == "keep":
                found[name] = value
            elif answer.kind == "replace" and answer.value is not None:
                found[name] = answer.value
        return found

    def _samples(self, arguments: Arguments) -> int:
        """How many pictures the call asks for; one where that is decided at run time."""
        value = self._literal(arguments, "n")
        return value if type(value) is int and 1 <= value <= MAX_SAMPLES else 1

    def _literal(self, arguments: Arguments, name: str) -> str | int | float | bool | None:
        values: list[Any] = []
        for slot in arguments.slots.get(name, ()):
            sources = self.values.sources(slot.module, slot.value)
            values.extend(leaf.value for leaf in sources.leaves)
        kinds = {repr(value): value for value in values if value is not None}
        # several values are the user's choice at run time, and none of them is the call's
        value = next(iter(kinds.values())) if len(kinds) == 1 else None
        return value if isinstance(value, str | int | float | bool) else None

    def _id(self, site: Site, template: Template) -> str:
        """The function around the text, else around the call, else the file; numbered where it is taken."""
        name = (
            _function(template.module, template.node)
            or _function(site.module, site.node)
            or site.module.path.rpartition("/")[2].partition(".")[0]
        )
        base = re.sub(r"[^\w]+|_+", "-", name).strip("-").lower()[:60] or "prompt"
        number = 1
        found = base
        while found in self.ids:
            number += 1
            found = f"{base}-{number}"
        self.ids.add(found)
        return found

    def _leave(self, site: Site, reason: str) -> None:
        entry = Left(site.module.path, site.line, reason)
        if entry not in self.result.left:
            self.result.left.append(entry)


def _function(module: Module, node: ast.AST) -> str | None:
    function = module.function(node)
    while isinstance(function, ast.Lambda):
        function = module.function(function)
    if function is None:
        return None
    owner = module.enclosing_class(function)
    if function.name in {"__init__", "__call__", "run", "main"} and owner is not None:
        return owner.name
    return function.name
