"""Pictures on disk: the very bytes that came, named by their hash, whole or not there at all."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import struct
import tempfile
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from migrator.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MAX_PIXELS = 100_000_000
"""Pictures with more pixels are not taken: a small file can unpack to gigabytes."""
NAME = re.compile(r"images/[0-9a-f]{64}\.(?:png|jpg|webp|gif|svg)")
"""The names of pictures in a run."""
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png", "PNG"),
    (b"\xff\xd8\xff", "jpeg", "JPEG"),
    (b"GIF87a", "gif", "GIF"),
    (b"GIF89a", "gif", "GIF"),
)
_SVG = re.compile(rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,1000}?-->\s*)*<svg[\s>]", re.DOTALL)


class NoPictureError(Exception):
    """Bytes that are no picture of a kind we take. The text says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the head of a picture says. Edges in pixels, ``None`` where it has none (svg)."""

    width: int | None
    height: int | None
    format: str
    mode: str | None
    bytes: int
    transparent: bool = field(default=False, repr=False)
    """Whether pixels may be transparent without a channel for it (a palette with an entry for none)."""

    @property
    def ending(self) -> str:
        """The ending of its file name."""
        return "jpg" if self.format == "jpeg" else self.format

    def as_json(self) -> dict[str, Any]:
        """As in results.json."""
        found = asdict(self)
        del found["transparent"]
        return found


def look(data: bytes) -> Picture:
    """What ``data`` is, from its own bytes. Raises NoPictureError."""
    kind = next(((ending, name) for magic, ending, name in _MAGIC if data.startswith(magic)), None)
    if kind is None and data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        kind = "webp", "WEBP"
    if kind is None and _SVG.match(data[:4096]):
        return Picture(None, None, "svg", None, len(data))
    if not data:
        raise NoPictureError("it is empty")
    if kind is None:
        raise NoPictureError("it is no PNG, JPEG, WebP, GIF or SVG")
    from PIL import Image  # noqa: PLC0415 - heavy

    try:
        with Image.open(io.BytesIO(data), formats=(kind[1],)) as picture:
            width, height, mode = picture.width, picture.height, picture.mode
            transparent = "transparency" in picture.info
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, MemoryError):
        raise NoPictureError(f"the {kind[1]} picture is damaged") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NoPictureError(f"the picture has more than {MAX_PIXELS:,} pixels") from None
    if width * height > MAX_PIXELS:
        raise NoPictureError(f"the picture has more than {MAX_PIXELS:,} pixels")
    return Picture(width, height, kind[0], mode, len(data), transparent)


def keep(folder: Path, data: bytes) -> tuple[str, Picture]:
    """Puts a picture into the run; its name there (``images/<sha256>.<ext>``) once it is safe on disk.

    Raises:
        NoPictureError: For bytes that are no picture.
        UserError: When the disk takes nothing.
    """
    picture = look(data)
    name = f"images/{hashlib.sha256(data).hexdigest()}.{picture.ending}"
    write(folder / name, data)
    return name, picture


def whole(folder: Path, name: str) -> bool:
    """Whether the picture ``name`` is there and still what its name says."""
    try:
        with (folder / name).open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256") if hasattr(hashlib, "file_digest") else None
            found = digest.hexdigest() if digest else hashlib.sha256(stream.read()).hexdigest()
    except OSError:
        return False
    return name.rpartition("/")[2].partition(".")[0] == found


def write(path: Path, data: bytes) -> None:
    """Writes a file whole: beside its place, to the disk, and only then under its name. Raises UserError."""
    write_parts(path, (data,))


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """As :func:`write`, for what is too large to be held in one piece."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".part-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.writelines(parts)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, path)  # noqa: PTH105 - the one call that is atomic everywhere
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}") from None


def sweep(folder: Path) -> None:
    """Removes what a killed run left half-written."""
    for part in ("images", "inputs", "batches", "."):
        for path in (folder / part).glob(".part-*"):
            with contextlib.suppress(OSError):
                path.unlink()


def _sync_folder(folder: Path) -> None:
    """Makes a rename last; not every system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
