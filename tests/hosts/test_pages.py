from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.hosts.markdown.blocks import directives, fences
from migrator.hosts.markdown.programs import programs
from tests.hosts.notebooks import rewrite

if TYPE_CHECKING:
    from pathlib import Path

CALL = 'openai.images.generate(model="dall-e-3", prompt="a")'
NEW = 'openai.images.generate(model="gpt-image-2.6-flare", prompt="a")'


@pytest.mark.parametrize(
    ("text", "language", "line", "code"),
    [
        ("```python\na\n```\n", "python", 2, "a"),
        ("~~~ py\na\n\nb\n~~~", "py", 2, "a\n\nb"),
        ("````md\n```python\na\n```\n````", "md", 2, "```python\na\n```"),
        ('``` {.python #id key="a`b"}\na', "", 0, ""),
        ('~~~ {.python #id key="a`b"}\na\n~~~', "python", 2, "a"),
        ("```{code-cell} ipython3\na\n```", "ipython3", 2, "a"),
        ("- x\n\n  ```python\n  if a:\n      b\n  ```", "python", 4, "if a:\n    b"),
        ("1. ```python\n   a\n   ```", "python", 2, "a"),
        ("> ```python\n> a\n>\n> b\n> ```", "python", 2, "a\n\nb"),
        ("```python\n    a\n    b\n```", "python", 2, "a\nb"),
        ("```python,ignore\na\n```", "python", 2, "a"),
        ("x ```python\na\n```", "", 2, ""),
    ],
)
def test_a_fence_is_read_as_markdown_shows_it(text: str, language: str, line: int, code: str) -> None:
    found = fences(text)
    if line == 0:
        assert found == []
        return
    if code:
        assert [(block.language, block.line, block.code) for block in found] == [(language, line, code)]
    else:
        assert not any(block.is_python for block in found)


def test_a_directive_ends_where_the_indentation_ends() -> None:
    text = "T\n=\n\n.. code-block:: python\n   :linenos:\n\n   if a:\n\n       b\n\ntext\n\n.. code:: py\n\n    c\n"
    found = directives(text)
    assert [(block.language, block.line, block.code) for block in found] == [
        ("python", 7, "if a:\n\n    b"),
        ("py", 15, "c"),
    ]


@given(
    st.lists(
        st.sampled_from(["```python", "```", "~~~", "> ```py", "> a = 1", "  b", "\t", "", "- ```"]),
        max_size=12,
    )
)
def test_prefixes_and_code_are_the_lines_of_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    for block in fences(text):
        assert lines[block.line - 1 : block.line - 1 + len(block.lines)] == [
            prefix + code for prefix, code in zip(block.prefixes, block.lines, strict=True)
        ]


@pytest.mark.parametrize(
    "line", ["> " * 5000 + "x", "- " * 5000 + "`", " " * 50_000 + "~", "1. " * 5000, "`" * 50_000]
)
def test_lines_made_to_be_slow_are_not(line: str) -> None:
    start = time.process_time()
    assert not any(block.is_python for block in fences(f"{line}\n{line}\n"))
    assert time.process_time() - start < 2


def test_a_fence_joins_the_latest_program_that_defines_what_it_needs() -> None:
    text = "\n".join(
        f"```python\n{code}\n```"
        for code in ("a = 1", "def a(): pass\nb = 2", "print(b)", "c = 3", "print(c, a)", "print(unknown)")
    )
    found = [[block.code for block in program.blocks] for program in programs(fences(text))]
    assert found == [
        ["a = 1"],
        ["def a(): pass\nb = 2", "print(b)"],
        ["c = 3", "print(c, a)"],
        ["print(unknown)"],
    ]


def put(folder: Path, text: str, name: str = "README.md") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_a_page_is_reported_with_its_place_and_not_changed(tmp_path: Path) -> None:
    text = f"# Art\n\n> ```python\n> import openai\n> x = {CALL}\n> ```\n"
    path = put(tmp_path, text)
    report = rewrite(tmp_path)
    (finding,) = report["findings"]
    assert (finding["rule"], finding["line"]) == ("IMG047", 5)
    assert text.splitlines()[4][finding["column"] - 1 :].startswith('"dall-e-3"')
    assert report["sites"] == []
    assert path.read_text() == text


def test_only_lines_of_the_code_change(tmp_path: Path) -> None:
    text = f"# DALL-E\r\n\r\n* one\r\n\r\n  ```python\r\n  import openai\r\n  \r\n  x = {CALL}\t \r\n  ```\r\nlast"
    path = put(tmp_path, text)
    rewrite(tmp_path, "--docs")
    assert path.read_bytes().decode() == text.replace(CALL, NEW)


def test_prose_and_code_of_one_page_change_together(tmp_path: Path) -> None:
    text = f"Uses `dall-e-3`.\n\n```python\nimport openai\n{CALL}\n```\n"
    path = put(tmp_path, text)
    rewrite(tmp_path, "--docs")
    assert path.read_text() == text.replace("dall-e-3", "gpt-image-2.6-flare")
    assert rewrite(tmp_path, "--docs")["summary"]["files_changed"] == 0


def test_an_example_can_be_kept_by_a_comment(tmp_path: Path) -> None:
    text = f"```python\nimport openai\n{CALL}  # migrator: ignore\n```\n"
    path = put(tmp_path, text)
    assert rewrite(tmp_path)["findings"] == []
    assert [one for one in rewrite(tmp_path, "--docs")["findings"] if one["rule"] != "IMG046"] == []
    assert path.read_text() == text


def test_two_fences_side_by_side_are_told_apart(tmp_path: Path) -> None:
    text = f"```python\nimport openai\n```\n```python\n{CALL}\n```\n```python\ny = {CALL}\n```\n"
    path = put(tmp_path, text)
    rewrite(tmp_path, "--docs")
    assert path.read_text() == text.replace(CALL, NEW)


@pytest.mark.parametrize("code", [">>> x = 'dall-e-3'", "print 'dall-e-3'", "def f(\n    'dall-e-3'"])
def test_what_is_no_program_is_named(code: str, tmp_path: Path) -> None:
    path = put(tmp_path, f"```python\n{code}\n```\n")
    before = path.read_text()
    (finding,) = rewrite(tmp_path, "--docs", "--ignore", "IMG046")["findings"]
    assert (finding["rule"], finding["fix"]) == ("IMG047", "manual")
    assert path.read_text() == before
