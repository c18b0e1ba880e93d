"""The page of a dry run: the diff, findings beside their lines, prices, and what is left for a person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from migrator import cli
from migrator.catalog import load
from migrator.report.html.highlight import pieces, spans
from migrator.report.html.listing import listing
from migrator.report.prices import doubts, prices
from migrator.types import FileResult, Finding, Report, Request, SourceFile
from tests.report.opened import opened

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

CODE = '''import base64

from openai import OpenAI

client = OpenAI()


def cover(title):
    """</script><script>window.pwned=1</script> \u202e"""
    picture = client.images.generate(
        model="dall-e-3", prompt=title, quality="hd", size="1024x1024", response_format="b64_json"
    )
    return base64.b64decode(picture.data[0].b64_json)


def again(file):
    return client.images.create_variation(image=file, n=1)
'''


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "covers <b>.py").write_text(CODE, "utf-8")
    to = folder / "report"
    command = [
        "rewrite",
        str(folder),
        "--report",
        str(to),
        "--target",
        "gpt-image-2",
        "--today",
        "2026-11-23",
    ]
    done = CliRunner().invoke(cli.cli, command)
    assert done.exit_code == 1, done.output
    assert f"the report is {to / 'index.html'}" in done.stderr
    return to


def test_the_page_has_what_the_terminal_says_and_more(page: Path, browser: Browser) -> None:
    with opened(browser, page, ready="body") as run:
        facts = run.page.locator(".facts").inner_text()
        assert re.search(r"Call sites\s+2", facts)
        assert re.search(r"1\s+migrate by themselves", facts)
        assert re.search(r"1\s+need a person", facts)
        expect(run.page.locator("#left li")).to_have_count(1)
        expect(run.page.locator("#left li pre")).to_contain_text("client.images.edit")
        costs = run.page.locator("table", has_text="Before").inner_text()
        assert "dall-e-3 · hd · 1024x1024" in costs
        assert "$80.00" in costs
        expect(run.page.locator(".code .add").first).to_contain_text('model="gpt-image-2"')
        marked = run.page.locator(".code .add .chg").all_inner_texts()
        assert "gpt-image-2" in "".join(marked)


def test_a_finding_stands_below_its_line_and_the_list_leads_there(page: Path, browser: Browser) -> None:
    with opened(browser, page, ready="body") as run:
        link = run.page.locator("#left a")
        run.page.click("#fold")
        expect(run.page.locator("details.file")).not_to_have_attribute("open", "")
        link.click()
        target = run.page.locator("tr:target")
        expect(target).to_be_in_viewport()
        expect(target).to_contain_text("create_variation")
        said = target.evaluate("row => row.nextElementSibling.textContent")
        assert "has no successor" in said


def test_hostile_source_stays_text(page: Path, browser: Browser) -> None:
    with opened(browser, page, ready="body") as run:
        assert run.page.evaluate("window.pwned") is None
        assert run.page.locator("script").count() == 1
        expect(run.page.locator("summary code").first).to_contain_text("covers <b>.py")
    assert "\u202e" not in (page / "index.html").read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_dry_run(
    page: Path, browser: Browser, axe: str, scheme: str
) -> None:
    with opened(browser, page, ready="body", bypass_csp=True, color_scheme=scheme) as run:
        run.page.evaluate(axe)
        found = run.page.evaluate("axe.run({preload: false})")["violations"]
        assert [
            (one["id"], one["nodes"][0]["html"][:200])
            for one in found
            if one["impact"] in ("serious", "critical")
        ] == []


def test_without_scripts_the_dry_run_is_all_there(page: Path, browser: Browser) -> None:
    with opened(browser, page, java_script_enabled=False) as run:
        expect(run.page.locator(".code .del").first).to_be_visible()
        expect(run.page.locator("#left li")).to_be_visible()


def test_somebody_elses_page_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print(1)\n")
    (tmp_path / "index.html").write_text("<title>my site</title>")
    done = CliRunner().invoke(cli.cli, ["rewrite", str(tmp_path), "--report", str(tmp_path)])
    assert "choose another folder for --report" in str(done.exception)
    assert (tmp_path / "index.html").read_text() == "<title>my site</title>"


def _result(before: str, after: str | None, path: str = "a.py") -> FileResult:
    return FileResult(path, "changed" if after else "unchanged", SourceFile(path, before), after)


def test_rows_number_both_sides_and_leave_out_what_is_far_away() -> None:
    before = "".join(f"line {number}\n" for number in range(1, 31))
    rows = listing(_result(before, before.replace("line 15\n", "line 15b\nmore\n")), ()).rows
    assert [(row.kind, row.old, row.new) for row in rows] == [
        ("gap", 0, 0), ("same", 12, 12), ("same", 13, 13), ("same", 14, 14), ("del", 15, 0), ("add", 0, 15),
        ("add", 0, 16), ("same", 16, 17), ("same", 17, 18), ("same", 18, 19),
    ]  # fmt: skip


def test_a_finding_on_a_line_that_stays_brings_the_line() -> None:
    finding = Finding("IMG020", "manual", "a.py", 20, 1, 20, "Look here.")
    nowhere = Finding("IMG000", "manual", "a.py", 99, 1, 99, "No such line.")
    found = listing(_result("x\n" * 30, None), (finding, nowhere))
    assert [row.old for row in found.rows] == [0, 17, 18, 19, 20, 21, 22, 23]
    assert [row.findings for row in found.rows if row.anchor] == [(finding,)]
    assert found.loose == (nowhere,)


@pytest.mark.parametrize(
    "text",
    [
        'x = f"a {b + 1} c"  # note\n',
        "def f():\n    '''two\n    lines'''\n    return 0x1F\n",
        "if True:\n  bad(\n",
        "\tx\n y",
    ],
)
def test_highlighting_loses_no_character(text: str) -> None:
    colours = spans(text)
    for number, line in enumerate(text.split("\n"), 1):
        cut = pieces(line, colours.get(number, []), [(1, 4)])
        assert "".join(piece for _, piece in cut) == line


def test_highlighting_tells_strings_from_keywords() -> None:
    line = 'return "if"  # else'
    assert pieces(line, spans(line)[1], []) == [
        ("key", "return"),
        ("", " "),
        ("str", '"if"'),
        ("", "  "),
        ("com", "# else"),
    ]


def test_prices_are_per_thousand_and_unknown_ones_stay_unknown() -> None:
    def said(site: str, before: dict[str, object], after: dict[str, object]) -> Finding:
        return Finding("IMG001", "safe", "a.py", 1, 1, 1, "x", site=site, request=Request(before, after))

    old = {"model": "dall-e-2", "size": "256x256"}
    report = Report(
        "gpt-image-2",
        (),
        (
            said("a.py:1", old, {"model": "gpt-image-2", "size": "1024x1024", "quality": "medium"}),
            said("a.py:1", old, {"model": "gpt-image-2", "size": "1024x1024", "quality": "medium"}),
            said("a.py:9", {"model": "dall-e-3", "quality": {"code": "q"}}, {"model": "gpt-image-2"}),
        ),
        (),
    )
    catalog = load(())
    found = {price.before: price for price in prices(report, catalog)}
    first = found["dall-e-2 · 256x256"]
    model = catalog.model("gpt-image-2")
    assert model is not None
    estimate = catalog.estimate(model, "medium", "1024x1024")
    assert (first.sites, first.old_usd) == (1, 16.0)
    assert first.new_usd == (None if estimate is None else estimate * 1000)
    assert found["dall-e-3 · set by the program"].old_usd is None


def test_a_model_without_a_table_is_priced_like_its_kin_and_says_so() -> None:
    after = {"model": "gpt-image-2.6-flare", "size": "1024x1024"}
    request = Request({"model": "dall-e-2", "size": "256x256"}, after)
    report = Report(
        "x", (), (Finding("IMG001", "safe", "a.py", 1, 1, 1, "x", site="a.py:1", request=request),), ()
    )
    (price,) = prices(report, load(()))
    assert price.new_usd is not None
    assert price.new_usd > 16.0
    assert doubts([price]) == [
        "no table of gpt-image-2.6-flare is published, so it is priced like gpt-image-2",
        "the model chooses quality or size, so the dearest is assumed",
    ]
