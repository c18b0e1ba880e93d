"""Text that a prompt asks for in quotation marks: what the picture is expected to show."""

from __future__ import annotations

import re

_PAIRS = ('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"), ("「", "」"), ("『", "』"), ("\u2018", "\u2019")
_LONGEST = 200
# a single straight quote is an apostrophe as often as not: it counts only at the edge of a word
_SINGLE = rf"(?<!\w)'([^'\n]{{1,{_LONGEST}}})'(?!\w)"
_QUOTED = re.compile(
    "|".join(
        f"{re.escape(left)}([^{re.escape(left + right)}\n]{{1,{_LONGEST}}}){re.escape(right)}"
        for left, right in _PAIRS
    )
    + "|"
    + _SINGLE
)


def quoted(prompt: str) -> tuple[str, ...]:
    """The quoted texts of ``prompt``, in order, each once."""
    found = (next(group for group in match.groups() if group) for match in _QUOTED.finditer(prompt))
    return tuple(dict.fromkeys(text.strip() for text in found if text.strip()))
