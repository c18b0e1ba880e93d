"""One run divided into jobs: the same bytes out, whoever does them, also when workers die."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from migrator import cli
from migrator.discover.projects import projects
from migrator.filework import analyse, texts
from migrator.filework.join import clashes, joined
from migrator.types import FileResult, Report, SourceFile

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[2]
CALL = 'from openai import OpenAI\n\nOpenAI().images.generate(model="dall-e-3", prompt="p", style="vivid")\n'
NOTEBOOK = (
    '{"cells": [{"cell_type": "code", "source": ["from openai import OpenAI\\n", '
    '"OpenAI().images.generate(model=\\"dall-e-3\\", prompt=\\"p\\")"]}], "metadata": {}, "nbformat": 4}\n'
)


def put(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Services on their own, one with a helper in a library, a notebook, a file that is no Python, and texts."""
    monkeypatch.chdir(tmp_path)
    for number in range(6):
        put(f"s{number}/setup.py", "")
        put(f"s{number}/draw.py", CALL)
        put(
            f"s{number}/more.py",
            CALL.replace('"dall-e-3"', "MODEL").replace("\n\n", '\n\nMODEL = "dall-e-2"\n'),
        )
        put(f"s{number}/.env", "IMAGE_MODEL=dall-e-3\n")
    put("s1/broken.py", "def dall-e-3(:\n")
    put("s2/a.ipynb", NOTEBOOK)
    put("s3/pyproject.toml", "")
    put(
        "s3/uses.py",
        CALL.replace("dall-e-3", "{}").replace('"{}"', "quality.MODEL") + "from library import quality\n",
    )
    put("lib/pyproject.toml", "")
    put("lib/library/quality.py", 'MODEL = "dall-e-3"\n')
    put("web/package.json", "{}")
    put("web/a.js", 'openai.images.generate({model: "dall-e-3", prompt, quality: "hd"});\n')
    return tmp_path


def rewrite(*words: str) -> Result:
    base = ["rewrite", ".", "--format", "json", "--unsafe", "--today", "2026-11-23"]
    return CliRunner().invoke(cli.cli, [*base, *words])


def test_the_report_is_the_same_whoever_does_the_jobs(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = rewrite("--jobs", "1")
    assert here.exit_code == 1, here.output
    assert here.stdout.count('"status": "changed"') >= 15
    monkeypatch.setattr(analyse, "_WORTH", 1)
    monkeypatch.setattr(texts, "_WORTH", 1)
    monkeypatch.setattr(texts, "_BATCH", 2)
    for words in (["--jobs", "2"], ["--jobs", "3"], ["--executor", "threads", "--jobs", "2"]):
        assert rewrite(*words).stdout == here.stdout


def test_a_project_that_ends_its_worker_is_reported_and_the_others_are_migrated(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.filework import deadly

    monkeypatch.setattr(analyse, "_WORTH", 1)
    monkeypatch.setattr(analyse, "analyse", deadly.analyse)
    monkeypatch.setattr(analyse, "_numbered", deadly.numbered)
    out = rewrite("--jobs", "2").stdout
    assert out.count('"rule": "IMG093"') == 2
    assert "was killed by SIGKILL" in out
    assert out.count('"status": "changed"') >= 13


def test_a_small_run_starts_no_worker(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.executor.open_executor", lambda *_: pytest.fail("a worker was started"))
    assert rewrite("--jobs", "8").exit_code == 1


def test_a_file_of_the_project_is_never_imported_by_a_worker(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pickle", "ast", "signal", "migrator", "multiprocessing"):
        put(f"{name}.py", f"open({str(tree / 'ran')!r}, 'w')\n")
    monkeypatch.setattr(analyse, "_WORTH", 1)
    assert rewrite("--jobs", "2").exit_code == 1
    assert not (tree / "ran").exists()


def test_projects_meet_through_imports_of_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c", "d", "e"):
        put(f"{name}/setup.py", "")
        put(f"{name}/pack_{name}/__init__.py", "")
        put(f"{name}/pack_{name}/draw.py", CALL)
    put("b/uses.py", "if True: from pack_a import (  # why\n    draw,\n)\n")
    put("c/uses.py", "x = 1; import os, pack_b.draw as d\n")
    put("d/other.py", "import draw, os\nfrom pack_d import draw\ntext = 'import pack_a'\n")
    listed = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.py"))
    code = [path for path in listed if path.endswith("draw.py")]
    found = projects(code, listed, ["."])
    assert [[path[0] for path in paths] for paths, _ in found] == [["a", "b", "c"], ["d"], ["e"]]
    assert {path[0] for path in found[0][1] or ()} == {"a", "b", "c"}


def test_reports_that_change_a_file_differently_are_told_apart() -> None:
    file = SourceFile("a.py", "x")

    def report(after: str) -> Report:
        return Report("m", (FileResult("a.py", "changed", file, after),), (), ())

    assert clashes([report("y"), report("z"), report("y")]) == {0, 1, 2}
    assert clashes([report("y"), report("y")]) == set()
    assert joined([report("y"), report("y")]).files == report("y").files


_CLUSTER = """
import os
from click.testing import CliRunner
from distributed import LocalCluster
from migrator import cli
from tests.filework import deadly

def rewrite(*words):
    done = CliRunner().invoke(cli.cli, ["rewrite", ".", "--format", "json", "--unsafe", *words])
    assert done.exit_code == 1, done.output
    return done.stdout

if __name__ == "__main__":
    here = rewrite("--jobs", "1")
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        address = cluster.scheduler_address.removeprefix("tcp://")
        from migrator.filework import analyse
        analyse._numbered = deadly.once
        assert rewrite("--executor", f"dask://{address}") == here
        assert os.path.exists("killed")
    print("same")
"""


def test_a_dask_worker_killed_half_way_changes_no_byte(tree: Path) -> None:
    (tree.parent / "cluster.py").write_text(_CLUSTER, "utf-8")
    run = subprocess.run(
        [sys.executable, str(tree.parent / "cluster.py")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.stdout.strip() == "same", run.stderr[-3000:]
