"""What changed in the request between the old side and the new one."""

from __future__ import annotations

from typing import Any

from migrator.report.html.model import Change
from migrator.report.html.words import plain, visible

_KNOWN: dict[tuple[str, str], frozenset[Any]] = {}


def changes(old: dict[str, Any], new: dict[str, Any]) -> tuple[Change, ...]:
    """Every parameter of either request, changed ones first. Nested values are compared as a whole."""
    differs = _differing_once(repr(old), repr(new), old, new) if old != new else frozenset()
    rows = []
    for name in sorted({*old, *new}, key=str):
        kind = (
            "removed" if name not in new
            else "added" if name not in old
            else "changed" if name in differs
            else "same"
        )  # fmt: skip
        rows.append(
            Change(
                visible(name),
                plain(old[name]) if name in old else "",
                plain(new[name]) if name in new else "",
                kind,
            )
        )
    return tuple(sorted(rows, key=lambda row: row.kind == "same"))


def _differing_once(before: str, after: str, old: dict[str, Any], new: dict[str, Any]) -> frozenset[Any]:
    """:func:`_differing`, remembered: most pairs of a run ask for the same two things."""
    key = (before, after)
    if key not in _KNOWN:
        if len(_KNOWN) > 1000:
            _KNOWN.clear()
        _KNOWN[key] = frozenset(_differing(old, new))
    return _KNOWN[key]


def _differing(old: dict[str, Any], new: dict[str, Any]) -> set[Any]:
    """The parameters in which, or below which, deepdiff sees a difference."""
    from deepdiff import DeepDiff  # noqa: PLC0415 - heavy

    tree = DeepDiff(old, new, view="tree")
    # the path as a list: a name may hold quotes and brackets of its own
    return {
        path[0] for levels in tree.values() for level in levels if (path := level.path(output_format="list"))
    }
