from __future__ import annotations

import ast

import pytest

from migrator.codemod.rewrite import (
    AddHelper,
    AddImport,
    DropImport,
    DropStatement,
    EditConflict,
    InsertAfter,
    Offsets,
    apply,
)

BASE64 = AddImport("base64")

ADDS = {
    "first of a sorted block": (
        "import os\nimport sys\n\nx = 1\n",
        [BASE64],
        "import base64\nimport os\nimport sys\n\nx = 1\n",
    ),
    "between": ("import abc\nimport os\n", [BASE64], "import abc\nimport base64\nimport os\n"),
    "behind the last": ("import abc\nx = 1\n", [BASE64], "import abc\nimport base64\nx = 1\n"),
    "before the from imports": (
        "from io import BytesIO\n\nfrom openai import OpenAI\n",
        [BASE64],
        "import base64\nfrom io import BytesIO\n\nfrom openai import OpenAI\n",
    ),
    "among names in one order": (
        "from abc import ABC\nimport os\nfrom re import sub\nimport sys\n",
        [BASE64],
        "from abc import ABC\nimport base64\nimport os\nfrom re import sub\nimport sys\n",
    ),
    "among plain imports before the from imports": (
        "import abc\nimport os\nfrom ast import parse\n",
        [BASE64],
        "import abc\nimport base64\nimport os\nfrom ast import parse\n",
    ),
    "at the end of an unsorted block": (
        "import sys\nimport os\nimport openai\n\nimport mine\n",
        [BASE64],
        "import sys\nimport os\nimport openai\nimport base64\n\nimport mine\n",
    ),
    "in the section of the standard library": (
        "import os\n\nimport requests\n\nfrom . import mine\n",
        [BASE64],
        "import base64\nimport os\n\nimport requests\n\nfrom . import mine\n",
    ),
    "in a section of its own": (
        '"""Doc."""\n\nfrom openai import OpenAI\n\nx = 1\n',
        [BASE64],
        '"""Doc."""\n\nimport base64\n\nfrom openai import OpenAI\n\nx = 1\n',
    ),
    "above the heading of the next section": (
        '"""Doc."""\n\n# third party\nimport openai\n',
        [BASE64],
        '"""Doc."""\n\nimport base64\n\n# third party\nimport openai\n',
    ),
    "below a file header": (
        "#!/usr/bin/env python\n# Copyright\nimport openai\n",
        [BASE64],
        "#!/usr/bin/env python\n# Copyright\nimport base64\n\nimport openai\n",
    ),
    "several in a section of their own": (
        "import openai\n",
        [AddImport("io"), BASE64, AddImport("pathlib", "Path")],
        "import base64\nimport io\nfrom pathlib import Path\n\nimport openai\n",
    ),
    "several among others": (
        "import abc\nimport json\nimport os\n",
        [AddImport("sys"), AddImport("io"), BASE64],
        "import abc\nimport base64\nimport io\nimport json\nimport os\nimport sys\n",
    ),
    "third party behind the standard library": (
        "import os\nx = 1\n",
        [AddImport("openai", "OpenAI")],
        "import os\n\nfrom openai import OpenAI\nx = 1\n",
    ),
    "behind the future": (
        '"""Doc."""\nfrom __future__ import annotations\n\nx = 1\n',
        [BASE64],
        '"""Doc."""\nfrom __future__ import annotations\n\nimport base64\n\nx = 1\n',
    ),
    "behind the future, with imports": (
        "from __future__ import annotations\n\nimport os\n",
        [BASE64],
        "from __future__ import annotations\n\nimport base64\nimport os\n",
    ),
    "behind a docstring": ('"""Doc."""\nx = 1\n', [BASE64], '"""Doc."""\n\nimport base64\n\nx = 1\n'),
    "behind a docstring alone": ('"""Doc."""', [BASE64], '"""Doc."""\n\nimport base64\n'),
    "before a function": ("def f(): pass\n", [BASE64], "import base64\n\n\ndef f(): pass\n"),
    "behind a license": ("# License\n\nx = 1\n", [BASE64], "# License\n\nimport base64\n\nx = 1\n"),
    "before a comment on the code": ("# about x\nx = 1\n", [BASE64], "import base64\n\n# about x\nx = 1\n"),
    "behind a coding line": (
        "# -*- coding: utf-8 -*-\n# about x\nx = 1\n",
        [BASE64],
        "# -*- coding: utf-8 -*-\n\nimport base64\n\n# about x\nx = 1\n",
    ),
    "in an empty module": ("", [BASE64], "import base64\n"),
    "never in a try": (
        "try:\n    import base64\nexcept ImportError:\n    base64 = None\n",
        [BASE64],
        "import base64\n\ntry:\n    import base64\nexcept ImportError:\n    base64 = None\n",
    ),
    "never for type checkers only": (
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import base64\n",
        [BASE64],
        "import base64\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import base64\n",
    ),
    "after setting up": (
        "x = 1\nimport openai\nimport os\n",
        [BASE64],
        "x = 1\nimport base64\nimport openai\nimport os\n",
    ),
    "behind the names of the module": (
        "__all__ = ['f']\n\nimport os\n",
        [BASE64],
        "__all__ = ['f']\n\nimport base64\nimport os\n",
    ),
    "never behind code that could need it": (
        "f()\nimport abc\n",
        [BASE64],
        "import base64\n\nf()\nimport abc\n",
    ),
    "several on a line": ("import os, sys\nx = 1\n", [BASE64], "import base64\nimport os, sys\nx = 1\n"),
    "behind a line with other code": (
        "import abc; x = 1  # why\ny = 2\n",
        [BASE64],
        "import abc; x = 1  # why\nimport base64\ny = 2\n",
    ),
    "without a line end": ("import abc", [BASE64], "import abc\nimport base64"),
    "with an alias": ("import os\n", [AddImport("base64", alias="b64")], "import base64 as b64\nimport os\n"),
    "already there": ("import os\nx = 1\nimport base64\n", [BASE64], "import os\nx = 1\nimport base64\n"),
    "already there among others": ("import os, base64\n", [BASE64], "import os, base64\n"),
    "there under another name": (
        "import base64 as b\n",
        [BASE64],
        "import base64 as b\nimport base64\n",
    ),
    "another name of the same module": (
        "from io import StringIO\n",
        [AddImport("io", "BytesIO")],
        "from io import StringIO\nfrom io import BytesIO\n",
    ),
    "relative": (
        "import os\n\nfrom .a import b\n",
        [AddImport(".c", "d")],
        "import os\n\nfrom .a import b\nfrom .c import d\n",
    ),
}


