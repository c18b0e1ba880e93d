"""Which files hold a word, asked many times over the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.discover import words as module
from migrator.discover.prefilter import HIT, search
from migrator.discover.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

QUESTIONS = [
    b"draw",
    b"draw_it",
    b"dra",
    b"art.draw",
    b"def draw",
    b"(prompt)",
    b"na\xc3\xafve",
    b"na",
    b"nowhere",
    b".",
]


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    texts = {
        "art.py": "def draw(prompt):\n    return prompt\n",
        "web.py": "import art\nart.draw('a cat')\n",
        "near.py": "import art, draw\nart.redraw(1)\n",
        "far.py": "def draw_it(): ...\nnaïve = 'draw'\n",
        "empty.py": "",
        "large.py": "x = 1\n" * 200 + "art.draw()\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return [str(tmp_path / name) for name in texts]


def on_disk(paths: Sequence[str], words: tuple[bytes, ...]) -> list[str]:
    return [paths[position] for position, code in search(paths, words) if code == HIT]


@pytest.mark.parametrize("memory", [0, 100, 10_000])
@pytest.mark.parametrize("often", [0, 4, 1000])
def test_the_answer_is_the_same_from_memory_from_words_alone_and_from_the_files(
    paths: list[str], memory: int, often: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MEMORY", memory)
    monkeypatch.setattr(module, "_OFTEN", often)
    asked = Words(limit=1000)
    for word in QUESTIONS * 2:
        assert asked.among(paths, (word,), on_disk) == on_disk(paths, (word,)), word
        assert asked.within(paths, (word,), on_disk) == on_disk(paths, (word,)), word
    assert asked.among(paths, (b"art.draw", b"na"), on_disk) == on_disk(paths, (b"art.draw", b"na"))


def test_after_many_questions_a_file_is_not_opened_again_for_a_word(
    paths: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_OFTEN", 0)
    asked = Words(limit=10_000)
    opened: list[str] = []

    def looking(paths: Sequence[str], words: tuple[bytes, ...]) -> list[str]:
        opened.extend(paths)
        return on_disk(paths, words)

    assert [path[-7:] for path in asked.among(paths, (b"redraw",), looking)] == ["near.py"]
    assert not opened
    assert len(asked.among(paths, (b"art.draw",), looking)) == 2
    assert sorted(path.rpartition("/")[2] for path in opened) == ["large.py", "near.py", "web.py"]
