"""The page of a campaign, opened from its file in a browser."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from migrator.campaign.scan import Cost, Model, OneSite, Row
from migrator.report.campaign import page
from tests.report.opened import opened

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

HOSTILE = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>\u202e"


def rows() -> list[Row]:
    def row(name: str, outcome: str, owner: str, doubts: tuple[str, ...] = ()) -> Row:
        counts = dict.fromkeys(("manual", "review", "safe", "done"), 0) | {outcome: 1}
        return Row(
            name,
            commit="0123456789abcdef",
            sites=(
                OneSite(
                    f"{name}/art.py", 3, "generations", ("dall-e-3",), outcome, (owner,) if owner else ()
                ),
            ),
            models=(Model("dall-e-3", 1, "2026-05-12", -195),),
            outcomes=counts,
            files_changed=int(outcome == "safe"),
            manual=int(outcome == "manual"),
            cost=Cost(1, 80.0, 211.0, doubts),
            owners=((owner, 1),),
        )

    return [
        row("hard", "manual", "@team/art", ("the quality is not known",)),
        row(HOSTILE, "safe", HOSTILE),
        row("easy", "safe", ""),
        Row("gone", f"no such folder {HOSTILE}"),
        Row("clean", outcomes=dict.fromkeys(("manual", "review", "safe", "done"), 0)),
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return page(rows(), "gpt-image-2.6-flare", date(2026, 11, 23), tmp_path / "page").parent


def test_the_worst_comes_first_with_its_deadline_its_prices_and_its_owner(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, ready="main") as one:
        names = one.page.locator("section:has(> h2:text('Worst first')) tbody tr")
        expect(names).to_have_count(5)
        first = names.first
        for words in (
            "hard",
            "dall-e-3",
            "shut down 2026-05-12",
            "1 by hand",
            "$80.00",
            "$211.00",
            "likely",
            "@team/art",
        ):
            expect(first).to_contain_text(words)
        expect(names.nth(3)).to_contain_text("could not be scanned: no such folder")
        expect(names.nth(4)).to_contain_text("nothing to do")
        owners = one.page.locator("section:has(> h2:text('Whose call sites are left')) tbody tr")
        expect(owners.filter(has_text="nobody known")).to_have_count(1)


def test_a_name_leads_to_its_call_sites_and_all_of_them_can_be_folded(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, ready="main") as one:
        one.page.locator("a", has_text="hard").click()
        place = one.page.locator("#repository-1")
        expect(place).to_be_in_viewport()
        expect(place).to_contain_text("hard/art.py:3")
        expect(place).to_contain_text("by hand")
        one.page.locator("#fold").click()
        expect(one.page.locator("details[open]")).to_have_count(0)


def test_hostile_names_run_nothing_and_a_narrow_screen_does_not_scroll_sideways(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, ready="main") as one:
        assert one.page.evaluate("window.pwned") is None
        assert "\u202e" not in one.page.inner_text("body")
        one.page.set_viewport_size({"width": 400, "height": 700})
        assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
