from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from migrator.codemod.rewrite import (
    AddElement,
    AddEntry,
    DropElement,
    DropEntry,
    EditConflict,
    Elements,
    Entries,
    Offsets,
    SetEntry,
    apply,
)


def changed(text: str, *changes: object) -> str:
    """The text with the changes made to its first display."""
    offsets = Offsets(text)
    kinds = (ast.Dict, ast.List, ast.Tuple, ast.Set)
    node = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))
    edit = Entries if isinstance(node, ast.Dict) else Elements
    return apply(text, [edit(offsets.span(node), changes)])  # type: ignore[arg-type]


ENTRIES = {
    "drop on its own line": (
        """\
        payload = {
            "model": "dall-e-3",
            "style": "vivid",  # or natural
            "n": 1
        }
        """,
        [DropEntry("style")],
        """\
        payload = {
            "model": "dall-e-3",
            "n": 1
        }
        """,
    ),
    "drop the last, no trailing comma": (
        """\
        payload = {
            "n": 1,  # one
            "style": "vivid"
        }
        """,
        [DropEntry("style")],
        """\
        payload = {
            "n": 1  # one
        }
        """,
    ),
    "drop on one line": ("p = {'a': 1, 'b': 2}\n", [DropEntry("b")], "p = {'a': 1}\n"),
    "drop the only one": ("p = { 'a': 1 }\n", [DropEntry("a")], "p = {}\n"),
    "drop every occurrence": ("p = {'a': 1, 'b': 2, 'a': 3,}\n", [DropEntry("a")], "p = {'b': 2,}\n"),
    "drop a joined key": ("p = {'a' 'b': 1, c: 2}\n", [DropEntry("ab")], "p = {c: 2}\n"),
    "drop nothing": (
        "p = {b'a': 1, **a, a: 2, 1: 3}\n",
        [DropEntry("a")],
        "p = {b'a': 1, **a, a: 2, 1: 3}\n",
    ),
    "set every occurrence": (
        "p = {'a': 1, 'b': 2, 'a' : (3)}\n",
        [SetEntry("a", "x")],
        "p = {'a': x, 'b': 2, 'a' : x}\n",
    ),
    "add where the model is looked for": (
        """\
        p = {
            # what
            'prompt': p,  # text
            'n': 1,  # one
        }
        """,
        [AddEntry("model", "'m'"), AddEntry("user", "u")],
        """\
        p = {
            'model': 'm',
            # what
            'prompt': p,  # text
            'n': 1,  # one
            'user': u,
        }
        """,
    ),
    "add around double stars": (
        "p = {**base, 'n': 1, **extra}\n",
        [AddEntry("model", "M"), AddEntry("user", "U")],
        "p = {**base, 'model': M, 'n': 1, 'user': U, **extra}\n",
    ),
    "add behind nothing but double stars": (
        "p = {**b}\n",
        [AddEntry("model", "M")],
        'p = {**b, "model": M}\n',
    ),
    "add to an empty one": ("p = {}\n", [AddEntry("a", "1")], 'p = {"a": 1}\n'),
    "add to an empty one with a comment": (
        "p = {\n    # nothing yet\n}\n",
        [AddEntry("a", "1")],
        'p = {\n    # nothing yet\n    "a": 1\n}\n',
    ),
    "set a missing one": ('p = {u"a" : 1}\n', [SetEntry("b", "2")], 'p = {u"a" : 1, u"b" : 2}\n'),
    "add what is there": ("p = {'a': 1}\n", [AddEntry("a", "1")], "p = {'a': 1}\n"),
}


@pytest.mark.parametrize(("before", "changes", "after"), ENTRIES.values(), ids=ENTRIES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_entries_change_within_their_layout(
    before: str, changes: list[object], after: str, newline: str
) -> None:
    result = changed(dedent(before).replace("\n", newline), *changes)
    assert result == dedent(after).replace("\n", newline)


ELEMENTS = {
    "drop in a list": ("x = ['a', 'b', 'c']\n", [DropElement(1)], "x = ['a', 'c']\n"),
    "drop several": ("x = ['a', 'b', 'c']\n", [DropElement(0), DropElement(2)], "x = ['b']\n"),
    "drop all": ("x = ['a', 'b']\n", [DropElement(0), DropElement(1)], "x = []\n"),
    "drop a line": (
        "x = [\n    'a',  # one\n    'b',  # two\n]\n",
        [DropElement(0)],
        "x = [\n    'b',  # two\n]\n",
    ),
    "drop the last line": ("x = {\n    'a',\n    'b'  # two\n}\n", [DropElement(1)], "x = {\n    'a'\n}\n"),
    "drop to one in a tuple": ("x = ('a', 'b')\n", [DropElement(1)], "x = ('a',)\n"),
    "drop to one in a bare tuple": ("for x in 'a', 'b': pass\n", [DropElement(1)], "for x in 'a',: pass\n"),
    "drop the only one of a tuple": ("x = ('a',)\n", [DropElement(0)], "x = ()\n"),
    "drop the only one of a bare tuple": ("x = 'a',\n", [DropElement(0)], "x = ()\n"),
    "drop the only one of a set": ("x = {'a'}\n", [DropElement(0)], "x = set()\n"),
    "drop from a tuple over lines": (
        "x = (\n    'a',\n    'b'\n)\n",
        [DropElement(0)],
        "x = (\n    'b',\n)\n",
    ),
    "add to a list": ("x = ['a']\n", [AddElement("'b'")], "x = ['a', 'b']\n"),
    "add to a stacked list": (
        "x = [\n    'a',  # one\n]\n",
        [AddElement("'b'")],
        "x = [\n    'a',  # one\n    'b',\n]\n",
    ),
    "add to a tuple of one": ("x = ('a',)\n", [AddElement("'b'")], "x = ('a', 'b',)\n"),
    "add to a bare tuple": ("x = 'a', 'b'\n", [AddElement("'c'")], "x = 'a', 'b', 'c'\n"),
    "add to nothing": ("x = ()\n", [AddElement("'a'")], "x = ('a',)\n"),
    "swap": ("x = ['hd', 'a']\n", [DropElement(0), AddElement("'high'")], "x = ['a', 'high']\n"),
    "in brackets of its own": ("x = ((('a', 'b')))\n", [DropElement(0)], "x = ((('b',)))\n"),
}


@pytest.mark.parametrize(("before", "changes", "after"), ELEMENTS.values(), ids=ELEMENTS)
def test_elements_change_within_their_layout(before: str, changes: list[object], after: str) -> None:
    assert changed(before, *changes) == after


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("x = ['a']\n", [DropElement(1)]),
        ("x = {'a': 1}\n", [AddEntry("a", "2")]),
        ("x = {'a': 1}\n", [SetEntry("a", "2"), DropEntry("a")]),
    ],
)
def test_a_change_that_does_not_fit_is_a_conflict(text: str, changes: list[object]) -> None:
    with pytest.raises(EditConflict):
        changed(text, *changes)
