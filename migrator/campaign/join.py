"""The JSON documents of a divided campaign as one table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from migrator.campaign.run import worst_first
from migrator.campaign.scan import OUTCOMES, Cost, Model, OneSite, Row
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "campaign"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Whole:
    """The table of all parts."""

    rows: list[Row]
    target: str
    day: date


def join(documents: Mapping[str, Any]) -> Whole:
    """The table of ``documents``, by the names of their files.

    Raises:
        UserError: For documents that are damaged, do not belong together, or are not all parts.
    """
    rows: list[Row] = []
    heads: dict[str, tuple[Any, Any]] = {}
    parts: dict[str, str] = {}
    for name, one in documents.items():
        try:
            if one["version"] != VERSION:
                raise UserError(f"{name} has version {one['version']!r}, and this program reads {VERSION}")
            heads[name] = (_text(one["target"]), date.fromisoformat(_text(one["day"])))
            rows += [_row(entry) for entry in one["repositories"]]
            part = _text(one.get("shard", ""))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UserError(f"{name} is damaged: {type(error).__name__}: {error}") from None
        if part in parts:
            raise UserError(
                f"{name} and {parts[part]} are both {f'part {part}' if part else 'whole campaigns'}"
            )
        parts[part] = name
    if len(set(heads.values())) > 1:
        names = list(heads)
        raise UserError(f"{names[0]} and the others do not belong together: target or day differ")
    _check(set(parts))
    target, day = next(iter(heads.values()))
    return Whole(worst_first(rows), target, day)


def _check(parts: set[str]) -> None:
    if parts == {""}:
        return
    totals = {part.partition("/")[2] for part in parts}
    if len(totals) > 1 or not all(total.isdigit() for total in totals):
        raise UserError(f"the documents are of different divisions: {', '.join(sorted(parts))}")
    (total,) = totals
    missing = [f"{n}/{total}" for n in range(1, int(total) + 1) if f"{n}/{total}" not in parts]
    if missing:
        raise UserError(f"the campaign is not complete: part {', '.join(missing[:3])} is missing")


def _row(one: Mapping[str, Any]) -> Row:
    if one["status"] == "failed":
        return Row(_text(one["repository"]), _text(one["error"]))
    cost = one["usd_per_1000"]
    found = one["findings"]
    return Row(
        _text(one["repository"]),
        commit=_text(one["commit"]),
        sites=tuple(
            OneSite(
                _text(site["path"]),
                int(site["line"]),
                _text(site["endpoint"]),
                tuple(map(_text, site["models"])),
                _text(site["outcome"]),
                tuple(map(_text, site["owners"])),
            )
            for site in one["sites"]
        ),
        models=tuple(
            Model(_text(model["model"]), int(model["sites"]), model["shutdown"], model["days_left"])
            for model in one["models"]
        ),
        outcomes={name: int(one["outcomes"][name]) for name in OUTCOMES},
        files_changed=int(one["files_changed"]),
        review=int(found["review"]),
        manual=int(found["manual"]),
        unread=int(found["unread"]),
        cost=Cost(int(cost["sites"]), cost["before"], cost["after"], tuple(map(_text, cost["doubts"])))
        if cost
        else None,
        owners=tuple((_text(entry["owner"] or ""), int(entry["sites"])) for entry in one["owners"]),
        warnings=tuple(map(_text, one["warnings"])),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} is no text")
    return value


__all__ = ["KIND", "Whole", "join"]
