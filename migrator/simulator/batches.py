"""The Batch API of the simulator: files of requests in, files of answers out, on disk in a temporary folder."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from migrator.catalog.model import EndpointName
from migrator.simulator import errors
from migrator.simulator.errors import Refusal, RefusedError
from migrator.simulator.journal import Received

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from migrator.simulator.desk import Desk

    Answer = Callable[[EndpointName, dict[str, Any], str, str], Awaitable[tuple[int, dict[str, Any], str]]]
    """Status, body and request id for an endpoint, the parameters, the request's name and the server's root."""

_ENDPOINTS: dict[str, EndpointName] = {f"/v1/images/{name}": name for name in get_args(EndpointName)}
_ENDED = ("completed", "failed", "expired", "cancelled")
_DAY = 86_400
_AT_A_TIME = 4


@dataclass(slots=True)
class Stored:
    """A file: where it is, and what was said of it when it came."""

    id: str
    path: Path
    name: str
    purpose: str
    created: int

    def as_json(self) -> dict[str, Any]:
        """The file object."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": self.path.stat().st_size,
            "created_at": self.created,
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
            "expires_at": None,
        }


@dataclass(slots=True)
class Batch:
    """A batch. ``times`` are when it came into each state, in seconds since 1970."""

    id: str
    endpoint: str
    input_file: str
    window: str
    metadata: dict[str, str] | None
    status: str = "validating"
    times: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: {"total": 0, "completed": 0, "failed": 0})
    errors: list[dict[str, Any]] = field(default_factory=list)
    output_file: str | None = None
    error_file: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The batch object."""
        created = self.times["created"]
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": self.endpoint,
            "errors": {"object": "list", "data": self.errors} if self.errors else None,
            "input_file_id": self.input_file,
            "completion_window": self.window,
            "status": self.status,
            "output_file_id": self.output_file,
            "error_file_id": self.error_file,
            "created_at": created,
            "expires_at": created + _DAY,
            **{
                f"{name}_at": self.times.get(name)
                for name in (
                    *("in_progress", "finalizing", "completed", "failed", "expired"),
                    *("cancelling", "cancelled"),
                )
            },
            "request_counts": dict(self.counts),
            "metadata": self.metadata,
        }


class Batches:
    """Files and batches of one server."""

    def __init__(self, desk: Desk, answer: Answer) -> None:
        self._desk = desk
        self._answer = answer
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()
        self._files: dict[str, Stored] = {}
        self._batches: dict[str, Batch] = {}
        self._numbers = itertools.count(1)
        self._running: set[asyncio.Task[None]] = set()

    # Files

    def store(self, data: bytes, name: str, purpose: str) -> Stored:
        """Keeps a file."""
        with self._lock:  # files come in by several threads
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="migrator-simulator-")
        file = Stored(self._id("file-"), Path(self._folder.name), name, purpose, self._desk.now())
        file.path = file.path / file.id
        file.path.write_bytes(data)
        self._files[file.id] = file
        return file

    def file(self, name: str) -> Stored:
        """The file ``name``. Raises RefusedError: 404 when there is none."""
        found = self._files.get(name)
        if found is None:
            raise RefusedError(Refusal(404, f"No such File object: {name[:80]}", param="id"))
        return found

    def remove(self, name: str) -> dict[str, Any]:
        """Forgets a file. Raises RefusedError."""
        file = self.file(name)
        file.path.unlink(missing_ok=True)
        del self._files[file.id]
        return {"id": file.id, "object": "file", "deleted": True}

    def close(self) -> None:
        """Removes all files."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    # Batches

    def create(self, body: object, root: str) -> dict[str, Any]:
        """Takes a batch and starts to work on it. Raises RefusedError."""
        asked = body if isinstance(body, dict) else {}
        contract = self._desk.contract
        for name in ("input_file_id", "endpoint", "completion_window"):
            if not isinstance(asked.get(name), str):
                raise contract.refused("required", name)
        terms = contract.catalog.service.batch
        if asked["endpoint"] not in _ENDPOINTS:
            supported = ", ".join(repr(one) for one in _ENDPOINTS)
            raise contract.refused("value", "endpoint", value=asked["endpoint"], supported=supported)
        if asked["completion_window"] != terms.window:
            raise contract.refused(
                "value", "completion_window", value=asked["completion_window"], supported=repr(terms.window)
            )
        metadata = asked.get("metadata")
        batch = Batch(
            id=self._id("batch_"),
            endpoint=asked["endpoint"],
            input_file=self.file(asked["input_file_id"]).id,
            window=asked["completion_window"],
            metadata=metadata if isinstance(metadata, dict) else None,
            times={"created": self._desk.now()},
        )
        self._batches[batch.id] = batch
        work = asyncio.get_running_loop().create_task(self._work(batch, root))
        self._running.add(work)
        work.add_done_callback(self._running.discard)
        return batch.as_json()

    def get(self, name: str) -> Batch:
        """The batch ``name``. Raises RefusedError: 404 when there is none."""
        found = self._batches.get(name)
        if found is None:
            raise RefusedError(Refusal(404, f"No batch found with id '{name[:80]}'.", param="batch_id"))
        return found

    def listed(self, after: str | None, limit: int) -> dict[str, Any]:
        """A page of batches, newest first."""
        every = list(reversed(self._batches.values()))
        start = next((n + 1 for n, one in enumerate(every) if one.id == after), 0) if after else 0
        page = every[start : start + limit]
        return {
            "object": "list",
            "data": [one.as_json() for one in page],
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
            "has_more": start + limit < len(every),
        }

    def cancel(self, name: str) -> dict[str, Any]:
        """Asks a batch to end early; what is done by then is kept. Raises RefusedError."""
        batch = self.get(name)
        if batch.status not in _ENDED:
            self._enter(batch, "cancelling")
        return batch.as_json()

    async def _work(self, batch: Batch, root: str) -> None:
        lines = list(self._lines(batch))
        if batch.errors:
            self._enter(batch, "failed")
            return
        batch.counts["total"] = len(lines)
        if batch.status == "validating":
            self._enter(batch, "in_progress")
        await self._pause(batch)
        out: dict[str, list[str]] = {"output": [], "error": []}
        gate = asyncio.Semaphore(_AT_A_TIME)

        async def one(entry: dict[str, Any]) -> bool:
            async with gate:
                if batch.status == "cancelling" or self._desk.stopping():
                    out["error"].append(_line(entry, None, "batch_cancelled"))
                    return False
                status, body, request_id = await self._answer(
                    _ENDPOINTS[batch.endpoint], entry["body"], str(entry["custom_id"]), root
                )
            if status == 0:
                out["error"].append(_line(entry, None, "batch_expired"))
                return True
            fine = status == 200
            batch.counts["completed" if fine else "failed"] += 1
            answer = {"status_code": status, "request_id": request_id, "body": body}
            out["output" if fine else "error"].append(_line(entry, answer, None))
            return False

        expired = any(await asyncio.gather(*(one(entry) for entry in lines)))
        cancelled = batch.status == "cancelling"
        self._enter(batch, "cancelling" if cancelled else "finalizing")
        for kind, rows in out.items():
            if rows:
                data = "".join(f"{row}\n" for row in rows).encode()
                stored = self.store(data, f"{batch.id}_{kind}.jsonl", "batch_output")
                if kind == "output":
                    batch.output_file = stored.id
                else:
                    batch.error_file = stored.id
        self._enter(batch, "cancelled" if cancelled else "expired" if expired else "completed")

    async def _pause(self, batch: Batch) -> None:
        """A batch takes as long as one slow answer."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._desk.options.latency
        while loop.time() < end and batch.status == "in_progress" and not self._desk.stopping():
            await asyncio.sleep(0.02)

    def _lines(self, batch: Batch) -> Iterator[dict[str, Any]]:
        """The requests of a batch; what is wrong with them goes into its errors."""
        terms = self._desk.contract.catalog.service.batch
        seen: set[str] = set()
        models: set[str] = set()
        path = self.file(batch.input_file).path
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                entry = None
            problem = _problem(entry, batch.endpoint, seen, models)
            if problem is None and number > terms.max_requests:
                problem = "too_many_tasks", f"A batch holds at most {terms.max_requests} requests."
            if problem is not None:
                code, message = problem
                batch.errors.append({"code": code, "line": number, "message": message, "param": None})
                continue
            seen.add(entry["custom_id"])
            models.add(str(entry["body"].get("model")))
            yield entry
        if not seen and not batch.errors:
            message = "The batch input file is empty."
            batch.errors.append({"code": "empty_file", "line": None, "message": message, "param": None})

    def _enter(self, batch: Batch, status: str) -> None:
        batch.status = status
        batch.times[status] = self._desk.now()

    def _id(self, start: str) -> str:
        text = f"{self._desk.options.seed}:{start}:{next(self._numbers)}"
        return f"{start}{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def received(endpoint: str, parameters: dict[str, Any], status: int, code: str | None, name: str) -> Received:
    """The line of the request log for one request of a batch."""
    return Received("BATCH", f"/v1/images/{endpoint}", parameters, status, code, name)


def unfit(fault: str) -> Refusal:
    """What a fault of the connection amounts to where there is no connection."""
    return errors.broken(RuntimeError(fault))


def _line(entry: dict[str, Any], response: dict[str, Any] | None, code: str | None) -> str:
    message = {
        "batch_expired": "This request could not be executed before the completion window expired.",
        "batch_cancelled": "This request was cancelled with its batch.",
    }
    name = hashlib.sha256(str(entry["custom_id"]).encode()).hexdigest()[:24]
    error = {"code": code, "message": message[code]} if code else None
    whole = {
        "id": f"batch_req_{name}",
        "custom_id": entry["custom_id"],
        "response": response,
        "error": error,
    }
    return json.dumps(whole)


def _problem(entry: object, endpoint: str, seen: set[str], models: set[str]) -> tuple[str, str] | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("body"), dict):
        return "invalid_json_line", "This line is not parseable as valid JSON."
    name = entry.get("custom_id")
    if not isinstance(name, str) or not name:
        return "missing_required_parameter", "Missing required parameter: 'custom_id'."
    if name in seen:
        return "duplicate_custom_id", "The custom_id for this request is a duplicate of another request."
    if entry.get("method") != "POST":
        return "invalid_method", "Invalid method: only POST is supported."
    if entry.get("url") != endpoint:
        return "mismatched_endpoint", f"The URL of this request does not match the batch's '{endpoint}'."
    if models - {str(entry["body"].get("model"))}:
        return "mismatched_model", "All requests of a batch must be for the same model."
    return None
