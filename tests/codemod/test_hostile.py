"""Input that nobody should write: it is reported or handled, never a crash, never a hang."""

from __future__ import annotations

import ast
import time

import pytest

from tests.codemod.support import Files, Result, clean, once, rewrite

_TOP = "from openai import OpenAI\nimport requests\nclient = OpenAI()\n"
_CALL = 'client.images.generate(model="dall-e-3", prompt="p", style="vivid")'
_GOOD = {"good.py": _TOP + _CALL + "\n"}
_SECONDS = 4.0
"""CPU time that is more than any of these takes by far; a hang is minutes."""


def timed(files: Files | str) -> Result:
    started = time.process_time()
    done = rewrite(files)
    assert time.process_time() - started < _SECONDS
    return done


def migrates(source: str, **others: str) -> Result:
    done = timed({"app.py": source, **others})
    assert [site.migrated for site in done.sites] == [True] * len(done.sites)
    assert done.sites
    assert "style" not in done.text
    return done


@pytest.mark.parametrize(
    ("source", "line"),
    [
        pytest.param(
            "x = 1\nclient.images.generate(model='dall-e-3'\n", 2, id="a bracket that is never closed"
        ),
        pytest.param("print 'dall-e-3'\n", 1, id="Python 2"),
        pytest.param("x = 1\nexcept E, e: 'dall-e-3'\n", 2, id="a handler of Python 2"),
        pytest.param("if x:\n'dall-e-3'\n", 2, id="an indentation that is missing"),
        pytest.param("if x:\n\ty\n        z = 'dall-e-3'\n", 3, id="tabs and blanks that disagree"),
        pytest.param("x = 'dall-e-3\n", 1, id="a string that is never closed"),
        pytest.param("<<<<<<< HEAD\nx = 'dall-e-3'\n=======\n", 1, id="marks of a merge"),
        pytest.param("x = 'dall-e-3'\nreturn = 2\n", 2, id="a keyword as a name"),
        pytest.param("{{ cookiecutter.name }} = dall-e-3 'x'\n", 1, id="a template"),
    ],
)
def test_a_file_that_does_not_parse_is_reported_and_the_others_are_migrated(source: str, line: int) -> None:
    done = timed({"bad.py": source, **_GOOD})
    (finding,) = [one for one in done.findings if one.path == "bad.py"]
    assert (finding.rule, finding.fix, finding.line) == ("IMG092", "manual", line)
    assert set(done.changed) == {"good.py"}
    assert {one.path: one.status for one in done.report.files} == {"bad.py": "error", "good.py": "changed"}


def test_a_null_byte_is_reported() -> None:
    done = once(clean({"bad.py": "x = 'dall-e-3\0'\n", **_GOOD}))
    assert {one.rule for one in done.findings if one.path == "bad.py"} <= {"IMG092", "IMG093"}
    assert set(done.changed) == {"good.py"}


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("(" * 90 + "1" + ")" * 90, id="nested brackets"),
        pytest.param("(" * 300 + "1" + ")" * 300, id="brackets nested too deep for the parser"),
        pytest.param("[" * 150 + "]" * 150, id="nested lists"),
        pytest.param("not " * 900 + "1", id="a long row of not"),
        pytest.param("-" * 900 + "1", id="a long row of minus"),
        pytest.param(" + ".join(["1"] * 5000), id="a sum of 5000 terms"),
        pytest.param("x" + ".a" * 900, id="a long chain of attributes"),
        pytest.param("x" + "()" * 900, id="a long chain of calls"),
        pytest.param("x" + "[0]" * 900, id="a long chain of subscripts"),
        pytest.param("1 if a else " * 300 + "1", id="a long chain of conditionals"),
        pytest.param("lambda: " * 90 + "1", id="nested lambdas"),
        pytest.param(" or ".join(f"a{i}" for i in range(5000)), id="an or of 5000 names"),
        pytest.param("'a' " * 5000, id="5000 texts in a row"),
        pytest.param("f'" + "{x}" * 2000 + "'", id="an f-string of 2000 parts"),
    ],
)
@pytest.mark.parametrize("where", ["beside", "inside"])
def test_a_monstrous_expression_costs_at_most_its_own_site(expression: str, where: str) -> None:
    call = _CALL if where == "beside" else f'client.images.generate(model="dall-e-3", prompt={expression})'
    done = timed({"app.py": f"{_TOP}x = {expression}\n{call}\n", **_GOOD})
    assert "good.py" in done.changed
    mine = [one for one in done.findings if one.path == "app.py"]
    assert "app.py" in done.changed or [one for one in mine if one.fix == "manual"]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["if a:", "elif b:"] + ["elif c:"] * 900, id="a long row of elif"),
        pytest.param([f"{' ' * i}if a:" for i in range(90)], id="deep blocks"),
        pytest.param([f"{' ' * i}for x in y:" for i in range(19)], id="deep loops"),
        pytest.param([f"{' ' * i}def f():" for i in range(60)], id="deep functions"),
        pytest.param([f"{' ' * i}class C:" for i in range(60)], id="deep classes"),
    ],
)
def test_deep_blocks_are_read(lines: list[str]) -> None:
    flat = not lines[-1].startswith(" ")
    source = "".join(f"{line}\n    pass\n" if flat else f"{line}\n" for line in lines)
    source += "" if flat else " " * 99 + "pass\n"
    ast.parse(source)
    migrates(_TOP + source + _CALL + "\n")


