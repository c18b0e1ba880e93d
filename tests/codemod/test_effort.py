"""What the analysis costs, counted in questions and files, not in seconds."""

from __future__ import annotations

import ast

import pytest

from migrator.codemod.flow.trace import Tracer
from migrator.codemod.index.links import ImportLinks
from migrator.codemod.index.project import ProjectIndex
from migrator.codemod.options import Options
from migrator.codemod.run import Run
from migrator.codemod.sites.find import SiteFinder
from migrator.codemod.sites.http.urls import UrlReader
from tests.codemod.support import TARGET, TODAY, Project, catalog


def _asked(files: dict[str, str], where: str) -> tuple[int, list[int]]:
    """How many questions it takes to trace the argument of every ``look(…)``, and how many origins each has."""
    index = ProjectIndex(Project(files))
    module = index.load(where)
    assert module is not None
    tracer = Tracer(index)
    before = tracer.work
    found = [
        len(tracer.origins(module, call.args[0]))
        for call in module.calls
        if isinstance(call.func, ast.Name) and call.func.id == "look"
    ]
    return tracer.work - before, found


def test_a_function_that_walks_a_tree_is_not_followed_into_every_shape_of_the_tree() -> None:
    parts = ("left", "right", "operand", "value", "func", "test")
    steps = "".join(f"    yield from walk(node.{part})\n" for part in parts)
    source = f"import ast\ndef walk(node):\n{steps}    look(node.id.name)\nwalk(ast.parse('x'))\n"
    questions, found = _asked({"app.py": source}, "app.py")
    assert questions < 1_000
    assert found[0] > 0


def test_functions_that_call_each_other_in_a_ring_are_asked_about_once() -> None:
    size = 40
    ring = "".join(
        f"def f{number}():\n    return 'v{number}' or f{(number + 1) % size}()\n" for number in range(size)
    )
    asked = "".join(f"look(f{number}())\n" for number in range(size))
    questions, found = _asked({"app.py": ring + asked}, "app.py")
    assert min(found) >= size
    assert questions < 15 * size


def test_files_that_only_imports_lead_to_are_not_kept_as_modules() -> None:
    files = {
        "a.py": "import b\n",
        "b.py": "def f():\n    from pkg import c\n",
        "pkg/__init__.py": "",
        "pkg/c.py": "",
        "d.py": "import b\n",
        "alone.py": "",
        "broken.py": "import a\n)\n",
    }
    index = ProjectIndex(Project(files))
    for path in list(index.modules):
        del index.modules[path]
    index.load("a.py")
    index.load("d.py")
    links = ImportLinks(index)
    assert links.together("a.py", ["d.py", "pkg/c.py", "alone.py", "broken.py"]) == {"d.py", "pkg/c.py"}
    assert links.group("d.py") == {"a.py", "b.py", "d.py", "pkg/c.py"}
    assert set(index.modules) == {"a.py", "d.py"}


_SENDER = """import requests
from config import API, MODEL
from parts import join
def draw(prompt):
    url = "/".join((API, "images", join("generations")))
    return requests.post(url, json={"model": MODEL, "prompt": prompt})
"""


def _read_for(files: dict[str, str]) -> tuple[set[str], int]:
    """The paths of the modules that looking for call sites reads, and how many sites it finds."""
    index = ProjectIndex(Project(files))
    sites = SiteFinder(index, Tracer(index), catalog()).find()
    return set(index.modules), len(sites)


def test_a_project_that_names_neither_the_service_nor_a_model_has_no_module_read_for_urls_in_pieces() -> None:
    files = {
        "maps.py": "from groups import group\ndef of(f):\n    group()\n    return f.images\n",
        "groups.py": "class Group:\n    images = {'images': 1}['images']\ndef group():\n    pass\n",
        "views.py": "import requests\ndef look(x):\n    return requests.post('/images/' + x)\n",
    }
    assert _read_for(files) == ({"maps.py"}, 0)


def test_a_url_in_pieces_is_found_where_only_another_file_names_the_service() -> None:
    files = {
        "config.py": "API = 'https://api.openai.com/v1'\nMODEL = 'dall-e-3'\n",
        "parts.py": "def join(x):\n    return x\n",
        "sender.py": _SENDER,
    }
    read, sites = _read_for(files)
    assert sites == 1
    assert "sender.py" in read


def test_text_that_is_put_together_from_itself_many_times_is_worked_out_once() -> None:
    steps = 5
    doubled = "".join(f"u{n} = u{n - 1} if DEBUG else u{n - 1} + ''\n" for n in range(1, steps + 1))
    source = f"import os\nDEBUG = os.environ.get('D')\nu0 = 'https://api.openai.com/v1/images'\n{doubled}"
    index = ProjectIndex(Project({"app.py": source + f"look(u{steps})\n"}))
    module = index.load("app.py")
    assert module is not None
    reader = UrlReader(Tracer(index), catalog().http)
    before = reader.work
    assert reader.texts(module, module.calls[-1].args[0]) == ["https://api.openai.com/v1/images"]
    assert reader.work - before < 10 * steps


@pytest.mark.parametrize(
    "key", ['data["images"]', '{"images": 1}', "found['images'] = x", '"images/logo.svg"']
)
def test_the_key_of_a_mapping_and_a_folder_of_pictures_are_no_pieces_of_a_url(key: str) -> None:
    files = {
        "config.py": "MODEL = 'dall-e-3'\n",
        "keys.py": f"import other\ndata = found = x = {{}}\n{key}\n",
        "other.py": "",
    }
    assert _read_for(files)[0] == {"config.py"}


def test_a_name_is_looked_for_as_a_whole() -> None:
    files = {
        "a.py": "import openai\nclass HTML: pass\nopenai.images\n",
        "parser.py": "class HTMLParser: pass\nHTMLParser()\n",
        "user.py": "from a import HTML\nHTML()\n",
    }
    index = ProjectIndex(Project(files))
    assert [module.path for module, _ in index.references("HTML")] == ["user.py"]
    assert "parser.py" not in index.modules
    index.search("HTML")
    assert "parser.py" in index.modules


def test_of_the_files_with_the_name_of_a_changed_module_only_tests_are_read() -> None:
    files = {
        "app.py": "from openai import OpenAI\ndef draw():\n"
        "    return OpenAI().images.generate(model='dall-e-3', prompt='p').data[0].url\n",
        "other.py": "NOTE = 'see app'\napp = 1\n",
        "checks.py": "import unittest, app\n",
        "test_app.py": "import app\n",
        "test_apples.py": "apples = 1\n",
    }
    run = Run(Project(files), catalog(), Options(TARGET, today=TODAY))
    run.report()
    assert set(run.index.modules) == {"app.py", "checks.py", "test_app.py"}


def test_a_name_in_few_files_is_followed_however_many_modules_were_read_before() -> None:
    files = {f"m{word}_{n}.py": f"word{word} = {n}\n" for word in range(7) for n in range(30)}
    files["user.py"] = "from app import rare_name\nrare_name()\n"
    files |= {f"n{n}.py": "common_name()\n" for n in range(5)}
    index = ProjectIndex(Project({"app.py": "import openai\nopenai.images\n", **files}))
    index.search(*(f"word{word}" for word in range(7)))
    read = len(index.modules)
    assert [module.path for module, _ in index.references("rare_name")] == ["user.py"]
    assert index.references("common_name") == []
    assert index.truncated == {"common_name"}
    assert len(index.modules) == read + 1
