"""The published description of the API, cut down to what answers are made of, and JSON Schema made from it.

The short form, in ``openapi_images.yaml``: a schema is ``required`` names and ``properties``; the type of a property
is a word (``string``, ``integer``, ``boolean``, ``object``), the name of a schema, ``[type]`` for a list, or
``{one_of: [values]}``; ``type?`` may be null as well. ``any`` is a type that is not described. ``newer`` adds
properties that are known from elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORT = Path(__file__).with_name("openapi_images.yaml")
_WORDS = ("string", "integer", "number", "boolean", "object")


def load() -> dict[str, Any]:
    """The short form: source, version, date and schemas."""
    found: dict[str, Any] = yaml.safe_load(SHORT.read_text("utf-8"))
    return found


def json_schema(short: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Schema ``name`` of the short form as JSON Schema. Properties that it does not name are not allowed."""
    definitions = {key: _object(one) for key, one in short["schemas"].items()}
    for key, properties in short.get("newer", {}).items():
        definitions[key]["properties"].update({name: _type(kind) for name, kind in properties.items()})
    return {"$ref": f"#/$defs/{name}", "$defs": definitions}


def _object(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: _type(kind) for key, kind in one["properties"].items()},
        "required": list(one.get("required", ())),
        "additionalProperties": False,
    }


def _type(kind: Any) -> dict[str, Any]:
    if isinstance(kind, list):
        return {"type": "array", "items": _type(kind[0])}
    if isinstance(kind, dict):
        return {"enum": kind["one_of"]}
    if kind.endswith("?"):
        return {"anyOf": [_type(kind[:-1]), {"type": "null"}]}
    if kind == "any":
        return {}
    return {"type": kind} if kind in _WORDS else {"$ref": f"#/$defs/{kind}"}


def shortened(public: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas ``names`` of the whole description in the short form."""
    return {name: _short_object(public[name], names) for name in names}


def _short_object(one: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if one.get("required"):
        found["required"] = sorted(one["required"])
    properties = one.get("properties", {})
    found["properties"] = {key: _short_type(properties[key], names) for key in sorted(properties)}
    return found


def _short_type(kind: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    if kind.get("nullable"):
        inner = _short_type({key: value for key, value in kind.items() if key != "nullable"}, names)
        return f"{inner}?" if isinstance(inner, str) else inner
    if "$ref" in kind:
        name = kind["$ref"].rpartition("/")[2]
        return name if name in names else "any"
    if "anyOf" in kind or "oneOf" in kind:
        choices = kind.get("anyOf") or kind["oneOf"]
        others = [one for one in choices if one.get("type") != "null"]
        shown = [_short_type(one, names) for one in others]
        # an open text with well-known values is a text
        inner = shown[0] if len(shown) == 1 else "string" if "string" in shown else "any"
        return f"{inner}?" if len(others) < len(choices) and isinstance(inner, str) else inner
    if "enum" in kind:
        return {"one_of": list(kind["enum"])}
    if kind.get("type") == "array":
        return [_short_type(kind["items"], names)]
    return kind.get("type", "any")
