"""The routes of files and batches."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from migrator.simulator.intake import from_json, from_multipart, read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

    from migrator.simulator.batches import Batches
    from migrator.simulator.desk import Desk
    from migrator.simulator.images import Handler


class Files:
    """Keeps pictures for edits, and what the Batch API reads and writes."""

    def __init__(self, desk: Desk, batches: Batches) -> None:
        self.desk = desk
        self.batches = batches

    def routes(self, logged: Callable[[Handler], Handler]) -> Iterator[Route]:
        """The routes; ``logged`` wraps every handler."""
        yield Route("/v1/files", logged(self.upload_file), methods=["POST"])
        yield Route("/v1/files/{name}", logged(self.get_file), methods=["GET", "DELETE"])
        yield Route("/v1/files/{name}/content", logged(self.get_content), methods=["GET"])
        yield Route("/v1/batches", logged(self.create_batch), methods=["POST"])
        yield Route("/v1/batches", logged(self.list_batches), methods=["GET"])
        yield Route("/v1/batches/{name}", logged(self.get_batch), methods=["GET"])
        yield Route("/v1/batches/{name}/cancel", logged(self.get_batch), methods=["POST"])

    async def upload_file(self, request: Request) -> Response:
        """``POST /v1/files``: keeps a picture that an edit can name by ``file_id``, or the input of a batch."""
        self.desk.check_key(request)
        limit = max(self.desk.options.max_body, self.desk.contract.catalog.service.batch.max_bytes)
        body = await read_body(request, limit)
        intake = await from_multipart(request, body, {"file": "file"})
        request.state.parameters = intake.logged()
        uploads = intake.of("file")
        if not uploads:
            raise self.desk.contract.refused("required", "file")
        data = uploads[0].data
        if intake.parameters.get("purpose") == "batch":
            stored = await self.desk.drawn(self.batches.store, data, uploads[0].filename, "batch")
            return JSONResponse(stored.as_json())
        name = f"file-{hashlib.sha256(data).hexdigest()[:24]}"
        self.desk.files.put(name, data)
        return JSONResponse(
            {
                "id": name,
                "object": "file",
                "bytes": len(data),
                "created_at": self.desk.now(),
                "filename": uploads[0].filename,
                "purpose": str(intake.parameters.get("purpose", "vision")),
                "status": "processed",
                "expires_at": None,
            }
        )

    async def get_file(self, request: Request) -> Response:
        """``GET`` and ``DELETE /v1/files/{id}``, for the files of batches."""
        self.desk.check_key(request)
        name = request.path_params["name"]
        if request.method == "DELETE":
            return JSONResponse(self.batches.remove(name))
        return JSONResponse(self.batches.file(name).as_json())

    async def get_content(self, request: Request) -> Response:
        """``GET /v1/files/{id}/content``."""
        self.desk.check_key(request)
        path = self.batches.file(request.path_params["name"]).path
        return FileResponse(path, media_type="application/octet-stream")

    async def create_batch(self, request: Request) -> Response:
        """``POST /v1/batches``."""
        self.desk.check_key(request)
        intake = from_json(await read_body(request, self.desk.options.max_body))
        request.state.parameters = intake.logged()
        return JSONResponse(self.batches.create(intake.parameters, str(request.base_url)))

    async def list_batches(self, request: Request) -> Response:
        """``GET /v1/batches``."""
        self.desk.check_key(request)
        asked = request.query_params.get("limit", "20")
        limit = min(int(asked), 100) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 20
        return JSONResponse(self.batches.listed(request.query_params.get("after"), max(1, limit)))

    async def get_batch(self, request: Request) -> Response:
        """``GET /v1/batches/{id}``, and ``POST /v1/batches/{id}/cancel``."""
        self.desk.check_key(request)
        name = request.path_params["name"]
        cancelled = request.method == "POST"
        return JSONResponse(self.batches.cancel(name) if cancelled else self.batches.get(name).as_json())
