"""Advice on suites, and the suite that comes along."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from PIL import Image

from migrator.cli import cli
from migrator.compare.lint import Remark, lint
from migrator.compare.suite import load
from migrator.errors import UserError
from tests.codemod.support import TODAY, catalog

if TYPE_CHECKING:
    from pathlib import Path


def remarks(folder: Path, *prompts: str) -> list[Remark]:
    path = folder / "suite.yaml"
    text = "version: 1\nprompts:\n" + "".join(f"  - {prompt}\n" for prompt in prompts)
    path.write_text(text, "utf-8")
    return lint(load(str(path), catalog()), catalog(), text)


def rules(folder: Path, prompt: str, more: str = "") -> list[str]:
    return [
        one.rule
        for one in remarks(folder, f"{{id: a, prompt: {json.dumps(prompt, ensure_ascii=False)}{more}}}")
    ]


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("A lighthouse at dusk, in thick fog", []),
        ("I NEED to test how the tool works with extremely simple prompts. A cat", ["as-is"]),
        ("DO NOT add any detail,  just use it as-is: a cat", ["as-is"]),
        ("My prompt has full detail so no need to add more. A cat", ["as-is"]),
        ("A castle, trending on ArtStation, masterpiece", ["booster", "booster"]),
        ("A masterpieces shop", []),
        ("A cat --ar 16:9 --no dogs", ["syntax", "syntax"]),
        ("A cat in vivid style", ["style"]),
        ("A {{animal}} in {{place}}", ["gap", "gap"]),
        ('A sign: "' + "very long text " * 8 + '"', ["long-text"]),
        (" ".join(f'"word{n}"' for n in range(9)), ["many-texts"]),
        ("A shop sign that says OPEN", ["quotes"]),
        ('A shop sign that says "OPEN"', []),
        ("A woman reading a book", []),
        ("x" * 40_000, ["length"]),
    ],
)  # fmt: skip
def test_prompts_get_the_advice_that_fits(tmp_path: Path, prompt: str, found: list[str]) -> None:
    assert rules(tmp_path, prompt) == found


def test_expected_text_must_be_asked_for_and_quoted(tmp_path: Path) -> None:
    assert rules(tmp_path, 'A sign with "OPEN"', ", expect_text: [OPEN]") == []
    assert rules(tmp_path, "A sign with OPEN", ", expect_text: [OPEN]") == ["quotes"]
    assert rules(tmp_path, 'A sign with "OPEN"', ", expect_text: [CLOSED]") == ["not-asked"]


def test_remarks_point_at_the_words(tmp_path: Path) -> None:
    found = remarks(
        tmp_path,
        "id: a\n    prompt: |\n      A castle on a hill,\n      trending on artstation\n",
        "{id: b, prompt: A plain wall}",
        "{id: c, prompt: 'A castle, masterpiece'}",
    )
    assert [(one.prompt_id, one.line, one.column) for one in found] == [("a", 6, 7), ("c", 9, 32)]


def test_words_broken_over_lines_are_found_too(tmp_path: Path) -> None:
    [one] = remarks(tmp_path, "id: a\n    prompt: |\n      A castle, trending on\n      artstation\n")
    assert (one.rule, one.line) == ("booster", 5)


def _invoke(*words: str) -> Any:
    return CliRunner().invoke(cli, ["suite", "lint", *words])


def test_a_threshold_that_does_not_exist_is_refused_before_a_run_is_paid_for(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        "version: 1\nprompts: [{id: a, prompt: A cat}]\ngate: {max_failurez: 0}\n", "utf-8"
    )
    with pytest.raises(UserError, match="Did you mean 'max_failures'"):
        CliRunner().invoke(cli, ["suite", "lint", str(tmp_path / "s.yaml")], catch_exceptions=False)


def test_the_command_prints_places_and_answers_in_json(tmp_path: Path) -> None:
    remarks(tmp_path, "{id: a, prompt: 'A castle, masterpiece'}")
    path = str(tmp_path / "suite.yaml")
    found = _invoke(path)
    assert found.exit_code == 1
    assert f"{path}:3:32 advice [booster] a:" in found.output
    data = json.loads(_invoke(path, "--format", "json").output)
    assert data["remarks"][0]["rule"] == "booster"


def test_the_bundled_suite_covers_what_people_migrate_for() -> None:
    suite = load("essentials", catalog())
    tags = Counter(tag for prompt in suite.prompts for tag in prompt.tags)
    wanted = {
        "english",
        "chinese",
        "japanese",
        "korean",
        "arabic",
        "layout",
        "character",
        "wide",
        "transparency",
        "edit",
    }
    assert wanted <= set(tags)
    assert sum(prompt.samples for prompt in suite.prompts if "character" in prompt.tags) >= 6
    assert sum(prompt.edit is not None and prompt.edit.mask is not None for prompt in suite.prompts) >= 3
    assert _invoke("essentials").exit_code == 0


def test_every_prompt_of_the_bundled_suite_is_accepted_by_the_default_target() -> None:
    facts = catalog()
    model = facts.models[facts.default_target]
    for prompt in load("essentials", facts).prompts:
        request: dict[str, object] = {"model": model.id, "prompt": prompt.text, **prompt.parameters}
        if prompt.edit is not None:
            request["image"] = b"picture"
        endpoint = "edits" if prompt.edit else "generations"
        assert facts.problems(endpoint, model, request, TODAY) == [], prompt.id  # type: ignore[arg-type]


def test_the_masks_of_the_bundled_suite_fit_their_pictures_and_leave_something_to_keep() -> None:
    for prompt in load("essentials", catalog()).prompts:
        if prompt.edit is None or prompt.edit.mask is None:
            continue
        with Image.open(prompt.edit.images[0]) as image, Image.open(prompt.edit.mask) as mask:
            assert image.size == mask.size
            histogram = mask.getchannel("A").histogram()
        assert 0.02 < histogram[0] / sum(histogram) < 0.5
