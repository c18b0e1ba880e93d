"""The contract check: why the API would refuse a request, in its own order and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from migrator.catalog.errors import CatalogError, did_you_mean
from migrator.catalog.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from migrator.catalog.model import Combination, EndpointName, Model, Parameter
    from migrator.catalog.queries import Catalog

_ORDER = ("text", "file", "integer")
"""Kinds are checked in this order, then everything else."""


def problems(
    catalog: Catalog,
    endpoint: EndpointName,
    model: Model,
    request: Mapping[str, object],
    today: date,
    *,
    provider: str,
) -> list[Problem]:
    """See :meth:`migrator.catalog.queries.Catalog.problems`."""
    check = _Check(catalog, endpoint, model, request, today, provider=provider)
    return list(check.run())


def problem(catalog: Catalog, error: str, parameter: str | None = None, **places: object) -> Problem:
    """The error body with the id ``error``."""
    body = catalog.errors.get(error)
    if body is None:
        raise CatalogError(f"the rules know no error {error!r}.{did_you_mean(error, catalog.errors)}")
    places.setdefault("parameter", parameter)
    try:
        message = body.message.format(**places)
    except KeyError as missing:
        raise CatalogError(f"the error {error!r} needs {missing} to be told") from None
    return Problem(parameter if body.names_parameter else None, body.code, message, body.type, body.status)


def as_text(value: object) -> str:
    """A value as it is compared with the rules: booleans in lower case, everything else as ``str``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Check:
    def __init__(
        self,
        catalog: Catalog,
        endpoint: EndpointName,
        model: Model,
        request: Mapping[str, object],
        today: date,
        *,
        provider: str,
    ) -> None:
        self.catalog, self.endpoint, self.model = catalog, endpoint, model
        self.request, self.today, self.provider = request, today, provider
        self.dead = model.is_shut_down(today, provider)
        # today's API reads every request by today's contract, also one that names a retired model
        current = model.is_target or self.dead
        self.schema: dict[str, Parameter] = {}
        for one in catalog.models.values():
            if one is model or (current and one.is_target):
                for name, parameter in one.endpoints.get(endpoint, {}).items():
                    if one.is_target or not current:
                        self.schema.setdefault(name, parameter)
        self.accepted = model.endpoints.get(endpoint, {})

    def run(self) -> Iterator[Problem]:
        offered = [
            one
            for one in self.catalog.models.values()
            if self.endpoint in one.endpoints and not one.is_shut_down(self.today, self.provider)
        ]
        if not offered:
            yield self.fail("endpoint_retired", None, endpoint=self.endpoint)
            return
        if self.endpoint not in self.model.endpoints and not self.dead:
            choices = either([one.id for one in offered])
            yield self.fail("model_endpoint", "model", model=self.model.id, choices=choices)
            return
        for name in self.request:
            if name not in self.schema:
                yield self.fail("unknown_parameter", name)
        if self.dead:
            yield from self.texts()
            yield self.fail("model_missing", None, model=self.request.get("model", self.model.id))
            return
        yield from self.values()
        for combination in self.model.combinations:
            yield from self.combined(combination)

    def fail(self, error: str, parameter: str | None, **places: object) -> Problem:
        return problem(self.catalog, error, parameter, **places)

    def texts(self) -> Iterator[Problem]:
        for name, parameter in self.schema.items():
            if parameter.kind == "text":
                yield from self.value(name, parameter)

    def values(self) -> Iterator[Problem]:
        def rank(item: tuple[str, Parameter]) -> int:
            kind = item[1].kind
            return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)

        for name, parameter in sorted(self.schema.items(), key=rank):
            own = self.accepted.get(name)
            if own is not None:
                yield from self.value(name, own)
            elif self.request.get(name) is not None:
                error = parameter.absence or "unsupported_parameter"
                value = as_text(self.request[name])
                yield self.fail(error, name, value=value, model=self.model.id)

    def value(self, name: str, parameter: Parameter) -> Iterator[Problem]:
        value = self.request.get(name)
        if name not in self.request and parameter.required:
            yield self.fail("required", name)
        elif name in self.request and value is None and parameter.required:
            yield self.fail("type", name, choices=_EXPECTED.get(parameter.kind, "a value"), got="null")
        elif value is not None and not _unknown(value):
            yield from self.checks[parameter.kind](self, name, parameter, value)

    def text(self, name: str, parameter: Parameter, value: object) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield self.fail("type", name, choices="a string", got=kind_of(value))
        elif not value and parameter.required:
            yield self.fail("text_empty", name)
        elif parameter.max_length is not None and len(value) > parameter.max_length:
            yield self.fail("text_long", name, limit=parameter.max_length, got=len(value))

    def file(self, name: str, parameter: Parameter, value: object) -> Iterator[Problem]:
        files = value if isinstance(value, list | tuple) else [value]
        if not files:
            yield self.fail("array_empty", name)
        elif parameter.maximum is not None and len(files) > parameter.maximum:
            yield self.fail("too_many_files", name, limit=parameter.maximum, got=len(files))
        limit = parameter.max_bytes
        if limit is not None and any(isinstance(one, bytes) and len(one) >= limit for one in files):
            yield self.fail("file_too_large", name, limit=limit)

    def integer(self, name: str, parameter: Parameter, value: object) -> Iterator[Problem]:
        number = value
        # a form field can only be text, so there digits are the number that they spell
        if isinstance(value, str) and self.endpoint != "generations" and value.isascii():
            digits = value.removeprefix("-")
            number = int(value) if digits.isdigit() and len(digits) <= 9 else value
        if isinstance(number, bool) or not isinstance(number, int):
            yield self.fail("type", name, choices="an integer", got=kind_of(number))
        elif parameter.minimum is not None and number < parameter.minimum:
            yield self.fail(parameter.refusal or "integer_low", name, limit=parameter.minimum, got=number)
        elif parameter.maximum is not None and number > parameter.maximum:
            yield self.fail(parameter.refusal or "integer_high", name, limit=parameter.maximum, got=number)

    def boolean(self, name: str, _parameter: Parameter, value: object) -> Iterator[Problem]:
        spelled = self.endpoint != "generations" and value in ("true", "false")
        if not isinstance(value, bool) and not spelled:
            yield self.fail("type", name, choices="a boolean", got=kind_of(value))

    def enum(self, name: str, parameter: Parameter, value: object) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield self.fail("type_choice", name, choices=either(parameter.values), got=kind_of(value))
        elif value not in parameter.values:
            error = parameter.refusal or "value"
            yield self.fail(error, name, value=value, supported=every(parameter.values), model=self.model.id)

    def size(self, name: str, _parameter: Parameter, value: object) -> Iterator[Problem]:
        sizes = self.model.sizes
        if not isinstance(value, str):
            yield self.fail("type", name, choices="a string", got=kind_of(value))
        elif not sizes.accepts(value):
            error = (sizes.free.refusal(value) if sizes.free else None) or sizes.refusal
            yield self.fail(error, name, value=value, supported=every(sizes.listed), model=self.model.id)

    def anything(self, _name: str, _parameter: Parameter, _value: object) -> Iterator[Problem]:
        yield from ()

    checks = {  # noqa: RUF012 - a table of the methods above, never changed
        "text": text,
        "file": file,
        "integer": integer,
        "boolean": boolean,
        "enum": enum,
        "size": size,
        "any": anything,
    }

    def combined(self, rule: Combination) -> Iterator[Problem]:
        value = self.request.get(rule.parameter)
        if value is None or _unknown(value) or rule.parameter not in self.accepted:
            return
        text = as_text(value)
        if (rule.values and text not in rule.values) or text in rule.except_values:
            return
        other = self.request.get(rule.other)
        if not rule.allowed:
            fits = other is None
        elif _unknown(other):
            fits = True
        else:
            default = self.accepted[rule.other].default if rule.other in self.accepted else None
            fits = as_text(default if other is None else other) in rule.allowed
        if not fits:
            places = {
                "value": text,
                "other": rule.other,
                "other_value": as_text(other),
                "model": self.model.id,
            }
            yield self.fail(rule.error, rule.parameter, choices=either(rule.allowed), **places)


_EXPECTED = {"text": "a string", "integer": "an integer", "boolean": "a boolean", "size": "a string"}


def _unknown(value: object) -> bool:
    return isinstance(value, Mapping) and value.keys() == {"code"}


def kind_of(value: object) -> str:
    """The JSON type of ``value`` in the API's words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a decimal number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list | tuple) else "an object"


def every(values: Iterable[str]) -> str:
    """``'a', 'b', and 'c'``."""
    return _join(values, "and")


def either(values: Iterable[str]) -> str:
    """``'a', 'b', or 'c'``."""
    return _join(values, "or")


def _join(values: Iterable[str], word: str) -> str:
    quoted = [f"'{value}'" for value in values]
    if len(quoted) <= 2:
        return f" {word} ".join(quoted)
    return f"{', '.join(quoted[:-1])}, {word} {quoted[-1]}"