def test_a_large_table_in_one_line_is_read() -> None:
    table = "T = {" + ", ".join(f"'k{i}': [{i}, 'dall-e-2x', 'url']" for i in range(8000)) + "}\n"
    migrates(_TOP + table + _CALL + "\n")


def test_a_call_of_half_a_megabyte_is_left_for_a_person() -> None:
    source = f"{_TOP}client.images.generate(model='dall-e-3', style='vivid', prompt=[{'1,' * 250_000}])\n"
    done = timed({"app.py": source, **_GOOD})
    assert set(done.changed) == {"good.py"}
    assert "500,0" in "".join(one.message for one in done.left if one.path == "app.py")


def test_many_functions_with_one_name_are_read() -> None:
    source = "".join(f"def url():\n    return url() or {i}\n" for i in range(500))
    migrates(_TOP + source + f"requests.get({_CALL}.data[0].url)\n")


def test_many_calls_are_migrated() -> None:
    done = migrates(_TOP + f"print(requests.get({_CALL}.data[0].url).content)\n" * 120)
    assert len(done.sites) == 120


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{_TOP}{_CALL}\n".replace("\n", "\r"), id="a lone carriage return at each end"),
        pytest.param(f"{_TOP}\x0c\n{_CALL}\n\x0c", id="form feeds"),
        pytest.param(f"{_TOP}x = '\u2028\x0b\x1c\x85'\n{_CALL}\n", id="characters that look like line ends"),
        pytest.param(f"{_TOP}größe = 'ä😀'; {_CALL}\n", id="wide characters before the call"),
        pytest.param(f"{_TOP}{_CALL}", id="no line end at the end"),
        pytest.param(f"{_TOP}{_CALL}\n\n\n   \n\t\n", id="blanks at the end"),
        pytest.param(f"{_TOP}if 1:\n\t{_CALL}\n", id="tabs"),
        pytest.param(f"{_TOP}if 1: {_CALL}\n", id="a block in one line"),
        pytest.param(f"{_TOP}x = 1; {_CALL}; y = 2\n", id="statements in one line"),
        pytest.param(_TOP.replace("\n", ";", 2) + f"{_CALL}\n", id="imports in one line"),
    ],
)
def test_odd_characters_move_nothing(text: str) -> None:
    migrates(text)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = x\n", id="a name that is itself"),
        pytest.param("client = client\n", id="a client that is itself"),
        pytest.param(
            "def f(x):\n    return g(x)\ndef g(x):\n    return f(x)\nf(CALL.data[0].url)\n",
            id="functions that call each other",
        ),
        pytest.param(
            "def f(x):\n    return f(f(x))\nrequests.get(f(CALL.data[0].url))\n",
            id="a function that calls itself",
        ),
        pytest.param("class A(A):\n    u = CALL.data[0].url\n", id="a class that inherits itself"),
        pytest.param(
            "class A(B): pass\nclass B(A): pass\nB().images = CALL\n", id="classes that inherit each other"
        ),
        pytest.param(
            "class S:\n    def f(self):\n        self.a = self.a\n        self.a = CALL\n        self.a = self.a.data\n",
            id="an attribute that is itself",
        ),
        pytest.param(
            "class S:\n    @property\n    def a(self):\n        return self.a\nS().a.images.generate(prompt='p')\n",
            id="a property that is itself",
        ),
        pytest.param(
            "d = {}\nd['d'] = d\nd['r'] = CALL\nd['d']['d']['r'].data\n", id="a mapping that holds itself"
        ),
        pytest.param(
            "l = []\nl.append(l)\nl.append(CALL)\nfor x in l: l.append(x)\n", id="a list that holds itself"
        ),
        pytest.param("f = lambda f: f(f)\nf(f)\nf(CALL)\n", id="a function that is given itself"),
        pytest.param(
            "def f(*a, **k):\n    return f(*a, **k)\nf(**f(), r=CALL)\n",
            id="keywords that come from themselves",
        ),
        pytest.param(
            "o = {**o, 'style': 'x'} if 0 else {}\nclient.images.generate(prompt='p', **o)\n",
            id="a mapping made of itself",
        ),
        pytest.param(
            "def w(f):\n    return w(f)\n@w\ndef w(f):\n    return CALL\n",
            id="a decorator that decorates itself",
        ),
        pytest.param(
            "import app\nfrom app import *\nfrom app import app as app\napp.app.client\nCALL\n",
            id="a module that imports itself",
        ),
        pytest.param(
            "globals()['client'] = 1\nexec('x')\nlocals().update(y=1)\nCALL\n",
            id="names that are made at run time",
        ),
        pytest.param("(client := client).images\nCALL\n", id="a walrus around itself"),
        pytest.param("for client in client: pass\nCALL\n", id="a loop over itself"),
        pytest.param("with client as client: CALL\n", id="a context that is itself"),
        pytest.param(
            "class C:\n    C = C\n    def C(self): return self.C.C.C\nCALL\n", id="names within names"
        ),
    ],
)
def test_circles_in_the_code_end(source: str) -> None:
    done = timed({"app.py": _TOP + source.replace("CALL", _CALL), **_GOOD})
    assert "good.py" in done.changed
    for one in done.sites:
        assert one.migrated or [finding for finding in done.left if finding.site == one.site]


