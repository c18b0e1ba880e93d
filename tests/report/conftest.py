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
REQUIRED = "MIGRATOR_PAGES"
"""Set by `.ci/run`: then a missing browser is a failure, and not a reason to leave the tests of pages out."""


def chromium() -> str | None:
    """The browser, where there is one."""
    return os.environ.get("MIGRATOR_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def axe_file() -> Path:
    """Where `.ci/run` puts axe-core."""
    return Path(os.environ.get("MIGRATOR_AXE") or ROOT / ".cache/axe/node_modules/axe-core/axe.min.js")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium or axe-core, a newcomer's run goes without the tests that need them, and says so."""
    if os.environ.get(REQUIRED):
        return
    missing = {name for name, there in (("browser", chromium()), ("axe", axe_file().is_file())) if not there}
    without = [item for item in items if missing & set(getattr(item, "fixturenames", ()))]
    if without:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in set(without)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven by playwright, which must not fetch a browser of its own.

    Not for the whole session: playwright keeps an event loop in this thread, and other tests start their own.
    """
    from playwright.sync_api import sync_playwright

    path = chromium()
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
    file = axe_file()
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
