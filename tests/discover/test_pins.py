"""Pinned versions are read from the files that projects keep them in."""

from __future__ import annotations

import pytest

from migrator.discover.pins import Pins


class Files(dict[str, str]):
    """Text files by path."""

    def text(self, path: str) -> str | None:
        return self.get(path)


def asked(files: dict[str, str], package: str = "litellm", near: str = "app/draw.py") -> str | None:
    pin = Pins(Files(files)).of(package, near)
    return pin.text if pin else None


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "requirements.txt",
            "requests\nLiteLLM[proxy]==1.70.0 ; python_version > '3.8'  # why\n",
            "==1.70.0",
        ),
        ("requirements.txt", "litellm==1.70.0 \\\n    --hash=sha256:00\n", "==1.70.0"),
        ("requirements/base.txt", "litellm (>=1.70,<2)\n", ">=1.70,<2"),
        ("pyproject.toml", '[project]\ndependencies = ["litellm ~= 1.70"]\n', "~= 1.70"),
        ("pyproject.toml", '[project.optional-dependencies]\nai = ["litellm>1"]\n', ">1"),
        ("pyproject.toml", '[dependency-groups]\nai = ["litellm<2", {include-group = "x"}]\n', "<2"),
        ("pyproject.toml", '[tool.poetry.dependencies]\nlitellm = "^1.70"\n', "^1.70"),
        (
            "pyproject.toml",
            '[tool.poetry.group.ai.dependencies]\nlitellm = {version = "1.70", extras = ["x"]}\n',
            "1.70",
        ),
        ("setup.cfg", "[options]\ninstall_requires =\n    requests\n    litellm>=1.70\n", ">=1.70"),
        ("Pipfile", '[packages]\nlitellm = "==1.70.0"\n', "==1.70.0"),
        ("poetry.lock", '[[package]]\nname = "litellm"\nversion = "1.70.4"\n', "==1.70.4"),
        ("uv.lock", 'version = 1\n\n[[package]]\nname = "litellm"\nversion = "1.70.5"\n', "==1.70.5"),
    ],
)
def test_a_pin_is_read(path: str, text: str, expected: str) -> None:
    assert asked({path: text}) == expected


def test_a_lock_file_says_more_than_a_requirement() -> None:
    lock = '[[package]]\nname = "litellm"\nversion = "1.70.5"\n'
    assert (
        asked({"pyproject.toml": '[project]\ndependencies = ["litellm>=1"]\n', "uv.lock": lock}) == "==1.70.5"
    )


def test_the_nearest_folder_counts() -> None:
    files = {"requirements.txt": "litellm==1.1\n", "app/requirements.txt": "litellm==1.2\n"}
    assert asked(files) == "==1.2"
    assert asked(files, near="other/draw.py") == "==1.1"


def test_a_folder_above_the_current_one_is_asked_too() -> None:
    assert asked({"../requirements.txt": "litellm==1.3\n"}) == "==1.3"


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"requirements.txt": "litellm\n"},
        {"requirements.txt": "litellm @ git+https://example.org/litellm.git\n-r base.txt\n# litellm==1\n"},
        {"pyproject.toml": "this is not toml"},
        {"setup.cfg": "neither is this\n"},
        {"pyproject.toml": "[project]\ndependencies = 3\n[tool.poetry]\ndependencies = []\n"},
        {"uv.lock": "package = 1\n"},
    ],
)
def test_without_a_version_there_is_no_pin(files: dict[str, str]) -> None:
    assert asked(files) is None
