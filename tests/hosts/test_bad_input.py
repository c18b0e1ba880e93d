"""What bad input gets: a position, and the file as it was."""

from __future__ import annotations

import gc
import json
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from migrator.cli import cli
from tests.hosts.support import TARGET, after, run, said

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def cost(work: Callable[[], object]) -> float:
    """CPU seconds, without looking for the garbage of the tests that ran before in this process."""
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        work()
        return time.process_time() - start
    finally:
        gc.enable()


UNREADABLE = [
    ("a.yaml", "image_model: dall-e-3\n\tquality: hd\n", (2, 1)),
    ("a.yaml", "m: [dall-e-3\nx: }\n", (2, 2)),
    ("chart.yaml", "m: dall-e-3\n{{- if .Values.x }}\nx: [\n", (4, 1)),
    ("a.json", '{"m": "dall-e-3",\n "x": }\n', (2, 7)),
    ("a.json", '{"m": "dall-e-3"} extra', (1, 19)),
    ("a.json", '{"m": "dall-e-3"', (1, 17)),
    ("a.json", '["dall-e-3" "x"]', (1, 13)),
    ("a.json", "dall-e-3", (1, 1)),
    ("a.json", '{"m": "dall-e-3\n"}', (1, 7)),
    ("a.toml", 'm = "dall-e-3"\nx = \n', (2, 5)),
    (".env", 'M=dall-e-3\nX="never closed\n', (2, 3)),
    ("Dockerfile", 'FROM a\nENV M=dall-e-3 \\\n  X="never closed\n', (3, 5)),
    ("deep.json", "[" * 5_000 + '"dall-e-3"' + "]" * 5_000, (1, 201)),
    ("deep.yaml", "[" * 500 + "dall-e-3" + "]" * 500, (1, 201)),
    ("deep.toml", "x = " + "[" * 5_000 + "'dall-e-3'" + "]" * 5_000, (1, 1)),
]


@pytest.mark.parametrize(("path", "text", "place"), UNREADABLE)
def test_files_that_do_not_parse_are_reported_with_their_place(
    path: str, text: str, place: tuple[int, int]
) -> None:
    done = run(path, text, unsafe=True)
    assert (done.after, done.status, said(done)) == (None, "error", [("IMG092", "manual", *place)])


def test_yaml_that_is_nested_without_end_is_reported_on_its_line() -> None:
    done = run("deep.yaml", "a: 1\nb: " + "[" * 5_000 + "dall-e-3" + "]" * 5_000)
    assert (done.after, done.status, [(one.rule, one.line) for one in done.findings]) == (
        None,
        "error",
        [("IMG092", 2)],
    )


def test_broken_files_that_only_speak_of_the_models_are_no_problem() -> None:
    assert run("a.yaml", "{{ x }}: [ # DALL-E\n").findings == ()


def test_duplicate_keys_are_each_changed() -> None:
    assert (
        after("a.json", '{"model": "dall-e-2", "model": "dall-e-3"}')
        == f'{{"model": "{TARGET}", "model": "{TARGET}"}}'
    )
    assert after("a.yaml", "model: dall-e-2\nmodel: dall-e-3\n") == f"model: {TARGET}\nmodel: {TARGET}\n"
    assert after(".env", "IMAGE_MODEL=dall-e-2\nIMAGE_MODEL=dall-e-3\n").count(TARGET) == 2


def test_an_anchor_that_also_serves_something_else_is_not_changed_unasked() -> None:
    text = "image: {model: dall-e-3, quality: &q hd}\nvideo: {quality: *q}\n"
    assert run("a.yaml", text).after is None
    merged = "base: &b\n  quality: hd\nimage:\n  <<: *b\n  model: dall-e-3\n"
    assert [one.rule for one in run("a.yaml", merged).findings] == ["IMG001", "IMG003"]


