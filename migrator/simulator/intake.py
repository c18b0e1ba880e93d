"""Turns the body of a request, JSON or multipart, into parameters and pictures. Every byte is hostile."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from migrator.simulator import errors
from migrator.simulator.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from PIL import Image
    from starlette.requests import Request

MAX_PIXELS = 50_000_000
"""Uploaded pictures with more pixels are refused undecoded: a small file can unpack to gigabytes."""
MAX_LOGGED = 5_000
"""Characters of one parameter that the request log keeps."""

_DRAIN = 8
_PICTURES = {"image": "image", "image[]": "image", "mask": "mask", "markup": "markup"}
_NESTED = re.compile(r"([a-z_]{1,40})\[([a-z_]{1,40})\]")
_DATA_URL = re.compile(r"data:image/[a-z+.-]{1,20};base64,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture as it came in. ``role`` is ``image``, ``mask`` or ``markup``."""

    role: str
    data: bytes
    filename: str = ""
    media_type: str = ""
    """What the client says that it is; empty where it says nothing."""

    def summary(self) -> dict[str, Any]:
        """What the request log keeps of it."""
        return {"bytes": len(self.data), "sha256": hashlib.sha256(self.data).hexdigest()}


@dataclass(slots=True)
class Intake:
    """A request body: plain parameters, and pictures in the order in which they came."""

    parameters: dict[str, Any] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)
    multipart: bool = False

    def of(self, role: str) -> list[Upload]:
        """The uploads with that role."""
        return [upload for upload in self.uploads if upload.role == role]

    def logged(self) -> dict[str, Any]:
        """Parameters for the request log, pictures as size and hash."""
        pictures: dict[str, Any] = {}
        for role in dict.fromkeys(upload.role for upload in self.uploads):
            pictures[role] = [upload.summary() for upload in self.of(role)]
        return {**{name: _clipped(value) for name, value in self.parameters.items()}, **pictures}


def _clipped(value: Any) -> Any:
    """``value``, or the start of it when it is very long: the log must not grow with what clients send."""
    text = value if isinstance(value, str) else json.dumps(value)
    return value if len(text) <= MAX_LOGGED else f"{text[:MAX_LOGGED]}… ({len(text)} characters)"


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body.

    Raises:
        RefusedError: 413 when it is longer than ``limit`` bytes. What still comes in is read and thrown away
            (up to a bound), so that the client gets to see the answer instead of a broken pipe.
    """
    chunks: list[bytes] = []
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length <= limit:
            chunks.append(chunk)
        else:
            chunks.clear()
        if length > limit * _DRAIN:
            break
    if length > limit:
        raise RefusedError(errors.too_large(limit))
    return b"".join(chunks)


def from_json(body: bytes) -> Intake:
    """A JSON object; ``images`` and ``mask`` stay in the parameters until :func:`resolve_references`.

    Raises:
        RefusedError: 400 when it is not a JSON object.
    """
    try:
        value = json.loads(body, parse_constant=_no_constant)
        # half a surrogate pair parses, but is no text that anybody could draw or send back
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise RefusedError(errors.not_json()) from None
    if not isinstance(value, dict):
        raise RefusedError(errors.not_json())
    return Intake(value)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


async def from_multipart(request: Request, body: bytes, roles: Mapping[str, str] | None = None) -> Intake:
    """Multipart fields; files by field name (``roles`` maps it to a role), everything else as text.

    Raises:
        RefusedError: 400 when the form cannot be parsed.
    """
    from starlette.datastructures import UploadFile  # noqa: PLC0415
    from starlette.formparsers import MultiPartException, MultiPartParser  # noqa: PLC0415

    async def stream() -> AsyncIterator[bytes]:
        yield body

    try:
        # A prompt may be long, so parts may be; the body as a whole is already bounded.
        parser = MultiPartParser(request.headers, stream(), max_files=64, max_fields=200, max_part_size=2**20)  # type: ignore[arg-type]
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise RefusedError(errors.not_a_form()) from None
    intake = Intake(multipart=True)
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                role = _role(name, roles or _PICTURES)
                intake.uploads.append(
                    Upload(role, await value.read(), value.filename or "", value.content_type or "")
                )
            elif name in _PICTURES:
                raise RefusedError(errors.not_a_file(_PICTURES[name]))
            else:
                _put(intake.parameters, name, value)
    finally:
        await form.close()
    return intake


def _role(name: str, roles: Mapping[str, str]) -> str:
    role = roles.get(name)
    if role is None:
        hint = " Did you mean 'image'?" if name.rstrip("[]") == "images" else ""
        raise RefusedError(errors.unknown_parameter(name.removesuffix("[]"), hint))
    return role


def _put(parameters: dict[str, Any], name: str, value: str) -> None:
    nested = _NESTED.fullmatch(name)
    if nested is None:
        parameters[name] = value
        return
    group = parameters.setdefault(nested.group(1), {})
    if isinstance(group, dict):
        group[nested.group(2)] = value


def resolve_references(intake: Intake, lookup: Callable[[str], bytes | None]) -> None:
    """Moves ``images`` and ``mask`` of a JSON body from the parameters into the uploads.

    ``lookup`` answers urls and file ids of this server with their bytes. No other url is ever fetched.

    Raises:
        RefusedError: 400 for a reference of the wrong shape, or to something that is not here.
    """
    if "image" in intake.parameters:
        raise RefusedError(errors.unknown_parameter("image", " Did you mean 'images'?"))
    if "images" in intake.parameters:
        images = intake.parameters.pop("images")
        if not isinstance(images, list) or not images:
            raise RefusedError(
                errors.invalid_value("Invalid type for 'images': expected a list of objects.", "images")
            )
        intake.uploads += [Upload("image", _referenced(item, "images", lookup)) for item in images]
    for role in ("mask", "markup"):
        if intake.parameters.get(role) is not None:
            reference = intake.parameters.pop(role)
            intake.uploads.append(Upload(role, _referenced(reference, role, lookup)))


def _referenced(item: Any, param: str, lookup: Callable[[str], bytes | None]) -> bytes:
    reference = None
    if isinstance(item, dict):
        reference = item.get("image_url") or item.get("file_id")
    if not isinstance(reference, str):
        raise RefusedError(
            errors.invalid_value(f"Invalid '{param}': expected 'image_url' or 'file_id'.", param)
        )
    start = _DATA_URL.match(reference)
    if start is not None:
        try:
            return base64.b64decode(reference[start.end() :], validate=True)
        except (binascii.Error, ValueError):
            raise RefusedError(errors.invalid_value(f"Invalid base64 data in '{param}'.", param)) from None
    found = lookup(reference)
    if found is None:
        message = (
            f"Error while downloading {reference[:200]!r}: the simulator fetches nothing from elsewhere."
        )
        raise RefusedError(errors.invalid_value(message, param))
    return found


def open_picture(upload: Upload, formats: tuple[str, ...] = ("PNG", "JPEG", "WEBP")) -> Image.Image:
    """The decoded picture.

    Raises:
        RefusedError: 400 when it is none of ``formats``, damaged, or has more than ``MAX_PIXELS``.
    """
    from PIL import Image  # noqa: PLC0415

    wrong = errors.invalid_image(
        f"Invalid image file or mode for {upload.role}, please check your image file.", upload.role
    )
    try:
        picture = Image.open(io.BytesIO(upload.data), formats=formats)
        if picture.width * picture.height > MAX_PIXELS:
            raise RefusedError(wrong)
        picture.load()
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, MemoryError):
        raise RefusedError(wrong) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RefusedError(wrong) from None
    return picture
