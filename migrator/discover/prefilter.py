"""The byte search that dismisses files. Also a script: a second process searches half of a large tree.

It imports nothing of the package and as little as possible besides, because it is started per run with
``python -I -S``: that costs 20 ms, where a worker pool would import the whole program again.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence

HIT = 0
LOOK = -1
"""A second look is needed: a symbolic link, or a file at least as large as the buffer."""

_BUFFER = 1 << 20
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_WIDE = b"\xff\xfe\0"
_ORDERS = (b"\xff\xfe", b"\xfe\xff")
_WORTH_A_PROCESS = 3000
"""Files per process under which starting another one costs more than it saves."""


def cover(needles: Sequence[bytes], length: int = 4) -> dict[bytes, tuple[bytes, ...]]:
    """A small set of strings of which every needle contains one, each with the needles it stands for.

    Each pass over the bytes costs the same, so fewer passes make the search fast: needles that share a piece
    of ``length`` bytes are looked for by that piece first.

    Raises:
        ValueError: For an empty needle, which would be found everywhere.
    """
    if not all(needles):
        raise ValueError("an empty needle is found everywhere")
    waiting = list(dict.fromkeys(needles))
    pieces: dict[bytes, tuple[bytes, ...]] = {}
    while waiting:
        counts: dict[bytes, int] = {}
        for needle in waiting:
            size = min(length, len(needle))
            for piece in {needle[at : at + size] for at in range(len(needle) - size + 1)}:
                counts[piece] = counts.get(piece, 0) + 1
        best = max(counts, key=lambda piece: (counts[piece], piece))
        covered = tuple(needle for needle in waiting if best in needle)
        pieces[_common(covered, best)] = covered
        waiting = [needle for needle in waiting if best not in needle]
    return pieces


def _common(needles: Sequence[bytes], piece: bytes) -> bytes:
    """``piece``, grown while all ``needles`` still contain it: longer pieces hit less and search faster."""
    grown = True
    while grown:
        grown = False
        first = needles[0]
        at = first.find(piece)
        for longer in (first[max(at - 1, 0) : at + len(piece)], first[at : at + len(piece) + 1]):
            if len(longer) > len(piece) and all(longer in needle for needle in needles):
                piece, grown = longer, True
                break
    return piece


def scan(paths: Sequence[str], needles: Sequence[bytes]) -> list[tuple[int, int]]:
    """Positions in ``paths`` that are not dismissed, each with HIT, LOOK or an ``errno``.

    Only the first megabyte is searched here; a file that fills it is answered with LOOK. Nothing that is not
    a plain file can block or be followed.
    """
    # What stands before the first piece found need not be searched again for the needles around it.
    reach = max(map(len, needles), default=0)
    pieces = [(piece, () if piece in whole else whole) for piece, whole in cover(needles).items()]
    buffer = bytearray(_BUFFER)
    vector = [buffer]
    find, open_file, close = buffer.find, os.open, os.close
    read = getattr(os, "readv", _readv)
    found: list[tuple[int, int]] = []
    for position, path in enumerate(paths):
        try:
            handle = open_file(path, _FLAGS)
            try:
                size = read(handle, vector)
            finally:
                close(handle)
        except OSError as error:
            code = error.errno or LOOK
            link = code == errno.ELOOP or os.path.islink(path)
            found.append((position, LOOK if link else code))
            continue
        if size == _BUFFER:
            found.append((position, LOOK))
            continue
        if buffer[0] in _WIDE and size > 3 and buffer[:4].translate(None, b"\0")[:2] in _ORDERS:
            # UTF-16 and UTF-32 write a zero beside each plain character; the file is reported, not read
            narrow = bytes(buffer[:size]).translate(None, b"\0")
            if any(needle in narrow for needle in needles):
                found.append((position, HIT))
                continue
        for piece, whole in pieces:
            at = find(piece, 0, size)
            if at < 0:
                continue
            start = max(at - reach, 0)
            if not whole or any(find(needle, start, size) >= 0 for needle in whole):
                found.append((position, HIT))
                break
    return found


def _readv(handle: int, buffers: list[bytearray]) -> int:
    """``os.readv`` for systems that lack it."""
    data = os.read(handle, _BUFFER)
    buffers[0][: len(data)] = data
    return len(data)


def search(paths: Sequence[str], needles: Sequence[bytes], jobs: int = 1) -> list[tuple[int, int]]:
    """Like :func:`scan`, with up to ``jobs`` processes where the number of files is worth it."""
    if not paths or not needles:
        return []
    workers = min(jobs, 4, len(paths) // _WORTH_A_PROCESS)
    if workers < 2 or not sys.executable:
        return scan(paths, needles)
    share = -(-len(paths) // workers)
    starts = range(share, len(paths), share)
    children = [(start, _start(paths[start : start + share], needles)) for start in starts]
    found = scan(paths[:share], needles)
    for start, child in children:
        rows = _collect(child)
        if rows is None:
            rows = scan(paths[start : start + share], needles)
        found.extend((start + position, code) for position, code in rows)
    return found


def _start(paths: Sequence[str], needles: Sequence[bytes]) -> subprocess.Popen[bytes] | None:
    import subprocess  # noqa: PLC0415 - the child process never needs it

    message = b"\0".join([str(len(needles)).encode(), *needles, *map(os.fsencode, paths)])
    try:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None
    assert child.stdin is not None
    with contextlib.suppress(OSError):
        child.stdin.write(message)
        child.stdin.close()
    return child


def _collect(child: subprocess.Popen[bytes] | None) -> list[tuple[int, int]] | None:
    """What the child found, ``None`` when it could not do its work."""
    if child is None or child.stdout is None:
        return None
    try:
        lines = child.stdout.read().split()
    finally:
        child.stdout.close()
        code = child.wait()
    if code != 0 or not lines or lines[-1] != b"end":
        return None
    return [(int(position), int(outcome)) for position, outcome in (row.split(b":") for row in lines[:-1])]


def _serve() -> None:
    count, *rest = sys.stdin.buffer.read().split(b"\0")
    needles, paths = rest[: int(count)], [os.fsdecode(path) for path in rest[int(count) :]]
    rows = [f"{position}:{code}" for position, code in scan(paths, needles)]
    sys.stdout.write("\n".join([*rows, "end"]))


if __name__ == "__main__":
    _serve()
