"""Rules, suites, settings, runs and reports that are made to harm: one clear line, exit code 2, nothing executed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from migrator.cli import cli, main

DEEP = "[" * 5000 + "]" * 5000
BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
YAMLS = {
    "aliases": (BOMB, "aliases"),
    "nesting": ("[" * 100_000, "nested more than 40 levels deep"),
    "size": ("a: " + "x" * 21_000_000, "larger than"),
    "a tag": ('version: !!python/object/apply:os.system ["touch ran"]\n', "is not allowed here"),
    "a NUL": ("version: 1\0\n", "not valid YAML"),
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_limit: None) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("print('dall-e-3')\n")
    return tmp_path


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line that the command ends with."""
    monkeypatch.setattr(sys, "argv", ["migrator", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr().err
    assert ended.value.code == 2, shown
    assert "internal error" not in shown
    assert len(shown) < 500
    assert shown.count("\n") == 1
    assert not Path("ran").exists()
    return shown


@pytest.mark.parametrize(
    "command", [["rewrite", "a.py", "--rules"], ["suite", "lint"]], ids=["rules", "suite"]
)
@pytest.mark.parametrize("name", sorted(YAMLS))
def test_yaml_that_is_made_to_harm_is_refused(
    name: str, command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text, words = YAMLS[name]
    Path("x.yaml").write_text(text)
    assert words in refused(monkeypatch, capsys, *command, "x.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[tool.migrator]\nrules = {DEEP}\n", "nested too deep"),
        ("[tool.migrator]\n#" + "x" * 5_000_000, "larger"),
    ],
    ids=["nesting", "size"],
)
def test_settings_that_are_made_to_harm_are_refused(
    text: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("pyproject.toml").write_text(text)
    assert words in refused(monkeypatch, capsys, "rewrite", ".")


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"version": ' + "9" * 10_000 + "}", "\xff\0", "null", "[]", "{}"]
)
@pytest.mark.parametrize(
    "command",
    [["merge", "results.json"], ["report", "."], ["gate", "."], ["verdicts", "apply", ".", "results.json"]],
    ids=["merge", "report", "gate", "verdicts"],
)
def test_json_that_is_made_to_harm_is_refused(
    text: str, command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("results.json").write_text(text, "latin-1")
    refused(monkeypatch, capsys, *command)


@pytest.mark.parametrize(
    "text",
    [
        '{"cells": ' + "[" * 100_000,
        '{"cells": [{"cell_type": "code", "source": ' + "9" * 10_000 + ', "dall-e-3": 1}]}',
        '{"cells": {"a": "dall-e-3"}, "nbformat": "4"}',
        '{"cells": [null, 1, "dall-e-3", {"cell_type": "code", "source": {"a": 1}}], "nbformat": 4}',
        '{"cells": [{"cell_type": "code", "source": ["dall-e-3\\ud800"]}], "nbformat": 4}',
        '{"nbformat": 4, "nbformat": 4, "cells": [], "cells": [{"cell_type": "code", "source": "x=\'dall-e-3\'"}]}',
    ],
)
def test_a_notebook_that_is_made_to_harm_costs_only_itself(text: str) -> None:
    Path("x.ipynb").write_text(text + ' "dall-e-3"' * (not text.endswith("}")))
    before = Path("x.ipynb").read_bytes()
    done = CliRunner().invoke(cli, ["rewrite", ".", "--write", "--unsafe", "--today", "2026-11-22"])
    assert done.exit_code in {0, 1}, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "IMG093" not in done.output
    assert Path("x.ipynb").read_bytes() == before
