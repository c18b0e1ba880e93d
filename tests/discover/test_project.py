from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.discover import FileProject, discover

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDLES = (b"dall-e",)


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(name: str, data: bytes | str = "x = 'dall-e'\n") -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(data.encode() if isinstance(data, str) else data)


def project(*paths: str, **options: object) -> FileProject:
    return discover(paths or (".",), NEEDLES, **options)  # type: ignore[arg-type]


def found(one: FileProject) -> list[str]:
    return [file.path for file in one.candidates()]


def problems(one: FileProject) -> list[tuple[str, str, int]]:
    one.candidates()
    return [(finding.rule, finding.path, finding.line) for finding in one.problems]


def test_candidates_are_the_files_that_hold_a_needle() -> None:
    put("b.py")
    put("a/c.py")
    put("other.py", "x = 1\n")
    assert found(project()) == ["a/c.py", "b.py"]


def test_related_files_are_found_on_demand_and_are_no_candidates() -> None:
    put("service.py", "def draw(): 'dall-e'\n")
    put("caller.py", "import service; service.draw()\n")
    put("other.py", "x = 1\n")
    one = project()
    assert [file.path for file in one.related([b"draw", b"nothing"])] == ["caller.py"]
    assert list(one.related([])) == []


def test_a_longer_word_is_found_after_a_part_of_it_and_before() -> None:
    put("a.py", "draw\n")
    put("b.py", "draw_all\n")
    put("c.py", "all\n")
    one = project()
    asked = [b"draw_all", b"draw", b"all", b"draw_all", b"all", b"raw"]
    found = [[file.path for file in one.related([word])] for word in asked]
    assert found == [
        ["b.py"],
        ["a.py", "b.py"],
        ["b.py", "c.py"],
        ["b.py"],
        ["b.py", "c.py"],
        ["a.py", "b.py"],
    ]


def test_only_candidates_that_cannot_be_decoded_are_reported() -> None:
    put("bad.py", b"# dall-e\nx = '\xe9'\n")
    put("other.py", b"draw = '\xe9'\n")
    put("nul.py", b"dall-e\0")
    one = project()
    assert problems(one) == [("IMG091", "bad.py", 2), ("IMG091", "nul.py", 1)]
    assert list(one.related([b"draw"])) == []
    assert problems(one) == [("IMG091", "bad.py", 2), ("IMG091", "nul.py", 1)]


def test_a_folder_that_the_system_refuses_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.py")
    put("shut/b.py")
    real = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    one = project()
    assert found(one) == ["a.py"]
    assert problems(one) == [("IMG090", "shut", 1)]


def test_a_file_that_the_system_refuses_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.py")
    put("b.py")
    real = os.open

    def refuse(path: str, *rest: int, **named: int) -> int:
        if path == "a.py":
            raise PermissionError(13, "Permission denied", path)
        return real(path, *rest, **named)

    monkeypatch.setattr(os, "open", refuse)
    one = project()
    assert found(one) == ["b.py"]
    assert [finding.message for finding in one.problems] == ["could not be read: Permission denied"]


def test_a_pipe_that_is_named_becomes_a_finding() -> None:
    os.mkfifo("pipe.py")
    assert problems(project("pipe.py")) == [("IMG090", "pipe.py", 1)]


def test_large_files_are_reported_only_when_they_hold_a_needle() -> None:
    padding = b"# " + b"x" * (3 << 20)
    put("a.py", padding[: (1 << 20) - 3] + b"dall-e" + padding)
    put("b.py", padding)
    put("c.py", b"# " + b"x" * (1 << 20) + b"\ny = 'dall-e'\n")
    one = project(size_limit=2_000_000)
    assert found(one) == ["c.py"]
    assert problems(one) == [("IMG094", "a.py", 1)]
    assert "more than the 2,000,000" in one.problems[0].message


