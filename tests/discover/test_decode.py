from __future__ import annotations

import codecs

import pytest

from migrator.discover.decode import UndecodableError, decode


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x = 1",
        b"x = 1\r\ny = 2\rz = 3\n\x0c\n",
        "x = 'é'\n".encode(),
        codecs.BOM_UTF8 + "x = 'é'\r\n".encode(),
        codecs.BOM_UTF8 + b"# coding: utf-8\n",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
        b"# coding: latin-1 \xe9\n",
        b"# coding: shift_jis\nx = '\x83\x5c'\n",
    ],
)
def test_the_bytes_come_back_unchanged(data: bytes) -> None:
    file = decode("a.py", data)
    assert file.encode(file.text) == data


def test_text_is_what_python_would_read() -> None:
    assert decode("a.py", b"# coding: latin-1\nx = '\xe9'\n").text == "# coding: latin-1\nx = 'é'\n"
    assert decode("a.py", codecs.BOM_UTF8 + b"x\r\n").text == "x\r\n"


@pytest.mark.parametrize(
    ("data", "message", "line", "column"),
    [
        (b"x = 1\ny = 'caf\xe9'\n", "byte 0xe9 is not utf-8", 2, 9),
        ("é = 1\n".encode() + "éé".encode() + b"\xff", "byte 0xff is not utf-8", 2, 3),
        (b"x = '\xe9'\n", "byte 0xe9 is not utf-8", 1, 6),
        (b"x = 1\ny = '\0'\n", "NUL byte", 2, 6),
        ("x = 1\n".encode("utf-16"), "UTF-16", 1, 1),
        (b"# coding: klingon\n", "unknown encoding", 1, 1),
        (b"# coding: rot13\nk = 1\n", "rot13", 1, 1),
        (b"# coding: unicode_escape\nx = '\\x41'\n", "same bytes back", 1, 1),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", "disagree", 1, 1),
    ],
)
def test_what_python_would_refuse_is_refused_with_its_position(
    data: bytes, message: str, line: int, column: int
) -> None:
    with pytest.raises(UndecodableError, match=message) as caught:
        decode("a.py", data)
    assert (caught.value.line, caught.value.column) == (line, column)
