"""Which bindings a name can hold where it is read."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from migrator.codemod.index.scopes import ScopeBuilder


def reaching(source: str, name: str = "x") -> set[str]:
    """What the last read of ``name`` can hold: the bound expressions, or the kind and line of the binding."""
    tree = ast.parse(dedent(source))
    found = ScopeBuilder(tree).reaching
    reads = [node for node in found if node.id == name]
    last = max(reads, key=lambda node: (node.lineno, node.col_offset), default=None)
    if last is None:
        return set()
    return {
        ast.unparse(one.value) if one.value is not None else f"{one.kind} {getattr(one.node, 'lineno', 0)}"
        for one in found[last]
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("x = 1\nx = 2\nprint(x)", {"2"}, id="the last assignment wins in straight code"),
        pytest.param("x = 1\nif a:\n    x = 2\nprint(x)", {"1", "2"}, id="a branch adds a value"),
        pytest.param(
            "if a:\n    x = 1\nelse:\n    x = 2\nprint(x)",
            {"1", "2"},
            id="both branches replace what was before",
        ),
        pytest.param(
            "x = 1\nif a:\n    x = 2\n    raise E\nprint(x)", {"1"}, id="a branch that raises does not arrive"
        ),
        pytest.param(
            "def f():\n    x = 1\n    if a:\n        x = 2\n        return\n    print(x)",
            {"1"},
            id="a branch that returns does not arrive",
        ),
        pytest.param("x = 1\nfor i in y:\n    x = 2\nprint(x)", {"1", "2"}, id="a loop may run no time"),
        pytest.param(
            "x = 1\nfor i in y:\n    print(x)\n    x = 2",
            {"1", "2"},
            id="a loop carries its values to the top",
        ),
        pytest.param(
            "x = 1\nwhile a:\n    x = 2\n    if b:\n        x = 3\n        break\n    x = 4\nprint(x)",
            {"1", "3", "4"},
            id="a break carries its value out of the loop",
        ),
        pytest.param(
            "for i in y:\n    x = 1\n    if i:\n        x = 2\n        continue\n    x = 3\nprint(x)",
            {"2", "3"},
            id="a continue carries its value to the end of the loop",
        ),
        pytest.param(
            "x = 1\nfor i in y:\n    if i:\n        x = 2\n        break\nelse:\n    x = 3\nprint(x)",
            {"2", "3"},
            id="the else of a loop replaces what a break skips",
        ),
        pytest.param(
            "x = 1\ntry:\n    x = 2\n    f()\n    x = 3\nexcept E:\n    print(x)",
            {"1", "2", "3"},
            id="a handler sees every value of the body",
        ),
        pytest.param(
            "try:\n    x = 1\nexcept E:\n    x = 2\nprint(x)",
            {"1", "2"},
            id="a try arrives by its body or a handler",
        ),
        pytest.param(
            "try:\n    x = 1\nexcept E:\n    x = 2\n    raise\nprint(x)",
            {"1"},
            id="a handler that raises ends",
        ),
        pytest.param(
            "x = 0\ntry:\n    x = 1\nfinally:\n    done()\nprint(x)",
            {"1"},
            id="after a finally the body has run",
        ),
        pytest.param("try:\n    f()\nexcept E as x:\n    print(x)", {"except 3"}, id="an exception is bound"),
        pytest.param("with a as x:\n    print(x)", {"a"}, id="a with binds what it enters"),
        pytest.param("print(x := 1, x)", {"1"}, id="a walrus binds in the expression"),
        pytest.param("if (x := f()):\n    print(x)", {"f()"}, id="a walrus in a test reaches the body"),
        pytest.param(
            "if (x := f()) or (x := g()):\n    print(x)",
            {"f()", "g()"},
            id="what stands behind or may not be reached",
        ),
        pytest.param("x = 1\na and (x := f())\nprint(x)", {"1", "f()"}, id="nor what stands behind and"),
        pytest.param("x = 1\n(x := 2) if a else 3\nprint(x)", {"1", "2"}, id="nor one side of a choice"),
        pytest.param("x = 1\n(x := 2) and a\nprint(x)", {"2"}, id="what stands before it is"),
        pytest.param("[x := i for i in y]\nprint(x)", {"i"}, id="a walrus in a comprehension binds outside"),
        pytest.param("x = 1\n[x for x in y]\nprint(x)", {"1"}, id="a comprehension has names of its own"),
        pytest.param("x = 1\nprint([x for i in y])", {"1"}, id="a comprehension reads names around it"),
        pytest.param("print([x for x in y])", {"y"}, id="a comprehension reads its own variable"),
        pytest.param("x = 1\ndel x\nx = 2\nprint(x)", {"2"}, id="a deleted name is bound anew"),
        pytest.param("x, y = 1, 2\nprint(x)", {"(1, 2)"}, id="an unpacking binds each name"),
        pytest.param("x += 1\nprint(x)", {"1"}, id="an augmented assignment binds"),
        pytest.param("import a as x\nprint(x)", {"import 1"}, id="an import binds its alias"),
        pytest.param("def x(): pass\nprint(x)", {"function 1"}, id="a function binds its name"),
        pytest.param("class x: pass\nprint(x)", {"class 1"}, id="a class binds its name"),
        pytest.param("def f(x=1):\n    print(x)", {"parameter 1"}, id="a parameter is bound in its function"),
        pytest.param(
            "x = 1\ndef f():\n    print(x)\nx = 2", {"1", "2"}, id="a function reads any value of a global"
        ),
        pytest.param(
            "def f():\n    x = 1\n    def g():\n        print(x)",
            {"1"},
            id="a closure reads its outer function",
        ),
        pytest.param(
            "x = 1\ndef f():\n    global x\n    x = 2\ndef g():\n    print(x)",
            {"1", "2"},
            id="a global may be bound by a function",
        ),
        pytest.param(
            "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    def h():\n        print(x)",
            {"1", "2"},
            id="a nonlocal is a binding of the outer function",
        ),
        pytest.param(
            "x = 1\nclass A:\n    x = 2\n    def f(self):\n        print(x)",
            {"1"},
            id="a method does not see its class body",
        ),
        pytest.param("x = 1\nclass A:\n    x = 2\n    y = print(x)", {"2"}, id="a class body sees itself"),
        pytest.param("x = 1\nclass A:\n    print(x)", {"1"}, id="a class body sees the names around it"),
        pytest.param(
            "match v:\n    case 1:\n        x = 1\n    case _:\n        x = 2\nprint(x)",
            {"1", "2"},
            id="the cases of a match are branches",
        ),
        pytest.param(
            "match v:\n    case {'a': x}:\n        print(x)", {"pattern 2"}, id="a pattern binds a part"
        ),
        pytest.param(
            "match v:\n    case str() as x:\n        print(x)",
            {"v"},
            id="a pattern with a name binds the subject",
        ),
        pytest.param("f = lambda x: print(x)", {"parameter 1"}, id="a lambda has parameters"),
        pytest.param("x = 1\nf = lambda: print(x)", {"1"}, id="a lambda reads names around it"),
        pytest.param(
            "def f(a=(x := 1)): pass\nprint(x)", {"1"}, id="a default is evaluated outside the function"
        ),
    ],
)
def test_a_name_holds(source: str, expected: set[str]) -> None:
    found = reaching(source)
    assert expected <= found
    assert found == expected


def test_what_a_finally_binds_is_among_the_values_after_it() -> None:
    assert "2" in reaching("try:\n    x = 1\nfinally:\n    x = 2\nprint(x)")


def test_uses_are_the_other_side_of_reaching_definitions() -> None:
    tree = ast.parse("x = 1\nprint(x)\nx = 2\nprint(x, x)")
    found = ScopeBuilder(tree)
    first, second = found.module.bindings["x"]
    assert [use.lineno for use in first.uses] == [2]
    assert [use.lineno for use in second.uses] == [4, 4]


def test_a_name_that_nobody_binds_holds_nothing() -> None:
    assert reaching("print(x)") == set()


def test_deep_loops_are_read_in_bounded_time() -> None:
    lines = [f"{'    ' * depth}for i{depth} in x:" for depth in range(18)]
    source = "\n".join([*lines, "    " * 18 + "x = x + 1", "print(x)"])
    assert reaching(source) == {"x + 1"}
