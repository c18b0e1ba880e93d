"""A headless Chromium for the pages, and runs to open in it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.report.html.run import render_run
from tests.report import synthetic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven by playwright, which must not fetch a browser of its own.

    Not for the whole session: playwright keeps an event loop in this thread, and other tests start their own.
    """
    from playwright.sync_api import sync_playwright

    path = os.environ.get("MIGRATOR_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.fail(
            "the tests of the pages need Chromium: apt-get install -y chromium, or set MIGRATOR_CHROMIUM"
        )
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which `.ci/run` installs."""
    file = Path(os.environ.get("MIGRATOR_AXE") or ROOT / ".cache/axe/node_modules/axe-core/axe.min.js")
    if not file.is_file():
        pytest.fail(f"{file} is missing: npm install --prefix .cache/axe axe-core, or set MIGRATOR_AXE")
    return file.read_text("utf-8")


def _rendered(tmp_path_factory: pytest.TempPathFactory, make: Callable[[Path], Path]) -> Path:
    folder = make(tmp_path_factory.mktemp("run"))
    render_run(folder)
    return folder


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of fourteen pairs with its page; not to be written to."""
    return _rendered(tmp_path_factory, synthetic.demo_run)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose every text and file is an attack."""
    return _rendered(tmp_path_factory, synthetic.hostile_run)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run without pairs."""
    return _rendered(tmp_path_factory, synthetic.empty_run)
