"""Draws docs/images/terminal.svg: what `migrator rewrite .` prints on a terminal for the sample project.

python tools/terminal.py            # writes the picture
python tools/terminal.py --check    # exits with 1 when it is not what the tool prints
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "terminal.svg"
DAY = "2026-11-23"
FIRST, LAST = 14, 8
"""Lines that are shown from the beginning and from the end."""
WIDTH = 112
CELL, LINE, MARGIN = 7.8, 18, 16
COLOURS = {
    "31": "#ff7b72", "32": "#56d364", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea",
    "90": "#8b949e", "2": "#8b949e",
}  # fmt: skip
_CODES = re.compile(r"\x1b\[([\d;]*)m")


def printed() -> list[str]:
    """The lines of a run on a pseudo terminal, colours included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "postcards")
        shutil.copytree(ROOT / "fixtures" / "samples" / "postcards", folder)
        ours, theirs = pty.openpty()
        surroundings = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "FORCE_COLOR"}}
        surroundings |= {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
        run = subprocess.Popen(
            [sys.executable, "-m", "migrator", "rewrite", ".", "--today", DAY],
            cwd=folder,
            env=surroundings,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        data = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            data += piece
        run.wait()
        os.close(ours)
    # the day is fixed, so that the picture does not grow old; nobody else needs the option
    return data.decode().replace(f" --today {DAY}", "").replace("\r\n", "\n").rstrip("\n").split("\n")


def drawn(lines: list[str]) -> str:
    """The picture."""
    shown = ["$ migrator rewrite .", *lines]
    if len(shown) > FIRST + LAST:
        shown = [*shown[:FIRST], "\x1b[90m⋮\x1b[0m", *shown[-LAST:]]
    height = len(shown) * LINE + 2 * MARGIN
    width = WIDTH * CELL + 2 * MARGIN
    rows = [
        f'<text x="{MARGIN}" y="{MARGIN + LINE * number + 13}" xml:space="preserve">{row(line)}</text>'
        for number, line in enumerate(shown)
        if line
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" width="{width:g}"'
        ' font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" fill="#e6edf3">\n'
        '<title>What "migrator rewrite ." prints: a diff, what is left for a person, and what to do next</title>\n'
        f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n{chr(10).join(rows)}\n</svg>\n'
    )


def row(line: str) -> str:
    """One line with its colours, cut where the terminal ends."""
    parts, style, left = [], "", WIDTH
    for number, piece in enumerate(_CODES.split(line)):
        if number % 2:
            style = attributes(piece)
            continue
        text = piece[:left] if len(piece) <= left else f"{piece[: max(0, left - 1)]}…"
        left -= len(text)
        if text:
            parts.append(f"<tspan{style}>{escape(text)}</tspan>" if style else escape(text))
        if left <= 0:
            break
    return "".join(parts)


def attributes(codes: str) -> str:
    """The SVG attributes of a sequence of colour codes."""
    words = codes.split(";")
    colour = next((COLOURS[word] for word in words if word in COLOURS), None)
    return (' font-weight="bold"' if "1" in words else "") + (f' fill="{colour}"' if colour else "")


def main() -> int:
    """Draws, or checks."""
    picture = drawn(printed())
    if "--check" in sys.argv[1:]:
        same = PICTURE.is_file() and PICTURE.read_text("utf-8") == picture
        print(
            "terminal.svg is what the tool prints" if same else "terminal.svg is old: run tools/terminal.py"
        )
        return 0 if same else 1
    PICTURE.write_text(picture, "utf-8")
    print(f"{PICTURE.relative_to(ROOT)}: {len(picture):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