def test_a_file_full_of_aliases_costs_nothing() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    start = time.process_time()
    run("a.yaml", f"a0: &a0 [x]\n{levels}image_model: dall-e-3\n")
    assert time.process_time() - start < 1


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_stay(end: str) -> None:
    lines = ["image:", "  model: dall-e-3", "  quality: hd", ""]
    assert after("a.yaml", end.join(lines)) == end.join(lines).replace("dall-e-3", TARGET).replace(
        "hd", "high"
    )
    env = end.join(["# c", "IMAGE_MODEL=dall-e-3", "", "IMAGE_QUALITY='hd'"])
    assert after(".env", env) == env.replace("dall-e-3", TARGET).replace("'hd'", "'high'")


def test_a_large_file_is_answered_at_once_and_without_an_edit() -> None:
    text = json.dumps(
        [{"id": number, "text": "some words" * 5} for number in range(60_000)] + [{"model": "dall-e-3"}]
    )
    assert len(text) > 4_500_000
    found = []
    assert cost(lambda: found.append(run("data.json", text, unsafe=True))) < 1
    assert [(one.rule, one.fix) for done in found for one in done.findings] == [("IMG094", "manual")]


BLOCKS = {
    "a.yaml": "a{0}:\n  image_model: dall-e-3\n  quality: hd\n  x: ${{A:-b}}\n",
    "b.yaml": "a{0}:\n  a.env: |\n    IMAGE_MODEL=dall-e-3\n",
    "c.yaml": "- image:\n    - model: dall-e-3\n    - other: x{0}\n",
    "d.yaml": "a{0}:\n  image_model: dall-e-3\n  x: {{{{ .Values.x }}}}\n",
    "a.json": '"a{0}": {{"image_model": "dall-e-3", "quality": "hd"}},\n',
    "a.toml": "[a{0}]\nimage_model = 'dall-e-3'\nquality = 'hd'\n",
    "a.ini": "[a{0}]\nimage_model = dall-e-3\nquality = hd\n",
    "a.service": "[a{0}]\nEnvironment=IMAGE_MODEL=dall-e-3\n",
    ".env": "IMAGE_{1}_MODEL=dall-e-3\nIMAGE_{1}_QUALITY=hd\n",
    "Dockerfile": "ENV IMAGE_{1}_MODEL=dall-e-3\nRUN true\n",
}


