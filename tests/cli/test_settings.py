from __future__ import annotations

from pathlib import Path

import pytest

from migrator import pipeline
from migrator.errors import UserError
from migrator.settings import Settings, load


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(text: str, at: str = "pyproject.toml") -> None:
    Path(at).parent.mkdir(parents=True, exist_ok=True)
    Path(at).write_text(f"[tool.migrator]\n{text}\n")


def test_without_a_table_the_defaults_hold() -> None:
    Path("pyproject.toml").write_text("[project]\nname = 'migrator-user'\n")
    assert load(["."]) == Settings()


def test_every_key_is_read() -> None:
    table(
        'target = "gpt-image-2"\nurl-as = "file"\nurl-folder = "pictures"\nselect = ["IMG00"]\n'
        'ignore = "IMG036"\nexclude = ["legacy"]\nrules = ["ours.yaml"]'
    )
    Path("src").mkdir()
    assert load(["src"]) == Settings(
        target="gpt-image-2",
        url_as="file",
        url_folder="pictures",
        select=("IMG00",),
        ignore=("IMG036",),
        exclude=("legacy",),
        rules=("ours.yaml",),
        base=".",
    )


def test_the_nearest_table_counts_and_its_paths_are_relative_to_it() -> None:
    table('target = "far"')
    table('rules = ["r.yaml"]', "sub/pyproject.toml")
    Path("sub/deep").mkdir()
    settings = load(["sub/deep"])
    assert (settings.target, settings.rules, settings.base) == (None, ("sub/r.yaml",), "sub")
    assert load(["sub/deep", "."]).target == "far"


def test_the_search_ends_at_the_top_of_the_repository() -> None:
    table('target = "outside"')
    Path("repo/.git").mkdir(parents=True)
    assert load(["repo"]) == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('tarqet = "x"', r"unknown key 'tarqet' in \[tool.migrator\]. Did you mean 'target'\?"),
        ('zzz = "x"', "Known: target, url-as"),
        ("target = 3", r"target in \[tool.migrator\] must be a string"),
        ("select = [1]", r"select in \[tool.migrator\] must be a list of strings"),
        ('url-as = "link"', "url-as in .* must be one of data-uri, file, review, not 'link'"),
        ('sdk = "newest"', "sdk in .* must be one of keep, latest, not 'newest'"),
        ("target = ", "pyproject.toml: cannot be read"),
    ],
)
def test_mistakes_are_one_clear_line(text: str, message: str) -> None:
    table(text)
    with pytest.raises(UserError, match=message) as caught:
        load(["."])
    assert "\n" not in str(caught.value)


def test_a_broken_file_that_does_not_concern_us_is_passed_over() -> None:
    Path("pyproject.toml").write_text("[project\n")
    assert load(["."]) == Settings()


def test_the_command_line_wins_and_adds_to_ignore_and_rules() -> None:
    settings = Settings(target="a", ignore=("IMG001",), rules=("r.yaml",), select=("IMG00",))
    assert settings.overridden(
        target="b", url_as=None, ignore=("IMG002",), rules=("s.yaml",), select=("IMG01",)
    ) == Settings(target="b", ignore=("IMG001", "IMG002"), rules=("r.yaml", "s.yaml"), select=("IMG01",))


def test_a_rule_file_that_is_missing_is_a_clear_error() -> None:
    with pytest.raises(UserError, match=r"no such rule file: nowhere\.yaml"):
        pipeline.catalog_for(Settings(rules=("nowhere.yaml",)))
