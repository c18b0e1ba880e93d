"""What an expression can turn out to be, traced back through a project."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from migrator.codemod.flow import origins as kinds
from migrator.codemod.flow.trace import Tracer
from migrator.codemod.index.project import ProjectIndex
from tests.codemod.support import Project


def origins(source: str, **others: str) -> set[str]:
    """The origins of the argument of ``look(…)`` in words."""
    files = {"app.py": dedent(source), **{f"{name}.py": dedent(text) for name, text in others.items()}}
    index = ProjectIndex(Project(files))
    module = index.load("app.py")
    assert module is not None
    calls = [call for call in module.calls if isinstance(call.func, ast.Name) and call.func.id == "look"]
    return {_word(one) for one in Tracer(index).origins(module, calls[-1].args[0])}


def _word(origin: kinds.Origin) -> str:
    match origin:
        case kinds.Constant(node=node):
            return repr(node.value)
        case kinds.Function(node=node):
            return f"function {getattr(node, 'name', 'lambda')}"
        case kinds.Class(node=node):
            return f"class {node.name}"
        case kinds.Instance(node=node):
            return f"a {node.name}"
        case kinds.External(name=name):
            return f"external {name}"
        case kinds.Made(name=name):
            return f"made by {name}"
        case kinds.Parameter(binding=binding):
            return f"parameter {binding.name}"
        case kinds.Display():
            return "display"
        case kinds.ProjectModule(module=module):
            return f"module {module.path}"
    return "unknown"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("x = 'a'\nlook(x)", {"'a'"}, id="a constant"),
        pytest.param("look('a' if b else 'c')", {"'a'", "'c'"}, id="both ends of a conditional"),
        pytest.param("look(None or 'a')", {"'a'"}, id="what an or can give"),
        pytest.param("look({'k': 'a', 'l': 'b'}['k'])", {"'a'"}, id="an entry of a dict"),
        pytest.param(
            "d = {'k': 'a', 'l': 'b'}\nlook(d[input()])", {"'a'", "'b'"}, id="any entry for an unknown key"
        ),
        pytest.param("look(['a', 'b'][1])", {"'b'"}, id="an element of a list"),
        pytest.param("a, b = 'x', 'y'\nlook(b)", {"'y'"}, id="a part of an unpacking"),
        pytest.param("for x in ('a', 'b'):\n    look(x)", {"'a'", "'b'"}, id="the elements of a loop"),
        pytest.param("def f():\n    return 'a'\nlook(f())", {"'a'"}, id="what a function returns"),
        pytest.param(
            "def f(x):\n    return x\nlook(f('a'))", {"'a'"}, id="what a function is given and returns"
        ),
        pytest.param("f = lambda: 'a'\nlook(f())", {"'a'"}, id="what a lambda returns"),
        pytest.param("class A:\n    x = 'a'\nlook(A.x)", {"'a'"}, id="an attribute of a class"),
        pytest.param(
            "class A:\n    x = 'a'\nlook(A().x)", {"'a'"}, id="an attribute of a class through an instance"
        ),
        pytest.param(
            "class B:\n    x = 'a'\nclass A(B):\n    pass\nlook(A().x)", {"'a'"}, id="an inherited attribute"
        ),
        pytest.param(
            "class A:\n    def __init__(self):\n        self.x = 'a'\nlook(A().x)",
            {"'a'"},
            id="an attribute of self",
        ),
        pytest.param(
            "class A:\n    @property\n    def x(self):\n        return 'a'\nlook(A().x)",
            {"'a'"},
            id="a property",
        ),
        pytest.param(
            "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: str = 'a'\nlook(A('b').x)",
            {"'a'", "'b'"},
            id="a field of a dataclass and its default",
        ),
        pytest.param(
            "from enum import Enum\nclass A(Enum):\n    X = 'a'\n    Y = 'b'\nlook(A.X.value)",
            {"'a'"},
            id="the value of a member of an enumeration",
        ),
        pytest.param("import os\nlook(os.getenv('A'))", {"made by os.getenv"}, id="a call of a library"),
        pytest.param(
            "import os\nlook(os.environ['A'])",
            {"external os.environ.?"},
            id="an entry of a library's mapping",
        ),
        pytest.param(
            "from openai import OpenAI\nlook(OpenAI())",
            {"made by openai.OpenAI"},
            id="an object of a library",
        ),
        pytest.param("class A: pass\nlook(A())", {"a A"}, id="an instance of a class of the project"),
        pytest.param("class A: pass\nlook(A)", {"class A"}, id="a class of the project"),
        pytest.param("def f(): pass\nlook(f)", {"function f"}, id="a function of the project"),
        pytest.param("look(['a'])", {"display"}, id="a display"),
    ],
)
def test_a_value_is_traced_to(source: str, expected: set[str]) -> None:
    assert expected <= origins(source)
    if len(expected) == 1:
        assert origins(source) == expected


def test_a_parameter_holds_its_default_and_what_callers_pass() -> None:
    found = origins("def f(x='a'):\n    look(x)\nf('b')\nf(x='c')\n")
    assert {"'a'", "'b'", "'c'"} <= found


def test_a_parameter_of_a_function_without_callers_is_open() -> None:
    assert "parameter x" in origins("def f(x):\n    look(x)\n")


def test_a_value_is_followed_into_other_modules() -> None:
    assert origins("from cfg import make as m\nlook(m())", cfg="def make():\n    return 'a'\n") == {"'a'"}
    assert origins("import cfg\nlook(cfg.X)", cfg="X = 'a'\n") == {"'a'"}
    assert origins("from cfg import *\nlook(X)", cfg="X = 'a'\n") == {"'a'"}


@pytest.mark.parametrize(
    "source",
    [
        "x = x\nlook(x)",
        "def f(x):\n    return f(x)\nlook(f(1))",
        "def f():\n    return g()\ndef g():\n    return f()\nlook(f())",
        "class A(A): pass\nlook(A().x)",
        "class A:\n    def __init__(self):\n        self.a = self.a\nlook(A().a)",
        "a = [a]\nlook(a[0][0][0])",
        "d = {}\nd['x'] = d\nlook(d['x']['x'])",
        "f = lambda: f()\nlook(f())",
        "x = y\ny = x\nlook(y)",
    ],
)
def test_circles_end(source: str) -> None:
    assert isinstance(origins(source), set)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import requests as r\nlook(r.get)", "requests.get"),
        ("from a.b import c as d\nlook(d)", "a.b.c"),
        ("get = print\nlook(get)", "builtins.print"),
        ("look(len)", "builtins.len"),
    ],
)
def test_the_name_of_a_callable_is_the_name_it_was_imported_by(source: str, expected: str) -> None:
    index = ProjectIndex(Project({"app.py": source}))
    module = index.load("app.py")
    assert module is not None
    call = next(c for c in module.calls if isinstance(c.func, ast.Name) and c.func.id == "look")
    assert Tracer(index).qualified(module, call.args[0]) == expected
