"""Reads ``corpus/*.txt``: small programs, each with what must become of it.

``### what it is about | expectation`` starts a program, ``## path`` a file of it (``app.py`` without one). Expectations:
``runs``: every call site is migrated and the program does the same as before; ``left RULE…``: nothing is changed and
these findings say why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Program:
    """One program of the corpus."""

    name: str
    expect: str
    rules: tuple[str, ...]
    files: dict[str, str]


def programs() -> list[Program]:
    """All programs, in order of file and place."""
    return [one for path in sorted(CORPUS.glob("*.txt")) for one in _read(path)]


def _read(path: Path) -> list[Program]:
    found: list[Program] = []
    for part in re.split(r"(?m)^### ", path.read_text(encoding="utf-8"))[1:]:
        title, _, body = part.partition("\n")
        name, _, expectation = title.partition(" | ")
        expect, *rules = expectation.split()
        chunks = re.split(r"(?m)^## (.*)\n", body)
        files = dict(zip(chunks[1::2], chunks[2::2], strict=True))
        if chunks[0].strip():
            files["app.py"] = chunks[0]
        found.append(Program(f"{path.stem}: {name}", expect, tuple(rules), files))
    return found
