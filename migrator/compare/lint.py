"""Advice on the prompts of a suite: text in quotation marks, gaps, and phrases that no longer help."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from migrator.compare.harvest.templates import gaps
from migrator.compare.quotes import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.catalog.prompting import Phrases
    from migrator.catalog.queries import Catalog
    from migrator.compare.suite import Prompt, Suite

Level = Literal["warning", "advice"]
_WRITES = re.compile(
    r"\b(?:that (?:says|reads)|saying|reading|with the (?:text|words?|title|caption|slogan|lettering)|labell?ed|"
    r"titled|captioned)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\breading (?:a|an|the|his|her|their|in|by|at|to|and)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Remark:
    """One piece of advice. ``line`` and ``column`` are 1-based, in the suite file; column 0 means the whole line."""

    path: str
    line: int
    column: int
    prompt_id: str
    rule: str
    level: Level
    message: str
    suggestion: str

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def lint(suite: Suite, catalog: Catalog, text: str = "") -> list[Remark]:
    """Advice on every prompt, in order of place. ``text`` is the suite file, for exact places."""
    place = _Places(suite, text)
    limit = _longest_prompt(catalog)
    found: list[Remark] = []
    for prompt in suite.prompts:
        for words, rule, level, message, suggestion in _remarks(prompt, catalog, limit):
            line, column = place.of(prompt, words)
            found.append(Remark(suite.path, line, column, prompt.id, rule, level, message, suggestion))
    return sorted(found, key=lambda one: (one.line, one.column, one.rule))


_Raw = tuple[str, str, Level, str, str]
"""Words to point at, rule, level, message and suggestion."""


def _remarks(prompt: Prompt, catalog: Catalog, limit: int | None) -> Iterator[_Raw]:
    for name in gaps(prompt.text):
        yield (
            f"{{{{{name}}}}}", "gap", "warning", f"{{{{{name}}}}} is a gap that was not filled.",
            "Put an example in its place, or several prompts with one each: models draw the braces.",
        )  # fmt: skip
    if limit is not None and len(prompt.text) > limit:
        yield (
            "", "length", "warning", f"The prompt has {len(prompt.text):,} characters; models take {limit:,}.",
            "Shorten it.",
        )  # fmt: skip
    yield from _texts(prompt, catalog)
    for phrases in catalog.prompting.phrases:
        for words in _matches(phrases, prompt.text):
            yield (
                words,
                phrases.id,
                "advice",
                f"{_shown(words)!r}: {phrases.title}. {phrases.why}",
                phrases.suggestion,
            )


def _texts(prompt: Prompt, catalog: Catalog) -> Iterator[_Raw]:
    """What the picture is to show in letters."""
    advice = catalog.prompting
    texts = quoted(prompt.text)
    for one in texts:
        if len(one) > advice.longest_text:
            yield (
                one, "long-text", "advice",
                f"The quoted text has {len(one)} characters; beyond {advice.longest_text} letters often go wrong.",
                "Shorten it, or draw the text over the finished picture.",
            )  # fmt: skip
    if len(texts) > advice.most_texts:
        yield (
            texts[advice.most_texts], "many-texts", "advice",
            f"The prompt asks for {len(texts)} texts; beyond {advice.most_texts} some are often missing.",
            "Split the prompt, or draw the texts over the finished picture.",
        )  # fmt: skip
    if prompt.expect_is == "given":
        for one in prompt.expect_text:
            if _plain(one) not in _plain(prompt.text):
                yield (
                    "", "not-asked", "warning", f"The expected text {one!r} is not in the prompt.",
                    "Put it into the prompt, in quotation marks, or the text check fails for a wrong reason.",
                )  # fmt: skip
            elif not any(_plain(one) in _plain(text) for text in texts):
                yield (
                    one, "quotes", "advice", f"The expected text {one!r} stands in the prompt without quotation marks.",
                    "Quote it, so that the model takes it letter by letter.",
                )  # fmt: skip
    elif not texts:
        match = _WRITES.search(prompt.text)
        if match and not _ASIDE.match(prompt.text, match.start()):
            yield (
                match.group(), "quotes", "advice", "The prompt seems to ask for text, and quotes none.",
                "Put what should be written in quotation marks; it is then checked, too.",
            )  # fmt: skip


def _matches(phrases: Phrases, text: str) -> Iterator[str]:
    """The phrases that occur, as they are written; one inside another counts once."""
    spans: list[tuple[int, int]] = []
    for words in sorted(phrases.words, key=len, reverse=True):
        pattern = r"\s+".join(re.escape(word) for word in words.split())
        for match in re.finditer(rf"(?<![\w-]){pattern}(?!\w)", text, re.IGNORECASE):
            if not any(start < match.end() and match.start() < end for start, end in spans):
                spans.append(match.span())
    for start, end in sorted(spans):
        yield text[start:end]


class _Places:
    """Finds words in the lines of a prompt in the suite file."""

    def __init__(self, suite: Suite, text: str) -> None:
        self._lines = text.splitlines()
        starts = [_line(prompt.where) for prompt in suite.prompts]
        following = sorted({*starts, len(self._lines) + 1})
        self._end = {
            start: following[following.index(start) + 1] if start < following[-1] else start
            for start in starts
        }

    def of(self, prompt: Prompt, words: str) -> tuple[int, int]:
        """Line and column of ``words`` in the entry of ``prompt``, or the start of the entry."""
        start = _line(prompt.where)
        wanted = words.splitlines()[0].strip() if words.strip() else ""
        if wanted:
            for number in range(start, max(self._end.get(start, start), start + 1)):
                line = self._lines[number - 1] if number <= len(self._lines) else ""
                at = line.find(wanted)
                if at >= 0:
                    return number, at + 1
        return start, 0


def _line(where: str) -> int:
    number = where.rpartition(":")[2]
    return int(number) if number.isdigit() else 1


def _shown(text: str) -> str:
    return " ".join(text.split())[:100]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _longest_prompt(catalog: Catalog) -> int | None:
    parameter = catalog.models[catalog.default_target].endpoints.get("generations", {}).get("prompt")
    return None if parameter is None else parameter.max_length
