"""Unified diffs that ``git apply`` takes."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.types import FileResult

_CONTEXT = 3
_EXACT_LINES = 3000
"""Lines between the first and the last change up to which the shortest diff is looked for."""
_SECRET = re.compile(
    r"""((?:^|[\s"'{,-])[\w.-]*(?:key|token|secret|passw(?:or)?d|credentials?|dsn)["']?[ \t]*[:=][ \t]*["']?)"""
    r"""([^\s"'#,}]{6,})""",
    re.IGNORECASE,
)
_KEY = re.compile(r"\b(?:sk|pk|ghp|xox[bp])[-_][\w-]{12,}")
_CODE = (".py", ".pyw", ".pyi", ".ipynb")
_NO_NEWLINE = "\\ No newline at end of file"


def diff(result: FileResult) -> str:
    r"""The change of one file as a unified diff with ``a/`` and ``b/``; empty when there is none.

    Lines end with ``\n`` as git counts them: a carriage return is part of its line. A byte order mark is
    part of the first line, as it is in the file. What looks like a secret in the unchanged lines of a settings
    file is masked: such a patch is for reading, it does not apply.
    """
    if result.before is None or result.after is None or result.after == result.before.text:
        return ""
    mark = "\ufeff" if result.before.bom else ""
    before, after = _lines(mark + result.before.text), _lines(mark + result.after)
    lines = _unified(before, after, _name("a", result.path), _name("b", result.path))
    if not result.path.endswith(_CODE):
        lines = (_masked(line) if line.startswith(" ") else line for line in lines)
    return "".join(_marked(lines))


def _masked(line: str) -> str:
    """A line without the values of keys and passwords; references such as ``${KEY}`` stay."""
    return _KEY.sub(
        "********",
        _SECRET.sub(lambda m: m[0] if m[2].startswith(("$", "<", "{")) else f"{m[1]}********", line),
    )


def _unified(before: list[str], after: list[str], old: str, new: str) -> Iterator[str]:
    """As ``difflib.unified_diff``, which repeats unchanged lines of long files: it takes frequent ones for noise."""
    start = _common(before, after)
    end = min(_common(before[::-1], after[::-1]), min(len(before), len(after)) - start)
    if max(len(before), len(after)) - start - end > _EXACT_LINES:
        yield from difflib.unified_diff(before, after, old, new)
        return
    first = max(start - _CONTEXT, 0)
    inner = (before[first : len(before) - end + _CONTEXT], after[first : len(after) - end + _CONTEXT])
    matcher = difflib.SequenceMatcher(None, *inner, autojunk=False)
    yield f"--- {old}\n"
    yield f"+++ {new}\n"
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        (_, i1, _, j1, _), (_, _, i2, _, j2) = group[0], group[-1]
        yield f"@@ -{_range(first + i1, i2 - i1)} +{_range(first + j1, j2 - j1)} @@\n"
        for tag, a1, a2, b1, b2 in group:
            if tag == "equal":
                yield from (" " + line for line in inner[0][a1:a2])
                continue
            yield from ("-" + line for line in inner[0][a1:a2])
            yield from ("+" + line for line in inner[1][b1:b2])


def _common(one: list[str], other: list[str]) -> int:
    """How many lines are the same from the start on."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)


def _range(start: int, length: int) -> str:
    """The place of a hunk; an empty one is named by the line before it."""
    return f"{start + 1 if length else start},{length}" if length != 1 else f"{start + 1}"


def diff_bytes(result: FileResult) -> bytes:
    """:func:`diff` in the file's own encoding, so that it applies to files that are not UTF-8."""
    encoding = result.before.encoding if result.before else "utf-8"
    return b"".join(
        line.encode(
            "utf-8" if line.startswith(("--- ", "+++ ")) and number < 2 else encoding, "backslashreplace"
        )
        for number, line in enumerate(_lines(diff(result)))
    )


def _lines(text: str) -> list[str]:
    """Lines with their ends. Not ``splitlines``, which also splits at form feeds and other separators."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _marked(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}\n"


def _name(side: str, path: str) -> str:
    """A name as git writes it: quoted where it holds quotes, control characters or bytes that are no text."""
    name = f"{side}/{path.removeprefix('/')}"
    plain = name.encode("utf-8", "surrogateescape")
    if all(char.isprintable() and char not in '"\\' for char in name):
        return name + "\t" if " " in name else name
    quoted = "".join(
        _ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in plain
    )
    return f'"{quoted}"'


_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", 9: "\\t", 10: "\\n", 13: "\\r"}
