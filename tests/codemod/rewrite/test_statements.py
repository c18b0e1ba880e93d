from __future__ import annotations

import ast
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from migrator.codemod.rewrite import (
    AddArgument,
    Arguments,
    DropStatement,
    EditConflict,
    InsertAfter,
    InsertBefore,
    Offsets,
    Replace,
    ReplaceStatement,
    Unwrap,
    apply,
)

if TYPE_CHECKING:
    from migrator.types import Span


def at(text: str, start: str) -> Span:
    """The span of the outermost statement whose source starts with ``start``."""
    offsets = Offsets(text)
    spans = [offsets.span(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    return next(span for span in spans if text.startswith(start, span.start))


DROPS = {
    "a line with its comment": ("a\nb  # why\nc\n", ["b"], "a\nc\n"),
    "over several lines": ("a\nb(\n    1,\n)  # why\nc\n", ["b"], "a\nc\n"),
    "the first of a line": ("a; b; c  # why\n", ["a"], "b; c  # why\n"),
    "the middle of a line": ("a; b; c  # why\n", ["b"], "a; c  # why\n"),
    "the end of a line": ("a; b; c  # why\n", ["c"], "a; b  # why\n"),
    "two of a line": ("a; b; c\n", ["a", "b"], "c\n"),
    "the last two of a line": ("a; b; c\n", ["b", "c"], "a\n"),
    "around the middle of a line": ("a; b; c\n", ["a", "c"], "b\n"),
    "a whole line of them": ("x\na; b;  # why\ny\n", ["a", "b"], "x\ny\n"),
    "with a semicolon": ("a;\nb\n", ["a"], "b\n"),
    "the only one of a block": ("if x:\n    a  # why\n\nb\n", ["a"], "if x:\n    pass\n\nb\n"),
    "all of a block": ("if x:\n    a\n    b; c\n    d\ny\n", ["a", "b", "c", "d"], "if x:\n    pass\ny\n"),
    "all of a block on one line": ("if x:\n    a; b\ny\n", ["a", "b"], "if x:\n    pass\ny\n"),
    "all but one of a block": ("if x:\n    a\n    b\n    c\n", ["a", "c"], "if x:\n    b\n"),
    "the only one of an else": ("if x:\n    a\nelse:\n    b\n", ["b"], "if x:\n    a\n"),
    "the only one of an else with more behind it": (
        "if x:\n    a\nelse:\n    b  # why\n\nc\n",
        ["b"],
        "if x:\n    a\n\nc\n",
    ),
    "the only one of an else that is explained": (
        "if x:\n    a\nelse:  # why\n    b\n",
        ["b"],
        "if x:\n    a\nelse:  # why\n    pass\n",
    ),
    "the only one of an elif": (
        "if x:\n    a\nelif y:\n    b\n",
        ["b"],
        "if x:\n    a\nelif y:\n    pass\n",
    ),
    "the body of a handler": (
        "try:\n    a\nexcept E:\n    b\nfinally:\n    c\n",
        ["b", "c"],
        "try:\n    a\nexcept E:\n    pass\nfinally:\n    pass\n",
    ),
    "behind a colon": ("if x: a  # why\nb\n", ["a"], "if x: pass  # why\nb\n"),
    "all behind a colon": ("if x: a; b\nc\n", ["a", "b"], "if x: pass\nc\n"),
    "one behind a colon": ("if x: a; b\nc\n", ["a"], "if x: b\nc\n"),
    "the only one of a module": ("a\n", ["a"], ""),
    "at the end without a line end": ("a\nb", ["b"], "a\n"),
    "between blank lines": ("def f():\n    a\n\n    b\n\n    c\n", ["b"], "def f():\n    a\n\n    c\n"),
    "before a definition": ("a\n\nb\n\n\ndef f(): pass\n", ["b"], "a\n\n\ndef f(): pass\n"),
    "at the end of a paragraph": ("a\nb\n\nc\n", ["b"], "a\n\nc\n"),
    "below a comment": ("a\n# about b\nb\nc\n", ["b"], "a\n# about b\nc\n"),
    "a case": ("match x:\n    case 1:\n        a\n", ["a"], "match x:\n    case 1:\n        pass\n"),
    "tabs": ("if x:\n\ta\ny\n", ["a"], "if x:\n\tpass\ny\n"),
    "line continuation": ("a; \\\n  b\nc\n", ["b"], "a\nc\n"),
}


@pytest.mark.parametrize(("before", "starts", "after"), DROPS.values(), ids=DROPS)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["unix", "windows", "mac"])
def test_dropping_statements(before: str, starts: list[str], after: str, newline: str) -> None:
    text = before.replace("\n", newline)
    edits = [DropStatement(at(text, start)) for start in starts]
    assert apply(text, edits) == after.replace("\n", newline)
    assert apply(text, edits[::-1]) == after.replace("\n", newline)


REPLACES = {
    "by one line": ("a\nb = 1  # why\nc\n", "b", ("x = 2",), "a\nx = 2  # why\nc\n"),
    "by several": (
        "def f():\n    a\n    b = 1\n    c\n",
        "b",
        ("x = 2", "if x:\n    y(\n        1)"),
        "def f():\n    a\n    x = 2\n    if x:\n        y(\n            1)\n    c\n",
    ),
    "a compound one": (
        "if q:\n  with a as b:\n    c\n    d\n  e\n",
        "with",
        ("if x:\n    y", "# done", "z = 1"),
        "if q:\n  if x:\n    y\n  # done\n  z = 1\n  e\n",
    ),
    "a decorated one": ("@d\ndef f(): pass\n", "@d", ("f = 1",), "f = 1\n"),
    "with tabs": ("if x:\n\ta\n", "a", ("if y:\n    b",), "if x:\n\tif y:\n\t\tb\n"),
    "with a string over lines": (
        "if x:\n    a\n",
        "a",
        ('s = """1\n2"""',),
        'if x:\n    s = """1\n2"""\n',
    ),
    "behind a colon": ("if x: a\n", "a", ("b", "c"), "if x: b; c\n"),
    "among others": ("a; b; c\n", "b", ("x", "y"), "a; x; y; c\n"),
    "at the end without a line end": ("a\nb", "b", ("x", "y"), "a\nx\ny"),
}


@pytest.mark.parametrize(("before", "start", "lines", "after"), REPLACES.values(), ids=REPLACES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_replacing_statements(
    before: str, start: str, lines: tuple[str, ...], after: str, newline: str
) -> None:
    text = before.replace("\n", newline)
    assert apply(text, [ReplaceStatement(at(text, start), lines)]) == after.replace("\n", newline)


INSERTS = {
    "before": (
        "def f():\n    a\n    b  # why\n",
        InsertBefore,
        "b",
        "def f():\n    a\n    x\n    y\n    b  # why\n",
    ),
    "after": (
        "def f():\n    a  # why\n    b\n",
        InsertAfter,
        "a",
        "def f():\n    a  # why\n    x\n    y\n    b\n",
    ),
    "after a compound one": ("if q:\n    a\n# c\nb\n", InsertAfter, "if", "if q:\n    a\nx\ny\n# c\nb\n"),
    "after the last of a block": ("if q:\n    a\nb\n", InsertAfter, "a", "if q:\n    a\n    x\n    y\nb\n"),
    "after the end without a line end": ("a\nb", InsertAfter, "b", "a\nb\nx\ny"),
    "before a decorated one": ("@d\ndef f(): pass\n", InsertBefore, "@d", "x\ny\n@d\ndef f(): pass\n"),
    "before among others": ("a; b\n", InsertBefore, "b", "a; x; y; b\n"),
    "before the first of others": ("a; b\n", InsertBefore, "a", "x\ny\na; b\n"),
    "after among others": ("a; b\n", InsertAfter, "a", "a; x; y; b\n"),
    "after the last of others": ("a; b  # why\n", InsertAfter, "b", "a; b  # why\nx\ny\n"),
    "before, behind a colon": ("if q: a\n", InsertBefore, "a", "if q: x; y; a\n"),
    "after, behind a colon": ("if q: a  # why\n", InsertAfter, "a", "if q: a; x; y  # why\n"),
    "tabs": ("if q:\n\ta\n", InsertAfter, "a", "if q:\n\ta\n\tx\n\ty\n"),
}


@pytest.mark.parametrize(("before", "kind", "start", "after"), INSERTS.values(), ids=INSERTS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_inserting_statements(
    before: str, kind: type[InsertAfter], start: str, after: str, newline: str
) -> None:
    text = before.replace("\n", newline)
    assert apply(text, [kind(at(text, start), ("x", "y"))]) == after.replace("\n", newline)


def test_a_comment_can_be_inserted() -> None:
    text = "def f():\n    a\n"
    assert (
        apply(text, [InsertBefore(at(text, "a"), ("# look here",))]) == "def f():\n    # look here\n    a\n"
    )


def test_an_inserted_statement_makes_pass_unneeded() -> None:
    text = "def f():\n    a\n"
    edits = [
        DropStatement(at(text, "a")),
        InsertBefore(at(text, "a"), ("x",)),
        InsertAfter(at(text, "a"), ("y",)),
    ]
    assert apply(text, edits) == "def f():\n    x\n    y\n"


def test_an_inserted_comment_does_not_make_pass_unneeded() -> None:
    text = "def f():\n    a\n"
    edits = [DropStatement(at(text, "a")), InsertBefore(at(text, "a"), ("# gone",))]
    assert apply(text, edits) == "def f():\n    # gone\n    pass\n"


def test_insertions_between_two_statements_keep_their_sides() -> None:
    text = "a\nb\n"
    edits = [InsertBefore(at(text, "b"), ("y",)), InsertAfter(at(text, "a"), ("x",))]
    assert apply(text, edits) == "a\nx\ny\nb\n"


UNWRAPS = {
    "a with": (
        """\
        def f():
            a
            with open(p) as g:  # read
                # first
                b(
                    1,
                )

                c  # why
            d
        """,
        "with",
        """\
        def f():
            a
            # read
            # first
            b(
                1,
            )

            c  # why
            d
        """,
    ),
    "an async with": (
        """\
        async def f():
            async with a as b, \\
                    c as d:
                if x:
                    y
        """,
        "async with",
        """\
        async def f():
            if x:
                y
        """,
    ),
    "at the top": ("with a:\n    b\n    # end\n\n# other\nc\n", "with", "b\n# end\n\n# other\nc\n"),
    "on one line": ("with a: b; c  # why\nd\n", "with", "b; c  # why\nd\n"),
    "without a line end": ("x\nwith a:\n  b", "with", "x\nb"),
    "an if without its else": (
        """\
        if q:
            a
        else:
            b
        c
        """,
        "if",
        """\
        a
        c
        """,
    ),
    "a try": (
        """\
        if q:
            try:
                a
            except E:
                b
            else:
                c
            finally:
                d
        e
        """,
        "try",
        """\
        if q:
            a
            c
            d
        e
        """,
    ),
    "a string over lines": (
        '''\
        if q:
            with a:
                b = """1
                2
            3"""
                c
        ''',
        "with",
        '''\
        if q:
            b = """1
                2
            3"""
            c
        ''',
    ),
    "a nested function with tabs": (
        "def f():\n\twith a:\n\t\tdef g():\n\t\t\treturn 1\n\t\treturn g\n",
        "with",
        "def f():\n\tdef g():\n\t\treturn 1\n\treturn g\n",
    ),
    "deep comments behind": (
        "def f():\n    with a:\n        b\n        # end\n\n    # other\n",
        "with",
        "def f():\n    b\n    # end\n\n    # other\n",
    ),
}


@pytest.mark.parametrize(("before", "start", "after"), UNWRAPS.values(), ids=UNWRAPS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_unwrapping(before: str, start: str, after: str, newline: str) -> None:
    text = dedent(before).replace("\n", newline)
    assert apply(text, [Unwrap(at(text, start))]) == dedent(after).replace("\n", newline)


def test_edits_inside_an_unwrapped_body_are_applied() -> None:
    text = dedent(
        """\
        def f():
            with get(url) as r:
                r.check()
                with open(p) as g:
                    g.write(r.content)
            done()
        """
    )
    content = at(text, "g.write")
    start = text.index("r.content")
    edits = [
        Unwrap(at(text, "with get")),
        DropStatement(at(text, "r.check")),
        Replace(type(content)(start, start + len("r.content")), "decode(url)"),
        InsertBefore(at(text, "with open"), ("x = 1",)),
        InsertAfter(content, ("y = 1",)),
        InsertAfter(at(text, "with get"), ("z = 1",)),
    ]
    assert apply(text, edits) == dedent(
        """\
        def f():
            x = 1
            with open(p) as g:
                g.write(decode(url))
                y = 1
            z = 1
            done()
        """
    )


def test_an_unwrapped_body_that_is_dropped_leaves_pass() -> None:
    text = "def f():\n    with a:\n        b\n"
    assert apply(text, [Unwrap(at(text, "with")), DropStatement(at(text, "b"))]) == "def f():\n    pass\n"


def test_unwrapping_inside_an_unwrapped_body() -> None:
    text = "with a:\n    with b:\n        c\n        with d:\n            e\n"
    assert apply(text, [Unwrap(at(text, f"with {name}")) for name in "dab"]) == "c\ne\n"


CONFLICTS = {
    "an edit in the head of an unwrapped statement": (
        "with f(x) as g:\n    a\n",
        lambda text: [Unwrap(at(text, "with")), Arguments(call(text), (AddArgument("b", "1"),))],
    ),
    "an edit in a dropped statement": (
        "f(x)\nb\n",
        lambda text: [DropStatement(at(text, "f")), Arguments(call(text), (AddArgument("b", "1"),))],
    ),
    "an edit in a replaced statement": (
        "a = f(x)\nb\n",
        lambda text: [
            ReplaceStatement(at(text, "a"), ("c",)),
            Arguments(call(text), (AddArgument("b", "1"),)),
        ],
    ),
    "dropped and replaced": (
        "a\nb\n",
        lambda text: [ReplaceStatement(at(text, "a"), ("c",)), DropStatement(at(text, "a"))],
    ),
    "replaced twice": (
        "a\nb\n",
        lambda text: [ReplaceStatement(at(text, "a"), ("c",)), ReplaceStatement(at(text, "a"), ("d",))],
    ),
    "no statement there": ("ab = 1\n", lambda text: [DropStatement(type(at(text, "a"))(0, 2))]),
    "an elif": ("if a:\n    b\nelif c:\n    d\n", lambda text: [Unwrap(at(text, "elif"))]),
    "a loop": ("for a in b:\n    c\n", lambda text: [Unwrap(at(text, "for"))]),
    "a compound statement where there is no room": (
        "if a: b\n",
        lambda text: [InsertBefore(at(text, "b"), ("if c:\n    d",))],
    ),
    "an insertion before elif": (
        "if a:\n    b\nelif c:\n    d\n",
        lambda text: [InsertBefore(at(text, "elif"), ("x",))],
    ),
    "lines that are no Python": ("a\n", lambda text: [InsertBefore(at(text, "a"), ("x =",))]),
}


def call(text: str) -> Span:
    return next(Offsets(text).span(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


@pytest.mark.parametrize(("text", "edits"), CONFLICTS.values(), ids=CONFLICTS)
def test_what_does_not_fit_is_a_conflict(text: str, edits: object) -> None:
    with pytest.raises(EditConflict):
        apply(text, edits(text))  # type: ignore[operator]
