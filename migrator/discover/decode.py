"""Bytes to text as Python itself reads source, so that the same bytes can be written back."""

from __future__ import annotations

import codecs
import io
import tokenize
from dataclasses import dataclass

from migrator.types import SourceFile


@dataclass(frozen=True, slots=True)
class UndecodableError(Exception):
    """The bytes are not Python source. ``line`` and ``column`` are 1-based."""

    message: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return self.message


def decode(path: str, data: bytes) -> SourceFile:
    """``data`` as text: by its byte order mark, its coding cookie (PEP 263), else UTF-8. Line endings stay.

    Raises:
        UndecodableError: When Python would refuse the bytes, or they could not be written back unchanged.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UndecodableError("the file is UTF-16, which Python does not run; save it as UTF-8")
    if (at := data.find(b"\0")) >= 0:
        raise UndecodableError(
            "the file holds a NUL byte, which Python refuses", *_position(data, at, "latin-1")
        )
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    body = data[len(bom) :]
    encoding = "utf-8" if bom else _declared(data)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        byte = body[error.start]
        raise UndecodableError(
            f"byte 0x{byte:02x} is not {encoding}; save the file as UTF-8, or declare its encoding in line 1",
            *_position(body, error.start, encoding),
        ) from None
    except (LookupError, ValueError) as error:
        raise UndecodableError(f"the declared encoding {encoding!r} cannot be used: {error}") from None
    if text.encode(encoding, "replace") != body:
        raise UndecodableError(f"the declared encoding {encoding!r} does not give the same bytes back")
    if bom:
        _agree(data)
    return SourceFile(path=path, text=text, encoding=encoding, bom=bom)


def decode_text(path: str, data: bytes) -> SourceFile:
    """``data`` of a file that is not Python as text: UTF-8, with or without a byte order mark.

    Raises:
        UndecodableError: For anything else.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UndecodableError("the file is UTF-16; save it as UTF-8")
    if (at := data.find(b"\0")) >= 0:
        raise UndecodableError("the file holds a NUL byte: it is no text", *_position(data, at, "latin-1"))
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    body = data[len(bom) :]
    try:
        return SourceFile(path=path, text=body.decode("utf-8"), bom=bom)
    except UnicodeDecodeError as error:
        byte = body[error.start]
        raise UndecodableError(
            f"byte 0x{byte:02x} is not utf-8; save the file as UTF-8",
            *_position(body, error.start, "latin-1"),
        ) from None


def _declared(data: bytes) -> str:
    """The encoding that the first two lines declare; UTF-8 when they declare none."""
    lines = data.split(b"\n", 2)[:2]
    if not any(b"coding" in line for line in lines):
        return "utf-8"
    # Bytes that are no UTF-8 in those lines are judged by the decoding itself, which knows the position.
    head = (
        b"\n".join(line.decode("ascii", "replace").replace("\ufffd", "?").encode() for line in lines) + b"\n"
    )
    try:
        return tokenize.detect_encoding(io.BytesIO(head).readline)[0]
    except SyntaxError as error:
        raise UndecodableError(f"its coding line cannot be used: {error.msg}") from None


def _agree(data: bytes) -> None:
    """A byte order mark beside a coding line that says something else is refused by Python."""
    try:
        tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise UndecodableError(f"its byte order mark and its coding line disagree: {error.msg}") from None


def _position(data: bytes, at: int, encoding: str) -> tuple[int, int]:
    start = data.rfind(b"\n", 0, at) + 1
    return data.count(b"\n", 0, at) + 1, len(data[start:at].decode(encoding, "replace")) + 1
