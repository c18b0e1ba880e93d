"""C2PA content credentials: are there any, and do they hold? Absence proves nothing: re-encoding strips them.

Presence needs only a walk over the chunks of the file. Verification needs the extra ``c2pa``.
"""

from __future__ import annotations

import io
import json
import struct
from typing import TYPE_CHECKING, Any

from migrator.compare.checks.model import CheckResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.compare.checks.opening import Picture

_MIME = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
_STATES = {"Valid": "valid", "Trusted": "valid", "Invalid": "invalid"}
_CHUNKS = 100_000
"""Chunks after which a file is taken for hostile and the walk ends."""


def c2pa(picture: Picture) -> CheckResult:
    """``value.state``: absent, present (not verified), valid, untrusted or invalid."""
    if picture.format not in _MIME:
        return CheckResult("skipped", None, f"Credentials in {picture.format.upper()} files are not read.")
    if not has_manifest(picture.data, picture.format):
        return CheckResult(
            "info",
            {"state": "absent"},
            "No content credentials; that proves nothing, re-encoding removes them.",
        )
    return _verified(picture)


def has_manifest(data: bytes, file_format: str) -> bool:
    """Whether a PNG, JPEG or WebP file carries a C2PA manifest."""
    if file_format == "jpeg":
        return any(_is_manifest(marker, body) for marker, body in _segments(data))
    return {"png": b"caBX", "webp": b"C2PA"}[file_format] in _chunks(data, file_format)


def _chunks(data: bytes, file_format: str) -> Iterator[bytes]:
    """The kinds of the chunks of a PNG or a WebP file, whose heads differ in order and whose ends in padding."""
    png = file_format == "png"
    position = 8 if png else 12
    for _ in range(_CHUNKS):
        if position + 8 > len(data):
            return
        if png:
            length, kind = struct.unpack_from(">I4s", data, position)
            length += 4  # the checksum
        else:
            kind, length = struct.unpack_from("<4sI", data, position)
            length += length % 2
        yield kind
        if kind == b"IEND":
            return
        position += 8 + length


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and start of the body of the segments of a JPEG file, as far as its picture data."""
    position = 2
    for _ in range(_CHUNKS):
        if position + 4 > len(data) or data[position] != 0xFF:
            return
        marker = data[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if marker in (0xD9, 0xDA):  # the picture data starts: segments are over
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            position += 2
            continue
        (length,) = struct.unpack_from(">H", data, position + 2)
        yield marker, data[position + 4 : position + 2 + length][:128]
        position += 2 + max(2, length)


def _is_manifest(marker: int, body: bytes) -> bool:
    return marker == 0xEB and body[:2] == b"JP" and b"jumb" in body[:64] and b"c2pa" in body


def _verified(picture: Picture) -> CheckResult:
    try:
        import c2pa as library  # noqa: PLC0415 - an extra
    except ImportError:
        return CheckResult(
            "info",
            {"state": "present"},
            "The picture carries content credentials; `pip install dalle-migrator[c2pa]` verifies them.",
        )
    try:
        # the manifest is in the file, so nothing has to be fetched from anywhere
        library.load_settings({"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}})
        with library.Reader(_MIME[picture.format], io.BytesIO(picture.data)) as reader:
            report = json.loads(reader.json())
    except Exception as error:  # the library has many, and a broken manifest is an answer
        reason = (str(error).splitlines() or [type(error).__name__])[0][:160]
        return CheckResult(
            "warn", {"state": "invalid", "reason": reason}, "The content credentials cannot be read."
        )
    return verdict(report)


def verdict(report: dict[str, Any]) -> CheckResult:
    """What a report of the c2pa library (as JSON) means."""
    problems = sorted(
        {
            str(entry.get("code"))
            for entry in report.get("validation_status") or ()
            if isinstance(entry, dict) and entry.get("code")
        }
    )
    untrusted = [code for code in problems if code == "signingCredential.untrusted"]
    broken = [code for code in problems if code not in untrusted]
    state = _STATES.get(str(report.get("validation_state")), "invalid" if broken else "valid")
    manifest = (report.get("manifests") or {}).get(report.get("active_manifest")) or {}
    issuer = str((manifest.get("signature_info") or {}).get("issuer") or "")[:80]
    if state == "valid" and untrusted:
        state = "untrusted"
    value = {"state": state, "issuer": issuer, "problems": problems[:10]}
    by = f" by {issuer}" if issuer else ""
    if state == "invalid":
        return CheckResult("warn", value, "The content credentials do not match the picture: it was changed.")
    if state == "untrusted":
        return CheckResult(
            "info", value, f"Content credentials signed{by}; the signer is on no trust list here."
        )
    return CheckResult("info", value, f"Content credentials signed{by} hold.")
