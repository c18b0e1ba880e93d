"""A stand-in for a vision model that judges pictures, for tests of judges without a key.

It prefers the picture with more detail, says so as JSON, and is misled by the position in one pair of eight:
enough to exercise a judge that asks in both orders.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from migrator.simulator import errors
from migrator.simulator.errors import RefusedError

_CHARACTERS_PER_TOKEN = 4
_PICTURE_TOKENS = 765


def completion(parameters: dict[str, Any], now: int) -> dict[str, Any]:
    """The answer to ``POST /v1/chat/completions``.

    Raises:
        RefusedError: For a request without model or messages.
    """
    model, listed = parameters.get("model"), parameters.get("messages")
    if not isinstance(model, str) or not model or not isinstance(listed, list) or not listed:
        raise RefusedError(
            errors.Refusal(400, "Missing required parameter: 'model' or 'messages'.", param="messages")
        )
    texts, pictures = _parts(listed)
    answer = json.dumps(_verdict(pictures))
    tokens_in = sum(map(len, texts)) // _CHARACTERS_PER_TOKEN + _PICTURE_TOKENS * len(pictures)
    tokens_out = len(answer) // _CHARACTERS_PER_TOKEN
    return {
        "id": f"chatcmpl-{hashlib.sha256(json.dumps(listed, default=str).encode()).hexdigest()[:24]}",
        "object": "chat.completion",
        "created": now,
        "model": model,
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "logprobs": None,
                "message": {"role": "assistant", "content": answer, "refusal": None},
            }
        ],
        "usage": {
            "prompt_tokens": tokens_in,
            "completion_tokens": tokens_out,
            "total_tokens": tokens_in + tokens_out,
        },
    }


def _parts(listed: list[Any]) -> tuple[list[str], list[bytes]]:
    """The texts and the pictures of all messages, in order."""
    texts: list[str] = []
    pictures: list[bytes] = []
    for message in listed:
        content = message.get("content") if isinstance(message, dict) else None
        for part in content if isinstance(content, list) else [content]:
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, dict):
                texts.append(str(part.get("text", "")))
                image = part.get("image_url")
                url = image.get("url") if isinstance(image, dict) else None
                if isinstance(url, str) and url.startswith("data:"):
                    pictures.append(_decoded(url))
    return texts, pictures


def _decoded(url: str) -> bytes:
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError(errors.Refusal(400, "Invalid image data.", param="messages")) from None


def _verdict(pictures: list[bytes]) -> dict[str, str]:
    if len(pictures) != 2:
        return {"reason": "Simulated: there are not two pictures.", "better": "tie"}
    one, other = pictures
    if one == other:
        return {"reason": "Simulated: both are the same picture.", "better": "tie"}
    if hashlib.sha256(b"".join(sorted(pictures))).digest()[0] % 8 == 0:
        return {"reason": "Simulated: misled by the position.", "better": "first"}
    # more detail makes a larger file
    better = "first" if (len(one), one) > (len(other), other) else "second"
    return {"reason": "Simulated: it has more detail.", "better": better}
