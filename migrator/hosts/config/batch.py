"""Files of requests for the Batch API: a JSON object in each line, with a path and a body."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.hosts.base import HostResult
from migrator.hosts.settle import Silencer
from migrator.hosts.words import Lines, Names, meaning
from migrator.types import Finding

if TYPE_CHECKING:
    import re

    from migrator.catalog.model import KeyWords
    from migrator.hosts.base import HostContext
    from migrator.types import SourceFile


@dataclass(frozen=True, slots=True)
class BatchHost:
    """Reports such a file once, at its first request. A program may have written it, so it is never edited."""

    def run(self, file: SourceFile, context: HostContext) -> HostResult:
        """The finding for one file of requests, and one about its lines that cannot be read; other JSON is data."""
        names = Names.of(context.catalog, context.options.today)
        paths = tuple(context.catalog.http.endpoints)
        findings: list[Finding] = []
        broken: list[tuple[int, str]] = []
        judged = 0
        rows: re.Match[str] | None = None
        words = context.catalog.hosts.words
        for match in names.inside(file.text):
            if match.start() < judged:  # each line is read once, however often it names a model
                continue
            start = file.text.rfind("\n", 0, match.start()) + 1
            end = file.text.find("\n", match.end())
            judged = len(file.text) if end < 0 else end
            try:
                line = json.loads(file.text[start:judged].rstrip("\r"))
                model = _asked(line, paths)
            except (ValueError, RecursionError) as error:
                broken.append((start + getattr(error, "pos", 0), match[0]))
                continue
            if model in names.exact and not findings:
                findings.append(_asks(file, match.start(), str(model)))
            elif not findings and rows is None and _named(line, words) in names.exact:
                rows = match
        if rows is not None and not findings:
            findings.append(_holds(file, rows.start(), rows.group()))
        if broken:
            findings.append(_unread(file, broken))
        silencer = Silencer(file, context.options)
        shown = tuple(one for one in findings if not silencer.silences(one))
        return HostResult(findings=shown, mentions=0 if findings else int(names.spoken(file.text)))


def _asks(file: SourceFile, at: int, model: str) -> Finding:
    """What is said of the first request that names a leaving model."""
    line, column = Lines(file.text).at(at)
    return Finding(
        "IMG001", "manual", file.path, line, column, line,
        f"This file of requests for the Images API names {model}, which is retired or about to be.",
        "Write the file anew with a model and arguments that are accepted now.",
    )  # fmt: skip


def _holds(file: SourceFile, at: int, model: str) -> Finding:
    """What is said of the first line that holds a model and may be the arguments of a request, or a record of one."""
    line, column = Lines(file.text).at(at)
    return Finding(
        "IMG040", "manual", file.path, line, column, line,
        f"The lines of this file hold {model}, which is retired or about to be. Nothing says whether a program makes "
        "requests out of them.",
        "Write the file anew with a live model if one does; a record of what was drawn can stay.",
    )  # fmt: skip


def _unread(file: SourceFile, broken: list[tuple[int, str]]) -> Finding:
    """What is said of the lines that are no JSON but name a model: the first, and how many there are."""
    at, name = broken[0]
    line, column = Lines(file.text).at(min(at, len(file.text)))
    more = f" So are {len(broken) - 1} more that name a model." if len(broken) > 1 else ""
    return Finding(
        "IMG092", "manual", file.path, line, column, line,
        f"This line names {name} and cannot be read as JSON, so it was not looked at.{more}",
        "Repair it, or write the file anew with a model and arguments that are accepted now.",
    )  # fmt: skip


def _named(line: object, words: KeyWords) -> str:
    """The model of a line that may be the arguments of a request."""
    if not isinstance(line, dict) or "url" in line or "body" in line:
        return ""
    found = (value for key, value in line.items() if meaning(key, words).parameter == "model")
    return next((one for one in found if isinstance(one, str)), "")


def _asked(request: object, paths: tuple[str, ...]) -> str | None:
    """The model of a line that is a request for the Images API."""
    match request:
        case {"url": str(url), "body": {"model": str(model)}} if url.rstrip("/").endswith(paths):
            return model
    return None


BATCH = BatchHost()
