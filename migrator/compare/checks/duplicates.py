"""The same picture for two prompts: the mark of a cache or an archive gone wrong."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from migrator.compare.checks.model import CheckResult
from migrator.compare.checks.opening import flat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrator.compare.checks.opening import Picture

_SIDE = 16
_BITS = _SIDE * _SIDE
_NEAR = 6
"""Bits of 256 that may differ between two pictures that people would call the same."""
_PLAIN = 24
"""A hash with fewer bits than this on either side says little: the picture is smooth."""


@dataclass(frozen=True, slots=True)
class Print:
    """The fingerprint of the picture of one task. ``group`` is the column; ``prompt`` is the text."""

    task: str
    group: str
    prompt_id: str
    prompt: str
    sha256: str
    dhash: int | None


def fingerprint(picture: Picture) -> CheckResult:
    """The hashes by which :func:`duplicates` compares, as ``value``."""
    found = None if picture.image is None else dhash(picture.image)
    value = {"sha256": picture.sha256, "dhash": None if found is None else f"{found:064x}"}
    return CheckResult("pass", value, "No other prompt has this picture.")


def dhash(image: Image.Image) -> int:
    """256 bits: whether each of 16x16 cells is lighter than its right neighbour."""
    small = flat(image).convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    raw = small.tobytes()
    bits = 0
    for row in range(_SIDE):
        start = row * (_SIDE + 1)
        for column in range(_SIDE):
            bits = bits << 1 | (raw[start + column] > raw[start + column + 1])
    return bits


def duplicates(prints: Sequence[Print]) -> dict[str, CheckResult]:
    """What is wrong, by task. Tasks that are not named have a picture of their own.

    The same bytes for two different prompts fail; the same bytes for two samples of a prompt, and pictures
    that only look the same, are for a person to look at.
    """
    found: dict[str, CheckResult] = {}
    groups: dict[str, list[Print]] = defaultdict(list)
    for one in prints:
        groups[one.group].append(one)
    for group in groups.values():
        for one, other in _near(group):
            _note(found, one, other, exact=False)
            _note(found, other, one, exact=False)
        same: dict[str, list[Print]] = defaultdict(list)
        for one in group:
            same[one.sha256].append(one)
        for members in same.values():
            for one in members:
                # a different prompt is worse than a second sample, and one is enough to name
                others = sorted((o for o in members if o is not one), key=lambda o: o.prompt == one.prompt)
                if others:
                    _note(found, one, others[0], exact=True)
    return found


def _note(found: dict[str, CheckResult], one: Print, other: Print, *, exact: bool) -> None:
    value = {"sha256": one.sha256, "of": other.prompt_id, "task": other.task, "exact": exact}
    if one.prompt == other.prompt:
        if exact:
            found[one.task] = CheckResult("warn", value, "Two samples of this prompt are the same file.")
        return
    if exact:
        found[one.task] = CheckResult(
            "fail", value, f"This is the very file of the prompt {other.prompt_id!r}."
        )
    else:
        found.setdefault(
            one.task,
            CheckResult("warn", value, f"This looks like the picture of the prompt {other.prompt_id!r}."),
        )


def _near(group: Sequence[Print]) -> Iterator[tuple[Print, Print]]:
    """Pairs with different bytes and nearly the same hash.

    Hashes that differ in at most 6 bits agree in one of 7 bands wholly, so only those within a band meet.
    """
    bands: dict[tuple[int, int], list[Print]] = defaultdict(list)
    width = -(-_BITS // (_NEAR + 1))
    for one in group:
        if one.dhash is None or not _PLAIN <= one.dhash.bit_count() <= _BITS - _PLAIN:
            continue
        for band in range(_NEAR + 1):
            bands[band, one.dhash >> band * width & (1 << width) - 1].append(one)
    seen: set[tuple[str, str]] = set()
    for members in bands.values():
        # a band that hundreds share (a border that all have) would cost a square of them
        for index, one in enumerate(members[:200]):
            for other in members[index + 1 : 200]:
                key = (one.task, other.task)
                if key in seen or one.sha256 == other.sha256 or one.dhash is None or other.dhash is None:
                    continue
                seen.add(key)
                if (one.dhash ^ other.dhash).bit_count() <= _NEAR:
                    yield one, other