def test_modules_that_import_each_other_end() -> None:
    ring = 12
    files = {
        f"m{i}.py": f"from m{(i + 1) % ring} import *\nfrom m{(i + 1) % ring} import thing\nimport m{i}\n"
        "__all__ = ['thing'] + []\n# dall-e-3\n"
        for i in range(ring)
    }
    done = timed(
        {**files, "app.py": f"from m0 import thing, client\n{_TOP}thing({_CALL}.data[0].url)\n", **_GOOD}
    )
    assert "good.py" in done.changed


@pytest.mark.parametrize(
    "exports",
    [
        "__all__ = ['client']",
        "__all__ = []",
        "__all__ += other.__all__",
        "__all__ = [n for n in dir()]",
        "__all__ = 7",
    ],
)
def test_star_imports_end_whatever_is_exported(exports: str) -> None:
    done = timed(
        {
            "lib.py": f"from openai import OpenAI\nimport other\nclient = OpenAI()\n{exports}\n",
            "other.py": "from lib import *\n__all__ = ['client']\n",
            "app.py": f"from lib import *\n{_CALL}\n",
        }
    )
    assert done.sites
    assert "app.py" in done.changed or done.left


def test_an_empty_project_has_an_empty_report() -> None:
    done = once({})
    assert (done.findings, done.sites, done.report.files) == ((), (), ())
    assert once({"a.py": "", "b.py": "\n", "c.py": "# dall-e\n"}).changed == {}
