"""What changed in the request between the old side and the new one."""

from __future__ import annotations

from typing import Any

from migrator.report.html.model import Change
from migrator.report.html.words import plain, visible


def changes(old: dict[str, Any], new: dict[str, Any]) -> tuple[Change, ...]:
    """Every parameter of either request, changed ones first. Nested values are compared as a whole."""
    differs = _differing(old, new) if old != new else set()
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


def _differing(old: dict[str, Any], new: dict[str, Any]) -> set[Any]:
    """The parameters in which, or below which, deepdiff sees a difference."""
    from deepdiff import DeepDiff  # noqa: PLC0415 - heavy

    tree = DeepDiff(old, new, view="tree")
    # the path as a list: a name may hold quotes and brackets of its own
    return {
        path[0] for levels in tree.values() for level in levels if (path := level.path(output_format="list"))
    }
