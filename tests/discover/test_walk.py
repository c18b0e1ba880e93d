from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from migrator.discover.globs import matcher
from migrator.discover.walk import list_files, printable
from migrator.errors import UserError

pytestmark = pytest.mark.usefixtures("in_folder")


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # A .git of its own keeps the search for a repository from looking above the temporary folder.
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("x = 1\n")


def git(*words: str, at: str = ".") -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", "-C", at, *identity, *words], check=True, capture_output=True)


def test_a_plain_folder_is_walked_without_installed_and_built_code() -> None:
    put("app/a.py", "b.pyw", "node_modules/x.py", "lib/site-packages/y.py", "build/z.py", "notes.txt")
    put("env/pyvenv.cfg", "env/bin/tool.py", "a.egg-info/x.py", ".venv/q.py")
    listing = list_files(["."])
    assert listing.files == ["app/a.py", "b.pyw"]
    assert listing.skipped["virtual environments"] == 1


def test_git_decides_in_a_work_tree() -> None:
    git("init", "-q")
    put("tracked.py", "new.py", "ignored.py", "out/build/kept.py", "gone.py")
    Path(".gitignore").write_text("ignored.py\n")
    git("add", "tracked.py", "gone.py")
    os.unlink("gone.py")
    assert list_files(["."]).files == ["gone.py", "new.py", "out/build/kept.py", "tracked.py"]


def test_a_subfolder_of_a_work_tree_is_listed_alone() -> None:
    git("init", "-q")
    put("a.py", "sub/b.py", "sub/deep/c.py")
    git("add", ".")
    assert list_files(["sub"]).files == ["sub/b.py", "sub/deep/c.py"]


def test_an_ignored_folder_that_is_named_is_read_all_the_same() -> None:
    git("init", "-q")
    put("generated/a.py", "b.py")
    Path(".gitignore").write_text("generated/\n")
    assert list_files(["generated"]).files == ["generated/a.py"]


def test_repositories_inside_a_repository_are_part_of_it() -> None:
    put("inner/a.py", "inner/skipped.py", "b.py")
    Path("inner/.gitignore").write_text("skipped.py\n")
    git("init", "-q", at="inner")
    git("init", "-q")
    assert list_files(["."]).files == ["b.py", "inner/a.py"]


def test_submodules_are_part_of_a_repository() -> None:
    put("lib/a.py")
    git("init", "-q", at="lib")
    git("add", ".", at="lib")
    git("commit", "-qm", "x", at="lib")
    put("app/b.py")
    git("init", "-q", at="app")
    git("submodule", "add", "-q", str(Path("lib").absolute()), "vendor", at="app")
    assert list_files(["app"]).files == ["app/b.py", "app/vendor/a.py"]
    git("commit", "-qm", "x", at="app")
    git("submodule", "deinit", "-q", "--all", at="app")
    assert list_files(["app"]).files == ["app/b.py"]


def test_a_repository_below_a_plain_folder_is_listed_by_git() -> None:
    put("repo/a.py", "repo/ignored.py", "b.py")
    Path("repo/.gitignore").write_text("ignored.py\n")
    git("init", "-q", at="repo")
    assert list_files(["."]).files == ["b.py", "repo/a.py"]


def test_a_tracked_virtual_environment_is_left_out_and_counted() -> None:
    git("init", "-q")
    put("a.py", "myenv/pyvenv.cfg", "myenv/bin/x.py", "web/node_modules/gyp/y.py")
    git("add", "-f", ".")
    listing = list_files(["."])
    assert listing.files == ["a.py"]
    assert listing.skipped["installed or generated code"] == 2


def test_the_repository_cannot_make_git_run_a_program() -> None:
    git("init", "-q")
    put("a.py")
    mark = Path("ran").absolute()
    Path("hook.sh").write_text(f"#!/bin/sh\ntouch {mark}\n")
    Path("hook.sh").chmod(0o755)
    git("config", "core.fsmonitor", str(Path("hook.sh").absolute()))
    assert list_files(["."]).files == ["a.py"]
    assert not mark.exists()


