from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.discover import prefilter
from migrator.discover.prefilter import HIT, LOOK, cover, scan, search

WORDS = st.lists(st.binary(min_size=1, max_size=12), min_size=1, max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(WORDS, st.lists(st.binary(max_size=30), min_size=1, max_size=6))
def test_a_file_is_found_exactly_when_it_holds_a_needle(needles: list[bytes], parts: list[bytes]) -> None:
    data = needles[0].join(parts)
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        assert scan([file.name], needles) == ([(0, HIT)] if any(one in data for one in needles) else [])


@given(WORDS)
def test_every_needle_contains_a_piece_of_the_cover(needles: list[bytes]) -> None:
    pieces = cover(needles)
    assert all(piece in needle for piece, whole in pieces.items() for needle in whole)
    assert {needle for whole in pieces.values() for needle in whole} == set(needles)
    assert len(pieces) <= len(set(needles))


def test_needles_that_share_a_piece_cost_one_pass() -> None:
    needles = (b"openai.Image", b".images.", b"gpt-image-1")
    assert cover(needles) == {b"mage": needles}


def test_an_empty_needle_is_refused() -> None:
    with pytest.raises(ValueError, match="empty needle"):
        cover([b"a", b""])


def test_a_script_that_holds_a_piece_but_no_needle_is_dismissed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"damage = imagery")
    (tmp_path / "b.py").write_bytes(b"client.images.generate")
    paths = [str(tmp_path / name) for name in ("a.py", "b.py")]
    assert scan(paths, [b"openai.Image", b".images."]) == [(1, HIT)]


def test_links_large_files_and_missing_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b" " * (1 << 20))
    os.symlink("large", tmp_path / "link")
    os.mkfifo(tmp_path / "pipe")
    paths = [str(tmp_path / name) for name in ("large", "link", "pipe", "missing")]
    assert scan(paths, [b"x"]) == [(0, LOOK), (1, LOOK), (3, errno.ENOENT)]


def test_more_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefilter, "_WORTH_A_PROCESS", 10)
    paths = []
    for number in range(40):
        path = tmp_path / f"{number}\n.py"
        path.write_bytes(b"dall-e" if number % 7 == 0 else b"other")
        paths.append(str(path))
    paths.append(str(tmp_path / "missing"))
    expected = scan(paths, [b"dall-e"])
    assert [position for position, _ in expected] == [0, 7, 14, 21, 28, 35, 40]
    assert search(paths, [b"dall-e"], jobs=4) == expected


def test_a_second_process_that_fails_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefilter, "_WORTH_A_PROCESS", 1)
    for executable in ("/nonexistent/python", "/bin/false"):
        monkeypatch.setattr(sys, "executable", executable)
        paths = [str(tmp_path / name) for name in "abcd"]
        Path(paths[3]).write_bytes(b"dall-e")
        Path(paths[0]).write_bytes(b"dall-e")
        assert [position for position, code in search(paths, [b"dall-e"], jobs=2) if code == HIT] == [0, 3]


def test_the_second_process_loads_nothing_of_the_package() -> None:
    code = "import sys; exec(open(sys.argv[1]).read(), {'__name__': 'child'}); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, prefilter.__file__],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"migrator", "typing", "subprocess"} & set(loaded)
