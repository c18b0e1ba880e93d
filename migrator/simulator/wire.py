"""What all routes of the simulated API share: refusals as answers, who may ask, and an answer that breaks off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from migrator.simulator import errors
from migrator.simulator.errors import Refusal, RefusedError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class CutResponse(Response):
    """Promises a whole body, sends half of it and stops; the server then drops the connection."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body, media_type="application/json")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the ASGI form
        """Sends the first half."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send(
            {"type": "http.response.body", "body": self.body[: len(self.body) // 2], "more_body": True}
        )


def check_host(request: Request) -> None:
    """Refuses names that only look local: a page in a browser could point its own domain at this machine.

    Raises:
        RefusedError: 403 for every name but those of this machine.
    """
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name.lower() not in _LOOPBACK:
        raise RefusedError(errors.not_local())


def refused(refusal: Refusal) -> Response:
    """The answer that a refusal is."""
    return JSONResponse(refusal.body(), status_code=refusal.status, headers=dict(refusal.headers))
