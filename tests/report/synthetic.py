"""Run folders as a comparison leaves them, with pictures drawn here: every state, every kind of check.

``demo_run`` tells a believable story in a dozen pairs; ``bulk_run`` makes as many as a page can take;
``hostile_run`` holds what an attacker would write into a suite.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import random
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from migrator.compare.gate import judge_run
from migrator.compare.numbers import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

RUN = "2026-11-20-a1b2c3"
OLD, NEW = "photos", "flare"
OLD_MODEL, NEW_MODEL = "dall-e-3", "gpt-image-2.6-flare"
CHECKS = ("decodes", "size", "format", "alpha", "blank", "duplicate", "c2pa", "locality", "tone", "text")
Colour = tuple[int, int, int]

_MOODS: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((255, 214, 165), (214, 93, 78), (61, 40, 71)),
    ((189, 224, 254), (88, 129, 177), (28, 52, 84)),
    ((222, 240, 214), (104, 159, 114), (27, 67, 50)),
    ((255, 229, 236), (199, 125, 154), (80, 43, 76)),
    ((253, 240, 213), (224, 159, 62), (84, 11, 14)),
)


@lru_cache(maxsize=128)
def scene(
    seed: int,
    size: tuple[int, int],
    *,
    mood: int = 0,
    warm: float = 0.0,
    text: str = "",
    alpha: bool = False,
) -> Image.Image:
    """A quiet landscape: sky, sun, hills. ``warm`` shifts its colours towards yellow, 0 to 1. Not to be changed."""
    width, height = size
    top, middle, low = _MOODS[mood % len(_MOODS)]
    dice = random.Random(seed)
    sky = Image.linear_gradient("L").resize(size)
    picture = Image.composite(Image.new("RGB", size, middle), Image.new("RGB", size, top), sky)
    pen = ImageDraw.Draw(picture)
    radius, x, y = width // dice.randint(7, 11), dice.randint(width // 5, 4 * width // 5), height // 3
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_mix(top, (255, 255, 250), 0.75))
    for layer in range(4):
        share = (layer + 1) / 4
        base = height * (0.48 + 0.13 * layer)
        waves = [(dice.uniform(1, 4), dice.uniform(0, 6), dice.uniform(0.01, 0.06)) for _ in range(3)]
        line = [
            (px, base + sum(math.sin(px / width * 6 * f + p) * a * height for f, p, a in waves))
            for px in range(0, width + 8, 8)
        ]
        pen.polygon([*line, (width, height), (0, height)], fill=_mix(middle, low, share))
    picture = picture.filter(ImageFilter.GaussianBlur(max(1, width // 400)))
    if warm:
        picture = Image.blend(picture, Image.new("RGB", size, (255, 205, 110)), 0.28 * warm)
    if text:
        _sign(picture, text)
    if alpha:
        disc = Image.new("L", size, 0)
        ImageDraw.Draw(disc).ellipse((width // 8, height // 8, 7 * width // 8, 7 * height // 8), fill=255)
        picture.putalpha(disc)
    return picture


def _sign(picture: Image.Image, text: str) -> None:
    width, height = picture.size
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(max(12, int(1.3 * width / (len(text) + 3))))
    box = pen.textbbox((width // 2, height // 2), text, font=font, anchor="mm")
    pad = width // 30
    pen.rounded_rectangle((box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad), pad, fill=(250, 248, 240))
    pen.text((width // 2, height // 2), text, font=font, anchor="mm", fill=(40, 34, 30))


def _mix(one: Colour, two: Colour, share: float) -> Colour:
    return tuple(round(a + (b - a) * share) for a, b in zip(one, two, strict=True))  # type: ignore[return-value]


def encode(picture: Image.Image, kind: str = "png") -> bytes:
    """The bytes of a picture file."""
    out = io.BytesIO()
    picture.save(out, {"jpg": "JPEG"}.get(kind, kind.upper()), **({"quality": 82} if kind != "png" else {}))
    return out.getvalue()


class Run:
    """A run folder in the making."""

    def __init__(self, folder: Path, *, simulated: bool = False, title: str = "Postcards") -> None:
        self.folder = folder
        for name in ("images", "inputs"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.data: dict[str, Any] = {
            "version": 1,
            "run": RUN,
            "created": "2026-11-20T09:30:00Z",
            "tool": "0.1.0",
            "simulated": simulated,
            "suite": {
                "path": "suites/postcards.yaml",
                "sha256": "0" * 64,
                "title": title,
                "gate": {},
                "prompts": [],
            },
            "sources": [
                {"name": OLD, "role": "old", "spec": "archive:photos", "kind": "archive", "model": OLD_MODEL},
                {
                    "name": NEW,
                    "role": "new",
                    "spec": "openai",
                    "kind": "simulator" if simulated else "openai",
                    "model": NEW_MODEL,
                },
            ],
            "tasks": [],
            "numbers": {},
            "gate": None,
            "notes": [],
            "budget": None,
        }
        for source in self.data["sources"]:
            source["simulated"] = source["kind"] == "simulator"

    def put(self, data: bytes, kind: str, folder: str = "images") -> str:
        """Keeps bytes under their hash; the path inside the run."""
        name = f"{folder}/{hashlib.sha256(data).hexdigest()}.{kind}"
        (self.folder / name).write_bytes(data)
        return name

    def prompt(self, ident: str, text: str, **facts: Any) -> None:
        """A prompt of the suite."""
        blank = {
            "id": ident,
            "prompt": text,
            "tags": [],
            "expect_text": [],
            "expect_is": "none",
            "samples": 1,
            "parameters": {},
            "edit": None,
            "preserve": None,
            "origin": None,
        }
        self.data["suite"]["prompts"].append({**blank, **facts})

    def task(
        self, ident: str, source: str, picture: bytes | None = None, kind: str = "png", **facts: Any
    ) -> None:
        """What one source gave for a prompt. Checks that are not given pass."""
        model = next(one["model"] for one in self.data["sources"] if one["name"] == source)
        facts_of_picture = None
        if picture is not None:
            try:
                with Image.open(io.BytesIO(picture)) as shown:
                    width, height, mode = *shown.size, shown.mode
            except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
                width, height, mode = 0, 0, "?"
            facts_of_picture = {
                "width": width,
                "height": height,
                "format": {"jpg": "jpeg"}.get(kind, kind),
                "mode": mode,
                "bytes": len(picture),
            }
        checks = facts.pop("checks", {})
        blank = {
            "task": hashlib.sha256(f"{ident}{source}{facts.get('sample', 0)}".encode()).hexdigest()[:24],
            "prompt_id": ident,
            "sample": 0,
            "source": source,
            "model": model,
            "state": "ok" if picture is not None else "failed",
            "file": self.put(picture, kind) if picture is not None else None,
            "attempts": 1 if source != OLD else 0,
            "latency_s": None,
            "cost_usd": None,
            "cost_is": "unknown",
            "request": {},
            "usage": None,
            "request_id": None,
            "reason": None,
            "error": None,
            "simulated": False,
            "picture": facts_of_picture,
            "checks": {
                name: {"status": "pass", "value": None, "message": f"{name} is as asked"}
                for name in CHECKS
                if picture is not None
            },
        }
        for name, (status, message, *value) in checks.items():
            blank["checks"][name] = {
                "status": status,
                "value": value[0] if value else None,
                "message": message,
            }
        self.data["tasks"].append({**blank, **facts})

    def judged(self) -> Run:
        """With the numbers and the gate that `migrator compare` would write."""
        self.data["numbers"] = numbers(self.data)
        self.data["gate"] = judge_run(self.data).as_dict()
        return self

    def save(self) -> Path:
        """Writes ``results.json``; the folder."""
        (self.folder / "results.json").write_text(json.dumps(self.data, indent=1), "utf-8")
        return self.folder


_STORY: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    (
        "harbour-dawn",
        "A quiet harbour at dawn, fishing boats, mist over the water, soft light",
        ("scene",),
        "",
    ),
    (
        "cafe-sign",
        'A street café with a hand-painted sign that says "CAFE LUNA"',
        ("text", "scene"),
        "CAFE LUNA",
    ),
    ("alpine-lake", "A turquoise alpine lake below snowy peaks, wide panorama", ("scene", "wide"), ""),
    (
        "birthday",
        'Birthday card, balloons and confetti, the words "Happy Birthday Nora"',
        ("text", "card"),
        "Happy Birthday Nora",
    ),
    ("logo-disc", "A round badge of a sunrise on a transparent background", ("logo", "alpha"), ""),
    ("winter-train", "A red train crossing a viaduct in falling snow, seen from the valley", ("scene",), ""),
    ("desert-road", "A straight desert road at sunset, long shadows, heat haze", ("scene", "wide"), ""),
    ("shop-sale", 'Shop window poster: "SUMMER SALE 50%"', ("text", "poster"), "SUMMER SALE 50%"),
    ("knight", "A wounded knight resting by a fire after the battle, oil painting", ("people",), ""),
    ("tulips", "A field of tulips in rows, low sun, windmill on the horizon", ("scene",), ""),
    ("lamp-edit", "Replace the sun with a paper lantern, keep everything else as it is", ("edit",), ""),
    ("old-town", "Roofs of an old town in the rain, view from a tower", ("scene",), ""),
    ("lighthouse", "A lighthouse on a cliff in a storm, waves breaking", ("scene",), ""),
    ("orchard", "An apple orchard in spring, children's book illustration", ("illustration",), ""),
)


def demo_run(folder: Path, *, simulated: bool = False) -> Path:
    """Fourteen pairs with everything that a page must show."""
    run = Run(folder, simulated=simulated)
    dice = random.Random(7)
    for index, (ident, text, tags, words) in enumerate(_STORY):
        wide = "wide" in tags
        old_size, new_size = ((896, 512), (768, 512)) if wide else ((640, 640), (640, 640))
        alpha = "alpha" in tags
        edit = None
        if "edit" in tags:
            edit = _edit(run, run.folder, index)
        parameters = {"size": "1792x1024" if wide else "1024x1024", "quality": "hd"}
        run.prompt(
            ident,
            text,
            tags=list(tags),
            expect_text=[words] if words else [],
            expect_is="quoted" if words else "none",
            parameters=parameters,
            edit=edit,
            preserve="strict" if edit else None,
            origin={"path": "app/cards.py", "line": 12 + 9 * index},
        )
        old_request = {"model": OLD_MODEL, **parameters, "style": "vivid", "response_format": "url"}
        new_request = {"model": NEW_MODEL, "size": "1536x1024" if wide else "1024x1024", "quality": "high"}
        if alpha:
            new_request["background"] = "transparent"
        if ident != "orchard":
            misspelt = words.replace("LUNA", "LUMA").replace("Nora", "Norra").replace("50%", "5O%")
            old = scene(index, old_size, mood=index, text=misspelt, alpha=False)
            run.task(
                ident,
                OLD,
                encode(old),
                request=old_request,
                cost_usd=0.12 if wide else 0.08,
                cost_is="estimated",
                checks=_old_checks(words, index),
            )
        else:
            run.task(ident, OLD, state="unmatched", reason="The archive holds no picture for this prompt.")
        _new_side(run, index, ident, words, new_size, new_request, dice, alpha=alpha, simulated=simulated)
    run.data["budget"] = {"limit_usd": 5.0, "reserved_usd": 0.0, "spent_usd": 0.61}
    return run.judged().save()


def _old_checks(words: str, index: int) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {
        "c2pa": ("info", "No content credentials were found."),
        "tone": ("info", "The mean tone is neutral.", {"l": 60.0, "a": 1.0, "b": 2.0 + index % 4}),
    }
    if words:
        found["text"] = ("fail", f"The words {words!r} are misspelt.", _read(words, exact=False))
    return found


def _read(words: str, *, exact: bool) -> dict[str, Any]:
    cer = 0.0 if exact else 0.11
    return {"exact": exact, "cer": cer, "worst_cer": cer, "phrases": [{"expected": words}]}


def _new_side(
    run: Run,
    index: int,
    ident: str,
    words: str,
    size: tuple[int, int],
    request: dict[str, Any],
    dice: random.Random,
    *,
    alpha: bool,
    simulated: bool,
) -> None:
    common = {"request": request, "simulated": simulated, "request_id": f"req_{index:04x}9f3c"}
    if ident == "knight":
        run.task(
            ident,
            NEW,
            **common,
            state="blocked",
            reason="The moderation of the API refused this prompt (violence).",
            error={
                "class": "moderation",
                "code": "moderation_blocked",
                "message": "safety_violations=[violence]",
            },
        )
        return
    if ident == "old-town":
        run.task(
            ident,
            NEW,
            **common,
            state="failed",
            attempts=4,
            reason="The server answered with an error each of four times.",
            error={"class": "server", "code": "500", "message": "The server had an error"},
        )
        return
    if ident == "lighthouse":
        run.task(ident, NEW, **common, state="skipped_budget", reason="The budget of $5.00 was reserved.")
        return
    warm = 3.0 + index % 4 + (4.0 if index % 3 == 0 else 0.0)
    tone = {"l": 57.0, "a": 2.0, "b": 2.0 + index % 4 + warm}
    checks: dict[str, tuple[Any, ...]] = {
        "c2pa": ("info", "Signed content credentials: made by an AI model."),
        "tone": ("warn", f"Yellow cast: b* is {warm:.1f} higher than before.", tone)
        if index % 3 == 0
        else ("info", "The mean tone is slightly yellow.", tone),
    }
    if words:
        exact = "50%" not in words
        checks["text"] = (
            "pass" if exact else "warn",
            "The words are right." if exact else "Nearly right: read 'SUMMER SALE 50 %'.",
            _read(words, exact=exact),
        )
    if ident == "lamp-edit":
        checks["locality"] = (
            "fail",
            "41 % of the picture outside the mask changed.",
            {"changed": 0.41, "masked": True},
        )
    if ident == "desert-road":
        checks["size"] = ("fail", "Asked for 1536x1024, got 768x512.")
    picture = scene(index + 100, size, mood=index, warm=0.4 + 0.5 * (index % 3 == 0), text=words, alpha=alpha)
    run.task(
        ident,
        NEW,
        encode(picture, "png" if alpha else "webp"),
        "png" if alpha else "webp",
        **common,
        latency_s=round(dice.uniform(8, 31), 2),
        cost_usd=round(dice.uniform(0.035, 0.072), 4),
        cost_is="measured",
        usage={
            "input_tokens": 40 + index,
            "output_tokens": 1056 + 13 * index,
            "total_tokens": 1096 + 14 * index,
        },
        checks=checks,
    )


def _edit(run: Run, folder: Path, index: int) -> dict[str, Any]:
    picture = scene(index, (640, 640), mood=index)
    mask = Image.new("RGBA", (640, 640), (0, 0, 0, 255))
    ImageDraw.Draw(mask).ellipse((180, 120, 460, 400), fill=(0, 0, 0, 0))
    return {
        "images": [run.put(encode(picture), "png", "inputs")],
        "mask": run.put(encode(mask), "png", "inputs"),
    }


HOSTILE = (
    "</script><script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=1">',
    "{{ 7*7 }}{% include '/etc/passwd' %}",
    "\u202egnp.exe\u202c reversed \x07\x1b[31m and \x00 zero",
    "<!-- --!> <svg onload=window.pwned=1> ]]> &lt;b&gt;",
    "javascript:window.pwned=1",
    "x" * 6000,
    "مرحبا بالعالم 你好 👩‍👩‍👧 e\u0301",
)


def hostile_run(folder: Path) -> Path:
    """Everything that is text says something nasty; the pictures are svg, animated, bombs, lies and links."""
    run = Run(folder, title=HOSTILE[0])
    for source in run.data["sources"]:
        source["name"] += HOSTILE[1]
        source["model"] += HOSTILE[0]
    names = [one["name"] for one in run.data["sources"]]
    for index, text in enumerate(HOSTILE):
        ident = f"p{index}{text[:60]}"
        run.prompt(
            ident, text, tags=[text[:40]], expect_text=[text[:40]], origin={"path": text[:80], "line": 1}
        )
        for name in names:
            run.task(
                ident,
                name,
                encode(scene(index, (64, 64))),
                request={"size": text[:50], text[:30]: {"nested": text[:30]}},
                usage={text[:20]: text[:20]},
                request_id=text[:60],
                reason=text,
                error={"class": text[:20], "code": text[:20], "message": text},
                checks={"text": ("fail", text), text[:20]: ("warn", text)},
            )
    frames = [scene(seed, (64, 64)) for seed in (1, 2)]
    moving = io.BytesIO()
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:])
    bomb = bytearray(encode(Image.new("L", (8, 8))))
    bomb[16:24] = (12000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>window.pwned=1</script></svg>'
    kinds = {
        "svg": (svg, "svg"),
        "moving": (moving.getvalue(), "gif"),
        "bomb": (bytes(bomb), "png"),
        "junk": (b"GIF89a", "png"),
    }
    for ident, (data, kind) in kinds.items():
        run.prompt(ident, f"a picture that is {ident}")
        for name in names:
            run.task(ident, name, data, kind)
    run.data["notes"] = list(HOSTILE[:3])
    run.data["gate"] = {"verdict": "fail", "reasons": [{"check": HOSTILE[1], "message": HOSTILE[0]}]}
    return run.save()


def empty_run(folder: Path) -> Path:
    """A run without a single pair."""
    return Run(folder).save()


def bulk_run(folder: Path, pairs: int, *, edge: int = 384, distinct: int | None = None) -> Path:
    """``pairs`` pairs of small pictures, all different unless ``distinct`` is given."""
    run = Run(folder, title=f"{pairs:,} pairs")
    states = ("ok",) * 17 + ("blocked", "failed", "unmatched")
    for index in range(pairs):
        ident = f"prompt-{index:04d}"
        words = f'with the words "No {index}"' if index % 5 == 0 else ""
        run.prompt(
            ident,
            f"A landscape number {index} in the style of a travel poster {words}, calm colours, evening light",
            tags=[("scene", "poster", "card", "wide")[index % 4]],
            expect_text=[f"No {index}"] if words else [],
        )
        seed = index % (distinct or pairs)
        for side, name in enumerate((OLD, NEW)):
            state = states[(index * 7 + side) % 20] if side else "ok"
            request = {"size": "1024x1024", "quality": ("hd", "high")[side]}
            if state != "ok":
                run.task(ident, name, state=state, reason=f"The picture is {state}.", request=request)
                continue
            run.task(
                ident,
                name,
                _quick(seed * 2 + side, edge),
                "webp",
                request=request,
                latency_s=None if not side else 5 + (index * 37 % 200) / 10,
                cost_usd=0.08 if not side else 0.05,
                cost_is="estimated",
                checks={"text": ("fail", "Misspelt.")} if words and index % 3 == 0 else {},
            )
    return run.judged().save()


def _quick(seed: int, edge: int) -> bytes:
    """A picture with a thumbnail's usual weight, quickly: smooth noise in a few colours."""
    dice = random.Random(seed)
    small = Image.frombytes("RGB", (24, 24), dice.randbytes(24 * 24 * 3)).resize(
        (edge, edge), Image.Resampling.BICUBIC
    )
    small = Image.blend(small, Image.new("RGB", (edge, edge), _MOODS[seed % 5][1]), 0.6)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=80, method=0)
    return out.getvalue()


def verdicts_for(
    run: dict[str, Any], chosen: Iterable[tuple[str, str]], reviewer: str = "ana"
) -> dict[str, Any]:
    """A verdicts file: ``chosen`` are pairs of prompt id and verdict."""
    files = {(task["prompt_id"], task["source"]): task["file"] for task in run["tasks"]}
    names = [source["name"] for source in run["sources"]]

    def sha(ident: str, side: int) -> str | None:
        file = files.get((ident, names[side]))
        return file.split("/")[1].split(".")[0] if file else None

    return {
        "version": 1,
        "run": run["run"],
        "reviewer": reviewer,
        "verdicts": [
            {"prompt_id": ident, "sample": 0, "left": sha(ident, 0), "right": sha(ident, 1), "verdict": verdict,
             "note": "", "at": "2026-11-20T10:00:00Z"}
            for ident, verdict in chosen
        ],
    }  # fmt: skip
