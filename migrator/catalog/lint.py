"""Checks across the rules: dangling references, names used twice, mappings that a target refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.catalog.errors import CatalogError, did_you_mean

if TYPE_CHECKING:
    from migrator.catalog.model import Consumer, Model, Rule
    from migrator.catalog.queries import Catalog
    from migrator.catalog.reader import Table
    from migrator.catalog.versions import Range

CONTRACT_ERRORS = (
    "array_empty",
    "endpoint_retired",
    "file_too_large",
    "integer_high",
    "integer_low",
    "model_endpoint",
    "model_missing",
    "size_edge",
    "size_form",
    "size_multiple",
    "size_ratio",
    "size_too_few_pixels",
    "size_too_many_pixels",
    "text_empty",
    "text_long",
    "too_many_files",
    "type",
    "type_choice",
    "unknown_parameter",
    "unsupported_parameter",
    "value",
    "required",
)
"""The errors that the contract check itself raises."""


def lint(catalog: Catalog, root: Table) -> None:
    """Raises CatalogError, with file and line, for the first contradiction."""
    default = catalog.models.get(catalog.default_target)
    if default is None or not default.is_target:
        hint = did_you_mean(catalog.default_target, catalog.models)
        raise root.fail(
            "default_target", f"default_target {catalog.default_target!r} is no target model.{hint}"
        )
    for error in CONTRACT_ERRORS:
        if error not in catalog.errors:
            raise root.fail("errors", f"errors lacks {error!r}, which the contract check needs")
    _lint_models(catalog)
    _lint_replaced_errors(catalog, root.table("advice").table("error_codes").table("replaced"))
    owners: dict[str, list[Consumer]] = {}
    for consumer in catalog.consumers:
        for call in consumer.calls:
            for other in owners.setdefault(call, []):
                if not _are_apart(consumer.versions, other.versions) and not _take_apart(consumer, other):
                    raise root.fail(
                        "consumers", f"{call} belongs to the consumers {other.id} and {consumer.id}; keep one"
                    )
            owners[call].append(consumer)
    for rule in catalog.rules.values():
        _lint_rule(catalog, rule)


def _take_apart(one: Consumer, other: Consumer) -> bool:
    """Whether two consumers are about different arguments of a call."""
    return bool(one.argument) and bool(other.argument) and not set(one.argument) & set(other.argument)


def _are_apart(one: Range | None, other: Range | None) -> bool:
    return one is not None and other is not None and not one.meets(other)


def _lint_models(catalog: Catalog) -> None:
    owners: dict[str, str] = {}
    for model in catalog.models.values():
        for name in (model.id, *model.aliases):
            if owners.setdefault(name, model.id) != model.id:
                raise _fail(
                    model.origin, f"the name {name!r} of {model.id!r} already belongs to {owners[name]!r}"
                )
        if model.replacement is not None and model.replacement not in catalog.models:
            hint = did_you_mean(model.replacement, catalog.models)
            raise _fail(
                model.origin, f"replacement {model.replacement!r} of {model.id!r} does not exist.{hint}"
            )
        if "openai" not in model.lifecycle:
            raise _fail(model.origin, f"model {model.id!r} has no life cycle at the provider openai")
        if not model.sizes.accepts(model.sizes.default):
            raise _fail(
                model.origin, f"default size {model.sizes.default!r} of {model.id!r} is not one it takes"
            )
        _lint_errors(catalog, model)


def _lint_replaced_errors(catalog: Catalog, table: Table) -> None:
    for old, new in catalog.advice.replaced_errors.items():
        for error in (old, new):
            found = catalog.errors.get(error)
            if found is None or found.code is None:
                hint = did_you_mean(error, catalog.errors)
                raise table.fail(old, f"{error!r} is no error with a code.{hint}")


def _lint_errors(catalog: Catalog, model: Model) -> None:
    used = [model.sizes.refusal, *(combination.error for combination in model.combinations)]
    for parameters in model.endpoints.values():
        for parameter in parameters.values():
            used += [error for error in (parameter.refusal, parameter.absence) if error]
    for error in used:
        if error not in catalog.errors:
            hint = did_you_mean(error, catalog.errors)
            raise _fail(model.origin, f"error {error!r} of {model.id!r} does not exist.{hint}")


def _lint_rule(catalog: Catalog, rule: Rule) -> None:
    families = {model.family for model in catalog.models.values()}
    for known, names in ((catalog.names(), rule.source_models), (families, rule.target_families)):
        for name in names:
            if name not in known:
                raise _fail(
                    rule.origin, f"{rule.id} names {name!r}, which does not exist.{did_you_mean(name, known)}"
                )
    parameters = {
        name for model in catalog.models.values() for one in model.endpoints.values() for name in one
    }
    if rule.parameter is not None and rule.parameter not in parameters:
        hint = did_you_mean(rule.parameter, parameters)
        raise _fail(rule.origin, f"{rule.id}: no model has a parameter {rule.parameter!r}.{hint}")
    if rule.operation in {"map_value", "map_size"}:
        for model in catalog.models.values():
            if model.is_target and (not rule.target_families or model.family in rule.target_families):
                _lint_mapping(rule, model)


def _lint_mapping(rule: Rule, model: Model) -> None:
    results = [*rule.mapping.values(), *([rule.otherwise] if rule.otherwise else [])]
    for endpoint, parameters in model.endpoints.items():
        if rule.endpoints and endpoint not in rule.endpoints:
            continue
        parameter = parameters.get(rule.parameter or "")
        for value in results if parameter else ():
            if parameter and not model.accepts(parameter, value):
                message = (
                    f"{rule.id} maps {rule.parameter} to {value!r}, which {model.id} refuses on {endpoint}"
                )
                raise _fail(rule.origin, message)


def _fail(where: str, message: str) -> CatalogError:
    return CatalogError(f"{where}: {message}")
