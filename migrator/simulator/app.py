"""The routes of the simulated API, as an ASGI application."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from migrator.simulator import chat, errors, responses
from migrator.simulator.batches import Batches
from migrator.simulator.desk import SLOW, Desk, inspect_pictures, sent
from migrator.simulator.errors import RefusedError
from migrator.simulator.files import Files
from migrator.simulator.images import Images
from migrator.simulator.intake import Intake, from_json, read_body
from migrator.simulator.journal import Received
from migrator.simulator.pictures import Shelf
from migrator.simulator.wire import check_host, refused

if TYPE_CHECKING:
    from migrator.catalog.model import Model
    from migrator.simulator.images import Handler

MARK = "x-simulated"
"""The header by which an answer says that nobody painted its picture."""

_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}


class Service:
    """Answers requests."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.said = Shelf()
        self.images = Images(desk)
        self.batches = Batches(desk, self.images.batched)
        self.files = Files(desk, self.batches)

    def application(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/v1/models", self._logged(self.list_models), methods=["GET"]),
            Route("/v1/models/{model}", self._logged(self.get_model), methods=["GET"]),
            Route("/v1/chat/completions", self._logged(self.chat), methods=["POST"]),
            Route("/v1/responses", self._logged(self.respond), methods=["POST"]),
            *self.files.routes(self._logged),
            *self.images.routes(self._logged),
            Route("/hosted/{name}", self._logged(self.get_hosted), methods=["GET"]),
            Route("/_simulator/requests", self.get_requests, methods=["GET"]),
        ]
        handlers: dict[Any, Any] = {HTTPException: self._no_route}
        app = Starlette(routes=routes, exception_handlers=handlers)
        app.router.redirect_slashes = False
        return app

    def _logged(self, handler: Handler) -> Handler:
        """``handler`` with a request id, refusals turned into answers, and a line in the journal."""

        async def wrapped(request: Request) -> Response:
            started = time.perf_counter()
            request.state.id = self.desk.request_id()
            request.state.parameters = {}
            code = None
            try:
                check_host(request)
                answer = await handler(request)
            except RefusedError as problem:
                code = problem.refusal.code
                answer = refused(problem.refusal)
            except ClientDisconnect:
                answer = Response(status_code=499)
            except Exception as problem:
                self.desk.failures.append(problem)
                answer = refused(errors.broken(problem))
            answer.headers["x-request-id"] = request.state.id
            answer.headers[MARK] = "1"
            answer.headers["openai-processing-ms"] = str(int((time.perf_counter() - started) * 1000))
            received = Received(
                request.method,
                request.url.path,
                request.state.parameters,
                answer.status_code,
                code,
                request.state.id,
            )
            self.desk.journal.add(received)
            return answer

        return wrapped

    async def _no_route(self, request: Request, problem: Exception) -> Response:
        status = problem.status_code if isinstance(problem, HTTPException) else 500
        reason = errors.wrong_method if status == 405 else errors.unknown_url
        answer = refused(reason(request.method, request.url.path))
        answer.headers["x-request-id"] = self.desk.request_id()
        return answer

    async def list_models(self, request: Request) -> Response:
        """``GET /v1/models``."""
        self.desk.check_key(request)
        return JSONResponse(
            {"object": "list", "data": [self._model(m.id, m) for m in self.desk.contract.live_models()]}
        )

    async def get_model(self, request: Request) -> Response:
        """``GET /v1/models/{id}``."""
        self.desk.check_key(request)
        name = request.path_params["model"]
        model = self.desk.contract.find(name)
        if model is None or not self.desk.contract.alive(model):
            raise self.desk.contract.refused("model_not_found", "model", model=name)
        return JSONResponse(self._model(name, model))

    def _model(self, name: str, model: Model) -> dict[str, Any]:
        life = model.life()
        released = datetime(
            model.released.year, model.released.month, model.released.day, tzinfo=timezone.utc
        )
        shutdown = life.shutdown.isoformat() if life and life.shutdown else None
        return {
            "id": name,
            "object": "model",
            "created": int(released.timestamp()),
            "owned_by": "system",
            "shutdown_date": shutdown,
        }

    async def chat(self, request: Request) -> Response:
        """``POST /v1/chat/completions``: a judge of pictures, nothing else."""
        self.desk.check_key(request)
        intake = from_json(await read_body(request, self.desk.options.max_body))
        request.state.parameters = {"model": str(intake.parameters.get("model"))[:200]}
        return JSONResponse(chat.completion(intake.parameters, self.desk.now()))

    async def respond(self, request: Request) -> Response:
        """``POST /v1/responses``: what the drawing tool makes of the last thing that was said."""
        self.desk.check_key(request)
        intake = from_json(await read_body(request, self.desk.options.max_body))
        request.state.parameters = intake.logged()
        hosted = self.desk.contract.catalog.calls.hosted_tool
        asked = responses.read(intake.parameters, hosted)
        before = self.said.get(str(asked.parameters.get("previous_response_id")))
        if before is not None and not asked.pictures:
            asked = replace(asked, pictures=[{"file_id": before.decode()}])
        name = request.state.id.removeprefix("req_")
        items, partials, fault = [], [], None
        if asked.tool is not None:
            fault = self.desk.plan.next(asked.prompt)
            late = await self.desk.before(fault, Intake({"model": asked.tool.get("model")}), request)
            if late is not None:
                return late
            order, given = responses.order(asked, hosted, self.desk.contract, self.desk.lookup)
            if fault == "moderation":
                raise self.desk.contract.moderated(order)
            await self.desk.drawn(inspect_pictures, order, given)
            latency = self.desk.options.latency_of.get(order.quality, self.desk.options.latency)
            await self.desk.wait(latency + (SLOW if fault == "slow" else 0.0), request)
            picture = await self.desk.drawn(self.desk.studio.picture, order, 0, given.uploads)
            for left in range(asked.partials, 0, -1):
                partials.append(
                    await self.desk.drawn(self.desk.studio.picture, order, 0, given.uploads, left)
                )
            items = [responses.call(asked, order, picture, name)]
            self.desk.files.put(items[0]["id"], picture)
            self.said.put(f"resp_{name}", items[0]["id"].encode())
        whole = responses.body(asked, items, name, self.desk.now())
        if asked.parameters.get("stream"):
            return StreamingResponse(responses.events(whole, partials), media_type="text/event-stream")
        return sent(whole, fault)

    async def get_hosted(self, request: Request) -> Response:
        """``GET /hosted/{name}``: a picture that an answer pointed to, for as long as it lives."""
        name = request.path_params["name"]
        data = self.desk.hosted.get(name)
        if data is None:
            return Response("The link has expired or never existed.", 403, media_type="text/plain")
        return Response(data, media_type=_TYPES.get(name.rpartition(".")[2], "application/octet-stream"))

    async def get_requests(self, request: Request) -> Response:
        """``GET /_simulator/requests``: the journal, for tests."""
        try:
            check_host(request)
        except RefusedError as problem:
            return refused(problem.refusal)
        return JSONResponse({"requests": self.desk.journal.as_json()})
