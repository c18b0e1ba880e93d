"""The commands, over a small stand-in for the codemod: what reaches it, and what becomes of its report."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from migrator import cli, codemod
from migrator.types import FileResult, Finding, Report, SiteSummary

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.discover import FileProject

    Run = Callable[..., "Outcome"]


@dataclass
class Outcome:
    code: int
    out: str
    err: str


class Codemod:
    """Renames one model; reports every variation."""

    def __init__(self) -> None:
        self.options: Any = None
        self.error: BaseException | None = None

    def migrate(self, project: FileProject, _catalog: object, options: Any, _choose: object = None) -> Report:
        self.options = options
        if self.error:
            raise self.error
        files, findings, sites = [], list(project.problems), []
        for source in project.candidates():
            after = source.text.replace("dall-e-3", options.target)
            changed = after != source.text
            files.append(FileResult(source.path, "changed" if changed else "unchanged", source, after))
            for number, line in enumerate(source.text.split("\n"), 1):
                if "dall-e-3" in line or "create_variation" in line:
                    fine = "dall-e-3" in line
                    site = f"{source.path}:{number}"
                    rule, fix = ("IMG001", "safe") if fine else ("IMG020", "manual")
                    findings.append(Finding(rule, fix, source.path, number, 1, number, "m", "s", site, fine))  # type: ignore[arg-type]
                    sites.append(SiteSummary(site, source.path, number, "generations", (), fix, fine))  # type: ignore[arg-type]
        return Report(options.target, tuple(files), tuple(findings), tuple(sites))


@dataclass(frozen=True)
class Options:
    target: str
    url_as: str
    url_chosen: bool
    url_folder: str | None
    unsafe: bool
    sdk: str
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    today: date
    jobs: int
    docs: bool = False


@pytest.fixture
def heart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Codemod:
    monkeypatch.chdir(tmp_path)
    one = Codemod()
    monkeypatch.setattr(codemod, "migrate", one.migrate, raising=False)
    monkeypatch.setattr(codemod, "Options", Options, raising=False)
    return one


@pytest.fixture
def run(heart: Codemod, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    def run(*words: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["migrator", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfdbinary.readouterr()
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, out.decode(), err.decode())

    return run


def put(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)


def git(*words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *words], check=True, capture_output=True)


def test_a_dry_run_prints_the_diff_and_what_is_left_and_writes_nothing(run: Run) -> None:
    put("app/a.py", "x = 'dall-e-3'\n")
    put("app/b.py", "client.images.create_variation(image=i)\n")
    done = run("rewrite", ".", "--target", "gpt-image-2")
    assert done.out == (
        "--- a/app/a.py\n+++ b/app/a.py\n@@ -1 +1 @@\n-x = 'dall-e-3'\n+x = 'gpt-image-2'\n"
        "\n"
        "app/b.py:1:1 IMG020 manual m\n    s\n"
        "\n"
        "2 call sites: 1 can be migrated to gpt-image-2, 1 left for a person. 1 file would change.\n"
        "Nothing was written. To apply the diff: migrator rewrite . --target gpt-image-2 --write\n"
        "1 finding to treat by hand: each says what to do.\n"
        "Why a rule exists: migrator explain IMG020\n"
    )
    assert (done.code, done.err) == (1, "")
    assert Path("app/a.py").read_text() == "x = 'dall-e-3'\n"


def test_the_output_of_a_dry_run_is_a_patch_that_git_applies(run: Run) -> None:
    put("a.py", "x = 'dall-e-3'")
    put("b.py", "client.images.create_variation(image=i)\n")
    patch = run("rewrite", ".", "--target", "gpt-image-2").out
    subprocess.run(["git", "apply", "-"], input=patch.encode(), check=True)
    assert Path("a.py").read_text() == "x = 'gpt-image-2'"


def test_write_writes_and_a_second_run_has_nothing_left(run: Run) -> None:
    put("a.py", "x = 'dall-e-3'\n")
    done = run("rewrite", "a.py", "--write")
    assert done.code == 0
    assert done.err.startswith("migrator: note: to take this back: git apply .migrator/undo-")
    assert done.out.startswith("changed a.py\n")
    assert Path("a.py").read_text() == "x = 'gpt-image-2.6-flare'\n"
    again = run("rewrite", "a.py", "--write")
    assert (again.code, again.out) == (0, "Nothing to migrate: no use of a retired image model was found.\n")


def test_write_refuses_unsaved_files_unless_told(run: Run) -> None:
    git("init", "-q")
    put("a.py", "x = 'dall-e-3'\n")
    done = run("rewrite", ".", "--write")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("migrator: 1 file has changes that git could not bring back")
    assert Path("a.py").read_text() == "x = 'dall-e-3'\n"
    assert run("rewrite", ".", "--write", "--allow-dirty").code == 0


def test_check_prints_no_diff_and_fails_while_something_is_left(run: Run) -> None:
    put("a.py", "x = 'dall-e-3'\n")
    done = run("rewrite", "--check", ".")
    assert done.code == 1
    assert done.out.startswith("would change a.py\n")
    assert "---" not in done.out
    put("a.py", "x = 1\n")
    assert run("rewrite", "--check", ".").code == 0


def test_json_is_the_whole_of_the_output(run: Run) -> None:
    put("a.py", "x = 'dall-e-3'\n")
    done = run("rewrite", ".", "--format", "json")
    data = json.loads(done.out)
    assert (done.code, data["version"], data["summary"]["files_changed"]) == (1, 1, 1)
    assert json.loads(run("rewrite", ".", "--format", "json", "--write").out)["written"] is True


def test_scan_lists_sites_and_never_writes(run: Run) -> None:
    put("a.py", "x = 'dall-e-3'\n")
    done = run("scan", ".")
    assert done.code == 1
    assert "a.py:1  generations  not known  rewrite" in done.out
    assert json.loads(run("scan", ".", "--format", "json").out)["sites"][0]["site"] == "a.py:1"
    assert Path("a.py").read_text() == "x = 'dall-e-3'\n"


def test_options_reach_the_codemod_with_the_command_line_over_the_file(run: Run, heart: Codemod) -> None:
    put("pyproject.toml", "[tool.migrator]\ntarget = 'gpt-image-2'\nurl-as = 'review'\nignore = ['IMG036']\n")
    put("a.py", "x = 1\n")
    words = "rewrite a.py --unsafe --select img00,IMG01 --select IMG036 --ignore IMG004 --jobs 3"
    run(
        *words.split(),
        *["--sdk", "latest", "--url-as", "file", "--url-folder", "pictures", "--today", "2026-11-22"],
    )
    assert heart.options == Options(
        target="gpt-image-2",
        url_as="file",
        url_chosen=True,
        url_folder="pictures",
        unsafe=True,
        sdk="latest",
        select=("IMG00", "IMG01", "IMG036"),
        ignore=("IMG036", "IMG004"),
        today=date(2026, 11, 22),
        jobs=3,
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rewrite", "nowhere"], "migrator: no such file or folder: nowhere\n"),
        (["rewrite", ".", "--select", "IMG999"], "migrator: unknown rule 'IMG999'"),
        (["rewrite", ".", "--target", "gpt-image-9"], "migrator: unknown target 'gpt-image-9'"),
        (["rewrite", ".", "--target", "gpt-image-1"], "migrator: gpt-image-1 was shut down on 2026-10-23"),
        (["rewrite", ".", "--rules", "no.yaml"], "migrator: no such rule file: no.yaml\n"),
        (["rewrite", ".", "--write", "--check"], "migrator: --check and --write exclude each other."),
        (["rewrite", ".", "--today", "soon"], "'soon' is not a date"),
        (["rewrite", ".", "--jobs", "0"], "Invalid value for '--jobs'"),
        (["rewrite"], "Missing argument 'PATH"),
        (["rewrit", "."], "Did you mean 'rewrite'?"),
        (["explain", "IMG999"], "migrator: unknown rule 'IMG999'"),
    ],
)
def test_mistakes_end_in_one_clear_line_and_exit_code_2(run: Run, words: list[str], message: str) -> None:
    today = [] if "--today" in words or words[0] != "rewrite" else ["--today", "2026-11-22"]
    done = run(*words, *today)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_a_target_that_ends_soon_is_taken_with_a_warning(run: Run) -> None:
    done = run("rewrite", ".", "--target", "gpt-image-1.5", "--today", "2026-11-22")
    assert done.code == 0
    assert "warning: gpt-image-1.5 is shut down on 2026-12-01" in done.err


def test_files_that_cannot_be_read_are_reported_and_the_run_goes_on(run: Run) -> None:
    put("a.py", "x = 'dall-e-3'\n")
    Path("bad.py").write_bytes(b"# dall-e-3\n\xff\n")
    done = run("rewrite", ".", "--write")
    assert done.code == 1
    assert "bad.py:2:1 IMG091 manual byte 0xff is not utf-8" in done.out
    assert Path("a.py").read_text() == "x = 'gpt-image-2.6-flare'\n"


def test_what_was_left_out_is_said_beside_the_result(run: Run) -> None:
    put("lib/openai_object.py", "x = 'dall-e-3'\n")
    put("lib/api_resources/image.py", "x = 'dall-e-3'\n")
    assert run("rewrite", ".").err == "migrator: note: 2 left out: a copy of the SDK's own source\n"


def test_a_bug_is_one_line_without_a_traceback(run: Run, heart: Codemod) -> None:
    put("a.py", "x = 1\n")
    heart.error = RecursionError("deep\nerror")
    done = run("rewrite", ".")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("migrator: internal error in migrator.pipeline:")
    assert done.err.count("\n") == 1


def test_debugging_shows_the_whole_bug(run: Run, heart: Codemod, monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.py", "x = 1\n")
    heart.error = ValueError("what is wrong")
    monkeypatch.setenv("MIGRATOR_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["migrator", "rewrite", "."])
    with pytest.raises(ValueError, match="what is wrong"):
        cli.main()


def test_an_interrupt_is_one_line_and_exit_code_130(run: Run, heart: Codemod) -> None:
    put("a.py", "x = 1\n")
    heart.error = KeyboardInterrupt()
    done = run("rewrite", ".")
    assert (done.code, done.out) == (130, "")
    assert done.err.strip() == "migrator: interrupted; every file is whole"


def test_the_facts_can_be_printed(run: Run) -> None:
    shown = run("models", "--today", "2026-11-22")
    assert shown.code == 0
    assert "gpt-image-1.5           deprecated  2026-12-01          9" in shown.out
    assert json.loads(run("models", "--format", "json").out)[0]["model"]
    assert "IMG020" in run("rules", "list").out
    assert json.loads(run("rules", "list", "--format", "json").out)[0]["id"] == "IMG001"
    assert run("explain", "img020").out.startswith("IMG020: ")


def test_own_rules_are_laid_over_the_packaged_ones(run: Run) -> None:
    put("ours.yaml", "default_target: gpt-image-2\n")
    put("a.py", "x = 'dall-e-3'\n")
    assert "to gpt-image-2," not in run("rewrite", ".").out
    assert "migrated to gpt-image-2." in run("rewrite", ".", "--rules", "ours.yaml").out


def start(*words: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "migrator", *words],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["rewrite", "--help"], ["simulate", "--help"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    code = (
        f"import sys\nsys.argv = ['migrator', *{words!r}]\nfrom migrator import cli\n"
        "try:\n    cli.main()\nfinally:\n    print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "click" in loaded
    heavy = {"libcst", "openai", "PIL", "yaml", "pydantic", "starlette", "asyncio", "migrator.catalog"}
    assert not heavy & loaded
    asked_for = {f"migrator.commands.{words[0]}"} if len(words) == 2 else set()
    shared = {"migrator.commands.output", "migrator.commands.options", "migrator.commands.running"}
    assert {one for one in loaded if one.startswith("migrator.commands.")} - shared == asked_for


def test_every_command_is_found_and_named_as_in_the_list() -> None:
    for name in cli.COMMANDS:
        found = cli.cli.get_command(click.Context(cli.cli), name)
        assert found is not None
        assert found.name == name
        assert found.help


def test_a_reader_that_leaves_early_is_no_complaint() -> None:
    process = start("rules", "list")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.wait()
    process.stderr.close()


@pytest.mark.parametrize(
    ("redirection", "code"), [(">&-", 0), (">/dev/full", 2), ("2>&-", 0), (">&- 2>&-", 0)]
)
def test_an_output_that_takes_nothing_is_no_traceback(redirection: str, code: int) -> None:
    command = f"exec {shlex.quote(sys.executable)} -m migrator rules list {redirection}"
    root = Path(__file__).parents[2]
    done = subprocess.run(["sh", "-c", command], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert ("the output could not be written: No space left on device" in done.stderr) is (code == 2)


def test_the_simulator_runs_until_interrupted() -> None:
    process = start("simulate", "--port", "0", env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    address = re.search(r"http://127\.0\.0\.1:\d+/v1", process.stdout.readline())
    assert address is not None
    # An answer means that the start is over: an interrupt in the middle of an import can get lost.
    request = urllib.request.Request(f"{address[0]}/models", headers={"Authorization": "Bearer sk-simulated"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert json.load(answer)["data"]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode in {0, 130}
    assert "Traceback" not in out + err
