"""Bytes outside the changed lines stay, however the JSON is laid out."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.hosts.notebook.document import open_notebook
from migrator.hosts.notebook.layout import read
from migrator.hosts.notebook.put import put
from migrator.types import SourceFile
from tests.hosts.notebooks import code, notebook

LINE = st.text(st.sampled_from("ab é\"\\'\t\u2028😀#=/\x7f"), max_size=8)
SOURCE = st.lists(LINE, max_size=5).map("\n".join)
FORM = st.sampled_from(["list", "string", "pieces"])


@st.composite
def books(draw: st.DrawFn) -> tuple[str, list[str]]:
    """The text of a notebook in some layout, and the sources of its cells."""
    texts = draw(st.lists(SOURCE, min_size=1, max_size=4))
    cells: list[dict[str, Any]] = []
    for text in texts:
        form = draw(FORM)
        source: Any = text
        if form == "list":
            source = text.splitlines(keepends=True) if "\u2028" not in text else [text]
        elif form == "pieces":
            cut = draw(st.integers(0, len(text)))
            source = [text[:cut], "", text[cut:]]
        cell = {**code(""), "source": source, "outputs": draw(st.lists(st.text(max_size=5), max_size=2))}
        keys = draw(st.permutations(list(cell)))
        cells.append({key: cell[key] for key in keys})
    indent = draw(st.sampled_from([None, 0, 1, 2, "\t"]))
    separators = draw(st.sampled_from([(",", ": "), (", ", ": "), (",", ":"), (" ,", " : ")]))
    made = json.dumps(
        notebook(*cells), indent=indent, separators=separators, ensure_ascii=draw(st.booleans())
    )
    end = draw(st.sampled_from(["", "\n", "\r\n"]))
    return made.replace("\n", "\r\n") + end if end == "\r\n" else made + end, texts


def changed(text: str, draw: st.DrawFn) -> str:
    lines = text.split("\n")
    at = draw(st.integers(0, len(lines)))
    match draw(st.sampled_from(["replace", "insert", "delete", "append"])):
        case "replace":
            lines[at:] = [draw(LINE), *lines[at + 1 :]]
        case "insert":
            lines.insert(at, draw(LINE))
        case "delete":
            del lines[at : at + draw(st.integers(1, 3))]
        case _:
            lines.append(draw(LINE))
    return "\n".join(lines)


@given(books())
def test_the_layout_gives_the_sources(book: tuple[str, list[str]]) -> None:
    text, sources = book
    assert [cell.source for cell in read(text).cells] == sources


@given(books(), st.data())
@settings(max_examples=300)
def test_new_sources_are_read_back_and_the_rest_stays(
    book: tuple[str, list[str]], data: st.DataObject
) -> None:
    text, sources = book
    layout = read(text)
    number = data.draw(st.integers(1, len(sources)))
    wanted = changed(sources[number - 1], data.draw)
    after = put(layout, {number: wanted})
    cell = layout.cells[number - 1]
    head, tail = text[: cell.span[0]], text[cell.span[1] :]
    assert after.startswith(head)
    assert after.endswith(tail)
    expected = json.loads(text)
    found = json.loads(after)
    now = found["cells"][number - 1]["source"]
    assert ("".join(now) if isinstance(now, list) else now) == wanted
    expected["cells"][number - 1]["source"] = now
    assert found == expected
    assert list(found["cells"][number - 1]) == list(expected["cells"][number - 1])
    if wanted == sources[number - 1]:
        assert after == text


@given(
    st.lists(st.sampled_from(["a", "é", 'q"', "t\\t", "x" * 5]), min_size=2, max_size=6, unique=True),
    st.data(),
)
def test_lines_that_stay_keep_their_spelling(lines: list[str], data: st.DataObject) -> None:
    ascii_only = data.draw(st.booleans())
    text = json.dumps(notebook("\n".join(lines)), indent=1, ensure_ascii=ascii_only)
    at = data.draw(st.integers(0, len(lines) - 1))
    wanted = [*lines[:at], "new = 1", *lines[at + 1 :]]
    after = put(read(text), {1: "\n".join(wanted)})
    old, new = text.split("\n"), after.split("\n")
    assert [one for one, two in zip(old, new, strict=True) if one != two] == [
        next(line for line in old if json.dumps(lines[at], ensure_ascii=ascii_only)[:-1] in line)
    ]


@given(books())
def test_an_unchanged_program_gives_the_same_text(book: tuple[str, list[str]]) -> None:
    text, _ = book
    opened = open_notebook(SourceFile("book.ipynb", text))
    if opened is not None:
        assert opened.restored(opened.program.text) == text
