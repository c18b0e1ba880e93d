"""How fast the comparison's page is: 2,000 pairs against a bare page of the same thumbnails.

    python benchmarks/report_page.py [--pairs 2000] [--rounds 7] [--keep FOLDER]

Needs Chromium and playwright. Prints medians; exits with 1 when the page takes 1.5 times as long as the bare one to
load, or a filter takes 100 ms.
"""

from __future__ import annotations

import argparse
import html
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from migrator.report.html.run import render_run  # noqa: E402
from tests.report.conftest import FLAGS  # noqa: E402
from tests.report.synthetic import bulk_run  # noqa: E402

BARE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Bare</title><style>
main{display:grid;grid-template-columns:repeat(3,1fr);gap:12px}
article{content-visibility:auto;contain-intrinsic-size:auto 330px}
figure{display:inline-block;width:48%;margin:0}img{width:100%;height:auto}</style><main>"""
FILTER = """async ([name, value]) => {
  const field = document.getElementById(name);
  field.value = value;
  const start = performance.now();
  field.dispatchEvent(new Event(name === "q" ? "input" : "change"));
  document.body.getBoundingClientRect();
  const script = performance.now() - start;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return [script, performance.now() - start];
}"""
LOADED = """() => new Promise((done) => {
  const read = () => {
    const entry = performance.getEntriesByType("navigation")[0];
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    if (entry.loadEventEnd && paint) done([entry.loadEventEnd, paint.startTime]);
    else setTimeout(read, 10);
  };
  read();
})"""


def bare_page(folder: Path) -> Path:
    """The same thumbnails and prompts with nothing else, lazy and with content-visibility."""
    data = json.loads((folder / "results.json").read_text("utf-8"))
    looks = json.loads((folder / "thumbs/looks.json").read_text("utf-8"))
    files: dict[str, list[str]] = {}
    for task in data["tasks"]:
        if task["file"]:
            files.setdefault(task["prompt_id"], []).append(task["file"].split("/")[1].split(".")[0])
    parts = [BARE]
    for prompt in data["suite"]["prompts"]:
        pictures = "".join(
            f'<figure><img src="thumbs/{sha}.webp" width="{looks[sha]["thumb_width"]}" '
            f'height="{looks[sha]["thumb_height"]}" loading="lazy" alt=""></figure>'
            for sha in files.get(prompt["id"], ())
        )
        parts.append(f"<article>{pictures}<p>{html.escape(prompt['prompt'])}</p></article>")
    to = folder / "bare.html"
    to.write_text("".join([*parts, "</main></html>"]), "utf-8")
    return to


def main() -> int:
    """Builds the run, opens both pages in turn, prints what it took."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--keep", type=Path, help="use and keep this folder")
    given = options.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp())
    if not (folder / "results.json").exists():
        bulk_run(folder, given.pairs)
    start = time.perf_counter()
    page = render_run(folder)
    first = time.perf_counter() - start
    start = time.perf_counter()
    render_run(folder)
    again = time.perf_counter() - start
    print(f"{given.pairs:,} pairs: rendered in {first:.1f} s with thumbnails, {again:.1f} s without")
    print(
        f"page {page.stat().st_size / 1e6:.2f} MB, bare page {bare_page(folder).stat().st_size / 1e6:.2f} MB"
    )
    took: dict[str, list[list[float]]] = {"bare.html": [], "index.html": []}
    filters: dict[str, list[list[float]]] = {}
    with sync_playwright() as driver:
        for _ in range(given.rounds):
            for name, found in took.items():
                browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
                view = browser.new_page(viewport={"width": 1280, "height": 800})
                view.goto((folder / name).as_uri())
                found.append(view.evaluate(LOADED))
                if name == "index.html":
                    view.locator("html.ready").wait_for(state="attached")
                    for change in (
                        ("check", "text"),
                        ("check", ""),
                        ("q", "number 19"),
                        ("q", ""),
                        ("sort", "slow"),
                    ):
                        filters.setdefault(" = ".join(change), []).append(view.evaluate(FILTER, list(change)))
                browser.close()
    loads = {
        name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in took.items()
    }
    for name, (load, paint) in loads.items():
        print(f"{name:12} load {load:6.0f} ms, first paint {paint:6.0f} ms")
    ratio = loads["index.html"][0] / loads["bare.html"][0]
    print(f"load: {ratio:.2f} times the bare page")
    worst = 0.0
    for name, rows in filters.items():
        script, frame = (statistics.median(column) for column in zip(*rows, strict=True))
        worst = max(worst, script) if not name.startswith("sort") else worst
        print(f"{name:20} {script:6.1f} ms to filter and lay out, {frame:6.1f} ms to the next frame")
    if not given.keep:
        shutil.rmtree(folder)
    return 0 if ratio < 1.5 and worst < 100 else 1


if __name__ == "__main__":
    sys.exit(main())
