"""Opens plain files only: whatever takes their place meanwhile, a pipe for example, must not block a run."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def open_plain(path: str) -> BinaryIO:
    """``path`` for reading bytes, links followed.

    Raises:
        OSError: As ``open``, and for everything that is not a regular file.
    """
    handle = os.open(path, _FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "is not a regular file", path)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise
