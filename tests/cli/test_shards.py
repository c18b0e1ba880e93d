"""A run in parts, and the parts joined again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from migrator import cli

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]

CALL = 'from openai import OpenAI\n\nOpenAI().images.generate(model="dall-e-3", prompt="p", style="vivid")\n'
SHARED = """import os

from openai import OpenAI

from common.settings import QUALITY

OpenAI().images.generate(model=os.environ["IMAGE_MODEL"], prompt="p", quality=QUALITY)
"""


@pytest.fixture
def run(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["migrator", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfdbinary.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out.decode(), err.decode()

    return run


def put(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)


@pytest.fixture
def tree(tmp_path: Path) -> None:
    """Two services with a common library, three on their own, one with its settings, texts beside them."""
    for name in ("one", "two"):
        put(f"{name}/pyproject.toml", "")
        put(f"{name}/draw.py", SHARED)
    put("lib/pyproject.toml", "")
    put("lib/common/settings.py", 'QUALITY = "hd"\n')
    for name in ("three", "four", "five"):
        put(f"{name}/setup.py", "")
        put(f"{name}/draw.py", CALL)
    put("five/settings.yaml", "image:\n  model: dall-e-2\n  size: 256x256\n")
    put("four/vary.py", "from openai import OpenAI\n\nOpenAI().images.create_variation(image=f)\n")
    put("README.md", "We use dall-e-3.\n")
    put("web/package.json", "{}")
    put("web/a.js", 'openai.images.generate({model: "dall-e-3", prompt, quality: "hd"});\n')


def parts(run: Run, of: int, *words: str) -> list[str]:
    names = []
    for number in range(1, of + 1):
        code, out, err = run("rewrite", ".", "--shard", f"{number}/{of}", "--format", "json", *words)
        assert code in {0, 1}, err
        Path(f"part{number}.out").write_text(out)
        names.append(f"part{number}.out")
    return names


def places(name: str) -> set[str]:
    return {site["path"].partition("/")[0] for site in json.loads(Path(name).read_text())["sites"]}


@pytest.mark.parametrize("of", [1, 2, 3, 7])
@pytest.mark.parametrize("words", [[], ["--unsafe"]])
def test_the_parts_joined_are_what_one_run_finds(run: Run, tree: None, of: int, words: list[str]) -> None:
    whole = run("rewrite", ".", "--format", "json", *words)
    assert json.loads(whole[1])["summary"]["sites"] >= 6
    names = parts(run, of, *words)
    assert run("merge", *names, "--format", "json")[:2] == whole[:2]
    for shape in ("sarif", "github", "gitlab"):
        assert run("merge", *names, "--format", shape)[1] == run("rewrite", ".", "--format", shape, *words)[1]
    assert run("merge", *names)[1].split("\n\n")[-1].splitlines()[0] in run("rewrite", ".", *words)[1]


def test_projects_are_divided_and_those_that_share_code_stay_together(run: Run, tree: None) -> None:
    found = [places(name) for name in parts(run, 3)]
    assert all(found)
    assert sum(map(len, found)) == 5
    assert [one for one in found if "one" in one] == [one for one in found if "two" in one]


def test_settings_above_services_keep_them_together(run: Run, tree: None) -> None:
    put("compose.yaml", "services:\n  a:\n    environment:\n      IMAGE_MODEL: dall-e-3\n")
    whole = run("rewrite", ".", "--format", "json")[1]
    names = parts(run, 2)
    assert run("merge", *names, "--format", "json")[1] == whole
    assert [bool(places(name)) for name in names] == [True, False]


def test_the_patches_of_the_parts_are_what_one_run_writes(run: Run, tree: None, tmp_path: Path) -> None:
    def texts() -> dict[str, str]:
        return {str(path): path.read_text() for path in tmp_path.glob("*/*.*")}

    before = texts()
    for number in (1, 2, 3):
        run("rewrite", ".", "--shard", f"{number}/3", "--patch", f"{number}.patch")
    run("rewrite", ".", "--write")
    once = texts()
    for path, text in before.items():
        Path(path).write_text(text)
    patches = [f"{number}.patch" for number in (1, 2, 3) if Path(f"{number}.patch").stat().st_size]
    assert len(patches) > 1
    subprocess.run(["git", "apply", *patches], check=True)
    assert texts() == once != before


@pytest.mark.parametrize("option", ["--write", "--interactive"])
def test_a_part_is_never_written(run: Run, option: str) -> None:
    code, _, err = run("rewrite", ".", "--shard", "1/2", option)
    assert (code, err.count("\n")) == (2, 1)
    assert "--patch FILE" in err


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/2/3", "-1/2", "²/3"])
def test_a_wrong_part_is_one_line(run: Run, text: str) -> None:
    code, out, err = run("scan", ".", f"--shard={text}")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "is no shard" in err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: one.update(target="gpt-image-2"), "target is gpt-image-2 and"),
        (lambda one: one.update(written=True), "do not belong together"),
        (lambda one: one.update(version=2), "has version 2, and this program reads 1"),
        (lambda one: one.update(shard="1/2"), "are both part 1/2"),
        (lambda one: one.update(shard="2/3"), "different divisions: 1/2, 2/3"),
        (lambda one: one.pop("shard"), "is part 1/2 of a divided run, and part2.out is a whole one"),
        (lambda one: one.update(shard="x"), "is damaged"),
        (lambda one: one["sites"].append(3), "is damaged"),
        (lambda one: one["findings"].append({"rule": 3, "request": None}), "is damaged"),
        (lambda one: one.update(files=[{"path": "a", "status": "odd", "diff": ""}]), "is damaged"),
    ],
)
def test_reports_that_do_not_belong_together_are_refused(
    run: Run, tree: None, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    names = parts(run, 2)
    one = json.loads(Path(names[1]).read_text())
    change(one)
    Path(names[1]).write_text(json.dumps(one))
    code, out, err = run("merge", *names)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err


def test_a_missing_part_is_named(run: Run, tree: None) -> None:
    names = parts(run, 3)
    assert "part 2/3 is missing" in run("merge", names[0], names[2])[2]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1', "[" * 100_000])
def test_what_is_no_report_is_one_line(run: Run, text: str) -> None:
    Path("a.json").write_text(text)
    code, out, err = run("merge", "a.json")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "a.json is no" in err


def test_a_file_that_two_parts_change_differently_is_said(run: Run, tree: None) -> None:
    names = parts(run, 2)
    both = [json.loads(Path(name).read_text()) for name in names]
    for number, one in enumerate(both):
        one["files"].append({"path": "z.py", "status": "changed", "diff": str(number)})
        Path(names[number]).write_text(json.dumps(one))
    assert "z.py changes in more than one part" in run("merge", *names)[2]
