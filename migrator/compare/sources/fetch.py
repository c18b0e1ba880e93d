"""Downloads of pictures that an answer only names: http(s), picture-sized, never from a private address.

An answer is hostile: its url could point at this machine or its network. The address is looked up once, judged,
and the connection goes to that very address, so that a second look-up cannot change it.
"""

from __future__ import annotations

import base64
import binascii
import http.client
import ipaddress
import socket
import ssl
import time
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from migrator.compare.sources.base import AskError

if TYPE_CHECKING:
    from collections.abc import Collection

    from migrator.compare.sources.base import Trouble

MAX_BYTES = 64 * 2**20
"""Bytes of one picture."""
MAX_HOPS = 3
_CHUNK = 2**16


def fetch(url: str, *, trusted: Collection[tuple[str, int]] = (), timeout: float = 60.0) -> bytes:
    """The bytes behind ``url``, within ``timeout`` seconds. ``data:`` urls are decoded.

    ``trusted`` are (host, port) pairs that may be private: the source's own.

    Raises:
        AskError: When there is nothing to have, or it must not be had.
    """
    if url[:5].lower() == "data:":
        return _decoded(url)
    end = time.monotonic() + timeout
    for _ in range(MAX_HOPS + 1):
        parts = _parts(url)
        found = _get(parts, trusted, end)
        if isinstance(found, bytes):
            return found
        url = urljoin(url, found)
    raise AskError("refused", f"the picture's address redirects more than {MAX_HOPS} times")


def _decoded(url: str) -> bytes:
    head, comma, body = url.partition(",")
    if not comma or not head.lower().endswith(";base64") or len(body) > MAX_BYTES * 4 / 3:
        raise AskError("malformed", "the data: url of the picture cannot be read")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise AskError("malformed", "the data: url of the picture holds no valid base64") from None


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    if not fine or any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise AskError("refused", "the answer names a picture by something that is no http(s) address")
    return parts


def _get(parts: SplitResult, trusted: Collection[tuple[str, int]], end: float) -> bytes | str:
    """The body, or the address that it redirects to."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _address(host, port, private=(host, port) in trusted)
    connection = _connection(parts.scheme, host, port, address, end)
    path = parts.path or "/"
    try:
        connection.request(
            "GET", f"{path}?{parts.query}" if parts.query else path, headers={"Accept": "image/*"}
        )
        with connection.getresponse() as answer:
            if answer.status in (301, 302, 303, 307, 308):
                return answer.headers.get("location") or ""
            if answer.status != 200:
                trouble: Trouble = (
                    "server" if answer.status >= 500 or answer.status in (408, 429) else "refused"
                )
                raise AskError(trouble, f"the picture could not be downloaded: HTTP {answer.status}")
            return _body(answer, connection, end)
    except TimeoutError:
        raise AskError("timeout", "the download of the picture took too long", billed=True) from None
    except (OSError, http.client.HTTPException) as error:
        raise AskError(
            "transport", f"the picture could not be downloaded: {type(error).__name__}", billed=True
        ) from None
    finally:
        connection.close()


def _body(answer: http.client.HTTPResponse, connection: http.client.HTTPConnection, end: float) -> bytes:
    parts: list[bytes] = []
    length = 0
    while True:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(left)
        part = answer.read1(_CHUNK)
        if not part:
            break
        length += len(part)
        if length > MAX_BYTES:
            raise AskError("refused", f"the picture is larger than {MAX_BYTES:,} bytes")
        parts.append(part)
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return b"".join(parts)


def _address(host: str, port: int, *, private: bool) -> tuple[str, int]:
    """The address to connect to. Raises AskError for one that is not public, unless it may be private."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AskError("transport", "the host of the picture is unknown", billed=True) from None
    for _family, _type, _protocol, _name, place in found:
        address = str(place[0])
        if private or _public(address):
            return address, port
    raise AskError("refused", "the answer names a picture at a private address, which is not fetched")


def _public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (mapped is None or mapped.is_global)


def _connection(
    scheme: str, host: str, port: int, address: tuple[str, int], end: float
) -> http.client.HTTPConnection:
    left = max(end - time.monotonic(), 0.1)
    connection = http.client.HTTPConnection(host, port, timeout=left)
    try:
        sock = socket.create_connection(address, timeout=left)
        if scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except TimeoutError:
        raise AskError("timeout", "the host of the picture does not answer", billed=True) from None
    except OSError as error:
        raise AskError(
            "transport", f"the picture could not be downloaded: {type(error).__name__}", billed=True
        ) from None
    connection.sock = sock
    return connection
