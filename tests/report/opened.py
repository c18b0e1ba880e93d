"""A page in the browser that remembers everything it should not have done."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


class Opened:
    """A page, the complaints of its console, and what it asked the network for."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda asked: self._note(asked.url, folder))

    def _note(self, url: str, folder: Path) -> None:
        if not url.startswith((folder.as_uri(), "data:", "blob:")):
            self.requests.append(url)

    def keys(self, *names: str) -> None:
        """Presses keys one after the other."""
        for name in names:
            self.page.keyboard.press(name)

    def exported(self) -> dict[str, Any]:
        """What the page's export saves."""
        with self.page.expect_download() as download:
            self.page.keyboard.press("e")
        found: dict[str, Any] = json.loads(download.value.path().read_text("utf-8"))
        return found


@contextmanager
def opened(
    browser: Browser,
    folder: Path,
    address: str = "",
    *,
    name: str = "index.html",
    ready: str = "html.ready",
    **options: Any,
) -> Iterator[Opened]:
    """Opens ``folder``'s page from its file, in a fresh profile at 1280x800; on leaving it must be quiet.

    ``ready`` is what is there when its script has run.
    """
    options.setdefault("viewport", {"width": 1280, "height": 800})
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(10_000)
    watched = Opened(page, folder)
    try:
        page.goto((folder / name).as_uri() + address)
        if options.get("java_script_enabled", True):
            page.locator(ready).wait_for(state="attached")
        yield watched
        assert watched.complaints == []
        assert watched.requests == []
    finally:
        context.close()