@pytest.mark.parametrize("path", BLOCKS)
def test_four_times_the_settings_of_a_file_cost_about_four_times_as_much(path: str) -> None:
    def of(number: int) -> float:
        names = ("".join(chr(97 + n // 26**at % 26) for at in range(3)) for n in range(number))
        text = "".join(BLOCKS[path].format(n, name.upper()) for n, name in enumerate(names))
        whole = "{" + text.rstrip(",\n") + "}" if path == "a.json" else text
        assert run(path, whole).findings
        return cost(lambda: run(path, whole))

    # with a cost that grows with the square it is sixteen times as much
    assert of(2_000) < 9 * max(of(500), 0.02)


@pytest.mark.parametrize("name", ["a.yaml", "a.ini"])
def test_a_large_file_that_names_no_model_is_answered_at_once(name: str) -> None:
    text = "".join(f"item{n}: some words about the images of Dallas\n" for n in range(95_000))
    assert len(text) > 4_500_000
    assert run(name, text).findings == ()
    assert cost(lambda: run(name, text)) < 1


def test_values_written_with_escapes_are_reported_and_stay() -> None:
    text = '{"image_model": "dall\\u002de-3"}'
    done = run("a.json", text)
    assert (done.after, said(done)) == (None, [("IMG001", "manual", 1, 18)])


def rewrite(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, object]:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(cli, ["rewrite", ".", "--format", "json", "--today", "2026-11-22", *words])
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_bytes_around_a_value_stay_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"\xef\xbb\xbfimage_model:\t'dall-e-3'\r\n# \xc3\xa9\r\n"
    (tmp_path / "a.yaml").write_bytes(data)
    rewrite(tmp_path, monkeypatch, "--write")
    assert (tmp_path / "a.yaml").read_bytes() == data.replace(b"dall-e-3", TARGET.encode())


def test_bytes_that_are_no_utf8_are_a_finding_with_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"x: 1\nimage_model: dall-e-3 # \xe9\n"
    (tmp_path / "a.yaml").write_bytes(data)
    (finding,) = rewrite(tmp_path, monkeypatch, "--write")["findings"]  # type: ignore[misc]
    assert (finding["rule"], finding["line"], finding["column"]) == ("IMG091", 2, 25)
    assert (tmp_path / "a.yaml").read_bytes() == data


def test_lock_files_bundles_and_recordings_are_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("package-lock.json", "x.min.js", "tests/cassettes/a.yaml", "vendor/a.js", "picture.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{'model': 'dall-e-3'")
    assert rewrite(tmp_path, monkeypatch)["files"] == []


def test_a_host_that_fails_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("image_model: dall-e-3\n")
    (tmp_path / "b.json").write_text('{"image_model": "dall-e-3"}')

    def fail(_text: str) -> None:
        raise RuntimeError("boom")

    from migrator.hosts.config import formats

    monkeypatch.setitem(formats.READERS, "json", fail)  # type: ignore[arg-type]
    report = rewrite(tmp_path, monkeypatch)
    assert [one["status"] for one in report["files"]] == ["changed", "error"]  # type: ignore[attr-defined]
    assert "IMG093" in {one["rule"] for one in report["findings"]}  # type: ignore[attr-defined]


@pytest.mark.parametrize("noise", ["a" * 45_000, "a[" * 22_000, "((((" * 10_000, "'" * 45_000])
def test_long_words_in_code_cost_nothing(noise: str) -> None:
    start = time.process_time()
    run("a.ts", "openai.images.generate({model: 'dall-e-3'})\n" + noise)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.yaml", "image_model: dall-e-3"),
        ("a.yaml", "- dall-e-3  # the old one"),
        ("a.ini", "image_model = dall-e-3"),
        (".env", "IMAGE_MODEL=dall-e-3"),
        ("a.toml", 'image_model = "dall-e-3"'),
    ],
)
def test_a_large_file_names_the_place_of_a_value_with_quotes_and_without(name: str, line: str) -> None:
    words = "# it speaks of dall-e-3 here\n" * 20_000
    done = run(name, f"{words}{line}\n", unsafe=True)
    assert (done.after, [one[:3] for one in said(done)]) == (None, [("IMG094", "manual", 20_001)])


WIDE = {
    "a.yaml": "image_model: dall-e-3\n",
    "a.json": '{"image_model": "dall-e-3"}\n',
    "a.toml": 'image_model = "dall-e-3"\n',
    "a.ini": "[a]\nimage_model = dall-e-3\n",
    ".env": "IMAGE_MODEL=dall-e-3\n",
    "Dockerfile": "ENV IMAGE_MODEL=dall-e-3\n",
    "a.ipynb": '{"cells": [{"cell_type": "code", "source": ["m = \'dall-e-3\'"]}]}\n',
    "README.md": "dall-e-3\n",
    "a.py": 'client.images.generate(model="dall-e-3")\n',
}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_files_in_utf_16_and_utf_32_are_reported_and_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.chdir(tmp_path)
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    written = {name: mark + text.encode(encoding) for name, text in WIDE.items()}
    for name, data in written.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "other.txt").write_bytes("nothing of interest".encode("utf-16"))
    done = CliRunner().invoke(cli, ["rewrite", ".", "--write", "--unsafe", "--format", "json"])
    found = {(one["rule"], one["path"], one["line"]) for one in json.loads(done.stdout)["findings"]}
    assert done.exit_code == 1
    assert found == {("IMG091", name, 1) for name in WIDE}
    assert {name: (tmp_path / name).read_bytes() for name in WIDE} == written
