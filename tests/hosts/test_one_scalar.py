"""For any file: an edit changes the intended values and nothing else, as other parsers see it."""

from __future__ import annotations

import configparser
import json
import sys
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hosts.support import TARGET, after

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NEW = {"dall-e-3": TARGET, "dall-e-2": TARGET, "hd": "high", "standard": "medium", "512x512": "1024x1024"}
TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\x85\u2028\u2029\ufeff"),
    max_size=8,
)
WORD = st.text("abcdefgxyz_", min_size=1, max_size=6)
VALUE = st.one_of(TEXT, st.sampled_from([*NEW, "vivid", "true", "null", "#", "- a", ": "]))
SCALAR = st.one_of(VALUE, st.integers(-5, 5), st.booleans())
IMAGE = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["dall-e-3", "dall-e-2"]),
        "quality": st.sampled_from(["hd", "standard", "auto"]),
    },
    optional={"size": st.sampled_from(["512x512", "1024x1024", "auto"]), "note": TEXT},
)
TREE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORD, inner, max_size=3),
    max_leaves=12,
)
FILE = st.dictionaries(WORD, TREE, max_size=4).flatmap(
    lambda rest: st.tuples(st.just(rest), IMAGE).map(lambda both: {**both[0], "picture": both[1]})
)
COMMENT = st.sampled_from(["", " # dall-e-3 hd", "  # x", "\t# é"])


def moved(value: Any) -> Any:
    """The image settings with the new values."""
    return {key: NEW.get(one, one) if key != "note" else one for key, one in value.items()}


def check(before: dict[str, Any], read: Any) -> None:
    """The settings of the picture are moved; everything else reads as before, or is another image setting."""
    for key, value in before.items():
        if key == "picture":
            assert read[key] == moved(value)
        elif not any(word in json.dumps(value) for word in NEW):
            assert read[key] == value


@settings(max_examples=150, deadline=None)
@given(FILE, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_json(tree: dict[str, Any], indent: Any, ascii_only: bool) -> None:
    text = json.dumps(tree, indent=indent, ensure_ascii=ascii_only)
    new = after("a.json", text)
    check(tree, json.loads(new))
    assert json.dumps(json.loads(new), indent=indent, ensure_ascii=ascii_only) == new


@settings(max_examples=150, deadline=None)
@given(FILE, st.booleans(), st.sampled_from([None, "'", '"']), COMMENT, st.sampled_from(["\n", "\r\n"]))
def test_yaml(tree: dict[str, Any], flow: bool, style: str | None, comment: str, end: str) -> None:
    text = yaml.safe_dump(
        tree, default_flow_style=flow, default_style=style, allow_unicode=True, width=10_000
    )
    comment = comment.replace("\t", " ")
    text = (comment + "\n" + text + comment.strip()).replace("\n", end)
    check(yaml.safe_load(text), yaml.safe_load(after("a.yaml", text)))
    assert len(after("a.yaml", text).split(end)) == len(text.split(end))


@settings(max_examples=100, deadline=None)
@given(IMAGE, st.dictionaries(WORD, SCALAR, max_size=4), st.booleans(), COMMENT, st.booleans())
def test_toml(image: dict[str, str], rest: dict[str, Any], literal: bool, comment: str, inline: bool) -> None:
    def shown(value: Any) -> str:
        if isinstance(value, str) and literal and "'" not in value:
            return f"'{value}'"
        return json.dumps(value, ensure_ascii=False)

    lines = [f"{key} = {shown(value)}{comment}" for key, value in rest.items()]
    pairs = [f"{key} = {shown(value)}" for key, value in image.items()]
    lines += (
        ["picture = {" + ", ".join(pairs) + "}"]
        if inline
        else ["[picture]", *(f"{p}{comment}" for p in pairs)]
    )
    rest.pop("picture", None)
    text = "\n".join(line for line in lines if not line.startswith("picture =") or inline)
    check({**rest, "picture": image}, tomllib.loads(after("a.toml", text)))


@settings(max_examples=100, deadline=None)
@given(
    IMAGE,
    st.dictionaries(WORD, st.text("abc =:x-1", max_size=8), max_size=4),
    st.sampled_from(["=", " = ", ": "]),
)
def test_ini(image: dict[str, str], rest: dict[str, str], sign: str) -> None:
    image.pop("note", None)
    lines = ["; dall-e-3", "[other]", *(f"{key}{sign}{value}" for key, value in rest.items()), "[picture]"]
    text = "\n".join([*lines, *(f"{key}{sign}{value}" for key, value in image.items())])
    before, read = configparser.RawConfigParser(), configparser.RawConfigParser()
    before.read_string(text)
    read.read_string(after("a.ini", text))
    assert dict(read["picture"]) == moved(image)
    assert dict(read["other"]) == dict(before["other"])
