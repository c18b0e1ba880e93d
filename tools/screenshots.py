"""Takes the pictures of the pages in README.md anew: needs Chromium (see CONTRIBUTING.md) and the dev dependencies."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from migrator import pipeline  # noqa: E402
from migrator.report.html.rewrite import render_rewrite  # noqa: E402
from migrator.report.html.run import render_run  # noqa: E402
from tests.report import synthetic  # noqa: E402
from tests.report.conftest import FLAGS, chromium  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Page

IMAGES = ROOT / "docs" / "images"
COLOURS = 192


def main() -> int:
    path = chromium()
    if path is None:
        print("screenshots: Chromium is missing: apt-get install -y chromium", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        run = render_run(synthetic.demo_run(folder / "run", simulated=True))
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{run.as_uri()}#sort=suite")
        review(page)
        page.goto("about:blank")
        page.goto(run.as_uri())
        take(page, "report-grid")
        page.locator(".card h3", has_text="alpine-lake").click()
        page.get_by_role("button", name="Slider").click()
        take(page, "report-pair")
        page.goto(rewritten(folder / "sample").as_uri())
        take(page, "rewrite-report")
        browser.close()
    return 0


def review(page: Page) -> None:
    """A few verdicts by keyboard, so that the page shows what it looks like in use."""
    page.keyboard.press("j")
    for key in "llahltlawl":
        page.keyboard.press(key)
        page.wait_for_timeout(300)


def rewritten(folder: Path) -> Path:
    """The page of a dry run over the sample project."""
    shutil.copytree(ROOT / "fixtures" / "samples" / "postcards", folder)
    here = Path.cwd()
    os.chdir(folder)
    try:
        job = pipeline.Job((".",), pipeline.settings_for((".",)), date.today())
        report, catalog = pipeline.run(job)
    finally:
        os.chdir(here)
    return render_rewrite(report, catalog, date.today(), folder.parent / "page")


def take(page: Page, name: str) -> None:
    """One screen, with few enough colours to be small."""
    page.wait_for_timeout(800)
    file = IMAGES / f"{name}.png"
    page.screenshot(path=str(file))
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(COLOURS).save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    sys.exit(main())
