from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from migrator.codemod.rewrite import (
    AddArgument,
    Arguments,
    DropArgument,
    DropPosition,
    EditConflict,
    Offsets,
    RenameArgument,
    SetArgument,
    apply,
)


def changed(text: str, *changes: object) -> str:
    """The text with the changes made to its last outermost call of ``generate`` (or of ``f``)."""
    offsets = Offsets(text)
    calls = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("generate", "f")
    ]
    return apply(text, [Arguments(offsets.span(calls[0]), changes)])  # type: ignore[arg-type]


STACKED = """\
    response = client.images.generate(
        model="dall-e-3",
        prompt=prompt,  # what to draw
        size="1024x1024",
        style="vivid",  # or natural
        quality="standard",
        n=1,
    )
"""


def method(body: str) -> str:
    return "def draw(client, prompt):\n" + body


def test_a_dropped_argument_takes_its_line_and_its_comment_along() -> None:
    assert changed(method(STACKED), DropArgument("style")) == method(
        STACKED.replace('        style="vivid",  # or natural\n', "")
    )


def test_several_changes_of_one_call_leave_the_other_lines_alone() -> None:
    after = changed(
        method(STACKED),
        SetArgument("model", '"gpt-image-2.6-flare"'),
        SetArgument("quality", '"medium"'),
        DropArgument("style"),
    )
    assert after == method(
        STACKED.replace('        style="vivid",  # or natural\n', "")
        .replace("dall-e-3", "gpt-image-2.6-flare")
        .replace("standard", "medium")
    )


DROPS = {
    "the last one with a trailing comma": (
        """\
        f(
            a=1,  # one
            b=2,  # two
        )
        """,
        "b",
        """\
        f(
            a=1,  # one
        )
        """,
    ),
    "the last one without a trailing comma": (
        """\
        f(
            a=1,
            b=2
        )
        """,
        "b",
        """\
        f(
            a=1
        )
        """,
    ),
    "the last one without a trailing comma, behind a comment": (
        """\
        f(
            a=1,  # one
            b=2  # two
        )
        """,
        "b",
        """\
        f(
            a=1  # one
        )
        """,
    ),
    "the first one": (
        """\
        f(
            a=1,  # one
            b=2,  # two
        )
        """,
        "a",
        """\
        f(
            b=2,  # two
        )
        """,
    ),
    "the first one beside the bracket": (
        """\
        f(a=1,
          b=2,
          c=3)
        """,
        "a",
        """\
        f(b=2,
          c=3)
        """,
    ),
    "one of the middle, aligned to the bracket": (
        """\
        f(a=1,
          b=2,
          c=3)
        """,
        "b",
        """\
        f(a=1,
          c=3)
        """,
    ),
    "the last one, aligned to the bracket": (
        """\
        f(a=1,
          b=2)
        """,
        "b",
        """\
        f(a=1)
        """,
    ),
    "one of a filled line": (
        """\
        f(
            a=1, b=2, c=3,
            d=4,
        )
        """,
        "b",
        """\
        f(
            a=1, c=3,
            d=4,
        )
        """,
    ),
    "the last of a filled line": (
        """\
        f(
            a=1, b=2,  # both
            c=3,
        )
        """,
        "b",
        """\
        f(
            a=1,  # both
            c=3,
        )
        """,
    ),
    "the first of a filled line": (
        """\
        f(
            a=1,
            b=2, c=3,  # both
        )
        """,
        "b",
        """\
        f(
            a=1,
            c=3,  # both
        )
        """,
    ),
    "the only one": ("f(a=1)\n", "a", "f()\n"),
    "the only one on its own line": ("f(\n    a=1,  # one\n)\n", "a", "f()\n"),
    "the only one beside a comment of the call": (
        "f(\n    # keep\n\n    a=1,\n)\n",
        "a",
        "f(\n    # keep\n\n)\n",
    ),
    "one with a comment above that speaks of it alone": (
        """\
        f(
            # what
            a=1,
            # how
            b=2,
            # how many
            c=3,
        )
        """,
        "b",
        """\
        f(
            # what
            a=1,
            # how many
            c=3,
        )
        """,
    ),
    "one with a heading that also speaks of the next": (
        """\
        f(
            a=1,
            # look
            b=2,
            c=3,
        )
        """,
        "b",
        """\
        f(
            a=1,
            # look
            c=3,
        )
        """,
    ),
    "one below a commented-out other argument": (
        """\
        f(
            a=1,
            # n=4,
            # b=3,
            b=2,
        )
        """,
        "b",
        """\
        f(
            a=1,
            # n=4,
        )
        """,
    ),
    "one before a closing comment": (
        """\
        f(
            a=1,
            b=2,
            # that is all
        )
        """,
        "b",
        """\
        f(
            a=1,
            # that is all
        )
        """,
    ),
    "one with commas in front": (
        """\
        f(
            a=1
            , b=2
            , c=3
        )
        """,
        "b",
        """\
        f(
            a=1
            , c=3
        )
        """,
    ),
    "the last one with commas in front": (
        """\
        f(
            a=1  # one
            , b=2
        )
        """,
        "b",
        """\
        f(
            a=1  # one
        )
        """,
    ),
    "one over several lines": (
        """\
        f(
            a=1,
            b=dict(
                x=1,
            ),  # gone
            c=3,
        )
        """,
        "b",
        """\
        f(
            a=1,
            c=3,
        )
        """,
    ),
    "one on a line": ("x = f(a=1, b=2, c=3)\n", "b", "x = f(a=1, c=3)\n"),
    "the last on a line": ("x = f(a=1, b=2)\n", "b", "x = f(a=1)\n"),
    "the last on a line with a trailing comma": ("x = f(a=1, b=2,)\n", "b", "x = f(a=1,)\n"),
    "the first on a line": ("x = f( a=1, b=2 )\n", "a", "x = f( b=2 )\n"),
    "the only one before others": ("x = f(p, a=1, **k)\n", "a", "x = f(p, **k)\n"),
    "one behind a line continuation": ("x = f(a=1, \\\n      b=2)\n", "a", "x = f(b=2)\n"),
    "nothing, when it is not there": ("x = f(a=1, **b)\n", "b", "x = f(a=1, **b)\n"),
    "in a nested bracket": ("x = ((f((a), b=(2)))[0])\n", "b", "x = ((f((a)))[0])\n"),
    "tabs": ("if x:\n\tf(\n\t\ta=1,\n\t\tb=2,\n\t)\n", "a", "if x:\n\tf(\n\t\tb=2,\n\t)\n"),
}


