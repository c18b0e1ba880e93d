"""A report by hand: one file that changes, one call site left for a person."""

from __future__ import annotations

from migrator.types import FileResult, Finding, Report, Request, SiteSummary, SourceFile


def finding(
    rule: str = "IMG003", fix: str = "safe", path: str = "app/a.py", line: int = 3, **more: object
) -> Finding:
    values: dict[str, object] = {"column": 5, "end_line": line, "message": "quality becomes high", **more}
    return Finding(rule=rule, fix=fix, path=path, line=line, **values)  # type: ignore[arg-type]


def report(**more: object) -> Report:
    before = SourceFile("app/a.py", "quality = 'hd'\n")
    values: dict[str, object] = {
        "target": "gpt-image-2",
        "files": (
            FileResult("app/a.py", "changed", before, "quality = 'high'\n"),
            FileResult("app/b.py", "unchanged"),
        ),
        "findings": (
            finding(
                "IMG020", "manual", "app/b.py", 9, message="no successor", suggestion="Use edit:\n  edit(…)"
            ),
            finding(
                applied=True,
                site="app/a.py:3",
                request=Request({"quality": "hd"}, {"quality": "high"}),
            ),
        ),
        "sites": (
            SiteSummary("app/b.py:9", "app/b.py", 9, "variations", ("dall-e-2",), "manual", migrated=False),
            SiteSummary("app/a.py:3", "app/a.py", 3, "generations", ("dall-e-3",), "safe", migrated=True),
        ),
        "notes": {"symbolic links to folders": 2},
        **more,
    }
    return Report(**values)  # type: ignore[arg-type]
