"""Many repositories in one table: what it says, and what a bad or hostile one costs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from migrator import cli
from migrator.campaign import places
from migrator.campaign.owners import parse
from migrator.errors import UserError

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[2]
SAFE = (
    "from openai import OpenAI\n\n"
    'OpenAI().images.generate(model="dall-e-3", prompt="p", quality="hd", size="1024x1024")\n'
)
MANUAL = "from openai import OpenAI\n\nOpenAI().images.create_variation(image=f)\n"


def git(folder: Path, *words: str, name: str = "Ann") -> None:
    identity = ["-c", f"user.name={name}", "-c", f"user.email={name.lower()}@example.org"]
    subprocess.run(["git", *identity, *words], check=True, capture_output=True, cwd=folder)


def repository(folder: Path, files: dict[str, str], name: str = "Ann") -> Path:
    folder.mkdir(exist_ok=True)
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "c", name=name)
    return folder


def campaign(listed: str, *words: str) -> Result:
    Path("list.txt").write_text(listed)
    today = ["--today", "2026-11-23", "--target", "gpt-image-2", "--executor", "threads"]
    return CliRunner().invoke(cli.cli, ["campaign", "list.txt", *today, *words])


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))


def test_every_repository_is_a_row_and_the_worst_comes_first(tmp_path: Path) -> None:
    repository(tmp_path / "clean", {"a.py": "x = 1\n"})
    repository(tmp_path / "easy", {"a.py": SAFE})
    repository(tmp_path / "hard", {"a.py": SAFE + MANUAL, "b.py": SAFE})
    done = campaign("clean\n# a comment\n\neasy  # and another\ngone\nhard\n", "--format", "json")
    assert done.exit_code == 1
    data = json.loads(done.stdout)
    rows = {row["repository"]: row for row in data["repositories"]}
    assert list(rows) == ["hard", "easy", "gone", "clean"]
    assert rows["gone"] == {"repository": "gone", "status": "failed", "error": "no such folder"}
    assert rows["hard"]["outcomes"] == {"manual": 1, "review": 0, "safe": 2, "done": 0}
    assert rows["easy"]["models"] == [
        {"model": "dall-e-3", "sites": 1, "shutdown": "2026-05-12", "days_left": -195}
    ]
    assert rows["easy"]["usd_per_1000"] == {"before": 80.0, "after": 211.0, "sites": 1, "doubts": []}
    assert rows["easy"]["owners"] == [{"owner": "Ann <ann@example.org>", "sites": 1}]
    assert data["totals"]["broken"] == 3
    text = campaign("clean\neasy\ngone\nhard\n").stdout
    assert [line.split()[0] for line in text.splitlines()[1:5]] == list(rows)
    assert "4 call sites in 4 repositories, 3 of them on models that are shut down: 3 move" in text


def test_nothing_left_anywhere_is_exit_code_0(tmp_path: Path) -> None:
    repository(tmp_path / "clean", {"a.py": "x = 1\n"})
    assert campaign("clean\n").exit_code == 0


def test_owners_come_from_codeowners_before_authors(tmp_path: Path) -> None:
    folder = repository(tmp_path / "one", {"art/a.py": SAFE, "b.py": "x = 1\n"}, name="Ann")
    repository(folder, {"b.py": "x = 1\n" + SAFE, ".github/CODEOWNERS": "/art/ @team/art\n"}, name="Ben")
    row = json.loads(campaign("one\n", "--format", "json").stdout)["repositories"][0]
    assert [(site["path"], site["owners"]) for site in row["sites"]] == [
        ("art/a.py", ["@team/art"]),
        ("b.py", ["Ben <ben@example.org>"]),
    ]


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("x.py", "@all"),
        ("docs/x.md", "@docs"),
        ("docs/deep/x.md", "@all"),
        ("lib/deep/x.py", "@lib"),
        ("a/b/x.js", "@js"),
        ("free/x.py", None),
        ("my file.py", "@space"),
        ("app/x.py", "@usual"),
    ],
)
def test_the_last_line_of_codeowners_that_matches_holds(path: str, owner: str | None) -> None:
    rules = parse(
        "# all\n* @all # comment\ndocs/* @docs\n/lib/ @lib\n*.js @js\n/free/\nmy\\ file.py @space\n"
        "[Section][2] @usual\n/app/\n"
    )
    if owner is None:
        rules = rules[:5]
    found = [owners for matches, owners in rules if matches(path)]
    assert found[-1] == ((owner,) if owner else ())


def test_an_address_is_cloned_without_running_anything_of_it(tmp_path: Path) -> None:
    source = repository(
        tmp_path / "source",
        {"a.py": SAFE, ".gitattributes": "*.py filter=evil diff=evil\n", ".gitmodules": "[submodule]\n"},
    )
    trap = f"touch {tmp_path}/ran"
    for key in ("smudge", "clean", "process"):
        git(source, "config", "--file", str(tmp_path / "gitconfig"), f"filter.evil.{key}", trap)
    git(source, "config", "--file", str(tmp_path / "gitconfig"), "filter.evil.required", "true")
    template = tmp_path / "template" / "hooks"
    template.mkdir(parents=True)
    (template / "post-checkout").write_text(f"#!/bin/sh\n{trap}\n")
    (template / "post-checkout").chmod(0o755)
    git(source, "config", "--file", str(tmp_path / "gitconfig"), "init.templateDir", str(template.parent))
    row = json.loads(campaign(f"file://{source}\n", "--format", "json").stdout)["repositories"][0]
    assert (row["status"], row["outcomes"]["safe"]) == ("ok", 1), row
    assert row["sites"][0]["owners"] == ["Ann <ann@example.org>"]
    assert not (tmp_path / "ran").exists()


def test_the_history_of_an_address_is_fetched_only_where_nothing_else_tells_whose_a_line_is(
    tmp_path: Path,
) -> None:
    source = repository(tmp_path / "source", {"a.py": SAFE, "b.py": SAFE}, name="Ann")
    repository(source, {"b.py": "# Ben's\n" + SAFE.replace('"p"', '"q"')}, name="Ben")
    listed = f"file://{source}\n"

    def owners(*words: str) -> tuple[list[list[str]], list[str]]:
        (row,) = json.loads(campaign(listed, "--format", "json", "--cache", "kept", *words).stdout)[
            "repositories"
        ]
        return [site["owners"] for site in row["sites"]], row["warnings"]

    def commits() -> int:
        (clone,) = Path("kept").iterdir()
        return int(subprocess.check_output(["git", "rev-list", "--count", "HEAD"], cwd=clone))

    assert owners("--no-history") == (
        [[], []],
        ["nobody is named: CODEOWNERS does not tell, and there is no history"],
    )
    assert commits() == 1
    assert owners() == ([["Ann <ann@example.org>"], ["Ben <ben@example.org>"]], [])
    assert commits() == 2
    repository(source, {"CODEOWNERS": "* @all\n"})
    assert owners() == ([["@all"], ["@all"]], [])
    assert commits() == 3  # what is there stays
    listed = f"file://{repository(tmp_path / 'other', {'a.py': SAFE, 'CODEOWNERS': '* @all'})}\n"
    repository(tmp_path / "other", {"b.py": "x = 1\n"})
    shutil.rmtree("kept")
    assert owners() == ([["@all"]], [])
    assert commits() == 1


def test_the_parts_of_a_list_joined_are_the_whole(tmp_path: Path) -> None:
    for number in range(5):
        repository(tmp_path / f"r{number}", {"a.py": SAFE * (number % 3) + MANUAL * (number // 3)})
    listed = "".join(f"r{number}\n" for number in range(5)) + "gone\n"
    whole = campaign(listed, "--format", "json").stdout
    names = []
    for number in (1, 2, 3):
        names.append(f"{number}.json")
        part = campaign(listed, "--format", "json", "--shard", f"{number}/3").stdout
        assert len(json.loads(part)["repositories"]) == 2
        Path(names[-1]).write_text(part)
    run = CliRunner()
    assert run.invoke(cli.cli, ["merge", *names, "--format", "json"]).stdout == whole
    assert run.invoke(cli.cli, ["merge", *names]).stdout == campaign(listed).stdout
    assert "the report is page" in run.invoke(cli.cli, ["merge", *names, "--report", "page"]).stderr
    for given, words in (
        (names[:2], "part 3/3 is missing"),
        ([*names, "whole.json"], "different divisions"),
        ([names[0], "copy.json"], "are both part 1/3"),
        (["broken.json"], "is damaged"),
        ([names[0], "report.json"], "is a campaign, and the others are not"),
    ):
        Path("whole.json").write_text(whole)
        Path("copy.json").write_text(Path(names[0]).read_text())
        Path("broken.json").write_text(whole.replace('"sites": [', '"sites": [4, ', 1))
        Path("report.json").write_text("{}")
        with pytest.raises(UserError, match=words):
            run.invoke(cli.cli, ["merge", *given], catch_exceptions=False)


def test_a_checkout_cannot_run_anything_either(tmp_path: Path) -> None:
    source = repository(tmp_path / "source", {"a.py": SAFE, ".gitattributes": "*.py filter=evil diff=evil\n"})
    for key in ("filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "core.fsmonitor"):
        git(source, "config", key, f"touch {tmp_path}/ran; cat")
    (source / "a.py").write_text(SAFE + "# more\n")
    row = json.loads(campaign("source\n", "--format", "json").stdout)["repositories"][0]
    assert row["owners"] == [{"owner": "Ann <ann@example.org>", "sites": 1}]
    assert not (tmp_path / "ran").exists()


def test_clones_are_kept_and_brought_up_to_date_in_a_cache(tmp_path: Path) -> None:
    source = repository(tmp_path / "source", {"a.py": "x = 1\n"})
    assert campaign(f"file://{source}\n", "--cache", "kept").exit_code == 0
    repository(source, {"a.py": SAFE})
    assert campaign(f"file://{source}\n", "--cache", "kept").exit_code == 1
    (clone,) = Path("kept").iterdir()
    assert "source" not in (clone / ".git" / "config").read_text()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ext::sh -c touch% x", "helpers of git"),
        ("http://example.org/x", "http:// is not taken"),
        ("git://example.org/x", "git:// is not taken"),
        ("ssh://-oProxyCommand=x/y", "no address"),
        ("https:///x", "names no host"),
        ("a\x1b[2Jb", "control characters"),
    ],
)
def test_addresses_that_would_run_programs_are_refused(line: str, words: str) -> None:
    done = campaign(f"{line}\n")
    assert isinstance(done.exception, UserError)
    assert words in str(done.exception)
    assert str(done.exception).startswith("list.txt:1: ")


@pytest.mark.parametrize("text", ["", "# nothing\n\n"])
def test_an_empty_list_is_said(text: str) -> None:
    Path("list.txt").write_text(text)
    with pytest.raises(UserError, match="lists no repository"):
        places.read("list.txt")


def test_a_token_in_an_address_is_not_shown() -> None:
    Path("list.txt").write_text("https://me:secret@example.org/a.git\nssh://me:secret@example.org/b\n")
    found = places.read("list.txt")
    assert [place.name for place in found] == ["https://***@example.org/a.git", "ssh://me:***@example.org/b"]


def test_folders_are_relative_to_the_list_and_git_writes_ssh_short(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.txt").write_text("project\ngit@example.org:me/x.git\nproject\n")
    one, two = places.read("lists/a.txt")
    assert one.folder == str(tmp_path / "lists" / "project")
    assert two.url == "git@example.org:me/x.git"


def test_the_page_shows_the_table_and_what_hostile_names_are(tmp_path: Path) -> None:
    repository(tmp_path / "easy", {"a.py": SAFE, "CODEOWNERS": "* @<script>alert(1)</script>\n"})
    done = campaign("easy\n<b>gone\n", "--report", "page")
    assert "the report is page/index.html" in done.stderr
    html = (tmp_path / "page" / "index.html").read_text()
    assert html.index(">easy</a>") < html.index("&lt;b&gt;gone")
    assert "could not be scanned: no such folder" in html
    assert "$80.00" in html
    assert "@&lt;script&gt;" in html
    assert "<script>alert" not in html


_CLUSTER = """
import os, signal, subprocess, sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        words = ["-m", "migrator", "campaign", "list.txt", *sys.argv[1:], "--executor", address]
        run = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE)
        with cluster.get_client() as client:
            while not any(client.processing().values()):
                pass
            busy = next(worker for worker, jobs in client.processing().items() if jobs)
        (nanny,) = [one for one in cluster.workers.values() if one.worker_address == busy]
        os.kill(nanny.pid, signal.SIGKILL)
        sys.stdout.buffer.write(run.communicate(timeout=60)[0])
"""


def test_a_dask_worker_killed_half_way_changes_no_byte(tmp_path: Path) -> None:
    for number in range(5):
        repository(tmp_path / f"r{number}", {"a.py": SAFE * (number % 3) + MANUAL})
    words = ["--format", "json", "--today", "2026-11-23", "--target", "gpt-image-2"]
    here = campaign("".join(f"r{number}\n" for number in range(5)), *words)
    script = tmp_path / "cluster.py"
    script.write_text(_CLUSTER)
    done = subprocess.run(
        [sys.executable, str(script), *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.stdout == here.stdout, done.stderr[-3000:]
    assert json.loads(done.stdout)["totals"] | {"failed": 0, "manual": 5} == json.loads(done.stdout)["totals"]
