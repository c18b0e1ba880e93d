from __future__ import annotations

import ast
import pickle
import re
import subprocess
import sys
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.codemod.rewrite import (
    AddArgument,
    AddImport,
    Arguments,
    Around,
    DropArgument,
    DropStatement,
    Edit,
    EditConflict,
    Entries,
    Offsets,
    Replace,
    SetArgument,
    SetEntry,
    apply,
)
from migrator.types import Span


def at(text: str, part: str) -> Span:
    start = text.index(part)
    return Span(start, start + len(part))


def test_no_edit_changes_nothing_even_in_what_is_not_python() -> None:
    assert apply("not (python", []) == "not (python"


def test_replacing_touches_nothing_else() -> None:
    text = "a = 'é'  # 'hd' 😀\r\nb = 'hd'\n"
    assert apply(text, [Replace(Span(text.rindex("'hd'"), text.rindex("'hd'") + 4), "'high'")]) == (
        "a = 'é'  # 'hd' 😀\r\nb = 'high'\n"
    )


def test_equal_edits_count_once() -> None:
    text = "a = 'hd'\n"
    edit = Replace(at(text, "'hd'"), "'high'")
    again = pickle.loads(pickle.dumps(edit))
    assert again == edit
    assert apply(text, [edit, again]) == "a = 'high'\n"


def test_a_download_becomes_a_decoding_around_its_url() -> None:
    text = "data = requests.get(r.data[0].url, timeout=3).content\n"
    edits = [
        Around(at(text, text[7:-1]), at(text, "r.data[0].url"), "base64.b64decode(", ")"),
        Replace(at(text, "url"), "b64_json"),
        AddImport("base64"),
    ]
    assert apply(text, edits) == "import base64\n\ndata = base64.b64decode(r.data[0].b64_json)\n"


def test_arounds_nest() -> None:
    text = "x = open(get(url).content).read()\n"
    edits = [
        Around(at(text, text[4:-1]), at(text, "get(url).content"), "load(", ")"),
        Around(at(text, "get(url).content"), at(text, "url"), "decode(", ")"),
        Around(at(text, "url"), at(text, "url"), "str(", ")"),
    ]
    assert apply(text, edits) == "x = load(decode(str(url)))\n"


def test_an_around_keeps_the_changed_call_inside() -> None:
    text = "x = f(a=1).url\n"
    edits = [
        Arguments(at(text, "f(a=1)"), (DropArgument("a"),)),
        Around(at(text, "f(a=1).url"), at(text, "f(a=1)"), "first(", ")"),
        Around(at(text, "f(a=1)"), at(text, "f(a=1)"), "await ", ""),
    ]
    assert apply(text, edits) == "x = first(await f())\n"


@pytest.mark.parametrize(
    ("text", "span", "hole", "sides", "expected"),
    [
        ("x = (\n    a\n    + b\n)\n", "(\n    a\n    + b\n)", "a\n    + b", ("", ""), "x = (a\n    + b)\n"),
        ("x = f(a or b)\n", "f(a or b)", "a or b", ("", ".content"), "x = (a or b).content\n"),
        ("x = f(a or b)\n", "f(a or b)", "a or b", ("g(", ")"), "x = g(a or b)\n"),
        ("x = f(a,\n  b)\n", "f(a,\n  b)", "f(a,\n  b)", ("await ", ""), "x = await f(a,\n  b)\n"),
        ("x = f(lambda: y)\n", "f(lambda: y)", "lambda: y", ("", "()"), "x = (lambda: y)()\n"),
        ("x = f(1)\n", "f(1)", "1", ("", ".real"), "x = (1).real\n"),
        ("x = f(y for y in z)\n", "f(y for y in z)", "(y for y in z)", ("g", ""), "x = g(y for y in z)\n"),
    ],
)
def test_a_hole_stays_one_expression(
    text: str, span: str, hole: str, sides: tuple[str, str], expected: str
) -> None:
    assert apply(text, [Around(at(text, span), at(text, hole), *sides)]) == expected


def test_edits_inside_a_call_come_before_the_change_of_its_arguments() -> None:
    text = "f(\n    a=g(quality='hd', n=1),\n    b={'size': s},  # two\n)\n"
    edits: list[Edit] = [
        Arguments(at(text, text[:-1]), (SetArgument("model", "M"), AddArgument("z", "1"))),
        Arguments(at(text, "g(quality='hd', n=1)"), (DropArgument("n"),)),
        Replace(at(text, "'hd'"), "'high'"),
        Entries(at(text, "{'size': s}"), (SetEntry("size", "big(s)"),)),
    ]
    expected = "f(\n    model=M,\n    a=g(quality='high'),\n    b={'size': big(s)},  # two\n    z=1,\n)\n"
    assert apply(text, edits) == expected
    assert apply(text, edits[::-1]) == expected