def test_links_inside_are_read_once_and_links_that_lead_out_are_counted(tmp_path: Path) -> None:
    put("work/a.py")
    put("outside/secret.py")
    os.symlink("a.py", "work/alias.py")
    os.symlink("../outside/secret.py", "work/out.py")
    os.symlink("nothing.py", "work/dangling.py")
    os.symlink("ring.py", "work/ring.py")
    one = project("work")
    assert found(one) == ["work/a.py"]
    assert one.skipped == {"links that lead out of the folder": 1}
    assert problems(one) == []


def test_a_link_that_is_named_is_followed() -> None:
    put("outside/secret.py")
    os.symlink("outside/secret.py", "link.py")
    assert found(project("link.py")) == ["link.py"]


def test_excluded_files_are_not_candidates() -> None:
    put("src/legacy/a.py")
    put("src/b.py")
    assert found(project("src", exclude=("legacy",), exclude_base="src")) == ["src/b.py"]


def test_open_reads_files_of_the_project_only(tmp_path: Path) -> None:
    put("work/pyproject.toml", "[project]\n")
    put("work/app/a.py")
    put("work/config.py", "SIZE = 1\n")
    put("outside.py", "SIZE = 2\n")
    os.symlink("../outside.py", "work/way_out.py")
    one = project("work/app")
    opened = one.open("work/config.py")
    assert opened is not None
    assert opened.text == "SIZE = 1\n"
    assert not one.in_scope("work/config.py")
    assert one.in_scope("work/app/a.py")
    for path in ("outside.py", "work/way_out.py", "work/app/../../outside.py", "work/nothing.py", "work/app"):
        assert one.open(path) is None
    assert not one.exists("outside.py")
    assert one.exists("work/app")
    assert one.text("work/pyproject.toml") == "[project]\n"
    assert one.text("work/nothing.toml") is None
    assert one.text("work/a\0b") is None


def test_each_file_is_read_once() -> None:
    put("a.py")
    one = project()
    first = one.candidates()
    put("a.py", "changed = 'dall-e'\n")
    assert one.candidates() is first
    assert one.open("a.py") is first[0]


@pytest.mark.parametrize("folder", ["", "vendor/", "app/_vendor/"])
def test_code_beside_a_copy_of_the_sdk_is_read_as_code_that_uses_the_sdk(folder: str) -> None:
    for name in ("__init__.py", "_client.py", "resources/images.py", "types/images_response.py"):
        put(f"{folder}openai/{name}", "class OpenAI: ...\nclass Images:\n    def generate(self): 'dall-e'\n")
    put("app/main.py")
    one = project()
    assert found(one) == ["app/main.py"]
    assert not one.exists(f"{folder}openai/__init__.py")
    assert one.open(f"{folder}openai/resources/images.py") is None
    assert one.exists("app/main.py")


def judged(one: FileProject) -> list[str]:
    return [file.path for file in one.candidates() if file.is_test]


@pytest.mark.parametrize("mark", ["pyproject.toml", "setup.py", "setup.cfg", ".git/HEAD"])
def test_a_project_inside_of_a_folder_of_tests_is_judged_from_its_own_top(mark: str) -> None:
    put("pyproject.toml", "")
    put("tests/helpers.py")
    put(f"tests/sample/{mark}", "")
    put("tests/sample/app.py")
    put("tests/sample/tests/fakes.py")
    assert judged(project()) == ["tests/helpers.py", "tests/sample/tests/fakes.py"]
    assert judged(project("tests/sample")) == ["tests/sample/tests/fakes.py"]


def test_without_a_project_file_a_path_is_judged_below_the_folder_that_was_named() -> None:
    put("tests/sample/app.py")
    put("tests/sample/test_app.py")
    put("tests/sample/tests/fakes.py")
    assert judged(project("tests/sample")) == ["tests/sample/test_app.py", "tests/sample/tests/fakes.py"]


def test_files_in_the_tests_of_a_project_are_its_tests_also_where_their_folder_was_named() -> None:
    put("pyproject.toml", "")
    put("tests/unit/fakes.py")
    assert judged(project("tests/unit")) == ["tests/unit/fakes.py"]
