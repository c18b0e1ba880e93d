"""Blocks that are no commands: programs are run, settings are read by what they are for, JSON is that of the tool."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner

from migrator import cli
from migrator.errors import UserError
from tests.codemod.world import PIXEL
from tests.docs.test_commands import FENCES, MENTIONED, ROOT, Fence, words_of
from tests.report import synthetic

if TYPE_CHECKING:
    from click.testing import Result

_PLACEHOLDERS = {
    "FOLDER", "PROJECT", "SUITE", "RUN", "MODEL", "MODEL[@URL]", "LIST", "ID", "PATH", "PATH…", "PART…", "FILE", "IMG…", "…",
    "<(…)",
}  # fmt: skip
_SEEN_ELSEWHERE = {
    "migrator simulate --deployment art=gpt-image-2": "serves until it is stopped",
    "migrator compare essentials": "tests/compare/test_essentials.py",
    "migrator rewrite . -i": "tests/cli/test_interactive.py, at a terminal",
    "migrator compare suite.yaml --out runs/whole": "tests/docs/test_commands.py has it without --out",
}


def block(page: str, kind: str, start: str) -> Fence:
    (found,) = [
        one for one in FENCES if one.page.name == page and one.kind == kind and one.text.startswith(start)
    ]
    return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample project, and the current folder."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "fixtures" / "samples" / "postcards", folder)
    shutil.copytree(folder / "postcards", folder / "src")
    (folder / "suite.yaml").write_text(block("compare.md", "yaml", "# suite.yaml").text)
    monkeypatch.chdir(folder)
    return folder


def migrator(*words: str) -> Result:
    done = CliRunner().invoke(cli.cli, list(words))
    assert isinstance(done.exception, SystemExit | UserError | None), done.exception
    return done


def refuses(*words: str) -> bool:
    return isinstance(migrator(*words).exception, UserError)


def test_what_is_seen_elsewhere_is_still_in_the_texts() -> None:
    assert set(_SEEN_ELSEWHERE) <= {line for _, line in MENTIONED}


def _whole(line: str) -> bool:
    words = words_of(line)
    return line not in _SEEN_ELSEWHERE and len(words) > 1 and not _PLACEHOLDERS & set(words)


@pytest.mark.parametrize("line", sorted({line for _, line in MENTIONED if _whole(line)}))
def test_a_command_in_a_sentence_does_something(project: Path, line: str) -> None:
    if "harvest" in line:
        Path("suite.yaml").unlink()
    done = migrator(*words_of(line))
    assert not isinstance(done.exception, UserError), done.exception
    assert done.exit_code in {0, 1}, done.output
    assert done.output or Path("suite.yaml").exists()


def test_the_program_of_the_python_interface_prints_sites_findings_and_a_patch(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(block("python-api.md", "python", "from migrator.api").text, {})
    printed = capsys.readouterr().out
    assert re.search(r"^postcards/\w+\.py:\d+ generations \w+$", printed, re.M)
    assert "IMG" in printed
    assert "\n--- a/" in printed


def test_the_tool_that_takes_the_place_of_a_frameworks_one_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked: list[dict[str, Any]] = []

    def generate(**words: Any) -> SimpleNamespace:
        asked.append(words)
        return SimpleNamespace(data=[SimpleNamespace(b64_json=base64.b64encode(PIXEL).decode())])

    client = SimpleNamespace(images=SimpleNamespace(generate=generate))
    names: dict[str, Any] = {
        "tool": lambda function: function,
        "OpenAI": lambda: client,
        "Path": Path,
        "base64": base64,
    }
    exec(block("usage.md", "python", "@tool").text, names)
    assert Path(names["draw"]("a lighthouse")).read_bytes() == PIXEL
    assert asked[0]["prompt"] == "a lighthouse"


@pytest.mark.parametrize(
    ("page", "start", "key"), [("compare-checks.md", "gate:", "gate"), ("compare.md", "sources:", "sources")]
)
def test_a_part_of_a_suite_is_taken_by_the_reader_of_suites(
    project: Path, monkeypatch: pytest.MonkeyPatch, page: str, start: str, key: str
) -> None:
    monkeypatch.setenv("TEAM", "art")
    text = block(page, "yaml", start).text
    Path("whole.yaml").write_text(Path("suite.yaml").read_text() + text)
    assert not refuses("suite", "lint", "whole.yaml")
    (name, *_) = yaml.safe_load(text)[key]
    Path("wrong.yaml").write_text(Path("suite.yaml").read_text() + text.replace(f"{name}:", f"{name}!:"))
    assert key != "gate" or refuses("suite", "lint", "wrong.yaml")


@pytest.mark.parametrize("fence", [one for one in FENCES if one.kind == "toml"], ids=str)
def test_settings_are_taken(project: Path, fence: Fence) -> None:
    Path("our-rules.yaml").write_text("{}\n")
    Path("pyproject.toml").write_text(fence.text)
    assert not refuses("rewrite", ".")
    Path("pyproject.toml").write_text(fence.text + "no-such-setting = 1\n")
    assert refuses("rewrite", ".")


@pytest.mark.parametrize("page", ["usage.md", "design.md"])
def test_the_json_of_a_run_has_the_keys_that_are_shown(project: Path, page: str) -> None:
    shown = json.loads(block(page, "json", '{"version": 1, "target"').text)
    said = json.loads(migrator("rewrite", ".", "--format", "json", "--docs").stdout)
    assert shown.keys() - {"skipped"} <= said.keys()
    for name in ("files", "findings", "sites"):
        for one in shown.get(name, []):
            assert one.keys() <= {key for other in said[name] for key in other}, name
    assert shown["summary"].keys() <= said["summary"].keys()


def test_the_json_of_a_campaign_has_the_keys_that_are_shown(project: Path) -> None:
    shown = json.loads(block("ci.md", "json", '{"version": 1, "kind": "campaign"').text)
    Path("repositories.txt").write_text(".\n")
    said = json.loads(migrator("campaign", "repositories.txt", "--format", "json").stdout)
    assert shown.keys() == said.keys()
    assert shown["totals"].keys() == said["totals"].keys()
    (one,), (other,) = shown["repositories"], said["repositories"]
    assert one.keys() - {"commit"} == other.keys() - {"commit"}
    for name in ("sites", "models", "owners"):
        assert one[name][0].keys() == {key for entry in other[name] for key in entry} or not other[name]


def test_the_list_of_a_campaign_is_read(project: Path) -> None:
    lines = block("ci.md", "text", "services/").text
    Path("services/postcards").mkdir(parents=True)
    local = [line for line in lines.splitlines() if "example.org" not in line]
    Path("list.txt").write_text("\n".join(local))
    assert migrator("campaign", "list.txt").exit_code in {0, 1}


def test_the_sign_off_of_a_run_is_done_as_it_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = synthetic.bulk_run(tmp_path / "RUN", 2, edge=48)
    results = json.loads((folder / "results.json").read_text("utf-8"))
    picks = [("prompt-0000", "accept"), ("prompt-0001", "accept")]
    shown = json.loads(block("review.md", "json", '{"version": 1, "run"').text)
    for name in ("ana", "ben"):
        given = synthetic.verdicts_for(results, picks) | {"reviewer": name}
        for one in given["verdicts"]:
            more = {key: value for key, value in shown["verdicts"][0].items() if key not in one}
            one.update(more | {"reviewer": name})
        assert given.keys() == shown.keys()
        Path(f"verdicts-{name}.json").write_text(json.dumps(given))
    for line in block("review.md", "sh", "migrator verdicts").text.splitlines():
        done = migrator(*words_of(line))
        assert done.exit_code in {0, 1}, done.output
    assert "signoff" not in done.output


def test_the_workflows_name_hooks_and_inputs_that_exist() -> None:
    hooks = {one["id"] for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    (repository,) = yaml.safe_load(block("ci.md", "yaml", "repos:").text)["repos"]
    assert {one["id"] for one in repository["hooks"]} <= hooks
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    steps = yaml.safe_load(block("ci.md", "yaml", "on:").text)["jobs"]["pictures"]["steps"]
    (step,) = [one for one in steps if "dalle-migrator" in one.get("uses", "")]
    assert step["with"].keys() <= action["inputs"].keys()


def test_the_lines_that_ci_runs_make_the_files_that_are_collected(project: Path) -> None:
    gitlab = yaml.safe_load(block("ci.md", "yaml", "pictures:").text)["pictures"]
    lines = [line for line in gitlab["script"] if line.startswith("migrator ")]
    steps = yaml.safe_load(block("ci.md", "yaml", "jobs:").text)["jobs"]["part"]["steps"]
    lines += [one["run"] for one in steps if one.get("run", "").startswith("migrator ")]
    assert len(lines) == 2
    program = f'migrator() {{ {sys.executable} -m migrator "$@"; }}\n'
    for line in lines:
        subprocess.run(
            ["bash", "-c", program + line.replace("${{ matrix.part }}", "1")],
            check="||" in line,
            capture_output=True,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(project)},
        )
    assert json.loads(Path(gitlab["artifacts"]["reports"]["codequality"]).read_text())
    assert json.loads(Path("part-1.json").read_text())["shard"] == "1/4"


def test_a_program_draws_by_the_local_api_as_it_is_shown(tmp_path: Path) -> None:
    """Word for word; only ``python`` waits until the server, which bash started behind it, listens."""
    (tmp_path / "your_program.py").write_text(
        "from openai import OpenAI\n"
        "answer = OpenAI().images.generate(model='gpt-image-2.6-flare', prompt='p', quality='low')\n"
        "print(answer.data[0].b64_json[:5])\n"
    )
    text = block("usage.md", "", "migrator simulate").text
    (port,) = re.findall(r"127\.0\.0\.1:(\d+)", text)
    waits = (
        f"for i in {{1..300}}; do (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null && break; sleep 0.1; done"
    )
    top = f"""
        migrator() {{ exec {sys.executable} -m migrator "$@"; }}
        python() {{ {waits}; {sys.executable} "$@"; }}
        trap 'kill %1; wait' EXIT
    """
    done = subprocess.run(
        ["bash", "-c", top + text],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    assert "iVBOR" in done.stdout, done.stderr


def test_the_scripts_of_completion_end_where_the_text_says(tmp_path: Path) -> None:
    program = f'migrator() {{ {sys.executable} -m migrator "$@"; }}\n'
    subprocess.run(
        ["bash", "-ec", program + block("usage.md", "sh", "# bash").text],
        check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    made = {path.name for path in tmp_path.rglob("*") if path.is_file() and "migrator" in path.read_text()}
    assert made == {"migrator", "_migrator", "migrator.fish"}


@pytest.mark.parametrize(
    "fence", [one for one in FENCES if "python tools/" in one.text or "python bench" in one.text], ids=str
)
def test_scripts_of_the_project_that_a_block_names_exist(fence: Fence) -> None:
    for name in re.findall(r"python ((?:tools|benchmarks)/\S+)", fence.text):
        assert (ROOT / name).is_file(), name
