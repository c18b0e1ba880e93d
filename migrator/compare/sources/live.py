"""Sources that make pictures on demand, through the official SDK with its own retries off."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrator.compare.sources import replies
from migrator.compare.sources.base import Answer, AskError
from migrator.compare.sources.fetch import fetch
from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openai import AsyncOpenAI

    from migrator.catalog import Catalog
    from migrator.compare.plan import Task
    from migrator.compare.secrets import Secrets
    from migrator.compare.sources.base import Column
    from migrator.compare.suite import Prompt

MAX_REPLY = 128 * 2**20
"""Bytes of one reply: base64 is a third larger than the picture in it."""
MARK = "x-simulated"
"""The header by which the simulator says that it is one."""
_CONNECT_S = 10.0


class LiveSource:
    """``openai:``, ``azure:``, ``openai-compatible:`` and ``simulator:``; the last gets ``base_url``."""

    def __init__(
        self, column: Column, catalog: Catalog, secrets: Secrets, base_url: str | None = None
    ) -> None:
        self.column = column
        self.catalog = catalog
        self.client = client_for(column, secrets, base_url or column.base_url)
        parts = urlsplit(str(self.client.base_url))
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self.host = f"{parts.hostname}:{port}"
        self._own = {(parts.hostname or "", port)}
        self.clean = secrets.clean
        self.marked = False

    def missing(self, prompt: Prompt, sample: int) -> str | None:  # noqa: ARG002 - the form of a source
        """Nothing is known to be missing."""
        return None

    def notes(self) -> list[str]:
        """Nothing to say."""
        return []

    async def close(self) -> None:
        """Closes the connections."""
        await self.client.close()

    async def ask(self, task: Task, timeout: float) -> Answer:
        """One picture. See :class:`migrator.compare.sources.base.Source`."""
        started = time.monotonic()
        try:
            body, headers = await asyncio.wait_for(self._post(task, timeout), timeout)
        except asyncio.TimeoutError:
            raise AskError("timeout", f"no answer within {timeout:.0f} seconds", billed=True) from None
        taken = time.monotonic() - started
        request_id = headers.get("x-request-id")
        self.marked |= MARK in headers
        try:
            reply = await asyncio.to_thread(replies.picture_of, body)
            del body
            data = reply.data
            if data is None:
                data = await asyncio.to_thread(fetch, reply.url or "", trusted=self._own)
        except AskError as error:
            error.request_id = request_id
            error.headers = headers
            error.message = self.clean(error.message)
            raise
        return Answer(
            data=data,
            latency_s=round(taken, 3),
            usage=reply.usage,
            request_id=request_id,
            simulated=self.column.simulated or MARK in headers,
            headers=headers,
        )

    async def _post(self, task: Task, timeout: float) -> tuple[bytes, Mapping[str, str]]:
        """The body of the reply and its headers, in lower case."""
        import openai  # noqa: PLC0415 - costs half a second

        images = self.client.images.with_streaming_response
        shared: dict[str, Any] = {
            "model": task.model,
            "prompt": task.prompt,
            "extra_body": dict(task.request),
            # not every server heeds it; where one does, a repeated request is not paid twice
            "extra_headers": {"Idempotency-Key": task.id},
            "timeout": timeout,
        }
        try:
            if task.endpoint == "edits":
                files = await asyncio.to_thread(_files, task)
                call = images.edit(**files, **shared)
            else:
                call = images.generate(**shared)
            async with call as answer:
                parts: list[bytes] = []
                length = 0
                async for part in answer.iter_bytes():
                    length += len(part)
                    if length > MAX_REPLY:
                        raise AskError(
                            "refused", f"the answer is larger than {MAX_REPLY:,} bytes", billed=True
                        )
                    parts.append(part)
                return b"".join(parts), _lower(answer.headers)
        except openai.APIStatusError as error:
            found = replies.refusal(
                self.catalog, error.status_code, error.body, _lower(error.response.headers), error.request_id
            )
            found.message = self.clean(found.message)
            raise found from None
        except openai.APITimeoutError:
            raise AskError("timeout", f"no answer within {timeout:.0f} seconds", billed=True) from None
        except openai.OpenAIError as error:
            reason = type(error.__cause__ or error).__name__
            raise AskError(
                "transport", f"the connection to {self.host} failed: {reason}", billed=True
            ) from None
        except OSError as error:
            raise AskError("refused", f"the inputs cannot be read: {error.strerror or error}") from None
        except Exception as error:
            # the SDK lets errors of its HTTP library through while a body is read
            if type(error).__module__.partition(".")[0] not in ("httpx", "httpx2", "httpcore", "h11"):
                raise
            late = "Timeout" in type(error).__name__
            raise AskError(
                "timeout" if late else "transport",
                f"the answer broke off: {type(error).__name__}",
                billed=True,
            ) from None


def client_for(column: Column, secrets: Secrets, base_url: str | None) -> AsyncOpenAI:
    """The SDK's client for ``column``. Raises UserError when a key or an address is missing."""
    import openai  # noqa: PLC0415 - costs half a second

    key = secrets.key_of(column)
    shared: dict[str, Any] = {
        "max_retries": 0,
        "default_headers": secrets.headers_of(column),
        "http_client": openai.DefaultAsyncHttpxClient(
            follow_redirects=False,
            # a proxy of the environment is not asked for what is on this machine
            trust_env=not column.simulated,
        ),
        "timeout": openai.Timeout(600.0, connect=_CONNECT_S),
    }
    if column.kind != "azure":
        return openai.AsyncOpenAI(api_key=key, base_url=base_url, **shared)
    endpoint = base_url or os.environ.get("AZURE_OPENAI_ENDPOINT")
    version = column.api_version or os.environ.get("OPENAI_API_VERSION")
    for name, value in (("AZURE_OPENAI_ENDPOINT", endpoint), ("OPENAI_API_VERSION", version)):
        if not value:
            raise UserError(f"source {column.name!r} needs {name} to be set")
    return openai.AsyncAzureOpenAI(
        api_key=key, azure_endpoint=str(endpoint), api_version=str(version), **shared
    )


def _files(task: Task) -> dict[str, Any]:
    def opened(number: int, name: str) -> tuple[str, bytes]:
        path = task.files[number]
        return f"{name}{path.suffix.lower()}", path.read_bytes()

    count = len(task.files) - (1 if task.masked else 0)
    images = [opened(number, f"image{number}") for number in range(count)]
    files: dict[str, Any] = {"image": images if len(images) > 1 else images[0]}
    if task.masked:
        files["mask"] = opened(count, "mask")
    return files


def _lower(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}
