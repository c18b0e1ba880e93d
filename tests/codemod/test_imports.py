"""How names of a project's modules are found from an import."""

from __future__ import annotations

import ast

import pytest

from migrator.codemod.index.project import ExternalName, ImportedModule, ImportedName, ProjectIndex
from tests.codemod.support import Project

_DEFINING = "VALUE = 1\n"


def imported(files: dict[str, str], path: str) -> list[str]:
    """What every imported name of ``path`` stands for, in words."""
    index = ProjectIndex(Project(files))
    module = index.load(path)
    assert module is not None
    words = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.alias):
            match index.imported(module, node):
                case ImportedModule(found):
                    words.append(f"module {found.path}")
                case ImportedName(found, name):
                    words.append(f"{name} of {found.path}")
                case ExternalName(name):
                    words.append(f"external {name}")
    return words


@pytest.mark.parametrize(
    ("statement", "others", "expected"),
    [
        pytest.param("import cfg", ["pkg/cfg.py"], "module pkg/cfg.py", id="a neighbour by its name"),
        pytest.param("import cfg", ["cfg.py"], "module cfg.py", id="a module further up"),
        pytest.param("import cfg", ["pkg/cfg.py", "cfg.py"], "module pkg/cfg.py", id="the nearest of two"),
        pytest.param("import cfg", ["src/cfg.py"], "module src/cfg.py", id="a module in src"),
        pytest.param("import os.path", [], "external os", id="the top of a dotted name"),
        pytest.param("import os.path as p", [], "external os.path", id="a dotted name under an alias"),
        pytest.param(
            "import a.b", ["a/__init__.py", "a/b.py"], "module a/__init__.py", id="the package of a module"
        ),
        pytest.param(
            "import a.b as c", ["a/__init__.py", "a/b.py"], "module a/b.py", id="a module of a package"
        ),
        pytest.param("from . import cfg", ["pkg/cfg.py"], "module pkg/cfg.py", id="a relative neighbour"),
        pytest.param("from .cfg import VALUE", ["pkg/cfg.py"], "VALUE of pkg/cfg.py", id="a relative name"),
        pytest.param(
            "from ..cfg import VALUE", ["cfg.py"], "VALUE of cfg.py", id="a name of the folder above"
        ),
        pytest.param(
            "from .. import VALUE", ["__init__.py"], "VALUE of __init__.py", id="a name of the package above"
        ),
        pytest.param(
            "from pkg import cfg", ["pkg/__init__.py", "pkg/cfg.py"], "module pkg/cfg.py", id="a submodule"
        ),
        pytest.param(
            "from ns import cfg", ["ns/cfg.py"], "module ns/cfg.py", id="a module of a namespace package"
        ),
        pytest.param(
            "from a import VALUE",
            ["a/__init__.py", "a/VALUE.py"],
            "VALUE of a/__init__.py",
            id="a name before a submodule",
        ),
        pytest.param("from cfg import VALUE as v", ["cfg.py"], "VALUE of cfg.py", id="a name under an alias"),
        pytest.param("from requests import get", [], "external requests.get", id="a name of a library"),
        pytest.param("from ..x import y", [], "external x.y", id="a relative import that leads nowhere"),
    ],
)
def test_an_import_finds(statement: str, others: list[str], expected: str) -> None:
    files = dict.fromkeys(others, _DEFINING)
    assert imported({**files, "pkg/app.py": statement + "\n"}, "pkg/app.py") == [expected]


def test_a_broken_file_is_remembered_and_costs_nobody_else_anything() -> None:
    index = ProjectIndex(Project({"a.py": "x = 'dall-e-3'\n", "b.py": "print 'dall-e-3'\n"}))
    assert list(index.modules) == ["a.py"]
    assert list(index.broken) == ["b.py"]


def test_references_are_found_in_files_that_were_not_loaded_before() -> None:
    index = ProjectIndex(Project({"a.py": "QUALITY = 'dall-e-3'\n", "b.py": "import a\nprint(a.QUALITY)\n"}))
    assert list(index.modules) == ["a.py"]
    found = [(module.path, node.lineno) for module, node in index.references("QUALITY")]
    assert found == [("b.py", 2)]


@pytest.mark.parametrize(
    ("path", "files", "expected"),
    [
        ("a/b/c.py", ["a/__init__.py", "a/b/__init__.py"], "a.b.c"),
        ("src/a/c.py", ["src/a/__init__.py"], "a.c"),
        ("a/__init__.py", [], "a"),
        ("c.py", [], "c"),
    ],
)
def test_a_module_is_called_as_its_own_package_calls_it(path: str, files: list[str], expected: str) -> None:
    index = ProjectIndex(Project({**dict.fromkeys(files, ""), path: ""}))
    module = index.load(path)
    assert module is not None
    assert index.module_name(module) == expected
