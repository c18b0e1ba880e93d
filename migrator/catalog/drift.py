"""Compares the rules with the types of the installed ``openai`` package, in plain sentences."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.catalog.model import Parameter
    from migrator.catalog.queries import Catalog

Surface = dict[str, Any]
"""Subject (``models``, ``generations``, ``edits quality``, ``response``) to the set of names found there."""

REQUEST_TYPES = {
    "generations": ("ImageGenerateParamsBase", "openai.types.image_generate_params"),
    "edits": ("ImageEditParamsBase", "openai.types.image_edit_params"),
    "variations": ("ImageCreateVariationParams", "openai.types.image_create_variation_params"),
}


def drift(catalog: Catalog) -> list[str]:
    """What the installed SDK's types know that the rules do not, and the other way round.

    Differences that the rules list as known (``sdk_differences``) are left out; one of those that is no
    longer there is itself reported. Empty when nothing drifted, one sentence when the SDK is missing.
    """
    try:
        found = sdk_surface()
    except ImportError as error:
        return [f"the installed openai package cannot be compared: {error}"]
    return compare(catalog, rules_surface(catalog), found)


def compare(catalog: Catalog, rules: Surface, sdk: Surface) -> list[str]:
    """The differences between two surfaces as sentences, known ones left out."""
    from deepdiff import DeepDiff  # noqa: PLC0415 - heavy, and only this command needs it

    # deepdiff finds where they differ; a set is compared as a whole
    changed = DeepDiff(rules, sdk, ignore_order=True, view="tree")
    subjects = {str(level.path(output_format="list")[0]) for kind in changed.values() for level in kind}
    sentences, seen = [], set()
    for subject in sorted(subjects):
        endpoint, _, parameter = subject.partition(" ")
        if parameter and not (parameter in rules.get(endpoint, ()) and parameter in sdk.get(endpoint, ())):
            continue  # the missing parameter is a sentence of its own
        ours, theirs = set(rules.get(subject, ())), set(sdk.get(subject, ()))
        for name in sorted(theirs - ours):
            sentences.append((f"{subject} +{name}", f"{subject}: the SDK has {name!r}, the rules do not"))
        for name in sorted(ours - theirs):
            sentences.append((f"{subject} -{name}", f"{subject}: the rules have {name!r}, the SDK does not"))
    fresh = []
    for key, sentence in sentences:
        if key in catalog.sdk_differences:
            seen.add(key)
        else:
            fresh.append(sentence)
    for key in catalog.sdk_differences:
        if key not in seen:
            fresh.append(f"{key}: listed as a known difference, but the SDK and the rules agree now")
    return fresh


def rules_surface(catalog: Catalog) -> Surface:
    """What the rules know of the things that the SDK types."""
    surface: Surface = {"models": set(catalog.names())}
    for endpoint in REQUEST_TYPES:
        parameters: dict[str, list[tuple[Any, Parameter]]] = {}
        for model in catalog.models.values():
            for name, parameter in model.endpoints.get(endpoint, {}).items():  # type: ignore[call-overload]
                parameters.setdefault(name, []).append((model, parameter))
        surface[endpoint] = set(parameters)
        for name, known in parameters.items():
            values: set[str] = set()
            for model, parameter in known:
                if parameter.kind != "size":
                    values.update(parameter.values)
                elif model.sizes.free is None:
                    # where any WxH is taken, the SDK types size as str and lists no examples
                    values.update(model.sizes.listed)
            if values:
                surface[f"{endpoint} {name}"] = values
    fields = {"b64_json"}
    fields |= {"url"} if any(model.returns_url for model in catalog.models.values()) else set()
    fields |= (
        {"revised_prompt"} if any(one.returns_revised_prompt for one in catalog.models.values()) else set()
    )
    surface["response"] = fields
    return surface


def sdk_surface() -> Surface:
    """What the types of the installed SDK say. Raises ImportError when they are not there."""
    import importlib  # noqa: PLC0415

    from openai.types import ImageModel  # noqa: PLC0415
    from openai.types.image import Image  # noqa: PLC0415

    surface: Surface = {"models": set(_literals(ImageModel)), "response": set(Image.model_fields)}
    for endpoint, (name, module) in REQUEST_TYPES.items():
        params: Any = getattr(importlib.import_module(module), name, None)
        if params is None:
            raise ImportError(f"{module} has no {name}")
        hints: Mapping[str, object] = typing.get_type_hints(params)
        surface[endpoint] = set(hints) | ({"stream"} if name.endswith("Base") else set())
        for parameter, hint in hints.items():
            values = _literals(hint) if parameter != "model" else []
            if values:
                surface[f"{endpoint} {parameter}"] = set(values)
    return surface


def _literals(hint: Any) -> list[str]:
    if typing.get_origin(hint) is typing.Literal:
        return [value for value in typing.get_args(hint) if isinstance(value, str)]
    return [value for inner in typing.get_args(hint) for value in _literals(inner)]
