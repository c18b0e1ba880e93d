"""Edits: did the picture change outside the part that the mask gave free?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops, ImageFilter

from migrator.compare.checks.model import CheckResult
from migrator.compare.checks.opening import Unusable, flat, has_alpha, open_picture

if TYPE_CHECKING:
    from migrator.compare.checks.model import CheckJob, Status
    from migrator.compare.checks.opening import Picture

CHANGED = 24
"""Difference in one channel (of 255) from which a pixel counts as changed; compression stays below it."""
STRICT, LOOSE = 0.02, 0.25
"""Shares of the kept area that may change. A gate can set its own."""
_FEATHER = 0.008
"""Share of the shorter edge that counts as border of the mask, where blending is welcome."""


def locality(job: CheckJob, picture: Picture) -> CheckResult | None:
    """Changed pixels outside the mask, as a share of the kept area; ``None`` when nothing was edited."""
    if not job.inputs:
        return None
    if picture.image is None:
        return CheckResult("skipped", None, "An SVG is not compared with its input.")
    try:
        before = open_picture(job.inputs[0])
        mask = open_picture(job.mask) if job.mask else None
    except Unusable as error:
        return CheckResult("skipped", None, f"The input of the edit could not be read: {error}")
    if before.image is None or (mask is not None and mask.image is None):
        return CheckResult("skipped", None, "An edit of an SVG is not compared with its input.")
    if before.sha256 == picture.sha256:
        return CheckResult(
            "warn", {"identical": True}, "The picture is its input, unchanged: nothing was edited."
        )
    after = flat(picture.image)
    resized = before.image.size != after.size
    base = flat(before.image)
    if resized:
        base = base.resize(after.size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    difference = _largest(ImageChops.difference(after, base))
    if mask is None or mask.image is None:
        share = _share(difference, None)
        value: dict[str, Any] = {
            "changed": round(share, 4),
            "mean": _mean(difference, None),
            "masked": False,
            "resized": resized,
        }
        return CheckResult("info", value, f"{share:.1%} of the picture changed; the edit had no mask.")
    if not has_alpha(mask.image):
        return CheckResult("skipped", None, "The mask has no transparent part, so nothing was given free.")
    kept = _kept(mask.image, after.size)
    area = kept.histogram()[255]
    if area == 0:
        return CheckResult("skipped", None, "The mask gives the whole picture free: nothing had to stay.")
    share = _share(difference, kept)
    value = {
        "changed": round(share, 4),
        "mean": _mean(difference, kept),
        "kept_area": round(area / (after.width * after.height), 4),
        "masked": True,
        "resized": resized,
        "preserve": job.preserve,
    }
    return CheckResult(_status(job, share), value, _sentence(job, share))


def _status(job: CheckJob, share: float) -> Status:
    if job.preserve == "strict":
        return "pass" if share <= STRICT else "fail"
    if job.preserve == "loose":
        return "pass" if share <= LOOSE else "warn"
    return "info"


def _sentence(job: CheckJob, share: float) -> str:
    limit = {"strict": STRICT, "loose": LOOSE}.get(job.preserve or "")
    allowed = "" if limit is None else f" ({limit:.0%} may)"
    return f"{share:.1%} of the pixels outside the mask changed{allowed}."


def _kept(mask: Image.Image, size: tuple[int, int]) -> Image.Image:
    """255 where the mask is opaque and a little away from its border, else 0."""
    alpha = mask.convert("RGBA").getchannel("A")
    if alpha.size != size:
        alpha = alpha.resize(size, Image.Resampling.BILINEAR)
    alpha = alpha.filter(ImageFilter.BoxBlur(max(1, round(min(size) * _FEATHER))))
    return alpha.point([0] * 254 + [255, 255])


def _largest(difference: Image.Image) -> Image.Image:
    """Per pixel the largest difference of the three channels."""
    red, green, blue = difference.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _share(difference: Image.Image, kept: Image.Image | None) -> float:
    histogram = difference.histogram(kept)
    return sum(histogram[CHANGED:]) / max(1, sum(histogram))


def _mean(difference: Image.Image, kept: Image.Image | None) -> float:
    histogram = difference.histogram(kept)
    total = sum(value * count for value, count in enumerate(histogram))
    return round(total / max(1, sum(histogram)), 2)