@pytest.mark.parametrize(("before", "edits", "after"), ADDS.values(), ids=ADDS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_adding_imports(before: str, edits: list[AddImport], after: str, newline: str) -> None:
    text = before.replace("\n", newline)
    result = apply(text, edits)
    if "\n" in before:
        after = after.replace("\n", newline)
    assert result == after
    assert apply(text, edits[::-1]) == result
    assert apply(result, edits) == result


DROPS = {
    "the whole statement": ("import os\nimport requests  # http\nx\n", ["requests"], "import os\nx\n"),
    "one of several": ("import os, requests, sys\n", ["requests"], "import os, sys\n"),
    "the last of several": ("from a import b, c\n", ["c"], "from a import b\n"),
    "all of several": ("from a import b, c\nx\n", ["c", "b"], "x\n"),
    "by its alias": ("import a as b, b as c\n", ["b"], "import b as c\n"),
    "a line of several": (
        "from a import (\n    b,  # 1\n    c,  # 2\n    d,  # 3\n)\n",
        ["c"],
        "from a import (\n    b,  # 1\n    d,  # 3\n)\n",
    ),
    "the last line of several": (
        "from a import (\n    b,\n    c\n)\n",
        ["c"],
        "from a import (\n    b\n)\n",
    ),
    "a submodule by its root": ("import urllib.request\nx\n", ["urllib"], "x\n"),
    "a submodule by its name": ("import os.path, os\n", ["os.path"], "import os\n"),
    "nothing": ("from a import *\nimport b\n", ["c"], "from a import *\nimport b\n"),
    "a section": ("import os\n\nimport requests\n\nx = 1\n", ["requests"], "import os\n\nx = 1\n"),
    "not in a function": ("def f():\n    import a\n", ["a"], "def f():\n    import a\n"),
}


@pytest.mark.parametrize(("before", "names", "after"), DROPS.values(), ids=DROPS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_dropping_imports(before: str, names: list[str], after: str, newline: str) -> None:
    text = before.replace("\n", newline)
    assert apply(text, [DropImport(name) for name in names]) == after.replace("\n", newline)


def test_an_import_in_a_function_is_dropped_by_its_span() -> None:
    text = "import a\ndef f():\n    import a, b\n    import a\ndef g():\n    import a\n"
    offsets = Offsets(text)
    spans = [offsets.span(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)]
    edits = [DropImport("a", span) for span in spans if span.start]
    assert apply(text, edits) == "import a\ndef f():\n    import b\ndef g():\n    pass\n"


def test_an_import_is_replaced_in_its_place() -> None:
    text = '"""Doc."""\n\nimport requests\n\nx = 1\n'
    assert apply(text, [DropImport("requests"), BASE64]) == '"""Doc."""\n\nimport base64\n\nx = 1\n'


def test_an_import_that_is_also_wanted_is_not_dropped() -> None:
    text = "import base64\n"
    assert apply(text, [DropImport("base64"), BASE64]) == text


HELPER = """\
def decode(url: str) -> bytes:
    if url:
        return base64.b64decode(url)
    return b""
"""

HELPERS = {
    "below the imports": (
        "import os\n\nx = 1\n",
        "import os\n\n\n{}\n\nx = 1\n",
    ),
    "below all leading imports": (
        "import o\n\ntry:\n    import a\nexcept E:\n    a = None\nfrom b import c\n\n\ndef f(): pass\n",
        "import o\n\ntry:\n    import a\nexcept E:\n    a = None\nfrom b import c\n\n\n{}\n\ndef f(): pass\n",
    ),
    "before the code between imports": (
        "import os\nos.x()\nimport b\n",
        "import os\n\n\n{}\n\nos.x()\nimport b\n",
    ),
    "without imports": ('"""Doc."""\nx = 1\n', '"""Doc."""\n\n\n{}\n\nx = 1\n'),
    "at the start": ("x = 1\n", "{}\n\nx = 1\n"),
    "at the end": ("import os\n", "import os\n\n\n{}"),
    "with two spaces": ("def f():\n  pass\n", "{}\n\ndef f():\n  pass\n"),
    "with tabs": ("def f():\n\tpass\n", "{}\n\ndef f():\n\tpass\n"),
}


@pytest.mark.parametrize(("before", "after"), HELPERS.values(), ids=HELPERS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_adding_a_helper(before: str, after: str, newline: str) -> None:
    text = before.replace("\n", newline)
    unit = "\t" if "\t" in before else "  " if "\n  p" in before else "    "
    expected = after.format(HELPER.replace("    ", unit)).replace("\n", newline)
    result = apply(text, [AddHelper(HELPER)])
    assert result == expected
    assert apply(result, [AddHelper(HELPER)]) == result


def test_imports_and_helpers_come_in_order_where_there_was_nothing() -> None:
    text = '"""Doc."""\nx = 1\n'
    expected = f'"""Doc."""\n\nimport base64\n\n\n{HELPER}\n\nx = 1\n'
    assert apply(text, [AddHelper(HELPER), BASE64]) == expected
    assert apply(expected, [AddHelper(HELPER), BASE64]) == expected


def test_two_helpers_stand_apart() -> None:
    other = "def other():\n    pass\n"
    result = apply("import base64\nx\n", [AddHelper(HELPER), AddHelper(other)])
    assert result == f"import base64\n\n\n{HELPER}\n\n{other}\n\nx\n"


def test_a_helper_comes_below_imports_of_which_the_last_is_dropped() -> None:
    text = "import os\nimport requests\n\n\ndef f():\n    pass\n"
    result = apply(text, [AddHelper(HELPER), BASE64, DropImport("requests")])
    assert result == f"import base64\nimport os\n\n\n{HELPER}\n\ndef f():\n    pass\n"


def test_a_helper_takes_the_place_of_the_only_import() -> None:
    text = '"""Doc."""\n\nimport requests\n\n\ndef f():\n    pass\n'
    result = apply(text, [AddHelper(HELPER), BASE64, DropImport("requests")])
    assert result == f'"""Doc."""\n\nimport base64\n\n\n{HELPER}\n\ndef f():\n    pass\n'


def test_a_helper_whose_name_is_taken_is_a_conflict() -> None:
    for text in ("def decode(): pass\n", "decode = 1\n", "import decode\n", "class decode: pass\n"):
        with pytest.raises(EditConflict, match="decode"):
            apply(text, [AddHelper(HELPER)])


def test_a_helper_is_one_function() -> None:
    for helper in ("x = 1\n", "def f(): pass\ndef g(): pass\n", "", "def f(:"):
        with pytest.raises(EditConflict):
            apply("x\n", [AddHelper(helper)])


def test_an_import_can_follow_a_dropped_statement() -> None:
    text = "import abc\n\nfoo()\n\nx = 1\n"
    foo = Offsets(text).span(ast.parse(text).body[1])
    assert apply(text, [DropStatement(foo), BASE64]) == "import abc\nimport base64\n\nx = 1\n"


def test_an_import_that_comes_after_the_change_does_not_count() -> None:
    text = "import abc\na = f()\nimport base64\n"
    span = Offsets(text).span(ast.parse(text).body[1])
    result = apply(text, [InsertAfter(span, ("b = base64.b64decode(a)",)), BASE64])
    assert result == "import abc\nimport base64\na = f()\nb = base64.b64decode(a)\nimport base64\n"


def test_two_helpers_of_one_name_are_refused() -> None:
    edits = [AddHelper("def _help():\n    return 1"), AddHelper("def _help():\n    return 2")]
    with pytest.raises(EditConflict, match="two different helpers are called _help"):
        apply("x = 1\n", edits)
