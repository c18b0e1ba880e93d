"""What helps in prompts and what no longer does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.catalog.model import Fact
    from migrator.catalog.reader import Table


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words of one kind that no longer help. ``title`` says what they are, after "this is"."""

    id: str
    title: str
    words: tuple[str, ...]
    why: str
    suggestion: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Prompting:
    """What prompts are measured against."""

    longest_text: int
    """Letters of one quoted text up to which it usually comes out right."""
    most_texts: int
    """Quoted texts in one prompt up to which they usually come out right."""
    text_fact: Fact
    phrases: tuple[Phrases, ...]


def prompting(root: Table) -> Prompting:
    """The section ``prompting`` of the rules."""
    table = root.table("prompting").close("phrases", "text")
    text = table.table("text").close("checked", "longest", "most", "source")
    return Prompting(
        longest_text=text.integer_of("longest"),
        most_texts=text.integer_of("most"),
        text_fact=text.fact(),
        phrases=tuple(_phrases(name, one) for name, one in table.table("phrases").tables().items()),
    )


def _phrases(name: str, table: Table) -> Phrases:
    table.close("checked", "source", "suggestion", "title", "why", "words")
    words = table.texts("words")
    if not words:
        raise table.fail("words", "words is missing or empty")
    return Phrases(
        name, table.text("title"), words, table.text("why"), table.text("suggestion"), table.fact()
    )
