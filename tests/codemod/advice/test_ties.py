"""What the text of a file says of a tie to a module, before the file is parsed."""

from __future__ import annotations

import pytest

from migrator.codemod.plan.advice.project_tests.ties import Passages, Ties

TIES = Ties("art")


def passages(text: str) -> Passages:
    return Passages(text, ("patch", "object", "setattr"))


@pytest.mark.parametrize(
    "text",
    [
        "import art",
        "import os, art as drawing",
        "import app.art.tools",
        "import os, \\\n    art",
        "from app import art",
        "from . import draw, art",
        "from app import (  # names (all of them)\n    draw,  # first)\n    art,\n)",
        "from app import(draw,\n art)",
        "from app . art import draw",
        "from app.art.tools import draw",
        "if slow: from app.art import draw, art",
        'patch("app.art.requests.get")',
        'patch(  # what is asked\n    "app.art.requests")',
        'patch(("app."\n  "art.requests"))',
        'mocker.patch.object(app.art, "get")',
        'monkeypatch.setattr(art, "get", None)',
        "monkeypatch.setattr(\n    'app.art.get', None)",
        "patch(name, setattr(art, 'get', None))",
    ],
)
def test_every_way_to_import_a_module_or_to_name_it_for_a_replacement_is_seen(text: str) -> None:
    assert TIES.names(passages(f"x = 1\n{text}\nprint(x)\n")) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("from app.art import draw", [("app.art", 0)]),
        ("from art import *", [("art", 0)]),
        ("from ..art import (\n    draw,\n)\nfrom . import paint", [("art", 2)]),
        ("    from .old.art import draw as paint", [("old.art", 1)]),
    ],
)
def test_an_import_out_of_such_a_module_is_named_so_that_its_file_can_be_found(
    text: str, names: list[tuple[str, int]]
) -> None:
    assert TIES.names(passages(text)) == names


@pytest.mark.parametrize(
    "text",
    [
        "# the art of testing",
        'assert kind == "art"',
        "import arts\nfrom cart import start",
        "import os\nart = os.environ",
        'draw(patch("requests.get"), art)',
        'def test_art(art):\n    """Import nothing, look at art."""',
    ],
)
def test_a_word_elsewhere_is_no_tie(text: str) -> None:
    assert TIES.names(passages(text)) == []
