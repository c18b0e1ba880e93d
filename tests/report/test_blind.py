"""Blind review: nothing that can be seen, heard or inspected tells which side is which."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.report import synthetic
from tests.report.opened import opened

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

TELLING = (
    synthetic.OLD_MODEL,
    synthetic.NEW_MODEL,
    rf"\b{synthetic.OLD}\b",
    rf"\b{synthetic.NEW}\b",
    r"\b(archive|openai)\b",
    r"(?i)\b(old|new) (picture|better|side)\b",
    r'class="[^"]*\b(old|new)\b',
    r"images/",
    r"\.(png|jpe?g)\b",
    r"896|768|\b640\b|\b512\b",  # sizes of the pictures
    r"\d (KB|MB|s)\b",
    r"\$\d",
    r"(?i)yellow|cast|c2pa|credential|blocked|failed|not in the archive",
    r"req_",
)


def _leaks(page: Page) -> list[str]:
    # options and the help stand in both modes and tell nothing about a pair; canvases are checked below
    html = page.evaluate(
        """() => {
          const copy = document.documentElement.cloneNode(true);
          copy.querySelectorAll('canvas').forEach(n => { n.removeAttribute('width'); n.removeAttribute('height'); });
          copy.querySelectorAll('option, script, style, link, meta, dialog, noscript').forEach(n => n.remove());
          return copy.outerHTML;
        }"""
    )
    seen = (
        html
        + page.locator("body").aria_snapshot()
        + page.title()
        + page.evaluate("location.href.split('/').pop()")
    )
    return [found[0] for telling in TELLING for found in re.finditer(telling, seen)]


def test_the_page_tells_before_it_is_blind(demo: Path, browser: Browser) -> None:
    """Otherwise the test below could not fail."""
    with opened(browser, demo) as run:
        assert len(set(_leaks(run.page))) > 15


@pytest.mark.parametrize("mode", ["", "side", "slider", "overlay", "blink", "difference", "edit"])
@pytest.mark.parametrize("way", ["address", "key"])
def test_nothing_tells_in_blind_mode(mode: str, way: str, demo: Path, browser: Browser) -> None:
    view = f"&view=pair&pair=11&mode={mode}" if mode else ""
    with opened(browser, demo, f"#{'blind=1' if way == 'address' else 'x='}{view}") as run:
        if way == "key":
            run.keys("b")
        expect(run.page.locator("#blind-bar" if not mode else "#v-left")).to_be_visible()
        assert _leaks(run.page) == []
        if mode:
            run.keys("h", "j", " ", "k", "x")
            assert _leaks(run.page) == []
            assert run.page.locator("#stage img").count() == 0
            sizes = run.page.evaluate(
                "[...document.querySelectorAll('#stage canvas')].map(c => [c.width, c.height].join())"
            )
            assert len(set(sizes)) == 1
        else:
            run.keys("j", "h", "l", "t")
            assert _leaks(run.page) == []


def test_only_pairs_with_both_pictures_are_judged_blind(demo: Path, browser: Browser) -> None:
    with opened(browser, demo, "#blind=1") as run:
        expect(run.page.locator(".card")).to_have_count(10)
        expect(run.page.locator("#blind-text")).to_contain_text("4 without both pictures are left out")


def test_blind_verdicts_name_the_side_that_was_shown(demo: Path, browser: Browser) -> None:
    data = json.loads((demo / "results.json").read_text("utf-8"))
    shas = {
        task["file"].split("/")[1].split(".")[0]: side
        for task in data["tasks"]
        if task["file"]
        for side in [{synthetic.OLD: "old", synthetic.NEW: "new"}[task["source"]]]
    }
    with opened(browser, demo, "#blind=1") as run:
        expected = {}
        for card in run.page.locator(".card").all():
            picture = card.locator("img").first.get_attribute("src") or ""
            expected[card.locator("h3").text_content()] = shas[picture.split("/")[1].split(".")[0]]
        run.keys("j", *["h"] * 10)  # the left one, every time
        file = run.exported()
        orders = set(expected.values())
    assert {one["prompt_id"]: one["verdict"] for one in file["verdicts"]} == expected
    assert all(one["blind"] and one["shown_left"] == one["verdict"] for one in file["verdicts"])
    assert orders == {"old", "new"}


def test_accepting_waits_for_the_reveal(demo: Path, browser: Browser) -> None:
    with opened(browser, demo, "#blind=1") as run:
        run.keys("j", "a")
        expect(run.page.locator("#toast")).to_contain_text("after the reveal")
        assert run.page.locator(".mark").count() == 0


def test_a_reveal_brings_everything_back(demo: Path, browser: Browser) -> None:
    with opened(browser, demo) as run:
        before = run.page.locator("body").aria_snapshot()
        run.keys("b")
        expect(run.page.locator("#blind-bar")).to_be_visible()
        run.keys("b")
        expect(run.page.locator("#overview")).to_be_visible()
        run.page.locator("#toast").wait_for(state="hidden")
        assert run.page.locator("body").aria_snapshot() == before