def test_git_variables_of_a_hook_do_not_mislead(monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q")
    put("a.py", "ignored.py")
    Path(".gitignore").write_text("ignored.py\n")
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    assert list_files(["."]).files == ["a.py"]


def test_without_git_the_folder_is_walked_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q")
    put("a.py")
    monkeypatch.setenv("PATH", "/nonexistent")
    listing = list_files(["."])
    assert listing.files == ["a.py"]
    assert "git is not installed" in listing.warnings[0]


def test_a_copy_of_the_sdk_is_left_out_and_counted() -> None:
    put(
        "app.py",
        "lib/openai/_client.py",
        "lib/openai/resources/images.py",
        "lib/openai/types/images_response.py",
    )
    put("old/openai_object.py", "old/api_resources/image.py", "mine/resources/images.py", "mine/_client.py")
    listing = list_files(["."])
    assert listing.files == ["app.py", "mine/_client.py", "mine/resources/images.py"]
    assert listing.skipped["a copy of the SDK's own source"] == 5


def test_a_file_that_is_named_is_always_taken() -> None:
    put("node_modules/a.py", "lib/openai_object.py", "lib/api_resources/image.py")
    named = ["node_modules/a.py", "lib/api_resources/image.py"]
    assert list_files(named, lambda path: True).files == named


def test_scripts_without_a_suffix_count_when_named_and_other_files_are_passed_over() -> None:
    Path("tool").write_text("#!/usr/bin/env python3\n")
    Path("notes.md").write_text("# notes\n")
    listing = list_files(["tool", "notes.md"])
    assert listing.files == ["tool"]
    assert listing.others == ["notes.md"]


def test_a_missing_path_is_a_clear_error() -> None:
    with pytest.raises(UserError, match="no such file or folder: nowhere"):
        list_files(["nowhere"])


def test_a_pipe_that_is_named_is_reported_and_never_opened() -> None:
    os.mkfifo("pipe.py")
    assert list_files(["pipe.py"]).unreadable == [("pipe.py", "is not a regular file")]


def test_pipes_and_links_to_folders_below_a_folder_are_passed_over() -> None:
    put("real/a.py")
    os.mkfifo("pipe.py")
    os.symlink("..", "real/loop")
    assert list_files(["."]).files == ["real/a.py"]


def test_overlapping_arguments_give_each_file_once() -> None:
    put("src/a.py", "src/b.py")
    assert list_files(["src", ".", "src/a.py", str(Path("src").absolute())]).files == ["src/a.py", "src/b.py"]


def test_paths_are_relative_to_the_current_folder_where_they_are_below_it(tmp_path: Path) -> None:
    put("here/a.py", "beside/b.py")
    os.chdir("here")
    assert list_files([str(tmp_path / "here"), "../beside"]).files == ["a.py", "../beside/b.py"]


def test_a_name_that_is_no_text_is_listed_and_printed_as_escapes() -> None:
    with open(b"caf\xe9.py", "w") as file:
        file.write("x = 1\n")
    git("init", "-q")
    (name,) = list_files(["."]).files
    assert os.fsencode(name) == b"caf\xe9.py"
    assert printable(name) == "caf\\xe9.py"
    assert printable("a\x1b[2Jb") == "a\\x1b[2Jb"


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("legacy", "legacy/a.py", True),
        ("legacy", "src/legacy/a.py", True),
        ("/legacy", "src/legacy/a.py", False),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/deep/a.py", False),
        ("src/**/a.py", "src/a.py", True),
        ("src/**/a.py", "src/x/y/a.py", True),
        ("**/gen", "x/gen/a.py", True),
        ("gen/**", "gen/x/a.py", True),
        ("gen/**", "gen", False),
        ("*_pb2.py", "x/y_pb2.py", True),
        ("legacy/", "legacy", False),
        ("legacy/", "legacy/a.py", True),
        ("a[0-9].py", "a7.py", True),
        ("a[!0-9].py", "a7.py", False),
        ("a?.py", "a/.py", False),
        ("a.py", "axpy", False),
    ],
)
def test_patterns_mean_what_they_mean_in_gitignore(pattern: str, path: str, expected: bool) -> None:
    assert matcher([pattern])(path) is expected


def test_a_later_pattern_can_take_one_back() -> None:
    excluded = matcher(["tests/*", "!tests/keep.py"])
    assert excluded("tests/a.py")
    assert not excluded("tests/keep.py")


def test_files_that_are_not_python_are_listed_apart_by_the_same_rules() -> None:
    git("init", "-q")
    put("a.py", "conf/app.yaml", "ignored.json", "node_modules/x.json", "web/page.ts")
    Path(".gitignore").write_text("ignored.json\n")
    listing = list_files(["."])
    assert listing.files == ["a.py"]
    assert listing.others == [".gitignore", "conf/app.yaml", "web/page.ts"]
