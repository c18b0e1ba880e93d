"""The routes that make pictures: generations, edits and variations, on OpenAI's paths and on Azure's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from migrator.simulator import answers, batches, errors, faults
from migrator.simulator.desk import SLOW, Desk, inspect_pictures, sent
from migrator.simulator.errors import RefusedError
from migrator.simulator.intake import (
    Intake,
    Upload,
    from_json,
    from_multipart,
    read_body,
    resolve_references,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from starlette.requests import Request

    from migrator.catalog.model import EndpointName
    from migrator.simulator.contract import Order

    Handler = Callable[[Request], Awaitable[Response]]

ENDPOINTS: tuple[EndpointName, ...] = ("generations", "edits", "variations")


class Images:
    """Draws what requests ask for."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def routes(self, logged: Callable[[Handler], Handler]) -> Iterator[Route]:
        """The routes; ``logged`` wraps every handler."""
        for endpoint in ENDPOINTS:
            handler = logged(self._of(endpoint))
            for path in (
                f"/v1/images/{endpoint}",
                f"/openai/deployments/{{deployment}}/images/{endpoint}",
                f"/openai/v1/images/{endpoint}",
            ):
                yield Route(path, handler, methods=["POST"])

    def _of(self, endpoint: EndpointName) -> Handler:
        async def handler(request: Request) -> Response:
            return await self._serve(endpoint, request)

        return handler

    async def _serve(self, endpoint: EndpointName, request: Request) -> Response:
        provider = "azure" if request.url.path.startswith("/openai/") else "openai"
        deployment = request.path_params.get("deployment")
        self.desk.check_key(request, azure=provider == "azure")
        if deployment is not None and not request.query_params.get("api-version"):
            raise RefusedError(errors.azure_no_resource())
        intake = await self._intake(endpoint, request)
        fault = self.desk.plan.next(str(intake.parameters.get("prompt") or ""))
        late = await self.desk.before(fault, intake, request)
        if late is not None:
            return late
        name = self._deployed(provider, deployment, intake)
        order = self.desk.contract.take(endpoint, intake, provider, name)
        # a request of its own is a picture of its own; the same request again is the same picture
        order = replace(order, variation=request.headers.get("idempotency-key", "")[:200])
        if fault == "moderation":
            raise self.desk.contract.moderated(order)
        inputs = await self.desk.drawn(inspect_pictures, order, intake)
        if order.stream:
            await self.desk.drawn(self.desk.studio.picture, order, 0, intake.uploads)
            return StreamingResponse(
                self._stream(order, intake.uploads, inputs), media_type="text/event-stream"
            )
        latency = self.desk.options.latency_of.get(order.quality, self.desk.options.latency)
        await self.desk.wait(latency + (SLOW if fault == "slow" else 0.0), request)
        body = await self.desk.drawn(self.desk.finished, order, intake.uploads, inputs, str(request.base_url))
        return sent(body, fault)

    async def _intake(self, endpoint: EndpointName, request: Request) -> Intake:
        body = await read_body(request, self.desk.options.max_body)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "multipart/form-data" and endpoint != "generations":
            intake = await from_multipart(request, body)
        elif endpoint == "variations":
            raise RefusedError(errors.wrong_type(kind, "'multipart/form-data'"))
        elif kind in ("application/json", ""):
            intake = from_json(body)
            if endpoint == "edits":
                resolve_references(intake, self.desk.lookup)
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
        return self.desk.contract.deployed(named)

    async def _stream(self, order: Order, uploads: list[Upload], inputs: list[tuple[int, int]]) -> Any:
        used = answers.usage(
            order, self.desk.contract.live_models(), inputs, partials=order.partials * order.count
        )

        def partial(sample: int, index: int) -> bytes:
            return self.desk.studio.picture(order, sample, uploads, order.partials - index)

        def final(sample: int) -> bytes:
            return self.desk.studio.picture(order, sample, uploads)

        parts: Iterator[bytes] = answers.events(order, partial, final, self.desk.now(), used)
        pause = self.desk.options.latency / (order.partials + 1)
        while (part := await self.desk.drawn(next, parts, None)) is not None:
            if pause and not self.desk.stopping():
                await asyncio.sleep(pause)
            yield part

    async def batched(
        self, endpoint: EndpointName, parameters: dict[str, Any], name: str, root: str
    ) -> tuple[int, dict[str, Any], str]:
        """One request of a batch: status, body and request id. Status 0: the batch ran out of time before it."""
        request_id = self.desk.request_id()
        intake = Intake(dict(parameters))
        try:
            if endpoint == "edits":
                resolve_references(intake, self.desk.lookup)
            fault = self.desk.plan.next(str(parameters.get("prompt") or ""))
            if fault == "expired":
                return 0, {}, request_id
            if fault in faults.TRANSPORT:
                raise RefusedError(batches.unfit(fault))
            self.desk.refuse(fault, intake)
            order = replace(self.desk.contract.take(endpoint, intake), variation=name[:200])
            if fault == "moderation":
                raise self.desk.contract.moderated(order)
            inputs = await self.desk.drawn(inspect_pictures, order, intake)
            body = await self.desk.drawn(self.desk.finished, order, intake.uploads, inputs, root)
            status, code = 200, None
        except RefusedError as refused:
            status, body, code = refused.refusal.status, refused.refusal.body(), refused.refusal.code
        except Exception as problem:
            self.desk.failures.append(problem)
            status, body, code = 500, errors.broken(problem).body(), None
        self.desk.journal.add(batches.received(endpoint, intake.logged(), status, code, request_id))
        return status, body, request_id
