"""Runs hosts over texts in memory."""

from __future__ import annotations

from datetime import date
from typing import Any

from migrator.catalog import load
from migrator.codemod.options import Options
from migrator.hosts.base import HostContext, HostResult
from migrator.hosts.run import host_of
from migrator.types import Read, SourceFile

TODAY = date(2026, 11, 22)
TARGET = "gpt-image-2.6-flare"


def context(
    *reads: tuple[str, str] | tuple[str, str, bool], compared: tuple[str, ...] = (), **options: Any
) -> HostContext:
    """A run in which migrated code reads the names of ``reads``: name, argument, whether it is migrated."""
    catalog = load()
    known = tuple(Read(one[0], one[1], "app.py:1", one[2] if len(one) > 2 else True) for one in reads)  # type: ignore[misc]
    return HostContext(
        catalog,
        catalog.models[TARGET],
        Options(target=TARGET, today=TODAY, **options),
        known,
        frozenset(compared),
    )


def run(path: str, text: str, *reads: Any, **options: Any) -> HostResult:
    """What the host of ``path`` makes of ``text``."""
    one = context(*reads, **options)
    kind = one.catalog.hosts.kind(path)
    assert kind is not None
    return host_of(kind).run(SourceFile(path, text), one)


def after(path: str, text: str, *reads: Any, **options: Any) -> str:
    """The text as it would be written."""
    done = run(path, text, *reads, **options)
    return text if done.after is None else done.after


def said(result: HostResult) -> list[tuple[str, str, int, int]]:
    """Rule, fix, line and column of every finding."""
    return [(one.rule, one.fix, one.line, one.column) for one in result.findings]
