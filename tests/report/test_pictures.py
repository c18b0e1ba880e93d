"""What the page makes of picture files, which are hostile until they have been looked at."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from migrator.errors import UserError
from migrator.report.html.gallery import Gallery
from migrator.report.html.parameters import changes
from migrator.report.html.run import render_run
from migrator.report.html.words import size_of, usd, visible
from tests.report import synthetic

if TYPE_CHECKING:
    from pathlib import Path


def _put(folder: Path, data: bytes, kind: str = "png") -> str:
    (folder / "images").mkdir(exist_ok=True)
    name = f"images/{hashlib.sha256(data).hexdigest()}.{kind}"
    (folder / name).write_bytes(data)
    return name


def test_a_thumbnail_keeps_shape_and_transparency(tmp_path: Path) -> None:
    name = _put(tmp_path, synthetic.encode(Image.new("RGBA", (800, 400), (1, 2, 3, 90))))
    found = Gallery.of(tmp_path, [name]).look(name)
    assert found is not None
    assert (found.width, found.height, found.thumb_width, found.thumb_height) == (800, 400, 384, 192)
    with Image.open(tmp_path / "thumbs" / f"{found.sha}.webp") as thumb:
        assert (thumb.format, thumb.mode, thumb.size) == ("WEBP", "RGBA", (384, 192))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "I;16", "CMYK"])
def test_every_kind_of_pixels_gets_a_thumbnail(mode: str, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new(mode, (40, 30)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    name = _put(tmp_path, out.getvalue())
    found = Gallery.of(tmp_path, [name]).look(name)
    assert found is not None
    assert (found.problem, found.thumb_width) == ("", 40)


def test_a_file_whose_hash_is_not_its_name_is_not_shown(tmp_path: Path) -> None:
    name = _put(tmp_path, synthetic.encode(Image.new("RGB", (8, 8))))
    (tmp_path / name).write_bytes(synthetic.encode(Image.new("RGB", (9, 9))))
    found = Gallery.of(tmp_path, [name]).look(name)
    assert found is not None
    assert "changed after the run" in found.problem
    assert list((tmp_path / "thumbs").glob("*.webp")) == []


def test_a_link_out_of_the_run_is_not_followed(tmp_path: Path) -> None:
    data = synthetic.encode(Image.new("RGB", (8, 8)))
    (tmp_path / "secret.png").write_bytes(data)
    name = f"images/{hashlib.sha256(data).hexdigest()}.png"
    (tmp_path / "images").mkdir()
    (tmp_path / name).symlink_to(tmp_path / "secret.png")
    found = Gallery.of(tmp_path, [name]).look(name)
    assert found is not None
    assert "missing" in found.problem


def test_a_second_page_looks_at_no_picture_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = _put(tmp_path, synthetic.encode(Image.new("RGB", (64, 64))))
    first = Gallery.of(tmp_path, [name]).look(name)
    monkeypatch.setattr("migrator.report.html.gallery.look", lambda *_: pytest.fail("looked again"))
    assert Gallery.of(tmp_path, [name]).look(name) == first


def test_the_same_run_gives_the_same_page(tmp_path: Path) -> None:
    folder = synthetic.bulk_run(tmp_path, 4, edge=32)
    first = render_run(folder).read_bytes()
    assert render_run(folder).read_bytes() == first


def test_a_single_file_is_refused_for_many_pairs(tmp_path: Path) -> None:
    folder = synthetic.bulk_run(tmp_path, 201, edge=16, distinct=2)
    with pytest.raises(UserError, match="201 pairs are too many for a single file"):
        render_run(folder, single_file=True)


def test_a_third_column_stands_beside_the_pair(tmp_path: Path) -> None:
    run = synthetic.Run(tmp_path)
    run.data["sources"].append(
        {"name": "sun", "role": "new", "kind": "openai", "model": "m", "simulated": False}
    )
    run.prompt("fox", "a fox")
    for seed, name in enumerate((synthetic.OLD, synthetic.NEW, "sun")):
        run.task("fox", name, synthetic.encode(synthetic.scene(seed, (32, 32))))
    page = render_run(run.judged().save()).read_text("utf-8")
    assert page.count('<figure class="side') == 3


def test_requests_are_compared_parameter_by_parameter() -> None:
    before = {"size": "1792x1024", "style": "vivid", "n": 1, "extra": {"a": [1, {"b": 2}]}, 'it\'s ["x"]': 1}
    after = {"size": "1536x1024", "background": None, "n": 1, "extra": {"a": [1, {"b": 3}]}, 'it\'s ["x"]': 2}
    found = {row.name: (row.kind, row.old, row.new) for row in changes(before, after)}
    assert found == {
        "background": ("added", "", "null"),
        "extra": ("changed", "{'a': [1, {'b': 2}]}", "{'a': [1, {'b': 3}]}"),
        'it\'s ["x"]': ("changed", "1", "2"),
        "n": ("same", "1", "1"),
        "size": ("changed", "1792x1024", "1536x1024"),
        "style": ("removed", "vivid", ""),
    }


def test_what_cannot_be_seen_is_shown_as_its_code() -> None:
    assert visible("a\u202eb\x00\ud800\n") == "a\u27e8U+202E\u27e9b\u27e8U+0000\u27e9\u27e8U+D800\u27e9\n"
    assert visible("\U0001f469\u200d\U0001f467 e\u0301") == "\U0001f469\u200d\U0001f467 e\u0301"


def test_sums_and_sizes_are_short() -> None:
    assert [usd(value) for value in (0, 0.05, 0.0555, 0.00012, 3.14159, 1234.5)] == [
        "$0.00", "$0.05", "$0.0555", "$0.0001", "$3.14", "$1,234.50",
    ]  # fmt: skip
    assert [size_of(value) for value in (12, 18_300, 2_450_000)] == ["12 B", "18 KB", "2.5 MB"]
