"""Edits, credentials and duplicates."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw

from migrator.compare.checks import CheckJob, run_checks
from migrator.compare.checks.duplicates import Print, dhash, duplicates
from migrator.compare.checks.model import Blob
from migrator.compare.checks.provenance import has_manifest, verdict
from tests.compare.pictures import encoded, scene

if TYPE_CHECKING:
    from migrator.compare.checks import CheckResult


def _edit(after: Image.Image, before: Image.Image, **about: Any) -> CheckResult:
    mask = Image.new("RGBA", before.size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, before.width // 2, before.height))
    job = CheckJob(
        Blob("after", encoded(after)),
        inputs=(Blob("before", encoded(before)),),
        mask=about.pop("mask", Blob("mask", encoded(mask))),
        **about,
    )
    return run_checks(job)["locality"]


def _changed(before: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    after = before.copy()
    ImageDraw.Draw(after).rectangle(box, fill=(255, 0, 255))
    return after


def test_a_change_inside_the_free_part_is_not_counted() -> None:
    before = scene((200, 100))
    found = _edit(_changed(before, (10, 10, 80, 80)), before, preserve="strict")
    assert (found.status, found.value["changed"]) == ("pass", 0.0)


def test_a_change_outside_the_mask_is_counted_and_fails_where_the_suite_is_strict() -> None:
    before = scene((200, 100))
    after = _changed(before, (150, 0, 199, 99))
    strict, loose, free = (_edit(after, before, preserve=p) for p in ("strict", "loose", None))
    assert strict.value["changed"] == pytest.approx(0.5, abs=0.05)
    assert (strict.status, loose.status, free.status) == ("fail", "warn", "info")


def test_a_result_in_another_size_is_compared_after_scaling() -> None:
    before = scene((200, 100))
    found = _edit(before.resize((400, 200), Image.Resampling.LANCZOS), before, preserve="loose")
    assert found.value["resized"]
    assert found.status == "pass"


def test_an_edit_that_changed_nothing_is_noticed() -> None:
    before = scene((200, 100))
    assert _edit(before, before).value == {"identical": True}


def test_masks_that_free_nothing_or_everything_are_said_to() -> None:
    before, after = scene((200, 100)), scene((200, 100), seed=2)
    opaque, clear = Image.new("RGB", (200, 100)), Image.new("RGBA", (200, 100))
    assert "nothing was given free" in _edit(after, before, mask=Blob("m", encoded(opaque))).message
    assert "whole picture free" in _edit(after, before, mask=Blob("m", encoded(clear))).message
    assert "could not be read" in _edit(after, before, mask=Blob("m", b"junk")).message
    assert "had no mask" in _edit(after, before, mask=None).message


def _with_chunk(png: bytes, kind: bytes) -> bytes:
    body = kind + b"jumb-box"
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:33] + chunk + png[33:]


def test_credentials_are_found_in_png_jpeg_and_webp() -> None:
    png, jpeg, webp = (encoded(scene(), form) for form in ("PNG", "JPEG", "WEBP"))
    segment = (
        b"JP\x00\x01\x00\x00\x00\x01" + struct.pack(">I4s", 60, b"jumb") + b"\0\0\0\x20jumdc2pa" + b"\0" * 20
    )
    jpeg_signed = jpeg[:2] + b"\xff\xeb" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]
    for plain, signed, form in (
        (png, _with_chunk(png, b"caBX"), "png"),
        (jpeg, jpeg_signed, "jpeg"),
        (webp, webp + b"C2PA" + struct.pack("<I", 4) + b"abcd", "webp"),
    ):
        assert not has_manifest(plain, form)
        assert has_manifest(signed, form)
        assert not has_manifest(plain + b"caBX C2PA c2pa", form)


def test_the_absence_of_credentials_is_information_only() -> None:
    found = run_checks(CheckJob(Blob("p", encoded(scene()))))["c2pa"]
    assert (found.status, found.value) == ("info", {"state": "absent"})


@pytest.mark.parametrize(
    ("report", "state", "status"),
    [
        ({"validation_state": "Valid"}, "valid", "info"),
        ({"validation_state": "Trusted"}, "valid", "info"),
        ({"validation_state": "Valid", "validation_status": [{"code": "signingCredential.untrusted"}]}, "untrusted", "info"),
        ({"validation_state": "Invalid", "validation_status": [{"code": "assertion.dataHash.mismatch"}]}, "invalid", "warn"),
        ({"validation_status": [{"code": "claimSignature.mismatch"}]}, "invalid", "warn"),
        ({}, "valid", "info"),
    ],
)  # fmt: skip
def test_a_verification_report_is_read_as_valid_untrusted_or_invalid(
    report: dict[str, Any], state: str, status: str
) -> None:
    found = verdict(report)
    assert (found.value["state"], found.status) == (state, status)


def _print(task: str, image: Image.Image, prompt: str, group: str = "new", sha: str | None = None) -> Print:
    return Print(task, group, prompt, prompt, sha or f"sha-{task}", dhash(image))


def test_the_same_file_for_two_prompts_fails_and_for_two_samples_warns() -> None:
    one, two = scene((128, 128)), scene((128, 128), seed=5)
    found = duplicates(
        [
            _print("a", one, "cat", sha="s"),
            _print("b", one, "dog", sha="s"),
            _print("c", two, "fox", sha="t"),
            _print("d", two, "fox", sha="t"),
            _print("e", scene((128, 128), seed=9), "owl"),
        ]
    )
    assert {task: result.status for task, result in found.items()} == {
        "a": "fail", "b": "fail", "c": "warn", "d": "warn",
    }  # fmt: skip
    assert found["a"].value["of"] == "dog"


def test_a_picture_that_was_only_encoded_again_is_recognized() -> None:
    one = scene((128, 128))
    again = one.resize((120, 120), Image.Resampling.LANCZOS)
    found = duplicates([_print("a", one, "cat"), _print("b", again, "dog")])
    assert {task: result.status for task, result in found.items()} == {"a": "warn", "b": "warn"}


def test_columns_do_not_meet_and_smooth_pictures_say_nothing() -> None:
    one, plain = scene((128, 128)), Image.new("RGB", (64, 64), "white")
    assert duplicates([_print("a", one, "cat", "old"), _print("b", one, "dog", "new")]) == {}
    assert duplicates([_print("a", plain, "cat"), _print("b", plain, "dog")]) == {}


def test_near_duplicates_are_found_among_many() -> None:
    prints = [_print(str(n), scene((48, 48), seed=n), f"p{n}") for n in range(60)]
    prints.append(_print("copy", scene((48, 48), seed=17), "other"))
    assert set(duplicates(prints)) == {"17", "copy"}
