"""What must hold after every run, over programs made of pieces and over the fixtures in many shapes."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections import Counter
from functools import lru_cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from migrator.codemod.offsets import Offsets
from tests.codemod.noise import ENCODINGS, LINE_ENDS, NOISES, encoded, renamed
from tests.codemod.pieces import CONSUMERS, RECEIVERS, SOURCES, program
from tests.codemod.support import Files, Project, Result, again, catalog, check_result, once, source_file
from tests.codemod.world import outcome

ROOT = Path(__file__).resolve().parents[2]
_SKIPPED = {"formatting/broken_neighbour"}
_BOUNDED = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)

programs = st.builds(
    lambda receiver, source, consumer: program(RECEIVERS[receiver], SOURCES[source], CONSUMERS[consumer]),
    st.sampled_from(sorted(RECEIVERS)),
    st.sampled_from(sorted(SOURCES)),
    st.sampled_from(sorted(CONSUMERS)),
)
noises = st.lists(st.sampled_from(sorted(NOISES)), unique=True, max_size=3)
seeds = st.integers(0, 2**16)


@lru_cache(maxsize=1)
def fixtures() -> dict[str, dict[str, str]]:
    """The Python files of every fixture, by its name, with plain line ends."""
    found = {}
    for case in sorted((ROOT / "fixtures").glob("*/*/case.yaml")):
        project = case.parent / "project"
        name = f"{case.parent.parent.name}/{case.parent.name}"
        files = {
            path.relative_to(project).as_posix(): source_file(path.name, path.read_bytes()).text
            for path in sorted(project.rglob("*.py"))
        }
        if files and name not in _SKIPPED:
            found[name] = {
                path: text.replace("\r\n", "\n").replace("\r", "\n") for path, text in files.items()
            }
    return found


def noisy(files: dict[str, str], names: list[str], seed: int) -> dict[str, str]:
    random = Random(seed)
    for name in names:
        files = {path: NOISES[name](text, random) for path, text in files.items()}
    for text in files.values():
        ast.parse(text)
    return files


def outcomes(done: Result) -> list[tuple[str, str, str, bool]]:
    """What became of every site, apart from where it stands."""
    return [(site.path, site.endpoint, site.outcome, site.migrated) for site in done.sites]


def holds(files: Files, **options: object) -> Result:
    """One run with everything that must be true of it."""
    done = once(files, **options)
    check_result(done, **options)
    for path, text in done.changed.items():
        _untouched_elsewhere(done, path, text)
        _keeps_line_ends(done.before[path].text, text)
    assert again(done, **options).changed == {}
    return done


def _untouched_elsewhere(done: Result, path: str, after: str) -> None:
    """A statement that means the same as before is written as before, byte for byte, and so are the comments around."""
    before = done.before[path].text
    old, new = _written(before), _written(after)
    for meaning in old.keys() & new.keys():
        few, many = sorted((old[meaning], new[meaning]), key=Counter.total)
        assert not few - many, (path, few - many)
    changed = [text for meaning in old.keys() - new.keys() for text in old[meaning]]
    changed += [text for text in _tests(before) if text not in _tests(after)]
    kept = {line.strip() for line in _lines(after)}
    for line in _lines(before):
        if line.strip().startswith("#") and line.strip() not in kept:
            assert any(line.strip() in text for text in changed), (path, line)


def _written(text: str) -> dict[str, Counter[str]]:
    """The texts of all simple statements, by what they mean."""
    offsets = Offsets(text)
    found: dict[str, Counter[str]] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and not isinstance(node, ast.Match):
            span = offsets.span(node)
            found.setdefault(ast.dump(node), Counter())[text[span.start : span.end]] += 1
    return found


def _tests(text: str) -> list[str]:
    """The ``if`` statements: one whose only statement is not needed any more goes with it."""
    offsets = Offsets(text)
    spans = [offsets.span(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.If)]
    return [text[span.start : span.end] for span in spans]


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _keeps_line_ends(before: str, after: str) -> None:
    def kinds(text: str) -> set[str]:
        rest = text.replace("\r\n", "")
        there = {"\r\n": "\r\n" in text, "\n": "\n" in rest, "\r": "\r" in rest}
        return {end for end, found in there.items() if found}

    assert kinds(after) <= (kinds(before) or {"\n"})


@given(programs, noises, seeds, st.sampled_from(LINE_ENDS), st.sampled_from(ENCODINGS))
@_BOUNDED
def test_a_composed_program_keeps_every_invariant_in_every_shape(
    files: dict[str, str], names: list[str], seed: int, line_end: str, encoding: str
) -> None:
    shaped = noisy(files, names, seed)
    if encoding in {"latin-1", "cp1252"}:
        shaped = {path: text.encode(encoding, "ignore").decode(encoding) for path, text in shaped.items()}
    done = holds({path: encoded(text, encoding, line_end) for path, text in shaped.items()})
    for path, content in done.encoded().items():
        assert content.decode(encoding).replace("\ufeff", "")
        assert content.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig"), path


@given(programs, noises, seeds, st.booleans())
@_BOUNDED
def test_a_migrated_program_does_today_what_it_did_in_the_old_era(
    files: dict[str, str], names: list[str], seed: int, rename: bool
) -> None:
    shaped = noisy(files, names, seed)
    if rename:
        shaped = renamed(shaped, {"client": "maler", "url": "adresse", "quality": "güte", "download": "hole"})
        if _renames_an_api_name(files):
            return
    done = holds(shaped)
    if all(site.migrated for site in done.sites):
        assert done.sites
        assert outcome(done.texts, "today") == outcome(files, "dalle") or "revised_prompt" in files["app.py"]
    else:
        assert done.left


def _renames_an_api_name(files: dict[str, str]) -> bool:
    """``url`` and ``quality`` are words of the API too; only names that the program made up may change."""
    return any(word in text for text in files.values() for word in (".url", "quality=", '"url"', "url="))


@given(st.sampled_from(sorted(fixtures())), noises, seeds, st.sampled_from(LINE_ENDS))
@_BOUNDED
def test_formatting_does_not_change_what_becomes_of_a_fixture(
    name: str, names: list[str], seed: int, line_end: str
) -> None:
    files = fixtures()[name]
    shaped = {path: text.replace("\n", line_end) for path, text in noisy(files, names, seed).items()}
    assert outcomes(holds(shaped)) == outcomes(once(files))


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("url_as", ["data-uri", "file", "review"])
def test_every_fixture_keeps_every_invariant_with_every_choice(unsafe: bool, url_as: str) -> None:
    random = Random(f"{unsafe} {url_as}")
    for name in random.sample(sorted(fixtures()), 25):
        holds(fixtures()[name], unsafe=unsafe, url_as=url_as)


@given(programs, st.sampled_from(["gpt-image-1.5", "gpt-image-2", "gpt-image-2.6-sunburst"]), st.booleans())
@settings(_BOUNDED, max_examples=25)
def test_every_call_of_a_migrated_site_is_accepted_whatever_the_target(
    files: dict[str, str], target: str, unsafe: bool
) -> None:
    done = holds(files, target=target, unsafe=unsafe)
    for finding in done.findings:
        if finding.request is not None and finding.applied:
            model = finding.request.after.get("model")
            assert isinstance(model, dict) or catalog().model(model) is catalog().model(target)


@given(st.lists(st.sampled_from(sorted(fixtures())), min_size=2, max_size=4, unique=True), seeds)
@settings(_BOUNDED, max_examples=15)
def test_the_order_of_the_files_does_not_matter(names: list[str], seed: int) -> None:
    files = {f"p{i}/{path}": text for i, name in enumerate(names) for path, text in fixtures()[name].items()}
    shuffled = list(files.items())
    Random(seed).shuffle(shuffled)
    one, other = once(files), once(dict(shuffled))
    assert one.report == other.report
    assert one.texts == other.texts


def test_a_site_whose_second_file_is_out_of_scope_is_left_whole() -> None:
    files = {
        "app.py": "import tools\nfrom openai import OpenAI\n\nclient = OpenAI()\n"
        "print(tools.load(client.images.generate(model='dall-e-3', prompt='p').data[0].url))\n",
        "tools.py": "import requests\n\ndef load(url):\n    return requests.get(url).content\n",
    }
    assert set(once(files).changed) == {"app.py", "tools.py"}
    done = once(files, outside=["tools.py"])
    assert done.changed == {}
    assert "IMG028" in {one.rule for one in done.left}


def test_nothing_of_a_project_is_run_and_hash_seeds_change_nothing() -> None:
    runs = []
    for seed in ("1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        runs.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.codemod.watched"],
                stdout=subprocess.PIPE,
                env=environment,
                cwd=ROOT,
                text=True,
            )
        )
    answers = []
    for run in runs:
        printed, _ = run.communicate(timeout=600)
        assert run.returncode == 0
        answers.append(json.loads(printed))
    for answer in answers:
        assert answer["sites"] > 10
        assert answer["events"] == []
        assert not answer["trapped"]
    assert answers[0] == answers[1]


def test_the_projects_of_these_tests_answer_as_the_protocol_says() -> None:
    project = Project({"a.py": b"\xef\xbb\xbfx = 1\r\n", "b.txt": "dall-e"})
    assert project.files["a.py"].encode("x = 2\r\n") == b"\xef\xbb\xbfx = 2\r\n"
    assert project.candidates() == []
    assert project.text("b.txt") == "dall-e"
    assert project.open("b.txt") is None
