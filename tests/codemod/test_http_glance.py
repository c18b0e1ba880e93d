"""Urls that cannot be those of the Images API, told without following anything."""

from __future__ import annotations

import ast

import pytest

from migrator.catalog.loader import load
from migrator.codemod.index.module import Module
from migrator.codemod.sites.http.glance import Glance
from migrator.types import SourceFile


def may_be_ours(code: str) -> bool:
    module = Module(SourceFile("app.py", code))
    (call,) = [call for call in module.calls if isinstance(call.func, ast.Name) and call.func.id == "post"]
    return Glance(load().http).may_be_ours(module, call.args[0])


@pytest.mark.parametrize(
    "code",
    [
        'post(f"{base}/tokenize")',
        'post("/api/chat/completions")',
        'post(base + "/v1/chat/completions?stream=1")',
        'post(f"http://localhost:{port}/{operation}")',
        'url = f"{base}/generate"\nurl2 = url + "/now/"\npost(url2)',
        'if big():\n    url = base + "/load"\nelse:\n    url = base + "/save"\npost(url)',
    ],
)
def test_another_path_behind_what_is_not_known_is_not_ours(code: str) -> None:
    assert not may_be_ours(code)


@pytest.mark.parametrize(
    "code",
    [
        'post(f"{base}/images/{operation}")',
        'post(f"{base}/generations")',
        'post(f"{base}/images/{operation}?version=1&trace={trace}/draw")',
        'post(base + "/images/generations/?v=1")',
        'post("generations")',
        'post(f"https://example.org/{path}")',
        'post(f"{base}/images/generations?user={user}&n=1")',
        'post(f"{base}/tokenize".replace("tokenize", path))',
        'url = "/tokenize"\nurl += path\npost(url)',
        'def ask(url="/tokenize"):\n    post(url)',
        'if big():\n    url = base + "/load"\nelse:\n    url = base + "/edits"\npost(url)',
        'for url in ["/load", other]:\n    post(url)',
        'post(f"{base}/{path!s:>10}")',
        "a = b = c = d = e = path\n"
        + "\n".join(f'if x{i}:\n    a = "/load{i}"' for i in range(30))
        + "\npost(f'/x{a}{a}')",
    ],
)
def test_what_may_end_in_the_path_of_an_endpoint_is_looked_at_closely(code: str) -> None:
    assert may_be_ours(code)
