"""Whether a picture is what was asked for: size, format, transparency, and not blank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from migrator.compare.checks.model import CheckResult
from migrator.compare.checks.opening import flat, has_alpha

if TYPE_CHECKING:
    from migrator.compare.checks.model import CheckJob, Status
    from migrator.compare.checks.opening import Picture

_FREE = (None, "", "auto")
_SAME_FORMAT = {"jpg": "jpeg"}
_ASPECT = 0.01
_CLEAR, _SOLID = 16, 240
"""Alpha values (of 255) up to which a pixel counts as transparent and from which it counts as opaque."""
_LEAST_CLEAR = 0.01
_SAMPLE = 256
_FLAT_RANGE, _DULL_DEVIATION = 12, 3.0
"""Of 255. Compression noise in a picture of one colour stays below the first."""


def size(job: CheckJob, picture: Picture) -> CheckResult:
    """The requested size against the real one, in pixels."""
    real = f"{picture.width}x{picture.height}"
    value = {"requested": job.size, "real": real, "width": picture.width, "height": picture.height}
    if job.size in _FREE:
        return CheckResult("info", value, f"The picture is {real}; no size was asked for.")
    wanted = _edges(str(job.size))
    if wanted is None:
        return CheckResult("warn", value, f"The requested size {job.size!r} is not WIDTHxHEIGHT; got {real}.")
    if wanted == (picture.width, picture.height):
        return CheckResult("pass", value, f"The picture is {real}, as asked.")
    if 0 in (picture.width, picture.height):
        return CheckResult("info", value, "The SVG names no size.")
    same = abs(picture.width / picture.height / (wanted[0] / wanted[1]) - 1) <= _ASPECT
    shape = "the same shape" if same else "another shape"
    if picture.format == "svg" and same:
        return CheckResult("pass", value, f"The SVG has the shape that was asked for ({job.size}).")
    return CheckResult(
        "fail" if job.made_for_it else "info", value, f"Asked for {job.size}, got {real} ({shape})."
    )


def file_format(job: CheckJob, picture: Picture) -> CheckResult:
    """The requested file format against the real one."""
    value = {"requested": job.output_format, "real": picture.format}
    if job.output_format in _FREE:
        return CheckResult("info", value, f"The file is {picture.format.upper()}; no format was asked for.")
    wanted = str(job.output_format).lower()
    if _SAME_FORMAT.get(wanted, wanted) == picture.format:
        return CheckResult("pass", value, f"The file is {picture.format.upper()}, as asked.")
    status: Status = "fail" if job.made_for_it else "info"
    return CheckResult(status, value, f"Asked for {wanted.upper()}, got {picture.format.upper()}.")


def alpha(job: CheckJob, picture: Picture) -> CheckResult:
    """Transparent where asked, and only there. Shares are of all pixels."""
    wanted = job.background == "transparent"
    if picture.image is None:
        return CheckResult("skipped", None, "Transparency of an SVG is not measured.")
    if not has_alpha(picture.image):
        value = {"alpha": False, "transparent": 0.0, "partial": 0.0}
        if not wanted:
            return CheckResult("pass", value, "The picture has no transparency, and none was asked for.")
        status: Status = "fail" if job.made_for_it else "info"
        return CheckResult(status, value, "A transparent background was asked for; the picture has none.")
    histogram = picture.image.convert("RGBA").getchannel("A").histogram()
    total = sum(histogram)
    clear = sum(histogram[: _CLEAR + 1]) / total
    partial = sum(histogram[_CLEAR + 1 : _SOLID]) / total
    value = {"alpha": True, "transparent": round(clear, 4), "partial": round(partial, 4)}
    if wanted:
        if clear >= _LEAST_CLEAR:
            return CheckResult("pass", value, f"{clear:.0%} of the picture is transparent, as asked.")
        return CheckResult(
            "fail" if job.made_for_it else "info",
            value,
            f"A transparent background was asked for, but only {clear:.1%} of the picture is transparent.",
        )
    if clear + partial < 0.001:
        return CheckResult("pass", value, "The picture is opaque.")
    if job.background == "opaque":
        status = "fail" if job.made_for_it else "info"
        return CheckResult(status, value, f"An opaque background was asked for; {clear:.1%} is transparent.")
    status = "info" if job.background == "auto" else "warn"
    return CheckResult(status, value, f"{clear:.1%} of the picture is transparent, which was not asked for.")


def blank(picture: Picture) -> CheckResult:
    """Whether there is anything to see. Deviations and ranges are of 255."""
    if picture.image is None:
        return CheckResult("skipped", None, "Whether an SVG shows anything is not measured.")
    image = picture.image
    small = image.convert("RGBA") if has_alpha(image) else flat(image)
    if max(small.size) > _SAMPLE:
        small = small.resize(
            (min(_SAMPLE, small.width), min(_SAMPLE, small.height)), Image.Resampling.BOX, reducing_gap=2.0
        )
    if small.mode == "RGBA":
        low, high = small.getchannel("A").getextrema()
        if isinstance(high, (int, float)) and high <= _CLEAR:
            value = {"range": 0, "deviation": 0.0}
            return CheckResult("fail", value, "The picture is wholly transparent: there is nothing to see.")
        del low
    bands = (flat(small), small.getchannel("A")) if small.mode == "RGBA" else (small,)
    spans, deviations = [], []
    for part in bands:
        for band in part.split():
            span, deviation = _spread(band)
            spans.append(span)
            deviations.append(deviation)
    value = {"range": max(spans), "deviation": round(max(deviations), 2)}
    if max(spans) <= _FLAT_RANGE:
        return CheckResult("fail", value, "The picture is one flat colour: there is nothing to see.")
    if max(deviations) < _DULL_DEVIATION:
        return CheckResult(
            "warn", value, "The picture is nearly one colour; look whether something is missing."
        )
    return CheckResult("pass", value, "There is something to see.")


def _spread(band: Image.Image) -> tuple[int, float]:
    """The distance between the darkest and the lightest value of a band, and its standard deviation."""
    histogram = band.histogram()
    used = [value for value, count in enumerate(histogram) if count]
    total = sum(histogram)
    mean = sum(value * count for value, count in enumerate(histogram)) / total
    variance = sum(count * (value - mean) ** 2 for value, count in enumerate(histogram)) / total
    return used[-1] - used[0], variance**0.5


def _edges(text: str) -> tuple[int, int] | None:
    width, _, height = text.lower().partition("x")
    if not (width.isascii() and height.isascii() and width.isdigit() and height.isdigit()):
        return None
    found = int(width[:6]), int(height[:6])
    return found if all(found) else None