@pytest.mark.parametrize(("before", "keyword", "after"), DROPS.values(), ids=DROPS)
def test_dropping_keeps_the_layout(before: str, keyword: str, after: str) -> None:
    assert changed(dedent(before), DropArgument(keyword)) == dedent(after)


@pytest.mark.parametrize("name", DROPS)
def test_dropping_keeps_windows_line_ends(name: str) -> None:
    before, keyword, after = DROPS[name]
    text = dedent(before).replace("\n", "\r\n")
    assert changed(text, DropArgument(keyword)) == dedent(after).replace("\n", "\r\n")


ADDS = {
    "one per line": (
        """\
        f(
            prompt=p,
            n=1,
        )
        """,
        """\
        f(
            model=M,
            prompt=p,
            n=1,
            user=U,
        )
        """,
    ),
    "one per line, no trailing comma": (
        """\
        f(
            prompt=p,  # what
            n=1  # how many
        )
        """,
        """\
        f(
            model=M,
            prompt=p,  # what
            n=1,  # how many
            user=U
        )
        """,
    ),
    "a comment above the first": (
        """\
        f(
            # what
            prompt=p,
        )
        """,
        """\
        f(
            model=M,
            # what
            prompt=p,
            user=U,
        )
        """,
    ),
    "aligned to the bracket": (
        """\
        f(prompt=p,
          n=1)
        """,
        """\
        f(model=M,
          prompt=p,
          n=1,
          user=U)
        """,
    ),
    "filled lines": (
        """\
        f(
            prompt=p, n=1,
            size=s, **kw
        )
        """,
        """\
        f(
            model=M, prompt=p, n=1,
            size=s, user=U, **kw
        )
        """,
    ),
    "one line": ("f(prompt=p, n=1)\n", "f(model=M, prompt=p, n=1, user=U)\n"),
    "one line, tight": ("f(prompt=p,n=1)\n", "f(model=M,prompt=p,n=1,user=U)\n"),
    "one line, wide": ("f(prompt = p, n = 1)\n", "f(model = M, prompt = p, n = 1, user = U)\n"),
    "behind positions": ("f(p, *rest, n=1)\n", "f(p, *rest, model=M, n=1, user=U)\n"),
    "only positions": ("f(p)\n", "f(p, model=M, user=U)\n"),
    "before a double star": ("f(p, **kw)\n", "f(p, model=M, user=U, **kw)\n"),
    "only a double star": ("f(**kw)\n", "f(model=M, user=U, **kw)\n"),
    "a double star per line": (
        """\
        f(
            **kw,  # rest
        )
        """,
        """\
        f(
            model=M,
            user=U,
            **kw,  # rest
        )
        """,
    ),
    "an empty call": ("f()\n", "f(model=M, user=U)\n"),
    "an empty call over lines": ("f(\n)\n", "f(model=M, user=U)\n"),
    "a single argument on the line below": (
        "f(\n    prompt=p\n)\n",
        "f(\n    model=M,\n    prompt=p,\n    user=U\n)\n",
    ),
    "a generator": ("f(x for x in y)\n", "f((x for x in y), model=M, user=U)\n"),
}


