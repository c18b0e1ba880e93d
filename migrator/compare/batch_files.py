"""The files of the Batch API: which tasks share one, what a line of it asks, and how answers are read."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from migrator.compare.plan import Task

SHARD_TASKS = 200
"""Requests of one batch: their answers, 2 MB each, make a file that can still be handled."""
SHARD_BYTES = 50_000_000
_MAX_LINE = 256 * 2**20


def body_of(task: Task) -> dict[str, Any]:
    """The JSON body of a request in a batch; pictures travel inside it."""
    body: dict[str, Any] = {"model": task.model, "prompt": task.prompt, **task.request}
    if task.files:
        pictures = [{"image_url": _data_url(path)} for path in task.files]
        if task.masked:
            body["mask"] = pictures.pop()
        body["images"] = pictures
    return body


def _data_url(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "image/png"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def groups(tasks: list[Task]) -> Iterator[list[Task]]:
    """Tasks that may share a batch: one endpoint, not too many, not too large."""
    for endpoint in ("generations", "edits"):
        group: list[Task] = []
        size = 0
        for task in tasks:
            if task.endpoint != endpoint:
                continue
            weight = len(task.prompt) * 4 + sum(path.stat().st_size * 4 // 3 for path in task.files) + 1000
            if group and (len(group) >= SHARD_TASKS or size + weight > SHARD_BYTES):
                yield group
                group, size = [], 0
            group.append(task)
            size += weight
        if group:
            yield group


def name_of(tasks: list[Task], salt: int) -> str:
    """The id of a shard; ``salt`` tells apart batches of the same tasks."""
    return hashlib.sha256(" ".join([str(salt), *(task.id for task in tasks)]).encode()).hexdigest()[:24]


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file of answers, one at a time."""
    with path.open("rb") as stream:
        while line := stream.readline(_MAX_LINE):
            yield line
