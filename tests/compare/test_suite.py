"""Prompt suites: what is read, and how what is wrong is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.catalog import load as load_rules
from migrator.compare import suite
from migrator.compare.quotes import quoted
from migrator.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

SMALLEST = """\
version: 1
defaults: {size: 1024x1024, quality: medium}
prompts:
  - {id: lighthouse, prompt: A lighthouse at dusk, tags: [scene]}
  - {id: sign, prompt: 'A shop sign that says "OPEN 24 HOURS"', expect_text: ["OPEN 24 HOURS"], samples: 2}
"""


def read(folder: Path, text: str | bytes, name: str = "suite.yaml") -> suite.Suite:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return suite.load(str(path), load_rules())


def test_the_smallest_suite_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, SMALLEST)
    lighthouse, sign = found.prompts
    assert (lighthouse.id, lighthouse.text, lighthouse.tags) == (
        "lighthouse",
        "A lighthouse at dusk",
        ("scene",),
    )
    assert lighthouse.parameters == {"size": "1024x1024", "quality": "medium"}
    assert (lighthouse.samples, lighthouse.expect_is) == (1, "none")
    assert (sign.samples, sign.expect_text, sign.expect_is) == (2, ("OPEN 24 HOURS",), "given")
    assert sign.where.endswith("suite.yaml:5")
    assert (found.title, len(found.sha256)) == ("suite", 64)


def test_every_optional_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(b"png")
    found = read(
        tmp_path,
        """\
version: 1
title: Posters
defaults: {quality: low, samples: 2, tags: [all], preserve: loose}
sources:
  flux: {kind: openai-compatible, model: flux, base_url: "https://example.org/v1", key_env: FLUX_KEY}
  photos: archive:photos
gate: {max_failed: 0, require_signoff: true}
prompts:
  - id: a
    prompt: 'Say "HI"'
    quality: high
    parameters: {background: transparent, output_compression: 80}
    edit: {images: in.png, mask: in.png}
    preserve: strict
    tags: [one]
    origin: {path: app/a.py, line: 3}
  - {id: b, prompt: B, samples: 1, expect_text: []}
