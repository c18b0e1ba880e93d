"""What every route of the simulated API shares: its settings, its shelves, its studio, and how it waits and refuses."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.responses import JSONResponse, Response

from migrator.simulator import answers, errors, faults
from migrator.simulator.contract import Contract, check_pictures
from migrator.simulator.errors import RefusedError
from migrator.simulator.intake import Intake, Upload, open_picture
from migrator.simulator.journal import Journal
from migrator.simulator.pictures import Shelf, Studio
from migrator.simulator.wire import CutResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from migrator.simulator.contract import Order

T = TypeVar("T")

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

HANG = 900.0
SLOW = 2.0


@dataclass(frozen=True, slots=True)
class Options:
    """How the server behaves. ``latency`` and ``url_life`` in seconds, ``max_body`` in bytes."""

    latency: float = 0.0
    seed: int = 0
    latency_of: Mapping[str, float] = field(default_factory=dict)
    """Seconds for answers of a quality, where they are not the usual ones."""
    max_body: int = MAX_BODY
    url_life: float = URL_LIFE


class Desk:
    """The state of one server. ``stopping`` says whether it is about to end: waiting answers give up."""

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
        self.failures: list[Exception] = []
        self._hands = CapacityLimiter(HANDS)
        self._numbers = itertools.count(1)

    def request_id(self) -> str:
        """The next one; the same in every run with the same seed."""
        text = f"{self.options.seed}:{next(self._numbers)}"
        return f"req_{hashlib.sha256(text.encode()).hexdigest()[:32]}"

    def check_key(self, request: Request, azure: bool = False) -> None:
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

    def lookup(self, reference: str) -> bytes | None:
        """The bytes behind a file id or a hosted url of this server."""
        if "/hosted/" in reference:
            return self.hosted.get(reference.rpartition("/")[2].partition("?")[0])
        return self.files.get(reference)

    async def before(self, fault: str | None, intake: Intake, request: Request) -> Response | None:
        """Faults that strike before the request is looked at."""
        self.refuse(fault, intake)
        if fault == "timeout":
            await self.wait(HANG, request)
            return Response(status_code=504)
        return None

    def refuse(self, fault: str | None, intake: Intake) -> None:
        """Raises what a fault refuses a request with, if it does."""
        if fault is None:
            return
        if fault not in faults.FAULTS:
            raise RefusedError(faults.unknown_fault(fault))
        if fault in faults.REFUSALS:
            raise RefusedError(faults.REFUSALS[fault])
        if fault in faults.TOLD and fault != "moderation":
            raise self.contract.refused(faults.TOLD[fault], model=intake.parameters.get("model"))

    async def wait(self, seconds: float, request: Request) -> None:
        """Sleeps, but not beyond the end of the server or of the client's patience."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self.stopping():
            await asyncio.sleep(min(left, 0.05))
            if await request.is_disconnected():
                return

    def finished(
        self, order: Order, uploads: list[Upload], inputs: list[tuple[int, int]], root: str
    ) -> dict[str, Any]:
        """The body of an answer: pictures as the order wants them, and what they used. ``root`` is the server's."""
        pictures = [self.studio.picture(order, sample, uploads) for sample in range(order.count)]
        used = answers.usage(order, self.contract.live_models(), inputs)
        return answers.images_body(
            order, pictures, self.now(), used, lambda data: self._host(data, order, root)
        )

    def _host(self, data: bytes, order: Order, root: str) -> str:
        """Keeps a picture and says its url, which like the real ones ends in a query string."""
        mark = hashlib.sha256(data).hexdigest()
        name = f"img-{mark[:24]}.{order.format}"
        self.hosted.put(name, data)
        return f"{root}hosted/{name}?sp=r&rsct=image/{order.format}&sig={mark[24:48]}"

    async def drawn(self, work: Callable[..., T], *arguments: Any) -> T:
        """The result of ``work`` in a thread; only a few at a time, as a large picture takes much memory."""
        return await to_thread.run_sync(work, *arguments, limiter=self._hands)

    def now(self) -> int:
        """The current time of day on the day of the contract, in seconds since 1970."""
        day = self.contract.today
        start = datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()
        return int(start + time.time() % 86400)


def sent(body: dict[str, Any], fault: str | None) -> Response:
    """The answer with that body, or what a fault leaves of it."""
    answer = JSONResponse(body)
    if fault == "cut":
        return CutResponse(bytes(answer.body))
    if fault == "malformed":
        return Response(bytes(answer.body)[:-2] + b"<", media_type="application/json")
    return answer


def inspect_pictures(order: Order, intake: Intake) -> list[tuple[int, int]]:
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
