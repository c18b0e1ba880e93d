"""Files of requests for the Batch API: a JSON object in each line, with a path and a body."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.hosts.base import HostResult
from migrator.hosts.settle import Silencer
from migrator.hosts.words import Lines, Names
from migrator.types import Finding

if TYPE_CHECKING:
    from migrator.hosts.base import HostContext
    from migrator.types import SourceFile


@dataclass(frozen=True, slots=True)
class BatchHost:
    """Reports such a file once, at its first request. A program may have written it, so it is never edited."""

    def run(self, file: SourceFile, context: HostContext) -> HostResult:
        """The finding for one file of requests; other lines of JSON are data."""
        names = Names.of(context.catalog, context.options.today)
        paths = tuple(context.catalog.http.endpoints)
        judged = 0
        for match in names.inside(file.text):
            if match.start() < judged:  # each line is read once, however often it names a model
                continue
            start = file.text.rfind("\n", 0, match.start()) + 1
            end = file.text.find("\n", match.end())
            judged = len(file.text) if end < 0 else end
            model = _asked(file.text[start:judged], paths)
            if model not in names.exact:
                continue
            line, column = Lines(file.text).at(match.start())
            finding = Finding(
                "IMG001", "manual", file.path, line, column, line,
                f"This file of requests for the Images API names {model}, which is retired or about to be.",
                "Write the file anew with a model and arguments that are accepted now.",
            )  # fmt: skip
            silenced = Silencer(file, context.options).silences(finding)
            return HostResult(findings=() if silenced else (finding,))
        return HostResult(mentions=int(names.prose.search(file.text) is not None))


def _asked(line: str, paths: tuple[str, ...]) -> str | None:
    """The model of a line that is a request for the Images API."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match request:
        case {"url": str(url), "body": {"model": str(model)}} if url.rstrip("/").endswith(paths):
            return model
    return None


BATCH = BatchHost()