""",
    )
    a, b = found.prompts
    assert a.parameters == {"quality": "high", "background": "transparent", "output_compression": 80}
    assert a.edit == suite.Edit((tmp_path / "in.png",), tmp_path / "in.png")
    assert (a.preserve, a.tags, a.samples, a.origin) == ("strict", ("all", "one"), 2, ("app/a.py", 3))
    assert (a.expect_text, a.expect_is) == (("HI",), "quoted")
    assert (b.samples, b.preserve, b.expect_is) == (1, "loose", "none")
    assert found.gate == {"max_failed": 0, "require_signoff": True}
    assert found.sources["photos"].values == {"spec": "archive:photos"}
    assert found.title == "Posters"


def test_a_csv_suite_says_the_same(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        'id,prompt,tags,samples,size,expect_text\na,"A cat\non a mat",x; y,2,1024x1024,\nb,"""HI""",,,,A|B\n',
        "suite.csv",
    )
    a, b = found.prompts
    assert (a.text, a.tags, a.samples, a.parameters) == (
        "A cat\non a mat",
        ("x", "y"),
        2,
        {"size": "1024x1024"},
    )
    assert (b.expect_text, b.where.rpartition(":")[2]) == (("A", "B"), "4")


HEAD = "version: 1\nprompts:\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "  - {id: a, prompt: A}\n  - {id: b, promt: B}\n", ":4: prompt 'b': unknown key 'promt'."),
        (HEAD + "  - {id: b, promt: B}\n", "Did you mean 'prompt'?"),
        (HEAD + "  - {id: a, prompt: A}\n  - {id: a, prompt: B}\n", ":4: prompt 'a': this id is used twice"),
        (HEAD + "  - {id: a, prompt: 7}\n", ":3: prompt 'a': prompt must be text"),
        (HEAD + "  - {id: a}\n", ":3: prompt 'a': prompt is missing"),
        (HEAD + "  - {prompt: A}\n", ":3: a prompt: id is missing"),
        (HEAD + "  - {id: ../a, prompt: A}\n", ":3: prompt '../a': an id is letters"),
        (HEAD + "  - {id: a, prompt: A, samples: 0}\n", ":3: prompt 'a': samples must be between 1 and 100"),
        (HEAD + "  - {id: a, prompt: A, samples: x}\n", "samples must be a number"),
        (HEAD + "  - {id: a, prompt: A, n: 2}\n", "unknown key 'n'"),
        (HEAD + "  - {id: a, prompt: A, size: [1]}\n", ":3: prompt 'a': size must be text"),
        (HEAD + "  - {id: a, prompt: A, size: x, parameters: {size: y}}\n", "size is given twice"),
        (HEAD + "  - {id: a, prompt: A, preserve: much}\n", "preserve cannot be 'much'"),
        (HEAD + "  - {id: a, prompt: A, edit: {images: [no.png]}}\n", "there is no file 'no.png'"),
        (HEAD + "  - {id: a, prompt: A, edit: {images: [../../etc/hosts]}}\n", "leads out of the folder"),
        (HEAD + "  - {id: a, prompt: A, edit: {images: [/etc/hosts]}}\n", "leads out of the folder"),
        (HEAD + "  - {id: a, prompt: A, edit: {}}\n", "an edit needs at least one picture"),
        (HEAD + "  - a\n", ":3: a prompt must be a mapping"),
        ("version: 1\nprompts: []\n", ":2: prompts is missing or empty"),
        ("version: 2\nprompts: []\n", ":1: version must be 1"),
        ("prompts: []\n", "version must be 1"),
        ("version: 1\nprompt: []\n", ":2: unknown key 'prompt'. Did you mean 'prompts'?"),
        ("version: 1\ndefaults: {sise: 1}\nprompts: []\n", ":2: defaults: unknown key 'sise'."),
        ("version: 1\nprompts: [\n", "not valid YAML"),
        ("a: &a [x]\nb: *a\n", "aliases"),
        ("a: !!python/object:os.system x\n", "not allowed"),
        ("[" * 200, "nested more than"),
        (b"version: 1\n\xff\n", ":2: not UTF-8 text"),
        ("", "version must be 1"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_place(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(UserError) as told:
        read(tmp_path, text)
    assert message in str(told.value)
    assert str(tmp_path) in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,prompt,sise\n", ":1: unknown column 'sise'. Did you mean 'size'?"),
        ("id,size\n", ":1: the column 'prompt' is missing"),
        ("id,prompt,id\n", ":1: the column 'id' is there twice"),
        ("id,prompt\na,b,c\n", ":2: 3 cells, but the header has 2"),
        ("id,prompt\na,A\na,B\n", ":3: prompt 'a': this id is used twice"),
        ('id,prompt\na,"A\n', "not valid CSV"),
        ("id,prompt\n", "no prompts"),
    ],
)
def test_what_is_wrong_in_a_csv_suite_is_said_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError) as told:
        read(tmp_path, text, "suite.csv")
    assert message in str(told.value)


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    inner = tmp_path / "suites"
    inner.mkdir()
    (tmp_path / "secret.png").write_bytes(b"x")
    (inner / "in.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(UserError, match="leads out of the folder"):
        read(inner, HEAD + "  - {id: a, prompt: A, edit: {images: [in.png]}}\n")


def test_a_huge_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "MAX_BYTES", 100)
    with pytest.raises(UserError, match="larger than 100 bytes"):
        read(tmp_path, "x" * 101)


@pytest.mark.parametrize(
    ("prompt", "texts"),
    [
        ('A sign "OPEN" and “CLOSED”', ("OPEN", "CLOSED")),
        ("It's a dog's life", ()),
        ("A mug that says 'Good day'", ("Good day",)),
        ("「営業中」の看板", ("営業中",)),
        ('"A" and "A"', ("A",)),
        ("no quotes", ()),
    ],
)
def test_quoted_text_of_a_prompt_is_found(prompt: str, texts: tuple[str, ...]) -> None:
    assert quoted(prompt) == texts
