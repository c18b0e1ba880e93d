"""Looks at the picture files of a run and makes their thumbnails. Every file is taken for hostile.

A picture is opened by its content, never by its name; only still PNG, JPEG and WebP are ever handed to the
browser. SVG is never shown, of an animation only its first frame, of anything huge nothing but its size.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

EDGE = 384
LIMIT_PIXELS = 64_000_000
LIMIT_BYTES = 128 * 2**20
BROWSER_FORMATS = ("PNG", "JPEG", "WEBP")
_OPENED = ("PNG", "JPEG", "WEBP", "GIF")
_NAME = re.compile(r"(images|inputs)/([0-9a-f]{64})\.([a-z0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Look:
    """What a file turned out to be.

    ``width`` and ``height`` in pixels, ``size`` in bytes; ``thumb_width`` is 0 where there is no thumbnail.
    ``whole`` is true when the browser may show the file itself. ``problem`` says why there is no picture.
    """

    sha: str
    size: int = 0
    format: str = ""
    width: int = 0
    height: int = 0
    alpha: bool = False
    moving: bool = False
    thumb_width: int = 0
    thumb_height: int = 0
    whole: bool = False
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """The facts, for the cache."""
        return asdict(self)

    @classmethod
    def of_json(cls, data: object) -> Look | None:
        """Facts that :meth:`as_json` wrote; ``None`` for anything else."""
        if not isinstance(data, dict) or set(data) != set(cls.__dataclass_fields__):
            return None
        types = {"str": str, "int": int, "bool": bool}
        fields = cls.__dataclass_fields__.values()
        good = all(type(data[field.name]) is types[str(field.type)] for field in fields)
        return cls(**data) if good else None


def sha_of(file: object) -> str | None:
    """The hash in a file's name in ``results.json``; ``None`` where the name is not one of a run folder."""
    found = _NAME.fullmatch(file) if isinstance(file, str) else None
    return found[2] if found else None


def thumb_name(sha: str) -> str:
    """Where the thumbnail of a picture is, below the run folder."""
    return f"thumbs/{sha}.webp"


def look(folder: Path, file: str) -> Look:
    """Inspects ``file`` (a name that :func:`sha_of` accepts) and writes its thumbnail. Never raises."""
    sha = sha_of(file) or ""
    path = folder / file
    try:
        if path.is_symlink() or not path.is_file():
            return Look(sha, problem="The file is missing from the run folder.")
        size = path.stat().st_size
        if size > LIMIT_BYTES:
            return Look(sha, size, problem=f"The file is too large to open ({size / 2**20:,.0f} MB).")
        data = path.read_bytes()
    except OSError as error:
        return Look(sha, problem=f"The file could not be read: {error.strerror}.")
    if hashlib.sha256(data).hexdigest() != sha:
        return Look(sha, size, problem="The file was changed after the run: its hash is not its name.")
    if _is_svg(data):
        return Look(sha, size, "SVG", problem="An SVG file may hold programs, so it is not shown here.")
    return _look_at(data, sha, folder / thumb_name(sha))


def _is_svg(data: bytes) -> bool:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(b"<") and b"<svg" in head


def _look_at(data: bytes, sha: str, thumb: Path) -> Look:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - runs in workers, and only for new files

    size = len(data)
    try:
        with Image.open(io.BytesIO(data), formats=_OPENED) as picture:
            width, height, kind = picture.width, picture.height, picture.format or ""
            if width * height > LIMIT_PIXELS:
                shown = f"{width:,}\u00d7{height:,}"
                return Look(sha, size, kind, width, height, problem=f"Too large to show: {shown} pixels.")
            moving = bool(getattr(picture, "is_animated", False))  # does not count the frames
            small = shrunk(picture)
    except UnidentifiedImageError:
        return Look(sha, size, problem="The file is not a picture of a known format.")
    except Image.DecompressionBombError:
        return Look(sha, size, problem="Too large to show: the file says that it has far too many pixels.")
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, ArithmeticError) as error:
        return Look(sha, size, problem=f"The picture cannot be decoded ({type(error).__name__}).")
    small.save(thumb, "WEBP", quality=80, method=2)
    return Look(
        sha,
        size,
        "JPEG" if kind == "MPO" else kind,
        width,
        height,
        alpha=small.mode == "RGBA",
        moving=moving,
        thumb_width=small.width,
        thumb_height=small.height,
        whole=kind in BROWSER_FORMATS and not moving,
    )


def shrunk(picture: Image.Image, edge: int = EDGE) -> Image.Image:
    """``picture`` as RGB or, where some of it is transparent, RGBA, no edge longer than ``edge``."""
    from PIL import Image  # noqa: PLC0415

    picture.draft("RGB", (2 * edge, 2 * edge))  # JPEG can be decoded at a fraction of its size
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    small = picture.convert("RGBA" if transparent else "RGB")
    small.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if transparent and small.getchannel("A").getextrema() == (255, 255):
        return small.convert("RGB")
    return small
