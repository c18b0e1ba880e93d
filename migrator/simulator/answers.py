"""The bodies in which the API says yes: the images object, its usage, and the events of a stream."""

from __future__ import annotations

import base64
import json
import math
from typing import TYPE_CHECKING, Any

from migrator.catalog import pricing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.catalog.model import Model
    from migrator.simulator.contract import Order

PARTIAL_TOKENS = 100
"""Image output tokens that every partial picture of a stream adds, as documented."""


def images_body(
    order: Order, pictures: list[bytes], created: int, usage: dict[str, Any], host: Callable[[bytes], str]
) -> dict[str, Any]:
    """The ``ImagesResponse`` object. ``host`` keeps a picture and says its url."""
    data = [_image(order, picture, host) for picture in pictures]
    body: dict[str, Any] = {"created": created, "data": data}
    if order.legacy:
        return body
    body |= {
        "background": "transparent" if order.transparent else "opaque",
        "output_format": order.format,
        "quality": order.quality,
        "size": order.size,
        "usage": usage,
    }
    if order.safety_identifier:
        body["safety_identifier"] = order.safety_identifier
    return body


def _image(order: Order, picture: bytes, host: Callable[[bytes], str]) -> dict[str, Any]:
    image: dict[str, Any] = (
        {"url": host(picture)} if order.as_url else {"b64_json": base64.b64encode(picture).decode()}
    )
    if order.model.returns_revised_prompt and order.endpoint == "generations":
        image["revised_prompt"] = (
            f"{order.prompt.strip()} The scene is rendered in fine detail with balanced light."
        )
    return image


def usage(
    order: Order, models: list[Model], inputs: list[tuple[int, int]], partials: int = 0
) -> dict[str, Any]:
    """Token counts. ``inputs`` are the sizes of the input pictures in pixels.

    Output tokens are the catalog's; text counts one token per four characters and an input picture one per
    32x32 block, which are estimates. ``models`` lends its counts where the model has none of its own.
    """
    text = max(1, math.ceil(len(order.prompt) / 4))
    seen = sum(math.ceil(width / 32) * math.ceil(height / 32) for width, height in inputs)
    made = order.count * output_tokens(order, models) + partials * PARTIAL_TOKENS
    return {
        "input_tokens": text + seen,
        "input_tokens_details": {"image_tokens": seen, "text_tokens": text},
        "output_tokens": made,
        "output_tokens_details": {"image_tokens": made, "text_tokens": 0},
        "total_tokens": text + seen + made,
    }


def events(
    order: Order,
    partial: Callable[[int, int], bytes],
    final: Callable[[int], bytes],
    created: int,
    used: dict[str, Any],
) -> Iterator[bytes]:
    """The server-sent events of a stream: the partial pictures of each sample, then the finished one."""
    kind = "image_edit" if order.endpoint == "edits" else "image_generation"
    common = {
        "created_at": created,
        "size": order.size,
        "quality": order.quality,
        "background": "transparent" if order.transparent else "opaque",
        "output_format": order.format,
    }
    for sample in range(order.count):
        for index in range(order.partials):
            picture = base64.b64encode(partial(sample, index)).decode()
            yield _event(
                {"type": f"{kind}.partial_image", "partial_image_index": index, "b64_json": picture, **common}
            )
        # the events carry the shorter form of usage
        short = {name: count for name, count in used.items() if name != "output_tokens_details"}
        done: dict[str, Any] = {"type": f"{kind}.completed", "usage": short, **common}
        if order.safety_identifier:
            done["safety_identifier"] = order.safety_identifier
        yield _event({**done, "b64_json": base64.b64encode(final(sample)).decode()})


def _event(payload: dict[str, Any]) -> bytes:
    return f"event: {payload['type']}\ndata: {json.dumps(payload)}\n\n".encode()


def output_tokens(order: Order, models: list[Model]) -> int:
    """Tokens of one picture: of its model, else of the newest model that has a count, else by area."""
    newest_first = sorted(models, key=lambda model: model.released, reverse=True)
    for model in (order.model, *newest_first):
        count = pricing.output_tokens(model, order.quality, order.size)
        if count is not None:
            return count
    return math.ceil(order.width * order.height / 1024)
