"""When the interpreter looks for objects that are no longer used.

A run keeps nearly all that it makes until it ends: looking for garbage after every 700 objects costs a third of it, and
taking a large run apart at its end a fifth.
"""

from __future__ import annotations

import atexit
import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SELDOM = (50_000, 20, 20)


@contextmanager
def seldom() -> Iterator[None]:
    """For the time of one run in a process that may make others."""
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def seldom_from_now_on() -> None:
    """For a process that ends after what it is doing now: what it has made goes with it, all at once."""
    gc.set_threshold(*_SELDOM)
    atexit.register(gc.freeze)


def collect() -> None:
    """Give back what a run has made, before the next one in the same process."""
    gc.collect()
