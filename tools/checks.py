"""What the checks cost per picture, and how well the reader of text reads. Needs the extra `ocr` for the second part.

    python tools/checks.py            both parts
    python tools/checks.py cost|text  one of them

Texts are drawn on blurred scenes with the fonts of this machine, so the rates say what the reader can do at best; the text
in generated pictures is harder.
"""

from __future__ import annotations

import io
import random
import resource
import statistics
import sys
import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from migrator.compare.checks import (
    CheckJob,
    colour,
    conformance,
    duplicates,
    locality,
    opening,
    provenance,
    run_checks,
)
from migrator.compare.checks.model import Blob
from migrator.compare.checks.readers import default_reader
from migrator.compare.checks.text import CLOSE, WRONG

WORDS = {
    "Latin": (
        ["DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "LiberationSans-Regular.ttf"],
        [
            "OPEN 24 HOURS",
            "The Quiet Harbour",
            "Soup of the day 6.50",
            "Exit through gift shop",
            "SUMMER SALE -30%",
            "Keep out of reach of children",
            "Fresh bread daily",
            "No parking any time",
        ],
    ),
    "Chinese": (["wqy-microhei.ttc"], ["清风茶馆", "新年快乐", "全场八折", "牛肉面", "小心地滑", "欢迎光临"]),
    "Japanese": (
        ["wqy-microhei.ttc"],
        ["ひまわり駅", "ただいま営業中", "本日のケーキ", "準備中", "立入禁止", "おかえり"],
    ),
}
REPEATS = 5


def scene(chance: random.Random, edge: int = 1024) -> Image.Image:
    """A blurred scene with some noise, as a photograph has."""
    image = Image.new("RGB", (edge, edge), tuple(chance.randrange(256) for _ in range(3)))
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, r = chance.randrange(edge), chance.randrange(edge), chance.randrange(20, 260)
        pen.ellipse((x, y, x + r, y + r), fill=tuple(chance.randrange(256) for _ in range(3)))
    image = image.filter(ImageFilter.GaussianBlur(12))
    noise = Image.frombytes("RGB", (edge // 2, edge // 2), chance.randbytes(edge * edge // 4 * 3)).resize(
        (edge, edge)
    )
    return Image.blend(image, noise, 0.04)


def written(chance: random.Random, text: str, font: str) -> Image.Image:
    """A scene with a sign that shows the text, a little turned."""
    image = scene(chance)
    face = ImageFont.truetype(font, chance.choice((36, 48, 64, 80)))
    left, top, right, bottom = face.getbbox(text)
    sign = Image.new(
        "RGBA",
        (int(right - left) + 60, int(bottom - top) + 50),
        tuple(chance.randrange(150, 256) for _ in range(3)),
    )
    ImageDraw.Draw(sign).text(
        (30 - left, 25 - top), text, font=face, fill=tuple(chance.randrange(90) for _ in range(3))
    )
    sign = sign.rotate(chance.uniform(-6, 6), expand=True, resample=Image.Resampling.BICUBIC)
    if sign.width > 1000:
        sign = sign.resize((1000, sign.height * 1000 // sign.width))
    image.paste(sign, (chance.randrange(1024 - sign.width), chance.randrange(1024 - sign.height)), sign)
    return image


def png(image: Image.Image) -> bytes:
    """The picture as PNG."""
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def cost() -> None:
    """CPU seconds per 1024x1024 picture of each check, the median of several pictures."""
    chance = random.Random(1)
    pictures = [png(scene(chance)) for _ in range(8)]
    mask = Image.new("RGBA", (1024, 1024), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (300, 300, 700, 700))
    before, hole = Blob("before", png(scene(chance))), Blob("mask", png(mask))
    rows = {}
    parts = {
        "size": conformance.size,
        "format": conformance.file_format,
        "alpha": conformance.alpha,
        "blank": lambda _, one: conformance.blank(one),
        "duplicate (hashes)": lambda _, one: duplicates.fingerprint(one),
        "c2pa (absent)": lambda _, one: provenance.c2pa(one),
        "tone": lambda _, one: colour.tone(one),
        "palette": lambda _, one: colour.palette(one),
        "locality": locality.locality,
    }
    times: dict[str, list[float]] = {name: [] for name in ("decodes", *parts, "all but text and locality")}
    for data in pictures:
        job = CheckJob(Blob("p", data), size="1024x1024", inputs=(before,), mask=hole)
        start = time.process_time()
        one = opening.open_picture(job.picture)
        times["decodes"].append(time.process_time() - start)
        for name, part in parts.items():
            start = time.process_time()
            part(job, one)
            times[name].append(time.process_time() - start)
        start = time.process_time()
        run_checks(CheckJob(Blob("p", data), size="1024x1024"))
        times["all but text and locality"].append(time.process_time() - start)
    rows = {name: statistics.median(values) for name, values in times.items()}
    size = statistics.mean(map(len, pictures)) / 2**20
    print(f"CPU per picture, 1024x1024 PNG of {size:.1f} MB, median of {len(pictures)}:")
    for name, seconds in rows.items():
        print(f"| {name} | {1000 * seconds:.1f} ms |")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def text() -> None:
    """Exact readings and error rates by script."""
    if default_reader() is None:
        print("The extra `ocr` is not installed.")
        return
    found: dict[str, list[tuple[bool, float, float]]] = {}
    for script, (names, phrases) in WORDS.items():
        fonts = [str(path) for name in names for path in Path("/usr/share/fonts").rglob(name)]
        if not fonts:
            print(f"| {script} | no font on this machine |")
            continue
        chance = random.Random(7)
        for number in range(REPEATS * len(phrases)):
            phrase = phrases[number % len(phrases)]
            data = png(written(chance, phrase, fonts[number % len(fonts)]))
            job = CheckJob(Blob("p", data), expect_text=(phrase,), expect_is="given")
            start = time.process_time()
            value = run_checks(job)["text"].value
            found.setdefault(script, []).append((value["exact"], value["cer"], time.process_time() - start))
    print("| script | pictures | exact | error rate | up to 5 % | above 25 % | CPU s per picture |")
    for script, entries in found.items():
        rates = [rate for _, rate, _ in entries]
        seconds = statistics.median(entry[2] for entry in entries)
        print(
            f"| {script} | {len(entries)} | {sum(entry[0] for entry in entries)} | {statistics.mean(rates):.3f} "
            f"| {sum(rate <= CLOSE for rate in rates)} | {sum(rate > WRONG for rate in rates)} | {seconds:.2f} |"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["cost", "text"]
    if "cost" in wanted:
        cost()
    if "text" in wanted:
        text()
