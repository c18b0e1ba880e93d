"""Answers of the API that somebody recorded: single ones as JSON, and the cassettes of vcrpy (YAML or JSON).

A cassette holds requests and answers of any program. Taken are the answered requests for pictures; where the
answer is a url, the picture is looked for among the other interactions of the cassette.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrator.compare.sources import replies
from migrator.compare.sources.base import AskError
from migrator.compare.sources.fetch import fetch
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ENDINGS = frozenset({".json", ".yaml", ".yml"})
MAX_BYTES = 256 * 2**20
"""Bytes of a file with recorded answers, and of one answer when it is unpacked."""
_PATH = re.compile(r"/images/(?:generations|edits|variations)$")
_FIELD = rb'name="%s"\r?\n(?:[^\r\n]+\r?\n)*\r?\n(.*?)\r?\n--'
_CASSETTE = re.compile(r"^interactions\s*:", re.MULTILINE)
_GZIP = 47
"""For zlib: gzip or zlib, whichever it is."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One answered request. ``count`` pictures; ``prompt`` and ``model`` where the request is there as well."""

    prompt: str | None
    model: str | None
    count: int
    answer: Mapping[str, Any] = field(repr=False)
    fetched: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def picture(self, index: int, timeout: float) -> bytes:
        """Picture number ``index``. Raises AskError when it is not to be had any more."""
        reply = replies.picture_of(self.answer, index)
        if reply.data is not None:
            return reply.data
        url = reply.url or ""
        return self.fetched[url] if url in self.fetched else fetch(url, timeout=timeout)


def read(path: Path) -> tuple[Recorded, ...]:
    """The answers in a file; none where it is something else. The last files are remembered.

    Raises:
        UserError: For a file that is not valid, or too large.
    """
    try:
        now = path.stat()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None
    return _read(path, (now.st_mtime_ns, now.st_size))


@lru_cache(maxsize=2)
def _read(path: Path, _state: tuple[int, int]) -> tuple[Recorded, ...]:
    value = _value(path)
    if not isinstance(value, dict):
        return ()
    interactions = value.get("interactions")
    if isinstance(interactions, list):
        return tuple(_cassette([one for one in interactions if isinstance(one, dict)]))
    request = value.get("request")
    found = _recorded(request if isinstance(request, dict) else {}, value.get("response", value), {})
    return () if found is None else (found,)


def forget() -> None:
    """Frees what is remembered of files."""
    _read.cache_clear()


def _value(path: Path) -> Any:
    text = text_of(path, MAX_BYTES)
    if path.suffix.lower() == ".json":
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise UserError(f"{path}: not valid JSON") from None
    if not _CASSETTE.search(text):
        return None  # any other YAML, such as a suite
    import yaml  # noqa: PLC0415 - only for cassettes

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe one
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise UserError(f"{path}{line}: is no cassette that can be read: not valid YAML") from None


def _cassette(interactions: list[dict[str, Any]]) -> Iterator[Recorded]:
    fetched: dict[str, bytes] = {}
    asked = []
    for one in interactions:
        request, response = one.get("request"), one.get("response")
        if not isinstance(request, dict) or not isinstance(response, dict) or _status(response) != 200:
            continue
        uri, method = str(request.get("uri") or ""), str(request.get("method") or "").upper()
        if method == "POST" and _PATH.search(_path_of(uri)):
            asked.append((request, response))
        elif method == "GET" and (data := _body(response)):
            fetched[uri] = data
    for request, response in asked:
        data = _body(response)
        try:
            answer = json.loads(data) if data else None
        except (ValueError, RecursionError):
            continue
        found = _recorded(_asked(request), answer, fetched)
        if found is not None:
            yield found


def _recorded(request: Mapping[str, Any], answer: object, fetched: Mapping[str, bytes]) -> Recorded | None:
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(data, list):
        return None
    prompt, model = request.get("prompt"), request.get("model")
    urls = {one.get("url") for one in data if isinstance(one, dict)}
    return Recorded(
        prompt.strip() if isinstance(prompt, str) and prompt.strip() else None,
        model if isinstance(model, str) else None,
        len(data),
        answer,
        {url: picture for url, picture in fetched.items() if url in urls},
    )


def _path_of(uri: str) -> str:
    try:
        return urlsplit(uri).path
    except ValueError:
        return ""


def _status(response: Mapping[str, Any]) -> object:
    status = response.get("status", response.get("status_code"))
    return status.get("code") if isinstance(status, dict) else status


def _asked(request: Mapping[str, Any]) -> dict[str, Any]:
    """Prompt and model of a request: JSON, or the form of an edit."""
    body = request.get("body")
    if isinstance(body, dict):
        body = body.get("string", body)
    if isinstance(body, dict):
        return body
    data = body.encode("utf-8", "replace") if isinstance(body, str) else body
    if not isinstance(data, bytes):
        return {}
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    found = {}
    for name in ("prompt", "model"):
        match = re.search(_FIELD % name.encode(), data, re.DOTALL)
        if match:
            found[name] = match.group(1).decode("utf-8", "replace")
    return found


def _body(response: Mapping[str, Any]) -> bytes | None:
    """The body of an answer, unpacked. ``None`` for one that is packed in a way that is not read."""
    body = response.get("body", response.get("content"))
    if isinstance(body, dict):
        body = body.get("string", body.get("base64_string"))
    data = body.encode("utf-8", "surrogateescape") if isinstance(body, str) else body
    if not isinstance(data, bytes):
        return None
    if data[:2] != b"\x1f\x8b":
        return data
    unpacking = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacking.decompress(data, MAX_BYTES)
    except zlib.error:
        return None
    return None if unpacking.unconsumed_tail else unpacked


def text_of(path: Path, limit: int) -> str:
    """The text of a file of at most ``limit`` bytes. Raises UserError."""
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise UserError(f"{path}: larger than {limit:,} bytes")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8 text") from None


def picture(path: Path, entry: int, index: int, timeout: float) -> bytes:
    """Picture ``index`` of answer ``entry`` in a file. Raises AskError."""
    try:
        found = read(path)
    except UserError as error:
        raise AskError("malformed", str(error)) from None
    if entry >= len(found):
        raise AskError("malformed", f"{path.name}: the answer is not there any more")
    return found[entry].picture(index, timeout)
