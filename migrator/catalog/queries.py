"""The catalog: every fact of the rule files, and the questions that the rest of the program asks of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from migrator.catalog import contract
from migrator.catalog.errors import CatalogError, did_you_mean
from migrator.catalog.model import Translation, edges_of
from migrator.catalog.pricing import price_per_picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from migrator.catalog.downloads import Downloads
    from migrator.catalog.frameworks import Framework
    from migrator.catalog.http import HttpCalls
    from migrator.catalog.legacy import LegacyCalls
    from migrator.catalog.model import (
        Advisory,
        ApiError,
        ClientCall,
        Consumer,
        EndpointName,
        HostFacts,
        Model,
        Operation,
        Problem,
        Rule,
    )
    from migrator.catalog.prompting import Prompting
    from migrator.catalog.service import Service


@dataclass(frozen=True)
class Catalog:
    """Everything that ``rules/`` says. Built by :func:`migrator.catalog.load`; never changed afterwards."""

    models: Mapping[str, Model]
    rules: Mapping[str, Rule]
    calls: ClientCall
    legacy: LegacyCalls
    http: HttpCalls
    downloads: Downloads
    consumers: tuple[Consumer, ...]
    errors: Mapping[str, ApiError]
    advice: Advisory
    hosts: HostFacts
    service: Service
    prompting: Prompting
    default_target: str
    frameworks: tuple[Framework, ...] = ()
    sdk_differences: Mapping[str, str] = field(default_factory=dict)
    """Known differences between the rules and the SDK's types: subject to reason."""

    def model(self, name: str) -> Model | None:
        """The model of an id, an alias or a dated snapshot, with or without a gateway's prefix."""
        return self._names.get(name) or self._names.get(self._parted(name)[1])

    def _parted(self, name: str) -> tuple[str, str]:
        """A gateway's prefix, and the name behind it."""
        prefix = next((one for one in self.calls.prefixes if name.startswith(one)), "")
        return prefix, name[len(prefix) :]

    def names(self) -> Mapping[str, Model]:
        """Every name of every model, aliases included."""
        return self._names

    @cached_property
    def _names(self) -> Mapping[str, Model]:
        return {name: model for model in self.models.values() for name in (model.id, *model.aliases)}

    @cached_property
    def _parameters(self) -> frozenset[str]:
        endpoints = [one for model in self.models.values() for one in model.endpoints.values()]
        return frozenset(name for one in endpoints for name in one)

    def parameter_names(self) -> frozenset[str]:
        """Every parameter that some model takes at some endpoint."""
        return self._parameters

    def target(self, name: str, today: date, provider: str = "openai") -> tuple[Model, str | None]:
        """The model that code is moved to, and a warning when it will not live long.

        Raises CatalogError when ``name`` is unknown, is no target (the DALL-E family) or is shut down on
        ``today``.
        """
        live = [
            one.id for one in self.models.values() if one.is_target and not one.is_shut_down(today, provider)
        ]
        model = self.model(name)
        if model is None:
            hint = did_you_mean(name, live)
            raise CatalogError(f"unknown target {name!r}.{hint} Live models: {', '.join(live)}")
        if not model.is_target:
            raise CatalogError(
                f"{name} cannot be a target: code is moved off it. Live models: {', '.join(live)}"
            )
        left, life = model.days_left(today, provider), model.life(provider)
        if left is None or life is None:
            return model, None
        if left <= 0:
            raise CatalogError(
                f"{name} was shut down on {life.shutdown}: calls to it fail. Live models: {', '.join(live)}"
            )
        return model, (
            f"{name} is shut down on {life.shutdown}, in {left} day{'' if left == 1 else 's'}: "
            f"the code must then be migrated again. {self.default_target} has no announced end."
        )

    def leaving(self, today: date, provider: str = "openai") -> tuple[str, ...]:
        """Names that code must move off: their shutdown is announced or past. Sorted, longest first."""
        return _longest_first(
            name for name, model in self.names().items() if model.is_leaving(today, provider)
        )

    def shut_down(self, today: date, provider: str = "openai") -> tuple[str, ...]:
        """Names to which every call fails on ``today``. Sorted, longest first."""
        return _longest_first(
            name for name, model in self.names().items() if model.is_shut_down(today, provider)
        )

    def rule_for(self, handler: str) -> Rule | None:
        """The rule that the code behind ``handler`` serves."""
        return next((rule for rule in self.rules.values() if rule.handler == handler), None)

    def translate(
        self,
        endpoint: EndpointName,
        parameter: str,
        value: object,
        target: Model,
        today: date,
        *,
        source_model: str | None = None,
    ) -> Translation:
        """What becomes of ``parameter=value`` when the call goes to ``target``.

        Parameters that no model knows (options of the SDK such as ``timeout``) are kept. ``None`` stands for
        JSON null, which the API reads as "not given" where it knows the parameter at all.
        """
        if parameter == "model":
            return self._translate_model(value, target, today)
        accepted = target.endpoints.get(endpoint, {}).get(parameter)
        if accepted is None:
            if parameter not in self._parameters:
                return Translation("keep")
            rule = self._rule("drop", endpoint, parameter, target, source_model)
            return Translation("drop", rule=rule.id) if rule else self._flagged(endpoint, parameter, target)
        if value is None:
            return Translation("keep")
        text = contract.as_text(value)
        if target.accepts(accepted, text):
            return Translation("keep")
        rule = self._mapping(endpoint, parameter, target, source_model)
        if rule is None:
            return self._flagged(endpoint, parameter, target)
        mapped = rule.mapping.get(text)
        if mapped is None:
            return Translation("unknown", rule.otherwise, rule.id)
        return Translation("replace", mapped, rule.id)

    def required(self, endpoint: EndpointName, target: Model) -> dict[str, Translation]:
        """Parameters that a call must spell out, with the value to insert where it does not."""
        found = {}
        for rule in self.rules.values():
            if rule.operation == "require" and rule.parameter and _applies(rule, endpoint, target, None):
                value = rule.otherwise or (target.id if rule.parameter == "model" else None)
                found[rule.parameter] = Translation("replace", value, rule.id)
        return found

    def fate(self, name: str, today: date) -> str:
        """What became of the model ``name``, as the end of a sentence."""
        model = self.model(name)
        life = model.life() if model else None
        if life is None or life.shutdown is None:
            return "is retired"
        return f"{'was' if life.shutdown <= today else 'is'} shut down on {life.shutdown}"

    def guard(self, endpoint: EndpointName, parameter: str, target: Model, today: date) -> dict[str, str]:
        """Old values that may still arrive at run time, to the value that ``target`` takes instead.

        Holds what a model with an announced end used to take and the target refuses; for ``model`` the names
        that are shut down on ``today``. Empty when there is nothing to map.
        """
        if parameter == "model":
            return {
                name: target.id for name in sorted(self.shut_down(today)) if self.model(name) is not target
            }
        accepted = target.endpoints.get(endpoint, {}).get(parameter)
        rule = self._mapping(endpoint, parameter, target, None)
        if accepted is None or rule is None:
            return {}
        old = [model for model in self.models.values() if model.is_leaving(today) and model is not target]
        return {
            before: after
            for before, after in rule.mapping.items()
            if not target.accepts(accepted, before) and any(_takes(model, parameter, before) for model in old)
        }

    def dropped(self, endpoint: EndpointName, target: Model) -> tuple[str, ...]:
        """Parameters of ``endpoint`` that older models took and ``target`` refuses, as the drop rules say."""
        accepted = target.endpoints.get(endpoint, {})
        older = {name for model in self.models.values() for name in model.endpoints.get(endpoint, {})}
        return tuple(
            rule.parameter
            for rule in self.rules.values()
            if rule.operation == "drop"
            and rule.parameter in older
            and rule.parameter not in accepted
            and _applies(rule, endpoint, target, None)
        )

    def takes(self, endpoint: EndpointName, name: str, target: Model) -> bool:
        """Whether ``target`` knows a parameter; a list of pictures is written as ``image[]`` in forms."""
        return name.removesuffix("[]") in target.endpoints.get(endpoint, {})

    def problems(
        self,
        endpoint: EndpointName,
        model: Model,
        request: Mapping[str, object],
        today: date,
        *,
        provider: str = "openai",
    ) -> list[Problem]:
        """Why the API would refuse ``request`` on ``today``, in its order; the API reports the first only.

        ``request`` maps parameter names to plain values. Bytes, or a list of them, stand for files; a mapping
        with the only key ``code`` stands for a value that is not known and is not checked.
        """
        return contract.problems(self, endpoint, model, request, today, provider=provider)

    def problem(self, error: str, parameter: str | None = None, **places: object) -> Problem:
        """The error body ``error`` with its places filled in. Raises CatalogError for an unknown id."""
        return contract.problem(self, error, parameter, **places)

    def shared_prefix(self, target: Model) -> str:
        """How the names of all models of a target's kind begin: what tells them from others, later ones included."""
        kind = target.id.rpartition("/")[2].partition("-")[0]
        names = sorted(one for one in self.models if self.models[one].is_target and one.startswith(kind))
        first, last = names[0], names[-1]
        pairs = enumerate(zip(first, last, strict=False))
        return first[: next((place for place, (one, other) in pairs if one != other), len(first))]

    def estimate(self, model: Model, quality: str | None, size: str | None) -> float | None:
        """USD for one picture, output only; ``None`` where the rules cannot say (``auto``, newer models)."""
        return price_per_picture(model, quality, size)

    def needles(self) -> tuple[bytes, ...]:
        """Plain bytes, case as written: a file without any of them has nothing to migrate. Longest first."""
        from datetime import date  # noqa: PLC0415 - announced ends do not depend on the day

        framed = {needle for one in self.frameworks for needle in one.needles}
        needles = [*self.calls.needles, *self.http.needles, *framed]
        for name in reversed(self.leaving(date.max)):
            if not any(needle in name for needle in needles):
                needles.append(name)
        return tuple(needle.encode() for needle in _longest_first(needles))

    def host_needles(self) -> tuple[bytes, ...]:
        """The same for files that are not Python, where people write the names in more ways."""
        from datetime import date  # noqa: PLC0415 - announced ends do not depend on the day

        needles = list(self.hosts.needles)
        for name in reversed(self.leaving(date.max)):
            if not any(needle in name for needle in needles):
                needles.append(name)
        return tuple(needle.encode() for needle in _longest_first(needles))

    def nearest_size(self, size: str, target: Model) -> str | None:
        """The listed size of ``target`` whose shape is nearest to ``size``; ``None`` for anything but WxH."""
        edges = edges_of(size)
        if edges is None or not all(edges):
            return None
        ratio = edges[0] / edges[1]
        shapes = [(one, shape) for one in target.sizes.listed if (shape := edges_of(one)) is not None]
        best = min(shapes, key=lambda item: abs(item[1][0] / item[1][1] - ratio), default=None)
        return best[0] if best else None

    def _translate_model(self, value: object, target: Model, today: date) -> Translation:
        if value is None:
            rule = next((one for one in self.rules.values() if one.operation == "require"), None)
            return Translation("replace", target.id, rule.id if rule else None)
        model = self.model(value) if isinstance(value, str) else None
        if model is None:
            return Translation("unknown")
        if model is target or not model.is_leaving(today):
            return Translation("keep")
        rule = next((one for one in self.rules.values() if one.operation == "set_model"), None)
        prefix = self._parted(str(value))[0]
        name = target.id if target.id.startswith(prefix) else prefix + target.id
        return Translation("replace", name, rule.id if rule else None)

    def _mapping(
        self, endpoint: EndpointName, parameter: str, target: Model, source_model: str | None
    ) -> Rule | None:
        found = self._rule("map_value", endpoint, parameter, target, source_model)
        return found or self._rule("map_size", endpoint, parameter, target, source_model)

    def _rule(
        self,
        operation: Operation,
        endpoint: EndpointName,
        parameter: str | None,
        target: Model,
        source_model: str | None,
    ) -> Rule | None:
        for rule in self.rules.values():
            same = rule.operation == operation and rule.parameter == parameter
            if same and _applies(rule, endpoint, target, source_model):
                return rule
        return None

    def _flagged(self, endpoint: EndpointName, parameter: str, target: Model) -> Translation:
        rule = self._rule("flag", endpoint, parameter, target, None)
        rule = rule or self._rule("flag", endpoint, None, target, None)
        return Translation("unknown", rule.otherwise if rule else None, rule.id if rule else None)


def _applies(rule: Rule, endpoint: EndpointName, target: Model, source_model: str | None) -> bool:
    return (
        (not rule.endpoints or endpoint in rule.endpoints)
        and (not rule.target_families or target.family in rule.target_families)
        and (not rule.source_models or source_model is None or source_model in rule.source_models)
    )


def _takes(model: Model, parameter: str, value: str) -> bool:
    known = [one[parameter] for one in model.endpoints.values() if parameter in one]
    return any(model.accepts(one, value) for one in known)


def _longest_first(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: (-len(name), name)))
