"""Reads replies of the Images API, whichever way they came: over HTTP, in a batch, or recorded on disk."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from migrator.compare.sources.base import AskError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.catalog import Catalog
    from migrator.compare.sources.base import Trouble

_AGAIN = re.compile(r"try again in (?:(\d+)m(?!s))?(?:([\d.]+)(ms|s))?", re.IGNORECASE)
_SPAN = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """What one reply holds: the picture's bytes, or the url of it."""

    data: bytes | None
    url: str | None
    usage: Mapping[str, Any] | None


def picture_of(body: bytes | Mapping[str, Any], index: int = 0) -> Reply:
    """Picture number ``index`` of a reply. Raises AskError for a body that is no reply with a picture."""
    if isinstance(body, bytes):
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            raise AskError("malformed", "the answer is not valid JSON", billed=True) from None
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list) or len(data) <= index or not isinstance(data[index], dict):
        raise AskError("malformed", "the answer holds no picture", billed=True)
    assert isinstance(body, dict)
    usage = body.get("usage") if isinstance(body.get("usage"), dict) else None
    text, url = data[index].get("b64_json"), data[index].get("url")
    if isinstance(text, str) and text:
        try:
            return Reply(base64.b64decode(text, validate=True), None, usage)
        except (binascii.Error, ValueError):
            raise AskError("malformed", "the picture is not valid base64", billed=True) from None
    if isinstance(url, str) and url:
        return Reply(None, url, usage)
    raise AskError("malformed", "the answer holds neither b64_json nor url", billed=True)


def refusal(
    catalog: Catalog, status: int, body: object, headers: Mapping[str, str], request_id: str | None = None
) -> AskError:
    """The error that an HTTP answer other than 200 amounts to. ``body`` is what came, parsed or not."""
    error = body.get("error", body) if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    told = error.get("message")
    message = " ".join(str(told).split())[:_LONGEST] if told else f"HTTP {status} without an explanation"
    code = error.get("code") if isinstance(error.get("code"), str) else None
    trouble = _class(catalog, status, code, message, error)
    if trouble == "moderation" and not told:
        message = "refused by the safety system, without an explanation"
    wait = wait_of(headers, message) if status in (429, 503) else None
    return AskError(
        trouble,
        message,
        code=code,
        request_id=request_id or headers.get("x-request-id"),
        wait_s=wait,
        headers=headers,
    )


def _class(
    catalog: Catalog, status: int, code: str | None, message: str, error: Mapping[str, Any]
) -> Trouble:
    service = catalog.service
    if code in service.blocked_codes:
        return "moderation"
    if code in service.quota_codes or error.get("type") in service.quota_codes:
        return "quota"
    # the old models were seen to refuse a prompt with nothing but this type
    unsaid = code is None and not error.get("message")
    if status == 400 and unsaid and error.get("type") == catalog.errors[service.blocked_codes[0]].type:
        return "moderation"
    unverified = catalog.errors[service.unverified]
    start = unverified.message.partition("{")[0].strip(" '")
    if status == unverified.status and message.startswith(start):
        return "unverified"
    if status in (401, 403):
        return "auth"
    if status == 429:
        return "rate_limit"
    if status == 408:
        return "timeout"
    if status == 409 or status >= 500:
        return "server"
    return "refused"


def wait_of(headers: Mapping[str, str], message: str = "") -> float | None:
    """Seconds that a 429 asks to wait, from its headers or its text; ``None`` when it does not say."""
    exact = _number(headers.get("retry-after-ms"))
    if exact is not None:
        return exact / 1000
    after = headers.get("retry-after", "")
    seconds = _number(after)
    if seconds is None and after:
        try:
            from datetime import datetime, timezone  # noqa: PLC0415 - the rare form of the header

            when = parsedate_to_datetime(after)
            seconds = max(0.0, (when - datetime.now(timezone.utc)).total_seconds())
        except (ValueError, TypeError):
            seconds = None
    if seconds is not None:
        return seconds
    match = _AGAIN.search(message)
    if match and (match.group(1) or match.group(2)):
        number = _number(match.group(2)) or 0.0
        return 60.0 * int(match.group(1) or 0) + (number / 1000 if match.group(3) == "ms" else number)
    return span_of(headers.get("x-ratelimit-reset-requests", ""))


def span_of(text: str) -> float | None:
    """Seconds of a span such as ``1m30s``, ``240ms`` or ``12``; ``None`` for anything else."""
    plain = _number(text)
    if plain is not None:
        return plain
    match = _SPAN.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        return None
    hours, minutes, seconds, millis = match.groups()
    return (
        3600.0 * int(hours or 0)
        + 60.0 * int(minutes or 0)
        + (_number(seconds) or 0.0)
        + (_number(millis) or 0.0) / 1000
    )


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < 1e7 else None
