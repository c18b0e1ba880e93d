"""Is the text that a prompt asks for in the picture? Compared as people read: case, spaces and marks aside."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.compare.checks.model import CheckResult
from migrator.compare.checks.opening import flat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from migrator.compare.checks.model import CheckJob, Status
    from migrator.compare.checks.opening import Picture
    from migrator.compare.checks.readers import Line, Reader

CLOSE, WRONG = 0.05, 0.25
"""Error rates: up to the first it is a reader's own mistake, above the second the text is wrong."""
_MOST_READ, _MOST_EXPECTED = 2_000, 500
"""Characters; what is beyond is no text that a picture shows."""
_UPSCALED = 2_400
_MISSING = "Text was not read: `pip install dalle-migrator[ocr]` installs a reader that works offline (about 370 MB)."


@dataclass(frozen=True, slots=True)
class Match:
    """How well one expected text was found. ``cer`` is edits per expected character, at most 1."""

    expected: str
    read: str
    cer: float
    exact: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"expected": self.expected, "read": self.read, "cer": round(self.cer, 4), "exact": self.exact}


def text(job: CheckJob, picture: Picture, reader: Reader | None) -> CheckResult | None:
    """Text accuracy, or ``None`` when the prompt expects no text."""
    if not job.expect_text:
        return None
    if reader is None:
        return CheckResult("skipped", None, _MISSING)
    assert picture.image is not None
    readable = [phrase for phrase in job.expect_text if normal(phrase) and reader.knows(normal(phrase))]
    beyond = [phrase for phrase in job.expect_text if phrase not in readable]
    if not readable:
        return CheckResult(
            "skipped",
            {"reader": reader.name, "not_judged": beyond},
            f"The reader {reader.name} does not know this script; a person must look at the text.",
        )
    found, lines = _best(reader, flat(picture.image), readable)
    worst = max(match.cer for match in found)
    value = {
        "reader": reader.name,
        "exact": all(match.exact for match in found),
        "cer": round(sum(match.cer for match in found) / len(found), 4),
        "worst_cer": round(worst, 4),
        "phrases": [match.as_dict() for match in found],
        "extra": extra(lines, readable),
        "read": [line.text[:200] for line in lines][:50],
        "expect_is": job.expect_is,
        "not_judged": beyond,
    }
    status, sentence = _status(job, worst), _sentence(found, worst)
    if beyond:
        # what nobody read must not look as if it were right
        sentence += f" The reader does not know {', '.join(map(repr, beyond[:3]))}; a person must look at it."
        status = "warn" if status == "pass" else status
    return CheckResult(status, value, sentence)


def compare(lines: Sequence[str], expected: Sequence[str]) -> list[Match]:
    """Finds each expected text in the lines read, in the order of ``expected``.

    A stretch of text serves one expected text only, so that a word asked for twice must be there twice.
    """
    joined = _Read(lines)
    order = sorted(range(len(expected)), key=lambda index: -len(normal(expected[index])))
    found: dict[int, Match] = {}
    for index in order:
        found[index] = joined.take(expected[index])
    return [found[index] for index in range(len(expected))]


def extra(lines: Sequence[Line], expected: Sequence[str]) -> list[str]:
    """The lines that belong to none of the expected texts."""
    wanted = [normal(phrase)[:_MOST_EXPECTED] for phrase in expected]
    left = []
    for line in lines:
        plain = normal(line.text)[:_MOST_EXPECTED]
        if plain and not any(
            plain in phrase or phrase in plain or window_error(plain, phrase)[0] <= WRONG * len(plain)
            for phrase in wanted
        ):
            left.append(line.text[:200])
    return left[:20]


def normal(phrase: str) -> str:
    """The letters, digits and marks of a text: NFKC, case folded, no spaces, dashes, quotes or bullets."""
    folded = unicodedata.normalize("NFKC", phrase[:_MOST_READ]).casefold()
    return "".join(c for c in unicodedata.normalize("NFKC", folded) if unicodedata.category(c)[0] in "LNM")


def window_error(pattern: str, content: str) -> tuple[int, int, int]:
    """The fewest edits between ``pattern`` and any stretch of ``content``, with where that starts and ends."""
    previous = [(0, start) for start in range(len(content) + 1)]
    for row, wanted in enumerate(pattern, 1):
        current = [(row, 0)]
        for column, char in enumerate(content, 1):
            same, delete, insert = previous[column - 1], previous[column], current[column - 1]
            best = (same[0] + (char != wanted), same[1])
            if delete[0] + 1 < best[0]:
                best = (delete[0] + 1, delete[1])
            if insert[0] + 1 < best[0]:
                best = (insert[0] + 1, insert[1])
            current.append(best)
        previous = current
    end = min(range(len(previous)), key=lambda at: (previous[at][0], at))
    return previous[end][0], previous[end][1], end


