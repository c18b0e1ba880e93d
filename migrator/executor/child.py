"""The life of a worker process: one job after the other, until its input ends. Also the script that it runs.

It is started with ``python -I``, so it imports nothing from the folder that it works in; where modules come from
is the first thing that the parent says.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, BinaryIO

_HEAD = struct.Struct(">Q")


def put(stream: IO[bytes], data: bytes) -> None:
    """Sends one message."""
    stream.write(_HEAD.pack(len(data)))
    stream.write(data)
    stream.flush()


def get(stream: IO[bytes]) -> bytes:
    """Receives one message. Raises EOFError when there is no whole one any more."""
    (size,) = _HEAD.unpack(_exactly(stream, _HEAD.size))
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError
    return data


def serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Runs what comes in, and answers whether it returned, with what it returned or raised."""
    while True:
        try:
            packed = get(jobs)
        except (EOFError, OSError):
            return
        try:
            fn, args, kwargs = pickle.loads(packed)  # noqa: S301 - from our own parent
            answer = pickle.dumps((True, fn(*args, **kwargs)))
        except Exception as error:  # the job's own failure is its result
            answer = _packed_error(error)
        try:
            put(answers, answer)
        except OSError:
            return


def _packed_error(error: Exception) -> bytes:
    """The exception, or its words when it does not survive the trip."""
    try:
        packed = pickle.dumps((False, error))
        pickle.loads(packed)  # noqa: S301 - made in the line above
    except Exception:
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return packed


def main() -> None:
    """Takes the two pipes for itself, so that nothing that a job prints gets between the answers."""
    # Ctrl-C reaches the whole group; who stops and when is decided by the parent
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    sys.path[:] = pickle.loads(get(jobs))  # noqa: S301 - from our own parent
    serve(jobs, answers)


if __name__ == "__main__":
    main()