@pytest.mark.parametrize(("before", "after"), ADDS.values(), ids=ADDS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_adding_follows_the_layout_of_the_call(before: str, after: str, newline: str) -> None:
    text = dedent(before).replace("\n", newline)
    result = changed(text, AddArgument("model", "M"), AddArgument("user", "U"))
    assert result == dedent(after).replace("\n", newline)


def test_setting_a_missing_argument_adds_it() -> None:
    assert changed("f(prompt=p)\n", SetArgument("model", "'m'")) == "f(model='m', prompt=p)\n"


def test_setting_replaces_the_value_and_nothing_else() -> None:
    text = "f(a = ( 'x'  # old\n  ) ,b=2)\n"
    assert changed(text, SetArgument("a", "y")) == "f(a = y ,b=2)\n"


def test_a_value_over_several_lines_is_kept_as_given() -> None:
    result = changed("x = f(a=1)\r\n", SetArgument("a", "{\n    'a': 1,\n}[q]"))
    assert result == "x = f(a={\r\n    'a': 1,\r\n}[q])\r\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x := 1", "(x := 1)"),
        ("x for x in y", "(x for x in y)"),
        ("1, 2", "(1, 2)"),
        ("a if b else c", "a if b else c"),
    ],
)
def test_a_value_that_needs_brackets_gets_them(code: str, expected: str) -> None:
    assert changed("f(a=0, b=1)\n", SetArgument("a", code)) == f"f(a={expected}, b=1)\n"


def test_a_replaced_first_argument_leaves_the_layout_to_its_successor() -> None:
    text = "f(style=s,\n  n=1)\n"
    assert changed(text, DropArgument("style"), AddArgument("model", "M")) == "f(model=M,\n  n=1)\n"


def test_renaming_keeps_the_value() -> None:
    assert changed("f(a = 1, # x\n  b=2)\n", RenameArgument("a", "z")) == "f(z = 1, # x\n  b=2)\n"


def test_a_name_can_be_taken_over_from_a_dropped_argument() -> None:
    assert changed("f(a=1, b=2)\n", RenameArgument("a", "b"), DropArgument("b")) == "f(b=1)\n"


def test_positions_are_those_of_the_original_call() -> None:
    assert changed("f(p, q, r, n=1)\n", DropPosition(0), DropPosition(2)) == "f(q, n=1)\n"


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("f(a=1, b=2)\n", RenameArgument("a", "b")),
        ("f(model=1)\n", AddArgument("model", "2")),
        ("f(p)\n", DropPosition(1)),
        ("f(*p, q)\n", DropPosition(0)),
        ("f(p)\n", SetArgument("a", "1 +")),
        ("f(\n  a=1,\r\n  b=2)\n", DropArgument("a")),
        ("f(" + "-" * 500 + "1, a=1)\n", DropArgument("a")),
    ],
)
def test_a_change_that_does_not_fit_is_a_conflict(text: str, change: object) -> None:
    with pytest.raises(EditConflict):
        changed(text, change)


def test_two_plans_can_change_one_call() -> None:
    text = "f(a=1, b=2)\n"
    span = Offsets(text).span(ast.parse(text).body[0])
    edits = [
        Arguments(span, (DropArgument("a"), SetArgument("c", "3"))),
        Arguments(span, (DropArgument("a"), SetArgument("b", "4"))),
    ]
    assert apply(text, edits) == "f(b=4, c=3)\n"


def test_two_plans_that_disagree_about_an_argument_are_a_conflict() -> None:
    text = "f(a=1, b=2)\n"
    span = Offsets(text).span(ast.parse(text).body[0])
    with pytest.raises(EditConflict, match="a"):
        apply(text, [Arguments(span, (DropArgument("a"),)), Arguments(span, (SetArgument("a", "4"),))])


def test_calls_as_people_write_them() -> None:
    before = '''\
async def draw(self, prompt: str) -> str:
    """Ein Bild für alle."""
    try:
        res = await self.client.images.generate(model="dall-e-3", prompt=f"Bild: {prompt}", n=1,
                                                size="1024x1024", quality="hd", style="vivid",
                                                response_format="b64_json")
    except openai.BadRequestError as e: raise ValueError("abgelehnt: größe") from e
    return (res.data[0].b64_json)
'''
    after = changed(
        before,
        SetArgument("model", '"gpt-image-2.6-flare"'),
        SetArgument("quality", '"high"'),
        DropArgument("style"),
        DropArgument("response_format"),
    )
    assert after == before.replace("dall-e-3", "gpt-image-2.6-flare").replace(
        ' quality="hd", style="vivid",\n' + " " * 48 + 'response_format="b64_json")', ' quality="high")'
    )