class _Read:
    """The text of a picture as one string of letters, with what was used up already blanked out."""

    def __init__(self, lines: Sequence[str]) -> None:
        chars: list[str] = []
        self.origin: list[tuple[int, int]] = []
        self.lines = lines
        for number, line in enumerate(lines):
            for at, char in enumerate(line):
                for plain in normal(char):
                    if len(chars) < _MOST_READ:
                        chars.append(plain)
                        self.origin.append((number, at))
        self.chars = chars

    def take(self, phrase: str) -> Match:
        """The best stretch for a text, which is used up by it when it is close enough to be it."""
        wanted = normal(phrase)[:_MOST_EXPECTED]
        if not wanted:
            return Match(phrase, "", 0.0, exact=True)
        content = "".join(self.chars)
        start = self._whole(content, wanted)
        if start is None:
            edits, start, end = window_error(wanted, content)
        else:
            edits, end = 0, start + len(wanted)
        cer = min(1.0, edits / len(wanted))
        shown = self._shown(start, end)
        inside = edits == 0 and not self._is_whole(start, end)
        if inside:
            # "CAT" in "CATALOGUE": the letters are there, the word is not
            cer, edits = min(1.0, max(1, self._surplus(start, end)) / len(wanted)), 1
        if cer <= WRONG:
            self.chars[start:end] = "\0" * (end - start)
        return Match(phrase, shown, cer, exact=edits == 0)

    def _whole(self, content: str, wanted: str) -> int | None:
        """Where ``wanted`` stands, best as whole words."""
        first = at = content.find(wanted)
        while at >= 0:
            if self._is_whole(at, at + len(wanted)):
                return at
            at = content.find(wanted, at + 1)
        return first if first >= 0 else None

    def _is_whole(self, start: int, end: int) -> bool:
        """Whether a stretch is not cut out of a longer run of letters or digits of its kind.

        Readers lose spaces, so a change between letters and digits counts as a border, and so does a stretch
        that is used up or a long run without any space, which is more likely several words.
        """
        return self._surplus(start, end) == 0

    def _surplus(self, start: int, end: int) -> int:
        """Letters that stick to a stretch from before and after, as far as they make one word with it."""
        count = 0
        for inner, step in ((start, -1), (end - 1, 1)):
            at = inner
            while 0 <= at + step < len(self.chars) and self._sticks(at, at + step):
                count += 1
                at += step
        return count if count <= _WORD else 0

    def _sticks(self, one: int, other: int) -> bool:
        (line, at), (next_line, next_at) = self.origin[one], self.origin[other]
        if line != next_line or abs(at - next_at) > 1:
            return False
        a, b = self.chars[one], self.chars[other]
        return a != "\0" != b and _kind(a) == _kind(b) != ""

    def _shown(self, start: int, end: int) -> str:
        """The stretch as it was read, marks and spaces included."""
        parts: dict[int, list[int]] = {}
        for number, at in self.origin[start:end]:
            parts.setdefault(number, []).append(at)
        return " ".join(self.lines[n][min(ats) : max(ats) + 1] for n, ats in sorted(parts.items()))[:300]


_WORD = 12
"""Letters that one word can have besides the one looked for; more is a line whose spaces were lost."""


def _kind(char: str) -> str:
    """What makes words of a script that is written with spaces: letters, digits; else nothing."""
    if char.isdigit():
        return "digit"
    return "letter" if char.isalpha() and not _is_dense(char) else ""


def _is_dense(char: str) -> bool:
    """Whether a character is of a script that is written without spaces between words."""
    name = unicodedata.name(char, "")
    return name.startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR"))


def _best(reader: Reader, image: Image.Image, expected: list[str]) -> tuple[list[Match], Sequence[Line]]:
    """The first reading, or one of the enlarged part with the text when that finds more."""
    lines = reader.read(image)
    found = _orders(lines, expected)
    if max(match.cer for match in found) <= CLOSE:
        return found, lines
    larger = _enlarged(image, lines)
    if larger is None:
        return found, lines
    again = reader.read(larger)
    second = _orders(again, expected)
    better = sum(match.cer for match in second) < sum(match.cer for match in found)
    return (second, again) if better else (found, lines)


def _orders(lines: Sequence[Line], expected: list[str]) -> list[Match]:
    """Compares in reading order by lines and by columns, and takes the better one."""
    rows = compare([line.text for line in lines], expected)
    if all(match.exact for match in rows):
        return rows
    by_column = sorted(lines, key=lambda line: (line.left, line.top))
    if by_column == list(lines):
        return rows
    columns = compare([line.text for line in by_column], expected)
    return min(rows, columns, key=lambda found: sum(match.cer for match in found))


def _enlarged(image: Image.Image, lines: Sequence[Line]) -> Image.Image | None:
    """Twice the size of the part that holds text; nothing when it is large already."""
    box = (0, 0, image.width, image.height)
    if lines:
        margin = max(16, *(line.bottom - line.top for line in lines))
        box = (
            max(0, int(min(line.left for line in lines) - margin)),
            max(0, int(min(line.top for line in lines) - margin)),
            min(image.width, int(max(line.right for line in lines) + margin)),
            min(image.height, int(max(line.bottom for line in lines) + margin)),
        )
    width, height = box[2] - box[0], box[3] - box[1]
    if min(width, height) <= 0 or 2 * max(width, height) > _UPSCALED:
        return None
    return image.crop(box).resize((2 * width, 2 * height))


def _status(job: CheckJob, worst: float) -> Status:
    if worst <= CLOSE:
        return "pass"
    # quotation marks in a prompt are only a guess at what the picture should show
    return "fail" if worst > WRONG and job.expect_is == "given" else "warn"


def _sentence(found: list[Match], worst: float) -> str:
    bad = max(found, key=lambda match: match.cer)
    if all(match.exact for match in found):
        return "All expected text is there." if len(found) > 1 else f"The text {bad.expected!r} is there."
    if worst <= CLOSE:
        return f"{bad.expected!r} is there, but for a letter that the reader may have misread: {bad.read!r}."
    read = f"read {bad.read!r}" if bad.read else "nothing like it was read"
    if worst <= WRONG:
        return f"{bad.expected!r} may be wrong ({read}); look at it."
    return f"{bad.expected!r} is not there: {read}."
