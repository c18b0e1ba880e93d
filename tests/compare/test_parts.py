"""A comparison divided over several runs, and their folders joined: nothing is asked twice, nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from migrator import cli
from migrator.errors import UserError

if TYPE_CHECKING:
    from click.testing import Result

SUITE = """\
version: 1
defaults: {size: 256x256, quality: low}
prompts:
  - {id: lighthouse, prompt: A lighthouse at dusk, samples: 2}
  - {id: door, prompt: A red door}
  - {id: cat, prompt: A cat}
"""
BASE = ["--today", "2026-11-23", "--executor", "threads"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("suite.yaml").write_text(SUITE)


def invoke(*words: str) -> Result:
    return CliRunner().invoke(cli.cli, list(words), catch_exceptions=False)


def compare(*words: str) -> Result:
    return invoke("compare", "suite.yaml", *BASE, *words)


def read(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "results.json").read_text())
    return found


def plain(folder: str) -> dict[str, Any]:
    """Results without what time decides."""
    found = read(folder)
    for task in found["tasks"]:
        task["latency_s"] = task["request_id"] = None
    del found["created"]
    found["numbers"] = json.dumps(found["numbers"]).count("latency")
    return found


@pytest.fixture
def parts() -> list[str]:
    names = []
    for number in (1, 2, 3):
        done = compare("--shard", f"{number}/3", "--out", f"part{number}")
        assert done.exit_code == 0, done.output
        assert f"part {number}/3: " in done.stdout
        names.append(f"part{number}")
    return names


def test_the_parts_joined_are_what_one_run_makes(parts: list[str]) -> None:
    assert sorted(len(read(name)["tasks"]) for name in parts) == [2, 3, 3]
    done = invoke("merge", *parts, "--out", "whole", "--executor", "threads")
    assert done.exit_code == 0
    assert "Page: whole/index.html" in done.stdout
    assert compare("--out", "single").exit_code == 0
    assert plain("whole") == plain("single")
    pictures = [sorted(path.name for path in Path(name, "images").iterdir()) for name in ("whole", "single")]
    assert pictures[0] == pictures[1]


def test_the_same_command_on_the_whole_asks_nobody_again(
    parts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    invoke("merge", *parts, "--out", "whole", "--executor", "threads")
    before = plain("whole")
    monkeypatch.setattr("migrator.simulator.Simulator.__enter__", lambda _: pytest.fail("somebody was asked"))
    assert compare("--out", "whole").exit_code == 0
    assert plain("whole") == before


def test_a_part_that_did_not_finish_goes_on_in_the_whole(parts: list[str]) -> None:
    path = Path("part1/results.json")
    found = read("part1")
    found["tasks"][0] |= {"state": "pending", "file": None}
    path.write_text(json.dumps(found))
    done = invoke("merge", *parts, "--out", "whole", "--executor", "threads")
    assert done.exit_code == 3
    assert compare("--out", "whole").exit_code == 0
    assert {task["state"] for task in read("whole")["tasks"]} == {"ok"}


def test_folders_that_do_not_make_a_whole_run_are_refused(parts: list[str]) -> None:
    compare("--new", "simulator:gpt-image-2", "--shard", "1/3", "--out", "other")
    picture = next(Path("part2/images").iterdir())

    def refused(words: str, *given: str, out: str = "whole") -> None:
        with pytest.raises(UserError, match=words):
            invoke("merge", *given, "--out", out)
        assert not Path("whole").exists()

    refused("in these folders: name the folders of all parts", *parts[:2])
    refused("are parts of different runs", parts[0], "other")
    refused("is the folder of a run already", *parts, out="part1")
    refused("has no journal.sqlite", *parts, ".")
    refused("is no folder of a run", *parts, "suite.yaml")
    picture.write_bytes(b"x")
    with pytest.raises(UserError, match="not what its name says"):
        invoke("merge", *parts, "--out", "other-whole")
    with pytest.raises(UserError, match="say with --out DIR"):
        invoke("merge", *parts)


def test_what_two_parts_asked_for_is_kept_once_and_said(parts: list[str]) -> None:
    compare("--out", "all")
    done = invoke("merge", "part1", "all", "--out", "whole", "--executor", "threads")
    assert done.exit_code == 0
    twice = len(read("part1")["tasks"])
    assert any(
        f"{twice} pictures were asked for in more than one part" in note for note in read("whole")["notes"]
    )
    assert len(read("whole")["tasks"]) == 8
