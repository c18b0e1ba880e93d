"""A harvest as a suite in YAML that people go on editing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import yaml

from migrator.compare.harvest.templates import gaps

if TYPE_CHECKING:
    from migrator.compare.harvest.collect import Found, Harvest

_HEAD = """\
# Harvested from the prompts in the code. What varies at run time is a gap such as {{subject}}:
# put examples in its place before you compare.
"""
_EDITS = """\
# Edits need their input pictures beside this file: uncomment, and name them.
"""


def suite_text(result: Harvest) -> str:
    """The suite file. Edits stand at its end as comments, since their pictures are not in the code."""
    generations = [one for one in result.found if one.endpoint == "generations"]
    edits = [one for one in result.found if one.endpoint == "edits"]
    defaults = _defaults(generations or edits)
    head = "version: 1\n" + (_dump({"defaults": defaults}) if defaults else "")
    body = (
        _dump({"prompts": [_entry(one, defaults) for one in generations]}) if generations else "prompts: []\n"
    )
    text = f"{_HEAD}{head}{body}"
    if edits:
        listed = _dump([{**_entry(one, defaults), "edit": {"images": ["input.png"]}} for one in edits])
        text += _EDITS + "".join(f"# {line}\n" for line in listed.splitlines())
    return text


def _defaults(found: list[Found]) -> dict[str, Any]:
    """The values that most prompts share and that all prompts set."""
    defaults: dict[str, Any] = {}
    names = set.intersection(*(set(one.parameters) for one in found)) if found else set()
    for name in sorted(names):
        counts = Counter(repr(one.parameters[name]) for one in found)
        most, count = counts.most_common(1)[0]
        if count > 1 or len(found) == 1:
            defaults[name] = next(one.parameters[name] for one in found if repr(one.parameters[name]) == most)
    return defaults


def _entry(one: Found, defaults: dict[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in one.parameters.items() if defaults.get(name) != value}
    entry: dict[str, Any] = {"id": one.id, "prompt": one.text}
    if gaps(one.text):
        entry["tags"] = ["template"]
    if one.samples > 1:
        entry["samples"] = one.samples
    if own:
        entry["parameters"] = own
    entry["origin"] = {"path": one.path, "line": one.line}
    return entry


class _Dumper(yaml.SafeDumper):
    """Long texts in one line, texts with line breaks as blocks, lists indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)


def _represent(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _represent)


def _dump(value: Any) -> str:
    return str(
        yaml.dump(
            value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100_000, default_flow_style=None
        )
    )
