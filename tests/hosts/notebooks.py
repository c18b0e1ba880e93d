"""Notebooks to test with, and the tool run over a folder of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from migrator.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

SETUP = "from openai import OpenAI\n\nclient = OpenAI()"


def notebook(*cells: str | dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A notebook of code cells; a dict is taken as it is."""
    made: list[dict[str, Any]] = []
    for cell in cells:
        if isinstance(cell, dict):
            made.append(cell)
        else:
            made.append(code(cell))
    known = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return {"cells": made, "metadata": metadata or known, "nbformat": 4, "nbformat_minor": 5}


def code(source: str | list[str], **more: Any) -> dict[str, Any]:
    """A code cell, its source as a list of lines."""
    lines = source.splitlines(keepends=True) if isinstance(source, str) else source
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": lines,
        **more,
    }


def sources(text: str | bytes) -> list[str]:
    """The source of every cell."""
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"]]


def rewrite(folder: Path, *words: str, write: bool = True) -> dict[str, Any]:
    """The JSON report of a run over ``folder``."""
    command = ["rewrite", str(folder), "--allow-dirty", "--format", "json", "--jobs", "1", *words]
    if write:
        command.append("--write")
    result = CliRunner().invoke(cli, command)
    assert result.exit_code in {0, 1}, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def migrated(folder: Path, *cells: str | dict[str, Any], **files: str) -> list[str]:
    """The cells after the run over a notebook of ``cells`` (and modules beside it), which must migrate whole."""
    path = folder / "book.ipynb"
    path.write_text(json.dumps(notebook(*cells), indent=1), encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    report = rewrite(folder)
    assert report["summary"]["left"] == 0, report["findings"]
    return sources(path.read_text(encoding="utf-8"))