CONFLICTS: dict[str, tuple[str, list[Edit]]] = {
    "the same place twice": ("abc\n", [Replace(Span(0, 3), "x"), Replace(Span(0, 3), "y")]),
    "overlapping": ("a + b + c\n", [Replace(Span(0, 5), "x"), Replace(Span(4, 9), "y")]),
    "inside a replaced part": ("f(a)\n", [Replace(Span(0, 4), "x"), Replace(Span(2, 3), "y")]),
    "beside the hole": ("f(a, b)\n", [Around(Span(0, 7), Span(2, 3), "g(", ")"), Replace(Span(5, 6), "x")]),
    "a hole outside": ("f(a, b)\n", [Around(Span(0, 4), Span(5, 6), "g(", ")")]),
    "two arounds at one place": (
        "f(a)\n",
        [Around(Span(0, 4), Span(0, 4), "g(", ")"), Around(Span(0, 4), Span(0, 4), "h(", ")")],
    ),
    "a change of a call that goes away": (
        "f(a)\n",
        [Around(Span(0, 4), Span(2, 3), "g(", ")"), Arguments(Span(0, 4), (AddArgument("b", "1"),))],
    ),
    "what is no call": ("f.a\n", [Arguments(Span(0, 3), (AddArgument("b", "1"),))]),
    "what is no dict": ("[1]\n", [Entries(Span(0, 3), (SetEntry("b", "1"),))]),
    "a result that is no Python": ("a = b\n", [Replace(Span(4, 5), "(")]),
    "a result that is too deep": ("a = b\n", [Replace(Span(4, 5), "-" * 100_000 + "1")]),
    "a null character": ("a = b\n", [Replace(Span(4, 5), "'\0'")]),
}


@pytest.mark.parametrize(("text", "edits"), CONFLICTS.values(), ids=CONFLICTS)
def test_edits_that_do_not_go_together_are_a_conflict(text: str, edits: list[Edit]) -> None:
    for order in (edits, edits[::-1]):
        with pytest.raises(EditConflict):
            apply(text, order)


def test_a_conflict_names_the_edits_at_fault() -> None:
    text = "abc = d\n"
    bad = [Replace(Span(0, 3), "x"), Replace(Span(0, 3), "y")]
    with pytest.raises(EditConflict) as caught:
        apply(text, [Replace(Span(6, 7), "z"), *bad])
    assert set(caught.value.edits) == set(bad)


def test_the_result_does_not_depend_on_the_order_of_the_edits() -> None:
    text = "import os\na = f(x=1)\nb = f(y=2)\n"
    edits: list[Edit] = [
        Arguments(at(text, "f(x=1)"), (DropArgument("x"),)),
        Replace(at(text, "2"), "3"),
        AddImport("base64"),
        AddImport("sys"),
        DropStatement(at(text, "import os")),
    ]
    results = {apply(text, edits[turn:] + edits[:turn]) for turn in range(len(edits))}
    assert results == {"import base64\nimport sys\na = f()\nb = f(y=3)\n"}


def test_the_edits_come_without_libcst() -> None:
    program = "import sys; import migrator.codemod.rewrite as r; r.Replace; print('libcst' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


SOURCES = [
    dedent(
        """\
        # -*- coding: utf-8 -*-
        \"\"\"Zeichnet Bilder: größer, schöner.\"\"\"

        import os

        from openai import OpenAI  # 😀

        client = OpenAI()


        def draw(prompt, size="1024x1024"):
            # first
            response = client.images.generate(
                model="dall-e-3",
                prompt=f"{prompt} · {size}",  # what
                # how
                size=size, n=1,
                **{"style": "vivid", "quality": "hd"},
            )
            if not response.data: raise ValueError("nichts ü"); print(1)
            with open("x", "wb") as file:
                file.write(get(response.data[0].url, timeout=(3, 4)).content)  # save
            return [item.url for item in response.data], (size,
                prompt)
        """
    ),
]
SOURCES.append(SOURCES[0].replace("\n", "\r\n"))
SOURCES.append(SOURCES[0].replace("    ", "\t"))


def candidates(text: str) -> list[Edit]:
    offsets = Offsets(text)
    found: list[Edit] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            found.append(Arguments(offsets.span(node), (SetArgument("model", "'m'"), DropArgument("size"))))
            found.append(Around(offsets.span(node), offsets.span(node.func), "g(", ")"))
        elif isinstance(node, ast.Dict):
            found.append(Entries(offsets.span(node), (SetEntry("quality", "'high'"),)))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.append(Replace(offsets.span(node), "other"))
        elif isinstance(node, (ast.Assign, ast.Expr, ast.Raise)):
            found.append(DropStatement(offsets.span(node)))
    return found


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_characters_outside_the_edits_stay_and_the_result_parses(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SOURCES))
    possible = [edit for edit in candidates(text) if not isinstance(edit, DropStatement)]
    edits = data.draw(st.lists(st.sampled_from(possible), max_size=4))
    try:
        result = apply(text, edits)
    except EditConflict:
        return
    ast.parse(result)
    kept, position = [], 0
    for span in sorted(edit.span for edit in edits):  # type: ignore[union-attr, type-var]
        if span.start >= position:
            kept.append(text[position : span.start])
        position = max(position, span.end)
    kept.append(text[position:])
    assert re.fullmatch(".*".join(map(re.escape, kept)), result, re.DOTALL)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_dropped_statements_take_only_their_lines(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SOURCES))
    possible = [edit for edit in candidates(text) if isinstance(edit, DropStatement)]
    edits = data.draw(st.lists(st.sampled_from(possible), max_size=5))
    result = apply(text, edits)
    ast.parse(result)
    gone = {
        line
        for edit in edits
        for line in range(text.count("\n", 0, edit.span.start), text.count("\n", 0, edit.span.end) + 1)
    }
    lines = [line for index, line in enumerate(text.split("\n")) if index not in gone and line.strip()]
    left = [line for line in result.split("\n") if line.strip()]
    assert [line for line in left if line in lines] == lines


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_order_of_edits_never_matters(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SOURCES))
    edits = data.draw(st.lists(st.sampled_from(candidates(text)), min_size=2, max_size=4))
    results = []
    for order in (edits, edits[::-1]):
        try:
            results.append(apply(text, order))
        except EditConflict:
            results.append(None)
    assert results[0] == results[1]
