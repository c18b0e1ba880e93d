from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

import openai
import pytest
from PIL import Image

from migrator.catalog import load
from migrator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def today_simulator() -> Iterator[Simulator]:
    with Simulator(load(), today=TODAY) as simulator:
        yield simulator
    assert simulator.failures == []


@pytest.fixture(scope="session")
def dalle_simulator() -> Iterator[Simulator]:
    with Simulator(load(), era="dalle") as simulator:
        yield simulator
    assert simulator.failures == []


@pytest.fixture(scope="session")
def today(today_simulator: Simulator) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=today_simulator.base_url, api_key="sk-test", max_retries=0) as client:
        yield client


@pytest.fixture(scope="session")
def dalle(dalle_simulator: Simulator) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=dalle_simulator.base_url, api_key="sk-test", max_retries=0) as client:
        yield client


def _png(size: tuple[int, int], hole: bool, mode: str = "RGBA") -> bytes:
    picture = Image.new(mode, size, (180, 40, 40, 255) if mode == "RGBA" else (180, 40, 40))
    if hole:
        quarter = (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2)
        picture.paste((0, 0, 0, 0), quarter)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="session")
def plain_png() -> bytes:
    """A square RGB picture without transparency."""
    return _png((256, 256), hole=False, mode="RGB")


@pytest.fixture(scope="session")
def holed_png() -> bytes:
    """A square RGBA picture, transparent from a quarter to a half of both edges."""
    return _png((256, 256), hole=True)


@pytest.fixture(scope="session")
def wide_png() -> bytes:
    return _png((512, 256), hole=True)
