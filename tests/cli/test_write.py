from __future__ import annotations

import os
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from migrator import write as write_module
from migrator.errors import UserError
from migrator.report.counts import UNWRITTEN, count, left
from migrator.types import FileResult, Finding, Report, SiteSummary, SourceFile
from migrator.write import write


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def git(*words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *words], check=True, capture_output=True)


def change(path: str, before: str = "old\n", after: str = "new\n", *, exists: bool = True) -> FileResult:
    source = SourceFile(path, before)
    if exists:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(source.encode(before))
    return FileResult(path, "changed", source, after)


def report(*files: FileResult, together: bool = False) -> Report:
    def site(path: str) -> str:
        return "one:1" if together else f"{path}:1"

    return Report(
        target="gpt-image-2",
        files=files,
        findings=tuple(
            Finding("IMG001", "safe", one.path, 1, 1, 1, "changed", site=site(one.path), applied=True)
            for one in files
        ),
        sites=tuple(
            SiteSummary(name, name.partition(":")[0], 1, "generations", (), "safe", migrated=True)
            for name in dict.fromkeys(site(one.path) for one in files)
        ),
    )


def leftovers() -> list[str]:
    return [name for _, _, names in os.walk(".") for name in names if name.startswith(".migrator-")]


def test_changed_files_are_written_with_their_mode_kept() -> None:
    one = change("a.py")
    os.chmod("a.py", 0o750)
    done = write(report(one))
    assert done.written
    assert Path("a.py").read_text() == "new\n"
    assert stat.S_IMODE(os.stat("a.py").st_mode) == 0o750
    assert leftovers() == []


def test_bytes_go_back_in_the_files_own_encoding() -> None:
    source = SourceFile("a.py", "# coding: latin-1\r\nx = 'é'", "iso-8859-1")
    Path("a.py").write_bytes(source.encode(source.text))
    write(report(FileResult("a.py", "changed", source, source.text + "\r\ny = 'ü'")))
    assert Path("a.py").read_bytes() == b"# coding: latin-1\r\nx = '\xe9'\r\ny = '\xfc'"


def test_a_link_stays_a_link_and_its_file_is_written() -> None:
    change("real/a.py")
    os.symlink("real/a.py", "a.py")
    write(report(change("a.py", exists=False)))
    assert Path("a.py").is_symlink()
    assert Path("real/a.py").read_text() == "new\n"


def test_a_file_that_changed_meanwhile_is_left_alone_and_reported() -> None:
    one, two = change("a.py"), change("b.py")
    Path("a.py").write_text("someone else's\n")
    done = write(report(one, two))
    assert Path("a.py").read_text() == "someone else's\n"
    assert Path("b.py").read_text() == "new\n"
    assert [file.status for file in done.files] == ["error", "changed"]
    assert [site.migrated for site in done.sites] == [False, True]
    failure = done.findings[-1]
    assert (failure.path, failure.fix) == ("a.py", "manual")
    assert "changed by someone else" in failure.message
    assert [finding.applied for finding in done.findings] == [False, True, False]


def test_files_of_one_call_site_are_written_together_or_not_at_all() -> None:
    one, two = change("a.py"), change("b.py")
    Path("a.py").unlink()
    done = write(report(one, two, together=True))
    assert Path("b.py").read_text() == "old\n"
    assert [file.status for file in done.files] == ["error", "error"]
    assert "another file of the same call site" in done.findings[-1].message
    assert leftovers() == []


def test_text_that_does_not_fit_the_encoding_is_reported() -> None:
    source = SourceFile("a.py", "old\n", "iso-8859-1")
    Path("a.py").write_text("old\n")
    done = write(report(FileResult("a.py", "changed", source, "# €\n")))
    assert "does not fit the file's encoding, iso-8859-1" in done.findings[-1].message
    assert Path("a.py").read_text() == "old\n"


def test_a_full_disk_leaves_the_file_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    one = change("a.py")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write_module.os, "fsync", full)
    done = write(report(one))
    assert [finding.rule for finding in left(done)] == [UNWRITTEN]
    assert (count(done).review, count(done).manual, count(done).exit_code) == (0, 1, 1)
    assert "No space left on device" in done.findings[-1].message
    assert Path("a.py").read_text() == "old\n"
    assert leftovers() == []


def test_a_read_only_file_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    one = change("a.py")
    monkeypatch.setattr(write_module.os, "access", lambda _path, _mode: False)
    assert "read-only" in write(report(one)).findings[-1].message
    assert Path("a.py").read_text() == "old\n"


def test_an_interrupt_between_files_waits_until_all_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = change("a.py"), change("b.py")
    real = os.replace

    def interrupted(source: str, target: str) -> None:
        real(source, target)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(write_module.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(report(one, two))
    assert [Path(name).read_text() for name in ("a.py", "b.py")] == ["new\n", "new\n"]
    assert leftovers() == []


def test_an_interrupt_while_preparing_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = change("a.py"), change("b.py")
    calls: list[int] = []

    def interrupted(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(write_module.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(report(one, two))
    assert [Path(name).read_text() for name in ("a.py", "b.py")] == ["old\n", "old\n"]
    assert leftovers() == []


@pytest.mark.parametrize("state", ["changed", "staged", "untracked", "ignored", "in an untracked folder"])
def test_a_file_that_git_could_not_bring_back_is_refused(state: str) -> None:
    git("init", "-q")
    one = change("deep/a.py") if "folder" in state else change("a.py")
    other = change("b c.py")
    git("add", "b c.py")
    if state in {"changed", "staged"}:
        Path("a.py").write_text("committed\n")
        git("add", "a.py")
    if state == "ignored":
        Path(".gitignore").write_text("a.py\n")
    git("commit", "-qm", "x")
    Path(one.path).write_text("old\n")
    if state == "staged":
        git("add", "a.py")
    with pytest.raises(UserError, match="1 file has changes that git could not bring back") as caught:
        write(report(one, other))
    assert str(caught.value).endswith(f"\n  {one.path}")
    assert Path("b c.py").read_text() == "old\n"
    write(report(one, other), allow_dirty=True)
    assert Path(one.path).read_text() == "new\n"


def test_other_unsaved_files_do_not_matter() -> None:
    git("init", "-q")
    one = change("sub/*.py")
    git("add", ".")
    git("commit", "-qm", "x")
    change("sub/other.py")
    write(report(one))
    assert Path("sub/*.py").read_text() == "new\n"


def test_a_repository_that_git_refuses_is_not_written_without_consent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = change("a.py")
    Path(".git").mkdir()
    with pytest.raises(UserError, match="git cannot say whether the files are committed"):
        write(report(one))
    assert Path("a.py").read_text() == "old\n"
    write(report(one), allow_dirty=True)
    assert Path("a.py").read_text() == "new\n"
