"""Text in pictures, with a reader that says what it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from migrator.compare.checks import CheckJob, run_checks
from migrator.compare.checks.model import Blob
from migrator.compare.checks.readers import Line, ReaderProblem, in_order
from migrator.compare.checks.text import compare, extra, normal, window_error
from tests.compare.pictures import encoded, scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from migrator.compare.checks import CheckResult


@dataclass
class Told:
    """Reads the given lines; ``later`` from an enlarged picture."""

    lines: Sequence[str]
    later: Sequence[str] | None = None
    name: str = "told"
    sizes: list[tuple[int, int]] = field(default_factory=list)

    def read(self, image: Image.Image) -> Sequence[Line]:
        self.sizes.append(image.size)
        texts = self.lines if len(self.sizes) == 1 or self.later is None else self.later
        return [Line(text, 10, 10 + 20 * row, 60, 25 + 20 * row) for row, text in enumerate(texts)]

    def knows(self, text: str) -> bool:
        return all(ord(c) < 0x600 or ord(c) > 0x3000 for c in text)


def told(
    expected: Sequence[str], lines: Sequence[str], expect_is: Any = "given", **about: Any
) -> CheckResult:
    reader = Told(lines, **about)
    job = CheckJob(
        Blob("p", encoded(scene())), expect_text=tuple(expected), expect_is=expect_is, reader=lambda: reader
    )
    return run_checks(job)["text"]


def test_the_whole_phrase_passes_whatever_its_case_spaces_dashes_and_quotes() -> None:
    for read in (
        "OPEN 24 HOURS",
        "open 24hours",
        "\u201cOpen 24\u2013Hours\u201d",
        "\uff2f\uff30\uff25\uff2e\u300024 Hours",
    ):
        found = told(["Open 24 hours"], ["Tom's shop", read])
        assert (found.status, found.value["exact"], found.value["cer"]) == ("pass", True, 0.0)


def test_a_phrase_may_run_over_several_lines() -> None:
    assert told(["OPEN 24 HOURS"], ["OPEN 24", "HOURS"]).value["exact"]


@pytest.mark.parametrize(
    ("read", "status"),
    [
        ("GRAND OPENING CELEBRATION TODAV", "pass"),
        ("GRAND OPENIMG CELEBRATOIN TODAY", "warn"),
        ("GRND PENING CLBRATION TODY", "warn"),
        ("SOMETHING ELSE ALTOGETHER", "fail"),
        ("", "fail"),
    ],
)
def test_the_share_of_wrong_letters_decides(read: str, status: str) -> None:
    assert told(["GRAND OPENING CELEBRATION TODAY"], [read] if read else []).status == status


def test_words_in_quotation_marks_in_a_prompt_are_only_a_guess() -> None:
    assert told(["noir"], ["nothing of it"], expect_is="quoted").status == "warn"
    assert told(["noir"], ["nothing of it"], expect_is="given").status == "fail"


def test_letters_inside_a_longer_word_are_not_the_word() -> None:
    found = told(["CAT"], ["CATALOGUE"])
    assert (found.value["exact"], found.status) == (False, "fail")
    assert told(["CAT"], ["CATALOGUE", "A CAT"]).value["exact"]


def test_a_reader_that_loses_spaces_is_forgiven() -> None:
    assert told(["OPEN"], ["OPEN24HOURS"]).value["exact"]
    assert told(["24 HOURS", "OPEN"], ["OPEN24HOURS"]).value["exact"]


def test_scripts_without_spaces_need_no_word_borders() -> None:
    assert told(["営業中"], ["本日営業中です"]).value["exact"]


def test_a_text_asked_for_twice_must_be_there_twice() -> None:
    assert [match.exact for match in compare(["SALE", "SALE"], ["SALE", "SALE"])] == [True, True]
    assert [match.exact for match in compare(["SALE", "SOLD"], ["SALE", "SALE"])] == [True, False]
    assert [match.exact for match in compare(["SALE"], ["SALE", "SALE"])] == [True, False]


def test_what_else_is_written_is_reported() -> None:
    found = told(["OPEN"], ["OPEN", "est. 1987"])
    assert found.value["extra"] == ["est. 1987"]
    assert found.value["phrases"] == [{"expected": "OPEN", "read": "OPEN", "cer": 0.0, "exact": True}]


def test_a_part_of_an_expected_text_is_nothing_extra() -> None:
    assert extra([Line("OPEN 24"), Line("H0URS"), Line("closed")], ["OPEN 24 HOURS"]) == ["closed"]


def test_small_text_is_tried_again_enlarged_and_the_better_reading_counts() -> None:
    assert told(["OPEN"], ["0PFN"], later=["OPEN"]).status == "pass"
    assert told(["OPEN LATE TODAY"], ["OPEN LATE T0DAV"], later=["XX"]).status == "warn"


def test_a_good_first_reading_is_the_only_one() -> None:
    reader = Told(["OPEN"])
    job = CheckJob(
        Blob("p", encoded(scene())), expect_text=("OPEN",), expect_is="given", reader=lambda: reader
    )
    run_checks(job)
    assert len(reader.sizes) == 1


def test_a_script_that_the_reader_does_not_know_is_left_to_a_person() -> None:
    found = told(["مفتوح"], ["anything"])
    assert (found.status, found.value["not_judged"]) == ("skipped", ["مفتوح"])
    mixed = told(["OPEN", "مفتوح"], ["OPEN"])
    assert (mixed.status, mixed.value["not_judged"]) == ("warn", ["مفتوح"])
    assert "a person must look" in mixed.message


def test_without_a_reader_the_check_is_skipped_and_says_what_to_install() -> None:
    job = CheckJob(Blob("p", encoded(scene())), expect_text=("A",), expect_is="given", reader=lambda: None)
    found = run_checks(job)["text"]
    assert found.status == "skipped"
    assert "dalle-migrator[ocr]" in found.message


def _broken() -> Any:
    raise ReaderProblem("The reader is broken.")


def _fails() -> Any:
    raise RuntimeError("inside the reader")


def test_a_reader_that_fails_costs_this_check_only() -> None:
    for factory, words in ((_broken, "The reader is broken."), (_fails, "inside the reader")):
        job = CheckJob(Blob("p", encoded(scene())), expect_text=("A",), expect_is="given", reader=factory)
        found = run_checks(job)
        assert (found["text"].status, found["decodes"].status) == ("skipped", "pass")
        assert words in found["text"].message


def test_prompts_without_text_have_no_text_check() -> None:
    assert "text" not in run_checks(CheckJob(Blob("p", encoded(scene()))))


def test_the_best_window_is_the_stretch_with_the_fewest_edits() -> None:
    assert (
        window_error("hours", "open24housrtoday") == (1, 6, 10)
        or window_error("hours", "open24housrtoday")[0] <= 2
    )
    assert window_error("abc", "xxabcxx") == (0, 2, 5)
    assert window_error("abc", "")[0] == 3
    assert window_error("", "abc")[0] == 0


def test_normal_keeps_letters_digits_and_marks_of_every_script() -> None:
    assert normal("Café \u2013 \u201c24h\u201d!") == "café24h"
    assert normal("ハンバーガー") == "ハンバーガー"
    assert normal("हिन्दी") == "हिन्दी"
    assert normal("\u2022\u2014\u2013!?") == ""


def test_lines_come_in_reading_order() -> None:
    lines = [
        Line("d", 0, 50, 10, 60),
        Line("b", 50, 2, 60, 12),
        Line("a", 0, 0, 10, 10),
        Line("c", 90, 1, 99, 11),
    ]
    assert [line.text for line in in_order(lines)] == ["a", "b", "c", "d"]


def test_hostile_amounts_of_text_are_cut_off() -> None:
    found = told(["x" * 100_000], ["y" * 100_000])
    assert found.status == "fail"
