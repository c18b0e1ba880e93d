"""The routes of the simulated API, as an ASGI application."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from migrator.simulator import answers, batches, chat, errors, faults, responses
from migrator.simulator.batches import Batches
from migrator.simulator.contract import Contract, check_pictures
from migrator.simulator.errors import RefusedError
from migrator.simulator.intake import (
    Intake,
    Upload,
    from_json,
    from_multipart,
    open_picture,
    read_body,
    resolve_references,
)
from migrator.simulator.journal import Journal, Received
from migrator.simulator.pictures import Shelf, Studio
from migrator.simulator.wire import CutResponse, check_host, refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from migrator.catalog.model import EndpointName, Model
    from migrator.simulator.contract import Order

T = TypeVar("T")

ENDPOINTS: tuple[EndpointName, ...] = ("generations", "edits", "variations")
MAX_BODY = 64 * 2**20
"""Bytes that a request body may have by default."""
URL_LIFE = 3600.0
"""Seconds for which a hosted picture can be fetched."""

HANDS = 4
"""Pictures that are drawn at the same time."""
INVALID_KEY = "sk-invalid"
"""The one key that is refused, so that tests can see a refusal."""

MARK = "x-simulated"
"""The header by which an answer says that nobody painted its picture."""

_HANG = 900.0
_SLOW = 2.0
_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Options:
    """How the server behaves. ``latency`` and ``url_life`` in seconds, ``max_body`` in bytes."""

    latency: float = 0.0
    seed: int = 0
    latency_of: Mapping[str, float] = field(default_factory=dict)
    """Seconds for answers of a quality, where they are not the usual ones."""
    max_body: int = MAX_BODY
    url_life: float = URL_LIFE


class Service:
    """Answers requests. ``stopping`` says whether the server is about to end: waiting answers give up."""

    def __init__(
        self, contract: Contract, options: Options, plan: faults.FaultPlan, stopping: Callable[[], bool]
    ) -> None:
        self.contract = contract
        self.options = options
        self.plan = plan
        self.stopping = stopping
        self.journal = Journal()
        self.studio = Studio(options.seed)
        self.hosted = Shelf(life=options.url_life)
        self.files = Shelf()
        self.said = Shelf()
        self.batches = Batches(self, self._now)
        self.failures: list[Exception] = []
        self._hands = CapacityLimiter(HANDS)
        self._numbers = itertools.count(1)

    def application(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/v1/models", self._logged(self.list_models), methods=["GET"]),
            Route("/v1/models/{model}", self._logged(self.get_model), methods=["GET"]),
            Route("/v1/chat/completions", self._logged(self.chat), methods=["POST"]),
            Route("/v1/responses", self._logged(self.respond), methods=["POST"]),
            Route("/v1/files", self._logged(self.upload_file), methods=["POST"]),
            Route("/v1/files/{name}", self._logged(self.get_file), methods=["GET", "DELETE"]),
            Route("/v1/files/{name}/content", self._logged(self.get_content), methods=["GET"]),
            Route("/v1/batches", self._logged(self.create_batch), methods=["POST"]),
            Route("/v1/batches", self._logged(self.list_batches), methods=["GET"]),
            Route("/v1/batches/{name}", self._logged(self.get_batch), methods=["GET"]),
            Route("/v1/batches/{name}/cancel", self._logged(self.get_batch), methods=["POST"]),
            Route("/hosted/{name}", self._logged(self.get_hosted), methods=["GET"]),
            Route("/_simulator/requests", self.get_requests, methods=["GET"]),
        ]
        for endpoint in ENDPOINTS:
            images = self._images(endpoint)
            for path in (
                f"/v1/images/{endpoint}",
                f"/openai/deployments/{{deployment}}/images/{endpoint}",
                f"/openai/v1/images/{endpoint}",
            ):
                routes.append(Route(path, self._logged(images), methods=["POST"]))
        handlers: dict[Any, Any] = {HTTPException: self._no_route}
        app = Starlette(routes=routes, exception_handlers=handlers)
        app.router.redirect_slashes = False
        return app

    def _logged(
        self, handler: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """``handler`` with a request id, refusals turned into answers, and a line in the journal."""

        async def wrapped(request: Request) -> Response:
            started = time.perf_counter()
            request.state.id = self._request_id()
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
                self.failures.append(problem)
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
            self.journal.add(received)
            return answer

        return wrapped

    def _request_id(self) -> str:
        text = f"{self.options.seed}:{next(self._numbers)}"
        return f"req_{hashlib.sha256(text.encode()).hexdigest()[:32]}"

    async def _no_route(self, request: Request, problem: Exception) -> Response:
        status = problem.status_code if isinstance(problem, HTTPException) else 500
        reason = errors.wrong_method if status == 405 else errors.unknown_url
        answer = refused(reason(request.method, request.url.path))
        answer.headers["x-request-id"] = self._request_id()
        return answer

    def _check_key(self, request: Request, azure: bool = False) -> None:
        """Any key will do, except none, and except the one that says that it is invalid."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        key = key.strip() if scheme.lower() == "bearer" else ""
        if azure:
            key = request.headers.get("api-key", "").strip() or key
        if key and key != INVALID_KEY:
            return
        if azure:
            raise RefusedError(errors.azure_wrong_key())
        raise RefusedError(errors.no_key()) if not key else self.contract.refused("invalid_api_key")

    # Models, files, hosted pictures

    async def list_models(self, request: Request) -> Response:
        """``GET /v1/models``."""
        self._check_key(request)
        return JSONResponse(
            {"object": "list", "data": [self._model(m.id, m) for m in self.contract.live_models()]}
        )

    async def get_model(self, request: Request) -> Response:
        """``GET /v1/models/{id}``."""
        self._check_key(request)
        name = request.path_params["model"]
        model = self.contract.find(name)
        if model is None or not self.contract.alive(model):
            raise self.contract.refused("model_not_found", "model", model=name)
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

    async def upload_file(self, request: Request) -> Response:
        """``POST /v1/files``: keeps a picture that an edit can name by ``file_id``, or the input of a batch."""
        self._check_key(request)
        limit = max(self.options.max_body, self.contract.catalog.service.batch.max_bytes)
        body = await read_body(request, limit)
        intake = await from_multipart(request, body, {"file": "file"})
        request.state.parameters = intake.logged()
        uploads = intake.of("file")
        if not uploads:
            raise self.contract.refused("required", "file")
        data = uploads[0].data
        if intake.parameters.get("purpose") == "batch":
            stored = await self._drawn(self.batches.store, data, uploads[0].filename, "batch")
            return JSONResponse(stored.as_json())
        name = f"file-{hashlib.sha256(data).hexdigest()[:24]}"
        self.files.put(name, data)
        return JSONResponse(
            {
                "id": name,
                "object": "file",
                "bytes": len(data),
                "created_at": self._now(),
                "filename": uploads[0].filename,
                "purpose": str(intake.parameters.get("purpose", "vision")),
                "status": "processed",
                "expires_at": None,
            }
        )

    async def chat(self, request: Request) -> Response:
        """``POST /v1/chat/completions``: a judge of pictures, nothing else."""
        self._check_key(request)
        intake = from_json(await read_body(request, self.options.max_body))
        request.state.parameters = {"model": str(intake.parameters.get("model"))[:200]}
        return JSONResponse(chat.completion(intake.parameters, self._now()))

    async def respond(self, request: Request) -> Response:
        """``POST /v1/responses``: what the drawing tool makes of the last thing that was said."""
        self._check_key(request)
        intake = from_json(await read_body(request, self.options.max_body))
        request.state.parameters = intake.logged()
        hosted = self.contract.catalog.calls.hosted_tool
        asked = responses.read(intake.parameters, hosted)
        before = self.said.get(str(asked.parameters.get("previous_response_id")))
        if before is not None and not asked.pictures:
            asked = replace(asked, pictures=[{"file_id": before.decode()}])
        name = request.state.id.removeprefix("req_")
        items, partials, fault = [], [], None
        if asked.tool is not None:
            fault = self.plan.next(asked.prompt)
            late = await self._before(fault, Intake({"model": asked.tool.get("model")}), request)
            if late is not None:
                return late
            order, given = responses.order(asked, hosted, self.contract, self._lookup)
            if fault == "moderation":
                raise self.contract.moderated(order)
            await self._drawn(_inspect, order, given)
            latency = self.options.latency_of.get(order.quality, self.options.latency)
            await self._wait(latency + (_SLOW if fault == "slow" else 0.0), request)
            picture = await self._drawn(self.studio.picture, order, 0, given.uploads)
            for left in range(asked.partials, 0, -1):
                partials.append(await self._drawn(self.studio.picture, order, 0, given.uploads, left))
            items = [responses.call(asked, order, picture, name)]
            self.files.put(items[0]["id"], picture)
            self.said.put(f"resp_{name}", items[0]["id"].encode())
        whole = responses.body(asked, items, name, self._now())
        if asked.parameters.get("stream"):
            return StreamingResponse(responses.events(whole, partials), media_type="text/event-stream")
        return _sent(whole, fault)

    async def get_file(self, request: Request) -> Response:
        """``GET`` and ``DELETE /v1/files/{id}``, for the files of batches."""
        self._check_key(request)
        name = request.path_params["name"]
        if request.method == "DELETE":
            return JSONResponse(self.batches.remove(name))
        return JSONResponse(self.batches.file(name).as_json())

    async def get_content(self, request: Request) -> Response:
        """``GET /v1/files/{id}/content``."""
        self._check_key(request)
        path = self.batches.file(request.path_params["name"]).path
        return FileResponse(path, media_type="application/octet-stream")

    async def create_batch(self, request: Request) -> Response:
        """``POST /v1/batches``."""
        self._check_key(request)
        intake = from_json(await read_body(request, self.options.max_body))
        request.state.parameters = intake.logged()
        return JSONResponse(self.batches.create(intake.parameters, str(request.base_url)))

    async def list_batches(self, request: Request) -> Response:
        """``GET /v1/batches``."""
        self._check_key(request)
        asked = request.query_params.get("limit", "20")
        limit = min(int(asked), 100) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 20
        return JSONResponse(self.batches.listed(request.query_params.get("after"), max(1, limit)))

    async def get_batch(self, request: Request) -> Response:
        """``GET /v1/batches/{id}``, and ``POST /v1/batches/{id}/cancel``."""
        self._check_key(request)
        name = request.path_params["name"]
        cancelled = request.method == "POST"
        return JSONResponse(self.batches.cancel(name) if cancelled else self.batches.get(name).as_json())

    async def batched(
        self, endpoint: EndpointName, parameters: dict[str, Any], name: str, root: str
    ) -> tuple[int, dict[str, Any], str]:
        """One request of a batch: status, body and request id. Status 0: the batch ran out of time before it."""
        request_id = self._request_id()
        intake = Intake(dict(parameters))
        try:
            if endpoint == "edits":
                resolve_references(intake, self._lookup)
            fault = self.plan.next(str(parameters.get("prompt") or ""))
            if fault == "expired":
                return 0, {}, request_id
            if fault in faults.TRANSPORT:
                raise RefusedError(batches.unfit(fault))
            self._refuse(fault, intake)
            order = replace(self.contract.take(endpoint, intake), variation=name[:200])
            if fault == "moderation":
                raise self.contract.moderated(order)
            inputs = await self._drawn(_inspect, order, intake)
            body = await self._drawn(self._finished, order, intake.uploads, inputs, root)
            status, code = 200, None
        except RefusedError as refused:
            status, body, code = refused.refusal.status, refused.refusal.body(), refused.refusal.code
        except Exception as problem:
            self.failures.append(problem)
            status, body, code = 500, errors.broken(problem).body(), None
        self.journal.add(batches.received(endpoint, intake.logged(), status, code, request_id))
        return status, body, request_id

    async def get_hosted(self, request: Request) -> Response:
        """``GET /hosted/{name}``: a picture that an answer pointed to, for as long as it lives."""
        name = request.path_params["name"]
        data = self.hosted.get(name)
        if data is None:
            return Response("The link has expired or never existed.", 403, media_type="text/plain")
        return Response(data, media_type=_TYPES.get(name.rpartition(".")[2], "application/octet-stream"))

    async def get_requests(self, request: Request) -> Response:
        """``GET /_simulator/requests``: the journal, for tests."""
        try:
            check_host(request)
        except RefusedError as problem:
            return refused(problem.refusal)
        return JSONResponse({"requests": self.journal.as_json()})

    # Images

    def _images(self, endpoint: EndpointName) -> Callable[[Request], Awaitable[Response]]:
        async def handler(request: Request) -> Response:
            return await self._serve_images(endpoint, request)

        return handler

    async def _serve_images(self, endpoint: EndpointName, request: Request) -> Response:
        provider = "azure" if request.url.path.startswith("/openai/") else "openai"
        deployment = request.path_params.get("deployment")
        self._check_key(request, azure=provider == "azure")
        if deployment is not None and not request.query_params.get("api-version"):
            raise RefusedError(errors.azure_no_resource())
        intake = await self._intake(endpoint, request)
        fault = self.plan.next(str(intake.parameters.get("prompt") or ""))
        late = await self._before(fault, intake, request)
        if late is not None:
            return late
        name = self._deployed(provider, deployment, intake)
        order = self.contract.take(endpoint, intake, provider, name)
        # a request of its own is a picture of its own; the same request again is the same picture
        order = replace(order, variation=request.headers.get("idempotency-key", "")[:200])
        if fault == "moderation":
            raise self.contract.moderated(order)
        inputs = await self._drawn(_inspect, order, intake)
        if order.stream:
            await self._drawn(self.studio.picture, order, 0, intake.uploads)
            return StreamingResponse(
                self._stream(order, intake.uploads, inputs), media_type="text/event-stream"
            )
        latency = self.options.latency_of.get(order.quality, self.options.latency)
        await self._wait(latency + (_SLOW if fault == "slow" else 0.0), request)
        body = await self._drawn(self._finished, order, intake.uploads, inputs, str(request.base_url))
        return _sent(body, fault)

    async def _intake(self, endpoint: EndpointName, request: Request) -> Intake:
        body = await read_body(request, self.options.max_body)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "multipart/form-data" and endpoint != "generations":
            intake = await from_multipart(request, body)
        elif endpoint == "variations":
            raise RefusedError(errors.wrong_type(kind, "'multipart/form-data'"))
        elif kind in ("application/json", ""):
            intake = from_json(body)
            if endpoint == "edits":
                resolve_references(intake, self._lookup)
        else:
            raise RefusedError(errors.wrong_type(kind, "'application/json'"))
        request.state.parameters = intake.logged()
        return intake

    def _deployed(self, provider: str, deployment: str | None, intake: Intake) -> str | None:
        """The model behind an Azure request, which is named by deployment in the path or in the body."""
        if provider != "azure":
            return None
        named = deployment if deployment is not None else intake.parameters.get("model")
        if not isinstance(named, str):
            raise RefusedError(errors.azure_no_deployment())
        return self.contract.deployed(named)

    def _lookup(self, reference: str) -> bytes | None:
        """The bytes behind a file id or a hosted url of this server."""
        if "/hosted/" in reference:
            return self.hosted.get(reference.rpartition("/")[2].partition("?")[0])
        return self.files.get(reference)

    async def _before(self, fault: str | None, intake: Intake, request: Request) -> Response | None:
        """Faults that strike before the request is looked at."""
        self._refuse(fault, intake)
        if fault == "timeout":
            await self._wait(_HANG, request)
            return Response(status_code=504)
        return None

    def _refuse(self, fault: str | None, intake: Intake) -> None:
        """Raises what a fault refuses a request with, if it does."""
        if fault is None:
            return
        if fault not in faults.FAULTS:
            raise RefusedError(faults.unknown_fault(fault))
        if fault in faults.REFUSALS:
            raise RefusedError(faults.REFUSALS[fault])
        if fault in faults.TOLD and fault != "moderation":
            raise self.contract.refused(faults.TOLD[fault], model=intake.parameters.get("model"))

    async def _wait(self, seconds: float, request: Request) -> None:
        """Sleeps, but not beyond the end of the server or of the client's patience."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self.stopping():
            await asyncio.sleep(min(left, 0.05))
            if await request.is_disconnected():
                return

    def _finished(
        self, order: Order, uploads: list[Upload], inputs: list[tuple[int, int]], root: str
    ) -> dict[str, Any]:
        pictures = [self.studio.picture(order, sample, uploads) for sample in range(order.count)]
        used = answers.usage(order, self.contract.live_models(), inputs)
        return answers.images_body(
            order, pictures, self._now(), used, lambda data: self._host(data, order, root)
        )

    def _host(self, data: bytes, order: Order, root: str) -> str:
        """Keeps a picture and says its url, which like the real ones ends in a query string."""
        mark = hashlib.sha256(data).hexdigest()
        name = f"img-{mark[:24]}.{order.format}"
        self.hosted.put(name, data)
        return f"{root}hosted/{name}?sp=r&rsct=image/{order.format}&sig={mark[24:48]}"

    async def _stream(self, order: Order, uploads: list[Upload], inputs: list[tuple[int, int]]) -> Any:
        used = answers.usage(
            order, self.contract.live_models(), inputs, partials=order.partials * order.count
        )

        def partial(sample: int, index: int) -> bytes:
            return self.studio.picture(order, sample, uploads, order.partials - index)

        def final(sample: int) -> bytes:
            return self.studio.picture(order, sample, uploads)

        parts: Iterator[bytes] = answers.events(order, partial, final, self._now(), used)
        pause = self.options.latency / (order.partials + 1)
        while (part := await self._drawn(next, parts, None)) is not None:
            if pause and not self.stopping():
                await asyncio.sleep(pause)
            yield part

    async def _drawn(self, work: Callable[..., T], *arguments: Any) -> T:
        """The result of ``work`` in a thread; only a few at a time, as a large picture takes much memory."""
        return await to_thread.run_sync(work, *arguments, limiter=self._hands)

    def _now(self) -> int:
        """The current time of day on the day of the contract, in seconds since 1970."""
        day = self.contract.today
        start = datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()
        return int(start + time.time() % 86400)


def _sent(body: dict[str, Any], fault: str | None) -> Response:
    """The answer with that body, or what a fault leaves of it."""
    answer = JSONResponse(body)
    if fault == "cut":
        return CutResponse(bytes(answer.body))
    if fault == "malformed":
        return Response(bytes(answer.body)[:-2] + b"<", media_type="application/json")
    return answer


def _inspect(order: Order, intake: Intake) -> list[tuple[int, int]]:
    """Opens every uploaded picture once and checks it. Returns the sizes of the inputs in pixels."""
    if order.endpoint == "generations":
        return []
    for upload in intake.uploads:
        # DALL-E looked at the bytes; GPT Image models believe the label, and refuse bytes without a file name
        if not order.legacy and upload.media_type == "application/octet-stream":
            raise RefusedError(errors.unlabelled_picture(upload.role, upload.media_type))
    formats = ("PNG",) if order.legacy else ("PNG", "JPEG", "WEBP")
    images = [open_picture(upload, formats) for upload in intake.of("image")]
    masks = [open_picture(upload, formats) for upload in intake.of("mask")]
    check_pictures(order, images, masks[0] if masks else None)
    return [image.size for image in images]
