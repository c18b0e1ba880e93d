"""Jobs that other processes can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def square(number: int) -> int:
    return number * number


def slow_square(number: int) -> tuple[int, int]:
    time.sleep(0.04)
    return number * number, os.getpid()


def die_on_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_once(item: tuple[int, str]) -> int:
    """Takes its process down the first time that it is seen."""
    number, folder = item
    mark = Path(folder) / str(number)
    if number % 5 == 0 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


class OddError(Exception):
    """Cannot be rebuilt from its arguments."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def fail(kind: str) -> object:
    if kind == "value":
        raise ValueError("no such thing")
    if kind == "odd":
        raise OddError(1, 2)
    if kind == "exit":
        os._exit(3)
    if kind == "sleep":
        time.sleep(60)
    return lambda: None
