"""Suites out of code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from migrator.cli import cli
from migrator.compare.harvest import Harvest, harvest, suite_text
from migrator.compare.suite import load
from tests.codemod.support import TARGET, TODAY, Project, catalog

HEAD = "from openai import OpenAI\nclient = OpenAI()\n"


def gathered(source: str, **files: str) -> Harvest:
    project = Project(
        {"app.py": HEAD + source, **{name.replace("__", "/") + ".py": text for name, text in files.items()}}
    )
    return harvest(project, catalog(), catalog().target(TARGET, TODAY)[0], TODAY)


def texts(source: str, **files: str) -> list[str]:
    return [one.text for one in gathered(source, **files).found]


def call(prompt: str, more: str = "") -> str:
    return f'client.images.generate(model="dall-e-3", prompt={prompt}{more})\n'


@pytest.mark.parametrize(
    ("lines", "prompt", "found"),
    [
        ("", '"A lighthouse"', ["A lighthouse"]),
        ("", 'f"A {subject} at {place.name}"', ["A {{subject}} at {{name}}"]),
        ("", "f\"A {row['animal']} with {get_hat()!r:>10}\"", ["A {{animal}} with {{get_hat}}"]),
        ('STYLE = "in oil"\n', 'f"A cat {STYLE}"', ["A cat in oil"]),
        ("", '"A cat" + " and " + other', ["A cat and {{other}}"]),
        ("", '"A %s and 5%% of a %(name)s" % (first,)', ["A {{first}} and 5% of a {{name}}"]),
        ("", '"A {} with {hat}".format(animal, hat=hat.lower())', ["A {{animal}} with {{hat}}"]),
        ('T = "A {animal} in {place}"\n', 'T.format(animal="cat", place=where)', ["A cat in {{where}}"]),
        ("", '", ".join(["A cat", mood, "no text"])', ["A cat, {{mood}}, no text"]),
        ("", '"A cat" if happy else "A dog"', ["A cat", "A dog"]),
        ("", "f\"A {'red' if warm else 'blue'} cat\"", ["A red cat", "A blue cat"]),
        ("import textwrap\n", 'textwrap.dedent("""\n  A cat\n  on a mat\n""")', ["A cat\non a mat"]),
        ('base = f"A {animal}"\n', 'base + ", no text"', ["A {{animal}}, no text"]),
        ("", 'f"A cat in {city}"[:1000]', ["A cat in {{city}}"]),
        ('PROMPTS = {"a": "A cat", "b": "A dog"}\n', 'PROMPTS["b"]', ["A dog"]),
        (
            'text = "A cat"\ntext += " in red"\ntext += f" at {place}"\n',
            "text",
            ["A cat in red at {{place}}"],
        ),
        ('text = f"A {animal}"\ntext += ", no text"\n', "text", ["A {{animal}}, no text"]),
        ('text = "A cat"\nif dark:\n    text += " at night"\n', "text", ["A cat", "A cat at night"]),
    ],
)
def test_prompts_are_read_with_gaps_for_what_varies(lines: str, prompt: str, found: list[str]) -> None:
    assert texts(lines + call(prompt)) == found


def test_what_is_added_to_a_prompt_from_outside_is_one_text() -> None:
    lines = "def draw(wish):\n    wish += ', no frame'\n    wish += ', flat colours'\n    " + call("wish")
    assert texts(lines) == ["{{wish}}, no frame, flat colours"]


def test_what_is_added_after_the_call_is_no_part_of_the_prompt() -> None:
    assert texts('text = "A cat"\n' + call("text") + 'text += " was drawn"\nprint(text)\n') == ["A cat"]


def test_pictures_of_a_call_become_samples() -> None:
    lines = call('"A cat"', ", n=3") + call('"A dog"', ", n=1") + call('"A fox"', ", n=count")
    result = gathered(lines)
    assert [one.samples for one in result.found] == [3, 1, 1]
    assert yaml.safe_load(suite_text(result))["prompts"][0]["samples"] == 3


def test_places_in_a_suite_are_not_those_of_one_machine(tmp_path: Path) -> None:
    project = tmp_path / "project" / "src"
    project.mkdir(parents=True)
    (project / "app.py").write_text(HEAD + call('"A cat"'))
    done = CliRunner().invoke(cli, ["harvest", str(tmp_path / "project")])
    assert yaml.safe_load(done.stdout)["prompts"][0]["origin"] == {"path": "src/app.py", "line": 3}


def test_prompts_that_callers_pass_are_found_where_they_are_written() -> None:
    result = gathered(
        "def draw(prompt):\n    return " + call("prompt"),
        poster='from app import draw\n\ndef poster(title):\n    draw("A plain wall")\n    draw(f"A poster of {title}")\n',
    )
    assert [(one.text, one.path, one.line, one.id) for one in result.found] == [
        ("A plain wall", "poster.py", 4, "poster"),
        ("A poster of {{title}}", "poster.py", 5, "poster-2"),
    ]


def test_a_prompt_from_outside_is_said_to_be_left() -> None:
    result = gathered("def draw(prompt):\n    return " + call("prompt") + call("input()") + call('f"{a}{b}"'))
    assert result.found == []
    assert len(result.left) == 3
    assert "pass 'prompt'" in result.left[0].reason
    assert "input" in result.left[1].reason
    assert "only a, b" in result.left[2].reason


def test_parameters_are_those_that_the_target_takes() -> None:
    [one] = gathered(
        call('"A cat"', ', size="1024x1792", quality="hd", style="vivid", n=2, response_format="url"')
    ).found
    assert one.parameters == {"quality": "high", "size": "1024x1792"}


def test_parameters_with_several_values_are_left_open() -> None:
    [one] = gathered('size = "1024x1024" if small else "1792x1024"\n' + call('"A cat"', ", size=size")).found
    assert one.parameters == {}


def test_the_same_prompt_is_taken_once() -> None:
    result = gathered(call('"A cat"') + call('"A cat "') + call('"A cat"', ', size="1024x1792"'))
    assert [one.parameters for one in result.found] == [{}, {"size": "1024x1792"}]
    assert result.repeated == 1


def test_names_come_from_functions_classes_or_files_and_are_unique() -> None:
    source = (
        "def make_cover():\n    " + call('"A"') + "class Painter:\n    def run(self):\n        " + call('"B"') + call('"C"')
        + "async def make_cover_2():\n    " + call('"D"')
    )  # fmt: skip
    assert [one.id for one in gathered(source).found] == ["make-cover", "painter", "app", "make-cover-2"]


def test_clients_of_other_services_are_left_alone() -> None:
    source = (
        'import together\nother = together.Together()\nother.images.generate(model="flux", prompt="A cat")\n'
    )
    assert texts(source + call('"A dog"')) == ["A dog"]


def test_code_is_never_run(tmp_path: Path) -> None:
    bomb = f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n"
    assert texts(bomb + call('"A cat"')) == ["A cat"]
    assert not (tmp_path / "ran").exists()


HOSTILE = [
    "yes",
    "- a: [b]",
    "# no comment",
    "A 'quoted' \"text\": {x}",
    "line\nline two\n\n  indented",
    "\u2028 odd",
    "*a &b !!python/object:x",
    "1",
]


def test_the_file_is_read_back_as_it_was_meant(tmp_path: Path) -> None:
    source = "".join(call(repr(f"{text} abc"), ', size="1024x1024"') for text in HOSTILE)
    result = gathered(source + call('f"A {thing}"', ', quality="hd"'))
    path = tmp_path / "suite.yaml"
    path.write_text(suite_text(result), "utf-8")
    suite = load(str(path), catalog())
    assert [prompt.text for prompt in suite.prompts] == [
        *(f"{text} abc".strip() for text in HOSTILE),
        "A {{thing}}",
    ]
    assert suite.prompts[0].origin == ("app.py", 3)
    assert suite.prompts[0].parameters == {"size": "1024x1024"}
    assert suite.prompts[-1].parameters == {"quality": "high"}
    assert suite.prompts[-1].tags == ("template",)


def test_what_all_prompts_share_becomes_a_default(tmp_path: Path) -> None:
    result = gathered(
        call('"A"', ', size="1024x1024"')
        + call('"B"', ', size="1024x1024"')
        + call('"C"', ', size="1792x1024"')
    )
    document = yaml.safe_load(suite_text(result))
    assert document["defaults"] == {"size": "1024x1024"}
    assert [prompt.get("parameters") for prompt in document["prompts"]] == [None, None, {"size": "1792x1024"}]


def test_edits_stand_at_the_end_as_comments() -> None:
    result = gathered(
        call('"A cat"') + 'client.images.edit(image=open("a.png", "rb"), prompt="add a hat\\nplease")\n'
    )
    text = suite_text(result)
    assert [prompt["prompt"] for prompt in yaml.safe_load(text)["prompts"]] == ["A cat"]
    assert "#   edit:\n#     images: [input.png]\n" in text
    assert all(line.startswith("#") for line in text[text.index("# Edits") :].splitlines())


def _invoke(*words: str) -> Any:
    return CliRunner().invoke(cli, ["harvest", *words])


def test_the_command_writes_a_suite_and_never_over_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("app.py").write_text(HEAD + call('f"A {what} on a mat"') + call("input()"), "utf-8")
    printed = _invoke("app.py")
    assert printed.exit_code == 0
    assert "app.py:4" in printed.stderr
    assert yaml.safe_load(printed.stdout)["prompts"][0]["prompt"] == "A {{what}} on a mat"
    assert _invoke("app.py", "-o", "suite.yaml").exit_code == 0
    again = _invoke("app.py", "-o", "suite.yaml")
    assert "--force" in str(again.exception)
    assert _invoke("app.py", "-o", "suite.yaml", "--force").exit_code == 0
    Path("app.py").write_text("x = 1\n", "utf-8")
    assert _invoke("app.py").exit_code == 1
