"""What a prompt becomes for one column: the same wish in the words that its model takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from migrator.catalog.contract import as_text
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.catalog import Catalog
    from migrator.catalog.model import Model
    from migrator.compare.sources.base import Column
    from migrator.compare.suite import Prompt, Value


@dataclass(frozen=True, slots=True)
class Request:
    """One request without its prompt. ``refused`` says why the model can never take it; ``notes`` what changed."""

    endpoint: Literal["generations", "edits"]
    parameters: Mapping[str, Value]
    notes: tuple[str, ...] = ()
    refused: str | None = None


def request_for(prompt: Prompt, column: Column, catalog: Catalog, images: list[bytes]) -> Request:
    """The request for ``prompt`` at ``column``. ``images`` are the inputs of an edit, the mask last.

    Raises:
        UserError: For a value that a live target model refuses and no rule maps.
    """
    endpoint: Literal["generations", "edits"] = "edits" if prompt.edit else "generations"
    model = column.facts
    if not column.live or model is None:
        return Request(endpoint, {**prompt.parameters, **column.parameters})
    if endpoint not in model.endpoints:
        return Request(endpoint, {}, refused=f"{model.id} makes no edits")
    parameters: dict[str, Value] = {}
    notes = []
    for name, value in prompt.parameters.items():
        meant = _translated(catalog, endpoint, name, value, column, model)
        if meant is not None:
            parameters[name] = meant
        if meant is None:
            notes.append(f"{name} is left out: {model.id} does not take {name}={as_text(value)}")
        elif meant != value:
            notes.append(f"{name}={as_text(value)} becomes {meant} for {model.id}")
    parameters |= column.parameters
    if "response_format" in model.endpoints[endpoint]:
        # the answer itself is safer than an address that expires
        parameters.setdefault("response_format", "b64_json")
    # a server of somebody else has its own mind about what it takes
    judged = column.kind != "openai-compatible"
    refused = _refused(prompt, column, catalog, endpoint, model, parameters, images) if judged else None
    if refused and model.is_target:
        raise UserError(f"{prompt.where}: prompt {prompt.id!r} cannot go to {column.name}: {refused}")
    return Request(endpoint, parameters, tuple(notes), refused)


def _translated(
    catalog: Catalog,
    endpoint: Literal["generations", "edits"],
    name: str,
    value: Value,
    column: Column,
    model: Model,
) -> Value | None:
    """``value`` in the words of ``model``; ``None`` where it has none for it."""
    accepted = model.endpoints[endpoint].get(name)
    if accepted is not None and model.accepts(accepted, as_text(value)):
        return value
    if model.is_target:
        found = catalog.translate(endpoint, name, value, model, column.day)
        if found.kind == "keep":
            return value
        if found.kind == "drop":
            return None
        # a value that no rule maps and nothing replaces is kept, and refused with the API's own words below
        return value if found.value is None and accepted is not None else found.value
    if accepted is None:
        return None
    if accepted.kind == "size":
        return catalog.nearest_size(as_text(value), model)
    for rule in catalog.rules.values():
        if rule.operation == "map_value" and rule.parameter == name:
            back = (old for old, new in rule.mapping.items() if new == value and model.accepts(accepted, old))
            found_back = next(back, None)
            if found_back is not None:
                return found_back
    return None


def _refused(
    prompt: Prompt,
    column: Column,
    catalog: Catalog,
    endpoint: Literal["generations", "edits"],
    model: Model,
    parameters: Mapping[str, Value],
    images: list[bytes],
) -> str | None:
    request: dict[str, object] = {"model": model.id, "prompt": prompt.text, **parameters}
    if prompt.edit is not None:
        request["image"] = images[: len(prompt.edit.images)]
        if prompt.edit.mask is not None:
            request["mask"] = images[-1]
    known = {name: value for name, value in request.items() if name not in column.parameters}
    problems = catalog.problems(endpoint, model, known, column.day, provider=column.provider)
    return problems[0].message if problems else None
