"""The comparison page in a real browser, opened from a file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from migrator.compare import verdicts
from migrator.report.html.run import render_run
from tests.report import synthetic
from tests.report.opened import opened

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@pytest.mark.parametrize("kind", ["demo", "hostile", "empty"])
def test_a_page_opens_from_its_file_without_complaint_or_network(
    kind: str, browser: Browser, request: pytest.FixtureRequest
) -> None:
    with opened(browser, request.getfixturevalue(kind)) as run:
        run.page.mouse.wheel(0, 4000)
        run.page.wait_for_timeout(200)
        broken = run.page.evaluate(
            "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
        )
        assert broken == []


def test_a_single_file_holds_all_its_pictures(browser: Browser, tmp_path: Path) -> None:
    folder = synthetic.demo_run(tmp_path / "run")
    page = render_run(folder, single_file=True)
    alone = tmp_path / "alone"
    alone.mkdir()
    page.rename(alone / page.name)
    with opened(browser, alone, "#view=pair&pair=2", name=page.name) as run:
        expect(run.page.locator("#stage img.shot")).to_have_count(2)
        assert run.page.evaluate("[...document.images].every(i => i.src.startsWith('data:image/webp'))")
        assert run.page.evaluate("document.querySelector('#stage img').decode().then(() => true)")


def test_everything_that_decides_is_above_the_fold(demo: Path, browser: Browser) -> None:
    with opened(browser, demo) as run:
        for selector in (".gate > h2", ".reasons", ".sources", "#progress", *(f"#tile-{one}" for one in (
            "wins", "conformance", "text", "lost", "latency", "cost", "cast"))):  # fmt: skip
            box = run.page.locator(selector).first.bounding_box()
            assert box is not None, selector
            assert box["y"] + box["height"] <= 800, selector
        card = run.page.locator(".card .frame").first.bounding_box()
        assert card is not None
        assert card["y"] + card["height"] <= 800


def test_the_gates_reasons_lead_to_the_pairs_that_they_speak_of(browser: Browser, tmp_path: Path) -> None:
    made = synthetic.demo_run(tmp_path)
    results = json.loads((made / "results.json").read_text("utf-8"))
    new = next(one["name"] for one in results["sources"] if one["role"] == "new")
    lost = next(one for one in results["tasks"] if one["source"] == new and one["state"] == "blocked")
    reason = {"check": "blocked", "message": "Refused.", "pairs": [f"{lost['prompt_id']}#{lost['sample']}"]}
    results["gate"] = {"verdict": "fail", "reasons": [reason]}
    (made / "results.json").write_text(json.dumps(results), "utf-8")
    render_run(made)
    with opened(browser, made) as run:
        run.page.get_by_role("link", name="Show", exact=True).click()
        expect(run.page.locator("#state")).to_have_value("blocked")
        assert (
            0
            < run.page.locator(".card:visible").count()
            < int(run.page.locator("body").get_attribute("data-pairs") or 0)
        )


def test_a_simulated_run_says_so_in_every_view(browser: Browser, tmp_path: Path) -> None:
    folder = synthetic.demo_run(tmp_path, simulated=True)
    render_run(folder)
    with opened(browser, folder) as run:
        expect(run.page.locator(".simulated")).to_be_in_viewport()
        run.keys("j", "Enter")
        expect(run.page.locator("#viewer")).to_be_visible()
        expect(run.page.locator(".simulated")).to_be_in_viewport()


def test_a_view_can_be_sent_as_an_address(demo: Path, browser: Browser) -> None:
    with opened(browser, demo) as run:
        run.page.select_option("#tag", "text")
        run.page.fill("#q", "poster")
        run.page.click("[data-view=list]")
        expect(run.page.locator(".card:visible")).to_have_count(1)
        address = run.page.evaluate("location.hash")
    with opened(browser, demo, address) as run:
        expect(run.page.locator(".card:visible h3")).to_have_text("shop-sale")
        expect(run.page.locator("body")).to_have_class("list")
        run.page.fill("#q", "no such words")
        expect(run.page.locator("#nothing")).to_be_visible()
        run.page.click("#clear")
        expect(run.page.locator(".card:visible")).to_have_count(14)


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("state", "blocked", {"knight"}),
        ("check", "locality", {"lamp-edit"}),
        ("check", "*", {"lamp-edit", "desert-road"}),
        ("flag", "resized", {"alpine-lake", "desert-road"}),
        ("flag", "edit", {"lamp-edit"}),
        ("flag", "text", {"cafe-sign", "birthday", "shop-sale"}),
        ("flag", "one-sided", {"knight", "old-town", "lighthouse", "orchard"}),
    ],
)
def test_a_filter_shows_what_it_names(
    field: str, value: str, found: set[str], demo: Path, browser: Browser
) -> None:
    with opened(browser, demo) as run:
        run.page.select_option(f"#{field}", value)
        assert set(run.page.locator(".card:visible h3").all_text_contents()) == found
        expect(run.page.locator("#count")).to_have_text(f"{len(found)} of 14")


def test_the_worst_come_first_and_the_order_can_be_changed(demo: Path, browser: Browser) -> None:
    with opened(browser, demo) as run:
        names = run.page.locator(".card h3").all_text_contents()
        assert names[:2] == ["knight", "old-town"]
        run.page.select_option("#sort", "suite")
        assert run.page.locator(".card h3").first.text_content() == "harbour-dawn"
        run.page.select_option("#sort", "")
        assert run.page.locator(".card h3").all_text_contents() == names


def test_a_review_goes_by_keyboard_from_the_first_verdict_to_the_sign_off(
    browser: Browser, tmp_path: Path
) -> None:
    folder = synthetic.demo_run(tmp_path / "run")
    render_run(folder)
    with opened(browser, folder, "#sort=suite") as run:
        page = run.page
        run.keys("j", "a")  # harbour-dawn; moves on
        run.keys("Enter")  # cafe-sign
        expect(page.locator("#v-title")).to_have_text("cafe-sign")
        run.keys("c")
        page.keyboard.type("spells better: a, r and t are only letters here")
        run.keys("Escape", "l")
        expect(page.locator("#v-title")).to_have_text("alpine-lake")
        run.keys("r", "k", "u")  # reject, back, take the rejection back
        expect(page.locator("#v-title")).to_have_text("alpine-lake")
        run.keys("w", "t", "Escape")
        expect(page.locator("#progress-text")).to_contain_text("4 of 14 reviewed")
        file = run.exported()
    given = {(one["prompt_id"], one["verdict"]): one for one in file["verdicts"]}
    assert set(given) == {
        ("harbour-dawn", "accept"), ("cafe-sign", "new"), ("alpine-lake", "needs_work"), ("birthday", "tie"),
    }  # fmt: skip
    assert given["cafe-sign", "new"]["note"].startswith("spells better")
    saved = tmp_path / "mine.json"
    saved.write_text(json.dumps(file), "utf-8")
    results = json.loads((folder / "results.json").read_text("utf-8"))
    done = verdicts.apply(folder, results, saved)
    assert (done.taken, done.stale) == (4, ())


def test_verdicts_of_two_reviewers_are_merged_and_survive_a_reload(browser: Browser, tmp_path: Path) -> None:
    folder = synthetic.demo_run(tmp_path / "run")
    render_run(folder)
    results = json.loads((folder / "results.json").read_text("utf-8"))
    theirs = synthetic.verdicts_for(results, [("harbour-dawn", "reject"), ("tulips", "old")], "ben")
    theirs["verdicts"].append({**theirs["verdicts"][0], "prompt_id": "tulips"})  # about another picture
    (tmp_path / "ben.json").write_text(json.dumps(theirs), "utf-8")
    other = {**theirs, "run": "another-run"}
    (tmp_path / "other.json").write_text(json.dumps(other), "utf-8")
    (tmp_path / "junk.json").write_text("[1, 2", "utf-8")
    with opened(browser, folder, "#sort=suite") as run:
        page = run.page
        page.fill("#reviewer", "ana")
        page.press("#reviewer", "Tab")
        page.locator("h1").first.click()
        run.keys("j", "a")
        for name, said in (
            ("ben", "2 merged, 1 refused"), ("ben", "2 known already"), ("other", "another run"), ("junk", "not a verdicts"),
        ):  # fmt: skip
            page.set_input_files("#import-file", tmp_path / f"{name}.json")
            expect(page.locator("#toast")).to_contain_text(said)
        page.reload()
        expect(page.locator("#reviewer")).to_have_value("ana")
        expect(page.locator(".card .mark")).to_have_text(["Accepted"])
        page.locator("#pair-1 a.open").click()
        expect(page.locator("#v-others")).to_have_text("ben: Rejected")
        run.keys("Escape")
        both = run.exported()
    assert sorted((one["reviewer"], one["verdict"]) for one in both["verdicts"]) == [
        ("ana", "accept"), ("ben", "old"), ("ben", "reject"),
    ]  # fmt: skip


def test_verdicts_about_pictures_that_changed_do_not_count(browser: Browser, tmp_path: Path) -> None:
    folder = synthetic.demo_run(tmp_path / "run")
    page_file = render_run(folder)
    context = browser.new_context()
    page = context.new_page()
    page.goto(page_file.as_uri() + "#sort=suite")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("#progress-text")).to_contain_text("1 of 14")
    data = json.loads((folder / "results.json").read_text("utf-8"))
    task = next(
        one for one in data["tasks"] if one["prompt_id"] == "harbour-dawn" and one["source"] == synthetic.NEW
    )
    task["file"] = next(
        one["file"]
        for one in data["tasks"]
        if one["prompt_id"] == "tulips" and one["source"] == synthetic.NEW
    )
    (folder / "results.json").write_text(json.dumps(data), "utf-8")
    render_run(folder)
    page.reload()
    expect(page.locator("#toast")).to_contain_text("1 earlier verdicts")
    expect(page.locator(".mark")).to_have_count(0)
    context.close()


def test_single_letter_keys_can_be_switched_off(demo: Path, browser: Browser) -> None:
    with opened(browser, demo) as run:
        run.keys("?")
        run.page.uncheck("#set-keys")
        run.keys("Escape")
        expect(run.page.locator("#keys")).to_be_hidden()
        run.keys("j", "a")
        assert run.page.locator(".mark").count() == 0
        run.keys("ArrowRight")
        expect(run.page.locator(".card.current")).to_have_count(1)


def test_letters_typed_into_a_field_are_only_letters(demo: Path, browser: Browser) -> None:
    with opened(browser, demo) as run:
        run.keys("j", "/")
        run.page.keyboard.type("barn")
        expect(run.page.locator("#q")).to_have_value("barn")
        assert run.page.locator(".mark").count() == 0
        expect(run.page.locator("html")).not_to_have_class(re.compile("blind"))


def _transform(page: Page) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('#stage .layer')].map(l => l.style.transform)")  # type: ignore[no-any-return]


def test_zoom_is_shared_and_stays_with_the_mode_on_the_next_pair(demo: Path, browser: Browser) -> None:
    with opened(browser, demo, "#view=pair&pair=1&sort=suite") as run:
        page = run.page
        run.keys("2", "+", "+", "Shift+ArrowRight")
        before = _transform(page)
        assert len(set(before)) == 1
        assert "scale(1.96)" in before[0]
        run.keys("j")
        expect(page.locator("#v-title")).to_have_text("cafe-sign")
        assert _transform(page) == before
        expect(page.locator(".modes [data-mode=slider]")).to_have_attribute("aria-pressed", "true")
        run.keys("0")
        assert "scale(1)" in _transform(page)[0]


def test_each_mode_shows_the_pictures_its_own_way(demo: Path, browser: Browser) -> None:
    with opened(browser, demo, "#view=pair&pair=3") as run:
        page = run.page
        stage = page.locator("#stage")
        run.keys("2")
        slider = page.get_by_role("slider")
        slider.focus()
        run.keys("ArrowRight", "ArrowRight")
        expect(slider).to_have_value("52")
        assert "52%" in stage.locator(".second").evaluate("n => n.style.clipPath")
        expect(page.locator("#v-hint")).to_contain_text("The sizes differ (896\u00d7512 and 768\u00d7512)")
        run.keys("3")
        assert stage.locator(".second").evaluate("n => n.style.opacity") == "0.5"
        stage.focus()
        run.keys("5")
        assert stage.locator(".second").evaluate("n => getComputedStyle(n).mixBlendMode") == "difference"
        expect(page.locator("#v-hint")).to_contain_text("not a score")
        run.keys("1")
        page.keyboard.down(" ")
        assert stage.locator(".first").evaluate("n => n.style.opacity") == "0"
        page.keyboard.up(" ")
        expect(stage).to_have_attribute("data-mode", "side")


def test_an_edit_shows_input_mask_and_what_changed_outside(demo: Path, browser: Browser) -> None:
    with opened(browser, demo, "#view=pair&pair=11&mode=edit") as run:
        expect(run.page.locator("#stage .pane")).to_have_count(3)
        expect(run.page.locator("#stage .mask")).to_have_count(1)
        expect(run.page.locator("#stage .pane:nth-child(3) .heat")).to_have_count(1)
        expect(run.page.locator("#v-hint")).to_contain_text("41 % of the picture outside the mask changed")


def test_a_missing_side_is_a_tile_with_its_reason(demo: Path, browser: Browser) -> None:
    with opened(browser, demo, "#view=pair&pair=9&mode=slider") as run:
        tile = run.page.locator("#stage .gone")
        expect(tile).to_contain_text("Blocked by moderation")
        expect(tile).to_contain_text("safety_violations=[violence]")
        expect(run.page.locator(".modes [data-mode=slider]")).to_be_disabled()
        expect(run.page.locator("#v-hint")).to_contain_text("One picture is missing")
        run.keys("l")
        expect(run.page.locator("#toast")).to_contain_text("need both pictures")
        run.keys("a")
        expect(run.page.locator("#pair-9 .mark")).to_have_text("Accepted")


def test_transparent_pictures_stand_on_a_checkerboard(demo: Path, browser: Browser) -> None:
    with opened(browser, demo, "#view=pair&pair=5") as run:
        expect(run.page.locator("#stage")).to_have_class("checker")
        run.page.select_option("#v-ground", "black")
        expect(run.page.locator("#stage")).to_have_class("black")


def test_the_request_shows_what_changed(demo: Path, browser: Browser) -> None:
    with opened(browser, demo, "#view=pair&pair=3") as run:
        rows = {row.split("\t")[0]: row for row in run.page.locator("#v-details tr").all_inner_texts()}
        assert rows["size"] == "size\t1792x1024\t1536x1024"
        assert rows["style"] == "style\tvivid\t\u2013"
        assert "req_0002" in rows["request id"]
        assert "Signed content credentials" in rows["credentials"]


def test_every_failed_check_of_every_pair_is_told_beside_it(demo: Path) -> None:
    found = re.search(r'id="data">(.*?)</script>', (demo / "index.html").read_text("utf-8"), re.DOTALL)
    assert found
    data = json.loads(found[1])
    pairs = [pair for pair in data["pairs"] if pair.get("failed")]
    assert pairs
    for pair in data["pairs"]:
        told = [
            check for side in pair["sides"] if "checks" in side for check in data["shared"][side["checks"]]
        ]
        assert {name for name, status, _ in told if status == "fail"} >= set(pair.get("failed", ()))
        # every picture here has at least one check that passed and one that only informs
        assert all({"checks", "passed"} <= set(side) for side in pair["sides"] if side["state"] == "ok")


def test_on_a_telephone_the_panel_stands_below_the_pictures(browser: Browser, tmp_path: Path) -> None:
    folder = synthetic.demo_run(tmp_path, simulated=True)
    render_run(folder)
    narrow = {"width": 390, "height": 800}
    with opened(browser, folder, "#view=pair&pair=1", viewport=narrow) as run:
        stage, button = (
            run.page.locator(one).bounding_box() for one in ("#stage", "#v-decide button >> nth=0")
        )
        assert stage is not None
        assert button is not None
        assert stage["y"] + stage["height"] <= button["y"]
        assert run.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_scripts_there_are_pictures_and_a_table(demo: Path, browser: Browser) -> None:
    with opened(browser, demo, java_script_enabled=False) as run:
        expect(run.page.locator(".card img")).to_have_count(24)
        expect(run.page.locator(".table tbody tr")).to_have_count(14)
        expect(run.page.locator(".toolbar")).to_be_hidden()
        expect(run.page.locator(".gate")).to_contain_text("Gate failed")


CUT = """() => [...document.querySelectorAll(
  '.simulated, .gate, .tile, .tile .value, .tile .detail, .card .prompt, .card figcaption, h1')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
  .map((one) => `${one.className || one.tagName}: ${one.textContent.trim().slice(0, 60)}`)"""


def test_a_printed_page_cuts_nothing_and_is_never_dark(browser: Browser, tmp_path: Path) -> None:
    folder = synthetic.demo_run(tmp_path / "run", simulated=True)
    render_run(folder)
    paper = {"width": 718, "height": 1000}
    with opened(browser, folder, viewport=paper, color_scheme="dark") as run:
        run.page.emulate_media(media="print", color_scheme="dark")
        assert run.page.evaluate(CUT) == []
        ground = "getComputedStyle(document.body).backgroundColor"
        assert run.page.evaluate(ground) == "rgb(255, 255, 255)"
        more = run.page.locator(".gate details li").first
        assert (more.bounding_box() or {"height": 0})["height"] > 5
        expect(run.page.locator("#filters")).to_be_hidden()


@pytest.mark.parametrize("width", [400, 640])
def test_a_narrow_window_and_a_large_zoom_need_no_sideways_scrolling(
    demo: Path, browser: Browser, width: int
) -> None:
    narrow = {"width": width, "height": 400 if width == 640 else 800}
    for address in ("", "#view=list", "#view=pair&pair=2"):
        with opened(browser, demo, address, viewport=narrow) as run:
            assert run.page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_a_large_run_has_no_table_but_says_where_its_numbers_are(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrator.report.html.run.MOST_IN_TABLE", 3)
    folder = synthetic.demo_run(tmp_path / "run")
    render_run(folder)
    with opened(browser, folder, ready="body", java_script_enabled=False) as run:
        expect(run.page.locator("noscript table, .table table")).to_have_count(0)
        expect(run.page.get_by_role("link", name="results.csv")).to_be_visible()
        assert run.page.locator(".card").count() > 3


def test_nothing_in_a_hostile_run_is_taken_for_markup(hostile: Path, browser: Browser) -> None:
    with opened(browser, hostile) as run:
        page = run.page
        for number in range(1, 13):
            page.evaluate(f"location.hash = '#view=pair&pair={number}'")
            page.wait_for_timeout(30)
        assert page.evaluate("window.pwned") is None
        assert page.locator("script").count() == 2
        sources = page.evaluate("[...document.images].map(i => i.getAttribute('src'))")
        assert [
            one for one in sources if not re.fullmatch(r"(thumbs|images)/[0-9a-f]{64}\.(webp|png)", one)
        ] == []
        page.evaluate("location.hash = ''")
        expect(page.locator(".card", has_text="animated, first frame")).to_have_count(1)
        for name, words in (
            ("svg", "may hold programs"), ("bomb", "Too large to show"), ("junk", "not a picture"),
        ):  # fmt: skip
            card = page.locator(".card").filter(has=page.locator("h3", has_text=re.compile(f"^{name}$")))
            expect(card.locator(".gone").first).to_contain_text(words)


def test_a_run_without_pairs_says_so(empty: Path, browser: Browser) -> None:
    with opened(browser, empty) as run:
        expect(run.page.locator("#pairs")).to_contain_text("holds no pairs")
        run.keys("j", "a", "n", "g", "b", "Enter")
        run.page.click("[data-view=pair]")
        expect(run.page.locator("#viewer")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["", "#view=list", "#view=pair&pair=2", "#view=pair&pair=9", "#blind=1"])
def test_axe_finds_nothing_serious(address: str, scheme: str, demo: Path, browser: Browser, axe: str) -> None:
    with opened(browser, demo, address, bypass_csp=True, color_scheme=scheme, reduced_motion="reduce") as run:
        run.page.evaluate(axe)
        found = run.page.evaluate("axe.run({preload: false})")["violations"]
        assert [
            (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
            for one in found
            if one["impact"] in ("serious", "critical")
        ] == []
        dark = run.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 21, 25)"
        assert dark == (scheme == "dark")
