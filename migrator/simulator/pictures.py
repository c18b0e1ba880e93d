"""Makes and keeps the pictures of an order, and the bytes behind hosted urls and file ids."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from migrator.simulator import drawing
from migrator.simulator.faults import without_tokens
from migrator.simulator.intake import open_picture

if TYPE_CHECKING:
    from PIL import Image

    from migrator.simulator.contract import Order
    from migrator.simulator.intake import Upload

KEPT_BYTES = 64 * 2**20


class Shelf:
    """Bytes by name. The least recently used leave beyond ``limit`` bytes, all die after ``life`` seconds."""

    def __init__(self, limit: int = KEPT_BYTES, life: float | None = None) -> None:
        self._limit = limit
        self._life = life
        self._held = 0
        self._items: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> bytes | None:
        """The bytes, or ``None`` when they are gone."""
        with self._lock:
            item = self._items.get(name)
            if item is None or (self._life is not None and time.monotonic() - item[1] >= self._life):
                return None
            self._items.move_to_end(name)
            return item[0]

    def put(self, name: str, data: bytes) -> None:
        """Keeps ``data``, and its life starts anew."""
        with self._lock:
            old = self._items.pop(name, None)
            self._held += len(data) - (len(old[0]) if old else 0)
            self._items[name] = (data, time.monotonic())
            while self._held > self._limit and len(self._items) > 1:
                _, (dropped, _) = self._items.popitem(last=False)
                self._held -= len(dropped)


class Studio:
    """Draws orders, and remembers what it drew: programs under test often ask for the same picture."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._drawn = Shelf()

    def picture(self, order: Order, sample: int, uploads: list[Upload], blocks: int = 0) -> bytes:
        """The encoded picture number ``sample`` of ``order``; ``blocks`` above 0 gives an unfinished one."""
        digest = _digest(order, sample, uploads, self._seed)
        key = f"{digest.hex()}:{blocks}"
        found = self._drawn.get(key)
        if found is None:
            found = self._draw(order, digest, uploads, blocks)
            self._drawn.put(key, found)
        return found

    def _draw(self, order: Order, digest: bytes, uploads: list[Upload], blocks: int) -> bytes:
        sketch = drawing.Sketch(
            model=order.model.id,
            prompt=without_tokens(order.prompt),
            width=order.width,
            height=order.height,
            format=order.format,
            digest=digest,
            transparent=order.transparent,
            legacy=order.legacy,
            compression=order.compression,
            frames=order.frames,
            frame_ms=order.frame_ms,
            blocks=blocks,
        )
        images = [open_picture(upload) for upload in uploads if upload.role == "image"]
        if not images:
            return drawing.draw(sketch)
        if order.endpoint == "variations":
            return drawing.varied(sketch, images[0])
        mask = next((open_picture(upload) for upload in uploads if upload.role == "mask"), None)
        return drawing.draw(sketch, _collage(images), mask)


def _collage(images: list[Image.Image]) -> Image.Image:
    """The first picture with the others as small insets along its upper edge."""
    if len(images) == 1:
        return images[0]
    base = images[0].convert("RGBA")
    edge = max(1, min(base.width // len(images), base.height // 4))
    for index, image in enumerate(images[1:]):
        base.paste(image.convert("RGBA").resize((edge, edge)), (index * edge, 0))
    return base


def _digest(order: Order, sample: int, uploads: list[Upload], seed: int) -> bytes:
    """Decides the look: model, prompt, parameters, inputs, sample and seed; not the form of delivery."""
    parameters = {k: v for k, v in order.parameters.items() if k not in _DELIVERY}
    what = {
        "endpoint": order.endpoint,
        "model": order.model.id,
        "size": order.size,
        "parameters": parameters,
        "uploads": [[upload.role, hashlib.sha256(upload.data).hexdigest()] for upload in uploads],
        "sample": sample,
        "seed": seed,
    }
    if order.variation:
        what["variation"] = order.variation
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).digest()


_DELIVERY = frozenset(
    {"model", "n", "response_format", "stream", "partial_images", "user", "safety_identifier"}
)
