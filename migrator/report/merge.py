"""Joins the JSON reports of a divided run into one, as if it had been one run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrator.errors import UserError
from migrator.report.json import VERSION, as_text, summary
from migrator.types import FileResult, Finding, Prose, Report, Request, SiteSummary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LIMIT = 500_000_000
"""Bytes of one report."""
_STATUS = ("changed", "error", "unchanged")
_FIXES = ("safe", "review", "manual")
_OUTCOMES = (*_FIXES, "done")


def load(path: str) -> Any:
    """The JSON in a file. Raises UserError when it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LIMIT + 1)
        if len(data) > _LIMIT:
            raise UserError(f"{path} has more than {_LIMIT:,} bytes")
        return json.loads(data)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UserError(f"{path} is no JSON: a report is what `--format json` prints") from None


def check(path: str, found: Any) -> dict[str, Any]:
    """``found`` as a report that ``--format json`` wrote, checked in every field that is used.

    Raises:
        UserError: When it is something else.
    """
    if not isinstance(found, dict) or "version" not in found or "sites" not in found:
        raise UserError(f"{path} is no report of `migrator scan` or `migrator rewrite` with --format json")
    if found["version"] != VERSION:
        raise UserError(f"{path} has version {found['version']!r}, and this program reads {VERSION}")
    try:
        _report(found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path} is damaged: {type(error).__name__}: {error}") from None
    return found


def merge(reports: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """One document of the ``reports``, by the names under which they are spoken of.

    Raises:
        UserError: For reports of different targets, of different divisions, twice the same part, a missing part.
    """
    (first_name, first), *rest = reports.items()
    for name, one in rest:
        for key, word in (("target", "target"), ("written", "--write")):
            if one[key] != first[key]:
                raise UserError(
                    f"{name} and {first_name} do not belong together: {word} is {one[key]} and {first[key]}"
                )
    _check_parts(reports)
    warnings = [text for one in reports.values() for text in one["warnings"]]
    files, clashes = _files(reports)
    warnings += [
        f"{path} changes in more than one part, and not in the same way: run on that project without --shard"
        for path in clashes
    ]
    data = {
        "version": VERSION,
        "target": first["target"],
        "written": first["written"],
        "files": files,
        "findings": _once(
            reports, "findings", ("path", "line", "column", "rule", "message", "site", "end_line", "fix")
        ),
        "sites": _once(reports, "sites", ("path", "line", "site")),
        "summary": {},
        "prose": {key: sum(one["prose"][key] for one in reports.values()) for key in ("files", "mentions")},
        "warnings": list(dict.fromkeys(warnings)),
        "skipped": {
            key: max(one["skipped"].get(key, 0) for one in reports.values())
            for key in sorted({key for one in reports.values() for key in one["skipped"]})
        },
    }
    data["summary"] = summary(_report(data))
    return data


def _check_parts(reports: Mapping[str, dict[str, Any]]) -> None:
    parts: dict[str, str] = {}
    whole = [name for name, one in reports.items() if "shard" not in one]
    for name, one in reports.items():
        if "shard" not in one:
            continue
        if whole:
            raise UserError(f"{name} is part {one['shard']} of a divided run, and {whole[0]} is a whole one")
        if one["shard"] in parts:
            raise UserError(f"{name} and {parts[one['shard']]} are both part {one['shard']}")
        parts[one["shard"]] = name
    totals = {part.partition("/")[2] for part in parts}
    if len(totals) > 1:
        raise UserError(f"the reports are of different divisions: {', '.join(sorted(parts))}")
    for total in totals:
        missing = [f"{n}/{total}" for n in range(1, int(total) + 1) if f"{n}/{total}" not in parts]
        if missing:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            raise UserError(f"the run is not complete: part {', '.join(missing[:3])}{more} is missing")


def _files(reports: Mapping[str, dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Each file once, with the worst that was said of it, and the files with two different changes."""
    found: dict[str, dict[str, Any]] = {}
    clashes: dict[str, None] = {}
    for one in reports.values():
        for file in one["files"]:
            known = found.setdefault(file["path"], file)
            if known["status"] == file["status"] == "changed" and known["diff"] != file["diff"]:
                clashes[file["path"]] = None
            if _STATUS.index(file["status"]) < _STATUS.index(known["status"]):
                found[file["path"]] = file
    return [found[path] for path in sorted(found)], sorted(clashes)


def _once(reports: Mapping[str, dict[str, Any]], name: str, order: tuple[str, ...]) -> list[dict[str, Any]]:
    """The entries of all reports, equal ones of different reports once, in the order of a single report."""
    found: dict[str, dict[str, Any]] = {}
    for one in reports.values():
        seen: dict[str, int] = {}
        for entry in one[name]:
            text = json.dumps(entry, sort_keys=True)
            seen[text] = number = seen.get(text, -1) + 1
            found[f"{number} {text}"] = entry
    return sorted(found.values(), key=lambda entry: tuple(entry[key] for key in order))


def report_of(data: dict[str, Any]) -> Report:
    """The report that ``data`` tells of, without the texts of files. For every format but JSON and diffs."""
    return _report(data)


def _report(data: dict[str, Any]) -> Report:
    for key in ("files", "findings", "sites", "warnings"):
        _is(data[key], list)
    shard = data.get("shard", "")
    if shard and not all(part.isdigit() and int(part) for part in _is(shard, str).split("/", 1)):
        raise ValueError("shard")
    prose, skipped = _is(data["prose"], dict), _is(data["skipped"], dict)
    return Report(
        _is(data["target"], str),
        tuple(_file(one) for one in data["files"]),
        tuple(_finding(one) for one in data["findings"]),
        tuple(_site(one) for one in data["sites"]),
        _is(data["written"], bool),
        tuple(_is(one, str) for one in data["warnings"]),
        {_is(key, str): _is(value, int) for key, value in skipped.items()},
        prose=Prose(_is(prose["files"], int), _is(prose["mentions"], int)),
        shard=shard,
    )


def _file(one: dict[str, Any]) -> FileResult:
    _is(one["diff"], str)
    return FileResult(_is(one["path"], str), _of(one["status"], _STATUS))


def _finding(one: dict[str, Any]) -> Finding:
    request = one["request"]
    return Finding(
        rule=_is(one["rule"], str),
        fix=_of(one["fix"], _FIXES),
        path=_is(one["path"], str),
        line=_is(one["line"], int),
        column=_is(one["column"], int),
        end_line=_is(one["end_line"], int),
        message=_is(one["message"], str),
        suggestion=_is(one["suggestion"], str),
        site=_is(one["site"], str),
        applied=_is(one["in_diff"], bool),
        request=Request(_is(request["before"], dict), _is(request["after"], dict)) if request else None,
    )


def _site(one: dict[str, Any]) -> SiteSummary:
    return SiteSummary(
        _is(one["site"], str),
        _is(one["path"], str),
        _is(one["line"], int),
        _is(one["endpoint"], str),
        tuple(_is(name, str) for name in _is(one["models"], list)),
        _of(one["outcome"], _OUTCOMES),
        _is(one["migrated"], bool),
    )


def _is(value: Any, kind: type) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{value!r:.60} is no {kind.__name__}")
    return value


def _of(value: Any, words: Sequence[str]) -> Any:
    if value not in words:
        raise ValueError(f"{value!r:.60} is none of {', '.join(words)}")
    return value


__all__ = ["as_text", "check", "load", "merge", "report_of"]
