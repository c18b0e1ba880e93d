"""All checks of one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.compare.checks import colour, conformance, duplicates, locality, opening, provenance
from migrator.compare.checks import text as words
from migrator.compare.checks.model import CheckResult
from migrator.compare.checks.readers import ReaderProblem, default_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.compare.checks.model import CheckJob

ORDER = (
    "decodes", "size", "format", "alpha", "blank", "duplicate", "c2pa", "locality", "tone", "palette", "text",
)  # fmt: skip
CONFORMANCE = ("decodes", "size", "format", "alpha", "blank", "duplicate")
"""The checks that say whether a picture is what was asked for. The others describe or advise."""


def run_checks(job: CheckJob) -> dict[str, CheckResult]:
    """The answers for one picture, by the name of the check. Never raises for what a picture holds.

    ``locality`` is there for edits only and ``text`` only where text is expected. ``duplicate`` holds the hashes;
    whether there is a duplicate takes all pictures of a run (:mod:`migrator.compare.checks.duplicates`).
    """
    try:
        picture = opening.open_picture(job.picture)
    except opening.Unusable as problem:
        return {"decodes": CheckResult("fail", None, str(problem))}
    except Exception as error:  # whatever else hostile bytes bring about
        return {"decodes": CheckResult("fail", None, f"The picture is broken ({type(error).__name__}).")}
    work: dict[str, Callable[[], CheckResult | None]] = {
        "decodes": lambda: opening.decodes(picture),
        "size": lambda: conformance.size(job, picture),
        "format": lambda: conformance.file_format(job, picture),
        "alpha": lambda: conformance.alpha(job, picture),
        "blank": lambda: conformance.blank(picture),
        "duplicate": lambda: duplicates.fingerprint(picture),
        "c2pa": lambda: provenance.c2pa(picture),
        "locality": lambda: locality.locality(job, picture),
        "tone": lambda: colour.tone(picture),
        "palette": lambda: colour.palette(picture),
        "text": lambda: _text(job, picture),
    }
    found: dict[str, CheckResult] = {}
    for name in ORDER:
        try:
            answer = work[name]()
        except Exception as error:  # one check that fails must not take the others with it
            reason = str(error).splitlines()[0][:160] if str(error) else ""
            answer = CheckResult(
                "fail" if name in CONFORMANCE else "skipped",
                None,
                f"The check itself failed on this picture ({type(error).__name__}: {reason}).",
            )
        if answer is not None:
            found[name] = answer
    return found


def _text(job: CheckJob, picture: opening.Picture) -> CheckResult | None:
    if not job.expect_text:
        return None
    if picture.image is None:
        return CheckResult("skipped", None, "Text in an SVG is not read.")
    try:
        reader = (job.reader or default_reader)()
    except ReaderProblem as problem:
        return CheckResult("skipped", None, str(problem))
    return words.text(job, picture, reader)
