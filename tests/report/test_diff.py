from __future__ import annotations

import codecs
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.report.diff import diff, diff_bytes
from migrator.types import FileResult, SourceFile

if TYPE_CHECKING:
    from pathlib import Path


def result(
    before: str, after: str, path: str = "a.py", encoding: str = "utf-8", bom: bytes = b""
) -> FileResult:
    return FileResult(path, "changed", SourceFile(path, before, encoding, bom), after)


def test_a_change_is_a_unified_diff() -> None:
    assert diff(result("x = 1\ny = 2\n", "x = 1\ny = 3\n", "app/a.py")) == (
        "--- a/app/a.py\n+++ b/app/a.py\n@@ -1,2 +1,2 @@\n x = 1\n-y = 2\n+y = 3\n"
    )


def test_an_unchanged_file_gives_nothing() -> None:
    assert diff(result("x\n", "x\n")) == ""
    assert diff(FileResult("a.py", "error")) == ""


def test_a_missing_final_newline_is_said() -> None:
    assert diff(result("x", "y")).endswith(
        "-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n"
    )


CASES = {
    "crlf": result("x = 1\r\ny = 2\r\n", "x = 1\r\ny = 3\r\n"),
    "mixed ends": result("x\r\ny\rz\n\x0cw\x0b\u2028\nold", "x\r\ny\rz\n\x0cw\x0b\u2028\nnew"),
    "no final newline gained": result("x\ny", "x\ny\n"),
    "bom": result("x = 1\n", "x = 2\n", bom=codecs.BOM_UTF8),
    "latin-1": result("# é\nx = 1\n", "# é\nx = 2\n", encoding="iso-8859-1"),
    "space in the name": result("x\n", "y\n", "my file.py"),
    "folder": result("x\n", "y\n", "deep/er/a.py"),
    "quote in the name": result("x\n", "y\n", 'a"b\\c.py'),
    "newline in the name": result("x\n", "y\n", "a\nb.py"),
    "accent in the name": result("x\n", "y\n", "é.py"),
    "name that is no text": result("x\n", "y\n", os.fsdecode(b"caf\xe9.py")),
    "from empty": result("", "x\n"),
    "lines like headers": result("-- a\nold\n++ b\n", "-- a\nnew\n++ b\n"),
}


def applied(one: FileResult, folder: Path) -> bytes:
    assert one.before is not None
    target = folder / one.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(one.before.encode(one.before.text))
    subprocess.run(["git", "apply", "-"], input=diff_bytes(one), cwd=folder, check=True, capture_output=True)
    return target.read_bytes()


@pytest.mark.parametrize("name", CASES)
def test_git_applies_it_byte_for_byte(name: str, tmp_path: Path) -> None:
    one = CASES[name]
    assert one.before is not None
    assert one.after is not None
    assert applied(one, tmp_path) == one.before.encode(one.after)


TEXTS = st.text(st.sampled_from("ab\n\r\x0c \u2028é"), min_size=1, max_size=40)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=TEXTS, after=TEXTS)
def test_git_applies_any_change(before: str, after: str, tmp_path: Path) -> None:
    if before != after:
        assert applied(result(before, after), tmp_path) == after.encode()


def test_lines_that_occur_often_in_a_long_file_are_not_repeated() -> None:
    often = "often\n" * 300
    before = SourceFile("a.py", f"{often}a\noften\nb\n{often}")
    text = diff(
        FileResult("a.py", "changed", before, before.text.replace("a\n", "A\n").replace("b\n", "B\n"))
    )
    assert [line for line in text.splitlines()[3:] if line[0] in "+-"] == ["-a", "+A", "-b", "+B"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("OPENAI_API_KEY=abcdef123456", "OPENAI_API_KEY=********"),
        ('  "password": "correct-horse",', '  "password": "********",'),
        ("- DB_TOKEN: 'abcdefgh'", "- DB_TOKEN: '********'"),
        ("note: sk-proj-0123456789abcdef", "note: ********"),
        ("api_key: ${OPENAI_API_KEY}", "api_key: ${OPENAI_API_KEY}"),
        ("monkeys = 12345678", "monkeys = 12345678"),
    ],
)
def test_secrets_beside_a_changed_setting_are_masked(line: str, shown: str) -> None:
    text = diff(result(f"{line}\nmodel=a\n", f"{line}\nmodel=b\n", ".env"))
    assert f"\n {shown}\n" in text


def test_python_lines_are_never_masked() -> None:
    assert ' api_key = "abcdefghij"\n' in diff(
        result('api_key = "abcdefghij"\nx = 1\n', 'api_key = "abcdefghij"\nx = 2\n')
    )
