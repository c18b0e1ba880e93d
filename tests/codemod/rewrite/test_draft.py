"""A draft takes edits all together or not at all, and renders only the files they touch."""

from __future__ import annotations

import pytest

from migrator.codemod.rewrite import Replace, engine
from migrator.codemod.rewrite.draft import ClashError, Draft
from migrator.types import Span

FILES = {"a.py": "x = 1\ny = 2\n", "b.py": "z = 3\n"}
ONE, TWO = Span(4, 5), Span(10, 11)


def draft(misfit: str = "") -> Draft:
    return Draft(FILES.__getitem__, lambda path, text: misfit if path == "b.py" else "")


def test_later_edits_stand_beside_earlier_ones() -> None:
    made = draft()
    made.add([("a.py", Replace(ONE, "7"))])
    made.add([("a.py", Replace(TWO, "8")), ("b.py", Replace(ONE, "9"))])
    assert made.texts == {"a.py": "x = 7\ny = 8\n", "b.py": "z = 9\n"}


def test_what_clashes_leaves_the_draft_as_it_was() -> None:
    made = draft()
    made.add([("a.py", Replace(ONE, "7"))])
    with pytest.raises(ClashError) as caught:
        made.add([("b.py", Replace(ONE, "9")), ("a.py", Replace(ONE, "8"))])
    assert caught.value.path == "a.py"
    assert made.texts == {"a.py": "x = 7\ny = 2\n"}
    made.add([("a.py", Replace(TWO, "8"))])
    assert made.texts == {"a.py": "x = 7\ny = 8\n"}


def test_a_text_that_its_file_cannot_take_is_a_clash() -> None:
    made = draft("the cell is gone")
    with pytest.raises(ClashError, match="the cell is gone"):
        made.add([("a.py", Replace(ONE, "7")), ("b.py", Replace(ONE, "9"))])
    assert made.texts == {}


def test_another_start_forgets_what_was_taken() -> None:
    made = draft()
    made.add([("a.py", Replace(ONE, "7")), ("b.py", Replace(ONE, "9"))])
    made.restart([("b.py", Replace(ONE, "9"))])
    assert made.texts == {"b.py": "z = 9\n"}


def test_only_files_that_edits_touch_are_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    real = engine.apply

    def counted(text: str, edits: tuple[engine.Edit, ...]) -> str:
        rendered.append(text)
        return real(text, edits)

    monkeypatch.setattr(engine, "apply", counted)
    made = draft()
    made.add([("a.py", Replace(ONE, "7")), ("b.py", Replace(ONE, "9"))])
    made.add([("b.py", Replace(ONE, "9"))])
    made.add([("a.py", Replace(TWO, "8"))])
    made.restart([("a.py", Replace(ONE, "7")), ("a.py", Replace(TWO, "8"))])
    assert rendered == [FILES["a.py"], FILES["b.py"], FILES["b.py"], FILES["a.py"]]
